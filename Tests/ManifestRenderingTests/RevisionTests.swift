import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// What makes a new revision, and what does not (design/api.md, decision 7).
@Suite struct RevisionTests {
  private static let behaviour: [JSONValue] = [
    ["image": "registry/support:v2"], ["command": ["run"]], ["args": ["-v"]], ["port": 9000],
    ["extraPorts": [["name": "grpc", "port": 8081]]], ["env": [["name": "A", "value": "b"]]],
    ["resources": ["requests": ["cpu": "2"]]], ["config": ["a": "b"]],
    ["health": ["livePath": "/alive"]], ["protocol": "MCP"],
    ["observability": ["logLevel": "Debug"]],
    ["podTemplate": ["metadata": ["annotations": ["a": "b"]]]],
  ]

  @Test(arguments: behaviour) func behaviourIsPartOfIt(_ spec: JSONValue) throws {
    #expect(try Samples.render(spec).revision != Samples.render().revision)
  }

  private static let circumstances: [JSONValue] = [
    ["scaling": ["minReplicas": 5]], ["traffic": ["timeout": "7s"]],
    ["traffic": ["provider": "None"]], ["availability": ["maxUnavailable": "20%"]],
    ["security": ["mtls": "Permissive"]], ["imagePullSecrets": [["name": "x"]]],
    ["secrets": [["name": "llm", "secretRef": ["name": "llm"]]]],
  ]

  @Test(arguments: circumstances) func circumstancesAreNot(_ spec: JSONValue) throws {
    #expect(try Samples.render(spec).revision == Samples.render().revision)
  }

  @Test func copiedConfigMapsAreByTheirContent() throws {
    let spec: JSONValue = [
      "configFrom": [
        ["name": "prompts", "configMapRef": ["name": "p"], "mountPath": "/etc/agent/prompts"]
      ]
    ]
    func rendering(_ data: JSONObject) throws -> Rendering {
      var context = Samples.context
      context.configMaps["p"] = .init(data: data)
      return try Samples.render(spec, context)
    }
    let a = try rendering(["system": "be kind"])
    let b = try rendering(["system": "be brief"])
    #expect(a.revision != b.revision)
    let copy = a["ConfigMap", "support-\(a.revision)-prompts"]
    #expect(copy?["immutable"] == true && copy?["data"]?["system"] == "be kind")
    let volumes = a.podSpec?["volumes"]?.array ?? []
    #expect(volumes.contains { $0["configMap"]?["name"]?.string == copy?.name })
  }

  @Test func secretVersionsRestartPodsWithoutANewRevision() throws {
    let spec: JSONValue = [
      "secrets": [
        [
          "name": "llm", "secretRef": ["name": "llm"], "expose": "Env",
          "keys": ["key": "LLM_KEY"],
        ]
      ]
    ]
    func rendering(_ version: String) throws -> Rendering {
      var context = Samples.context
      context.secretVersions["llm"] = version
      return try Samples.render(spec, context)
    }
    func hash(_ rendering: Rendering) -> JSONValue? {
      rendering["Deployment"]?["spec"]?["template"]?["metadata"]?["annotations"]?[
        "agentdeploy.dev/secrets-hash"]
    }
    let (a, b) = (try rendering("1"), try rendering("2"))
    #expect(a.revision == b.revision)
    #expect(hash(a) != hash(b) && hash(a) != nil)
  }

  @Test func isShortHexadecimal() throws {
    let revision = try Samples.render().revision
    #expect(revision.utf8.count == 10)
    #expect(revision.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit })
  }
}
