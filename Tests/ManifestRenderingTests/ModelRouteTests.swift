import AgentDeploymentAPI
import Foundation
import JSON
import KubernetesAPI
import ManifestRendering
import Testing
import YAML

/// `spec.modelRouting: Gateway`: the objects of Envoy AI Gateway, and what the agent is told.
///
/// The shapes are those of envoyproxy/ai-gateway v1.1.0 (`api/v1beta1`), envoyproxy/gateway v1.8
/// (`api/v1alpha1`) and the Gateway API 1.5.
@Suite struct ModelRouteTests {
  static let spec: JSONValue = [
    "modelRouting": "Gateway",
    "secrets": [
      ["name": "llm", "secretRef": ["name": "anthropic"], "expose": "None"],
      ["name": "openai", "secretRef": ["name": "openai"], "expose": "None"],
      ["name": "aws", "secretRef": ["name": "aws"], "expose": "None"],
    ],
    "models": [
      ["name": "main", "provider": "Anthropic", "model": "claude-sonnet-4-5", "credential": "llm"],
      ["name": "spare", "provider": "OpenAI", "model": "gpt-5", "credential": "openai"],
      [
        "name": "local", "provider": "OpenAICompatible", "model": "qwen3",
        "endpoint": "http://vllm.models:8000/v1",
      ],
      [
        "name": "cloud", "provider": "Bedrock", "model": "us.amazon.nova-pro-v1:0",
        "endpoint": "https://bedrock-runtime.us-east-1.amazonaws.com", "credential": "aws",
      ],
    ],
  ]

  static func context(_ more: JSONValue = [:]) throws -> RenderingContext {
    var spec: JSONValue = [
      "capabilities": ["istio": true, "aiGateway": true],
      "endpoints": [
        "aiGateway": [
          "url": "http://ai.envoy-gateway-system",
          "gatewayRef": ["name": "ai", "namespace": "gateways"],
        ]
      ],
    ]
    for (key, value) in more.object ?? [:] { spec[key] = value }
    return RenderingContext(now: Samples.now, agentClass: try ClassRenderingTests.agentClass(spec))
  }

  /// The class and the agent of manifests/samples/routed.yaml.
  static func sample() throws -> Rendering {
    let url = Samples.root.appending(path: "manifests/samples/routed.yaml")
    let documents = try YAML.parse(Array(Data(contentsOf: url)), file: "routed.yaml").get()
    let agentClass = try AgentClass.decode(documents[0].value).get()
    return try AgentDeployment.decode(documents[1].value, agentClass: agentClass).get()
      .render(RenderingContext(now: Samples.now, agentClass: agentClass))
  }

  static func render(_ changes: JSONValue = [:]) throws -> Rendering {
    var spec = Self.spec
    for (key, value) in changes.object ?? [:] { spec[key] = value }
    return try Samples.render(spec, context())
  }

  @Test func theFirstModelStandsForAllOfThemInOrder() throws {
    let route = try Self.render(["traffic": ["timeout": "90s"]])["AIGatewayRoute"]
    #expect(route?.name == "support-models")
    let spec = route?["spec"]
    #expect(
      spec?["parentRefs"] == [
        [
          "group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "ai",
          "namespace": "gateways",
        ]
      ])
    let rules = spec?["rules"]?.array ?? []
    #expect(rules.count == 4)
    #expect(
      rules.first == [
        "name": "model-main",
        "matches": [
          [
            "headers": [
              ["type": "Exact", "name": "x-ai-eg-model", "value": "agents/support/main"]
            ]
          ]
        ],
        "backendRefs": [
          [
            "name": "support-model-main", "modelNameOverride": "claude-sonnet-4-5",
            "priority": 0,
          ],
          ["name": "support-model-spare", "modelNameOverride": "gpt-5", "priority": 1],
          ["name": "support-model-local", "modelNameOverride": "qwen3", "priority": 2],
          [
            "name": "support-model-cloud", "modelNameOverride": "us.amazon.nova-pro-v1:0",
            "priority": 3,
          ],
        ],
        "timeouts": ["request": "1m30s"], "streamIdleTimeout": "45s",
      ])
    #expect(rules.dropFirst().allSatisfy { $0["streamIdleTimeout"] == nil })
    let endless = try Self.render(["traffic": ["timeout": "0s"]])["AIGatewayRoute"]?["spec"]
    #expect(endless?["rules"]?[0]?["timeouts"]?["request"] == "0s")
    #expect(endless?["rules"]?[0]?["streamIdleTimeout"] == nil)
    // Each of the others is there for who asks for it.
    for (rule, name) in zip(rules, ["main", "spare", "local", "cloud"]) {
      #expect(
        rule["matches"]?[0]?["headers"]?[0]?["value"] == .string("agents/support/\(name)"))
      if name != "main" {
        #expect(
          rule["backendRefs"]?.array?.map { $0["name"] } == [.string("support-model-\(name)")])
      }
    }
  }

  @Test func theNextIsAskedOnceAfterEachFailure() throws {
    let policy = try Self.render()["BackendTrafficPolicy"]?["spec"]
    #expect(
      policy?["targetRefs"] == [
        [
          "group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "support-models",
          "sectionName": "model-main",
        ]
      ])
    #expect(policy?["retry"]?["numRetries"] == 3)
    #expect(policy?["retry"]?["numAttemptsPerPriority"] == 1)
    let one = try Self.render([
      "secrets": [], "models": [["name": "a", "provider": "OpenAI", "model": "m"]],
    ])
    #expect(one["BackendTrafficPolicy"] == nil && one["AIGatewayRoute"] != nil)
  }

  @Test func everyModelHasItsPlaceItsAPIAndItsKey() throws {
    let rendering = try Self.render()
    func spec(_ kind: String, _ model: String) -> JSONValue? {
      rendering[kind, "support-model-\(model)"]?["spec"]
    }
    #expect(
      spec("Backend", "main")
        == ["endpoints": [["fqdn": ["hostname": "api.anthropic.com", "port": 443]]]])
    #expect(
      spec("BackendTLSPolicy", "main") == [
        "targetRefs": [
          ["group": "gateway.envoyproxy.io", "kind": "Backend", "name": "support-model-main"]
        ],
        "validation": ["wellKnownCACertificates": "System", "hostname": "api.anthropic.com"],
      ])
    #expect(
      spec("AIServiceBackend", "main") == [
        "schema": ["name": "Anthropic", "prefix": "/v1"],
        "backendRef": [
          "group": "gateway.envoyproxy.io", "kind": "Backend", "name": "support-model-main",
        ],
      ])
    #expect(
      spec("BackendSecurityPolicy", "main") == [
        "type": "AnthropicAPIKey", "anthropicAPIKey": ["secretRef": ["name": "anthropic"]],
        "targetRefs": [
          [
            "group": "aigateway.envoyproxy.io", "kind": "AIServiceBackend",
            "name": "support-model-main",
          ]
        ],
      ])
    #expect(spec("BackendSecurityPolicy", "spare")?["apiKey"]?["secretRef"]?["name"] == "openai")
    // In the cluster: by its whole name, without TLS and a key.
    #expect(
      spec("Backend", "local")?["endpoints"]
        == [["fqdn": ["hostname": "vllm.models.svc.cluster.local", "port": 8000]]])
    #expect(spec("BackendTLSPolicy", "local") == nil)
    #expect(spec("BackendSecurityPolicy", "local") == nil)
    #expect(spec("AIServiceBackend", "cloud")?["schema"] == ["name": "AWSBedrock"])
    #expect(
      spec("BackendSecurityPolicy", "cloud")?["awsCredentials"]
        == ["region": "us-east-1", "credentialsFile": ["secretRef": ["name": "aws"]]])
  }

  /// As a gateway in another namespace would look for them.
  @Test(arguments: [
    ("https://openrouter.ai/api/v1", "openrouter.ai", 443),
    ("https://vllm.models:8443/v1", "vllm.models.svc.cluster.local", 8443),
    ("https://vllm.models.svc/v1", "vllm.models.svc.cluster.local", 443),
    ("http://vllm/v1", "vllm.agents.svc.cluster.local", 80),
  ]) func aHostOfTheInternetKeepsItsName(_ url: String, _ host: String, _ port: Int) throws {
    let rendering = try Self.render([
      "secrets": [],
      "models": [
        [
          "name": "a", "provider": "OpenAICompatible", "model": "m", "endpoint": .string(url),
        ]
      ],
    ])
    #expect(
      rendering["Backend"]?["spec"]?["endpoints"]
        == [["fqdn": ["hostname": .string(host), "port": JSONValue(port)]]])
  }

  @Test func cloudsTakeTheGatewaysOwnIdentity() throws {
    let models: JSONValue = [
      [
        "name": "a", "provider": "Bedrock", "model": "m",
        "endpoint": "https://bedrock-runtime.us-east-1.amazonaws.com",
      ],
      [
        "name": "b", "provider": "GoogleVertexAI", "model": "gemini-2.5-pro",
        "endpoint": "https://aiplatform.googleapis.com/v1/projects/p/locations/global",
      ],
      [
        "name": "c", "provider": "OpenAICompatible", "model": "m",
        "endpoint": "http://10.1.2.3:8000",
      ],
    ]
    let rendering = try Self.render(["secrets": [], "models": models])
    #expect(
      rendering["BackendSecurityPolicy", "support-model-a"]?["spec"]?["awsCredentials"]
        == ["region": "us-east-1"])
    #expect(
      rendering["BackendSecurityPolicy", "support-model-b"]?["spec"]?["gcpCredentials"]
        == ["projectName": "p", "region": "global"])
    #expect(
      rendering["Backend", "support-model-c"]?["spec"]?["endpoints"]
        == [["ip": ["address": "10.1.2.3", "port": 8000]]])
    #expect(
      rendering["AIServiceBackend", "support-model-c"]?["spec"]?["schema"]?["prefix"] == "/")
  }

  @Test func theAgentIsToldOfTheGatewayAndOfNoKey() throws {
    let rendering = try Self.render()
    let data = rendering.objects.first { $0.object.name.hasSuffix("-config") }?.object["data"]
    let files = rendering.objects.first { $0.object.name.contains("-files-") }?.object["data"]
    let models = try JSONValue(parsing: files?["models.json"]?.string ?? "")["models"]?.array
    #expect(
      models?.first == [
        "name": "main", "provider": "Anthropic", "model": "agents/support/main",
        "endpoint": "http://ai.envoy-gateway-system/anthropic",
      ])
    #expect(
      models?[1] == [
        "name": "spare", "provider": "OpenAICompatible", "model": "agents/support/spare",
        "endpoint": "http://ai.envoy-gateway-system/v1",
      ])
    #expect(data?["MODEL_NAME"] == "agents/support/main")
    #expect(data?["MODEL_PROVIDER"] == "Anthropic")
    #expect(data?["MODEL_ENDPOINT"] == "http://ai.envoy-gateway-system/anthropic")
    let pod = rendering.podSpec?.serialized() ?? ""
    #expect(!pod.contains("secretName") && !pod.contains("secretKeyRef"))
    // The Secrets still have to be there, for the gateway.
    let agent = try Samples.agent(Self.spec, agentClass: Self.context().agentClass)
    #expect(Reference.all(of: agent).map(\.name) == ["anthropic", "openai", "aws"])
  }

  @Test func aConfinedAgentReachesTheGatewayAndNoProvider() throws {
    let rendering = try Self.render(["security": ["egress": ["mode": "Restricted"]]])
    let egress = rendering["NetworkPolicy"]?["spec"]?["egress"]?.array ?? []
    #expect(
      egress.contains([
        "to": [
          [
            "namespaceSelector": [
              "matchLabels": ["kubernetes.io/metadata.name": "envoy-gateway-system"]
            ]
          ]
        ]
      ]))
    #expect(!egress.contains { $0["to"]?[0]?["ipBlock"] != nil })
    #expect(rendering["ServiceEntry"] == nil)
  }

  @Test func whatPodsAreToldOfComesBeforeThem() throws {
    let objects = try Self.render().objects.filter { ModelRoute.kinds.contains($0.resource) }
    #expect(objects.count == 4 + 3 + 4 + 3 + 2)
    #expect(objects.allSatisfy { $0.wave == .config && $0.isOptionalKind })
    let names = objects.map { "\($0.resource) \($0.object.name)" }
    #expect(Set(names).count == names.count)
  }

  @Test func withoutItNothingOfThatIsThere() throws {
    for routing: JSONValue in [.null, "Direct"] {
      var spec = Self.spec
      spec["modelRouting"] = routing == .null ? nil : routing
      spec["secrets"] = []
      spec["models"] = [["name": "a", "provider": "OpenAI", "model": "m"]]
      let rendering = try Samples.render(spec, Self.context())
      #expect(!rendering.objects.contains { ModelRoute.kinds.contains($0.resource) })
      #expect(try rendering == Samples.render(spec, Samples.context))
    }
  }

  @Test func whoLooksSeesTheGateway() throws {
    let agent = try Samples.agent(Self.spec, agentClass: Self.context().agentClass)
    let edges = CallGraph([agent]).edges.map { "\($0.from.name) > \($0.to.name)" }
    #expect(edges.contains("agents/support > gateways/ai"))
    #expect(edges.contains("gateways/ai > OpenAI gpt-5"))
    #expect(!edges.contains("agents/support > OpenAI gpt-5"))
    let reach = Reach(of: agent, among: [agent]).items
    #expect(!reach.contains { $0.kind == .secret })
    #expect(
      reach.contains {
        $0.kind == .model && $0.name == "OpenAI gpt-5"
          && $0.detail == "through gateway gateways/ai, which has key apiKey of secret openai"
      })
    #expect(
      reach.contains { $0.name == "http://ai.envoy-gateway-system" && $0.detail.contains("other") })
  }
}
