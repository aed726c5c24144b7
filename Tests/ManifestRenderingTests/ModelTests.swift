import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// `spec.models` and `spec.tools`: the files and variables that an agent gets, and where it may go.
@Suite struct ModelTests {
  static let spec: JSONValue = [
    "secrets": [
      ["name": "llm", "secretRef": ["name": "support-llm"], "expose": "Files"],
      [
        "name": "crm", "secretRef": ["name": "support-crm"], "expose": "Env",
        "keys": ["token": "CRM_TOKEN"],
      ],
    ],
    "models": [
      ["name": "main", "provider": "Anthropic", "model": "claude-sonnet-4-5", "credential": "llm"],
      [
        "name": "spare", "provider": "OpenAICompatible", "model": "qwen3",
        "endpoint": "http://vllm.models:8000/v1", "credential": "llm", "key": "vllm",
      ],
      ["name": "cloud", "provider": "Bedrock", "model": "anthropic.claude"],
    ],
    "tools": [
      [
        "name": "weather", "agentRef": ["name": "weather-mcp"],
        "allow": ["get_forecast", "find_city"],
      ],
      ["name": "search", "agentRef": ["name": "search", "namespace": "tools"], "path": "/"],
      ["name": "crm", "url": "https://mcp.crm.example.com/mcp", "credential": "crm"],
    ],
  ]

  private func file(_ name: String, _ spec: JSONValue) throws -> JSONValue {
    try JSONValue(parsing: Samples.render(spec).configFiles[name] ?? "")
  }

  @Test func modelsComeInOrderAndWithTheirCredentialsPlaces() throws {
    #expect(
      try file("models.json", Self.spec) == [
        "models": [
          [
            "name": "main", "provider": "Anthropic", "model": "claude-sonnet-4-5",
            "endpoint": "https://api.anthropic.com",
            "credentialFile": "/etc/agent/secrets/llm/api-key",
          ],
          [
            "name": "spare", "provider": "OpenAICompatible", "model": "qwen3",
            "endpoint": "http://vllm.models:8000/v1",
            "credentialFile": "/etc/agent/secrets/llm/vllm",
          ],
          ["name": "cloud", "provider": "Bedrock", "model": "anthropic.claude"],
        ]
      ])
  }

  @Test func toolsAreResolved() throws {
    #expect(
      try file("tools.json", Self.spec) == [
        "tools": [
          [
            "name": "weather", "url": "http://weather-mcp.agents.svc.cluster.local/mcp",
            "allow": ["find_city", "get_forecast"],
          ],
          ["name": "search", "url": "http://search.tools.svc.cluster.local/"],
          [
            "name": "crm", "url": "https://mcp.crm.example.com/mcp",
            "credentialVariable": "CRM_TOKEN",
          ],
        ]
      ])
  }

  @Test func variablesNameTheFilesAndTheFirstModel() throws {
    let variables = try Samples.render(Self.spec).variables
    #expect(variables["MODELS_FILE"] == "/etc/agent/config/models.json")
    #expect(variables["TOOLS_FILE"] == "/etc/agent/config/tools.json")
    #expect(variables["MODEL_PROVIDER"] == "Anthropic")
    #expect(variables["MODEL_NAME"] == "claude-sonnet-4-5")
    // The files themselves are no variables.
    #expect(!variables.keys.contains { $0.hasSuffix("json") || $0.hasSuffix("_JSON") })
    let plain = try Samples.render([:])
    #expect(plain.variables["MODELS_FILE"] == nil && plain.configFiles["tools.json"] == nil)
  }

  @Test func filesHaveTheNamesThatTheUserGaveThem() throws {
    var spec = Self.spec
    spec["config"] = ["agent.max_tokens": "5", "PLAIN": "6"]
    let files = try Samples.render(spec).configFiles
    #expect(files["agent.max_tokens"] == "5" && files["PLAIN"] == "6" && files["PORT"] == "8080")
    #expect(files["AGENT_MAX_TOKENS"] == nil)
    #expect(files["models.json"] != nil && files["tools.json"] != nil)
  }

  @Test func theOrderIsPartOfTheRevision() throws {
    var swapped = Self.spec
    swapped["models"] = .array((Self.spec["models"]?.array ?? []).reversed())
    #expect(try Samples.render(swapped).revision != Samples.render(Self.spec).revision)
    var fewer = Self.spec
    fewer["tools"] = nil
    #expect(try Samples.render(fewer).revision != Samples.render(Self.spec).revision)
  }

  @Test func aConfinedAgentReachesThemAndNothingElse() throws {
    var spec = Self.spec
    spec["security"] = ["egress": ["mode": "Restricted"]]
    let rendering = try Samples.render(spec)
    let egress = rendering["NetworkPolicy"]?["spec"]?["egress"]?.array ?? []
    #expect(
      egress.contains([
        "to": [
          ["podSelector": ["matchLabels": ["agentdeploy.dev/agent": "weather-mcp"]]],
          [
            "podSelector": ["matchLabels": ["agentdeploy.dev/agent": "search"]],
            "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "tools"]],
          ],
        ]
      ]))
    #expect(
      egress.contains([
        "to": [["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "models"]]]]
      ]))
    #expect(egress.last?["ports"] == [["protocol": "TCP", "port": 443]])
    #expect(
      rendering["ServiceEntry"]?["spec"]?["hosts"]
        == ["*.amazonaws.com", "api.anthropic.com", "mcp.crm.example.com"])
    #expect(try Samples.render(Self.spec)["ServiceEntry"] == nil)
  }

  @Test func toolsThatAreAgentsHaveToExist() throws {
    let references = Reference.all(of: try Samples.agent(Self.spec)).filter { $0.kind == .agent }
    #expect(references.map(\.name) == ["weather-mcp", "search"])
    #expect(references.map(\.namespace) == [nil, "tools"])
    #expect(
      references.map(\.field)
        == ["spec.tools[0].agentRef.name", "spec.tools[1].agentRef.name"])
  }
}
