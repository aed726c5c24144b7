import JSON
import KubernetesAPI
import Testing

/// Correctness rule 32: what cannot be changed later depends on nothing that can.
@Suite struct SelectorTests {
  private static let specs: [JSONValue] = [
    ["image": "registry/support:v2"], ["config": ["a": "b"]], ["protocol": "MCP"],
    ["podTemplate": ["metadata": ["labels": ["team": "a", "app.kubernetes.io/version": "9"]]]],
    ["scaling": ["minReplicas": 3, "maxReplicas": 3]], ["traffic": ["provider": "None"]],
    ["security": ["mtls": "Permissive"]], ["port": 9000],
  ]

  @Test(arguments: specs) func selectorsAreOfTheNameAlone(spec: JSONValue) throws {
    let expected: JSONValue = ["matchLabels": ["agentdeploy.dev/agent": "support"]]
    let deployment = try #require(try Samples.render(spec)["Deployment"])
    #expect(deployment["spec"]?["selector"] == expected)
    let labels = deployment["spec"]?["template"]?["metadata"]?["labels"]
    #expect(labels?["agentdeploy.dev/agent"] == "support")
  }
}
