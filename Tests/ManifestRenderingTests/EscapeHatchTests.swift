import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// `podTemplate` and `overrides`: a user's last word.
@Suite struct EscapeHatchTests {
  @Test func podTemplateMergesByName() throws {
    let rendering = try Samples.render([
      "podTemplate": [
        "metadata": ["labels": ["team": "support"], "annotations": ["note": "x"]],
        "spec": [
          "nodeSelector": ["pool": "agents"],
          "containers": [
            ["name": "agent", "env": [["name": "EXTRA", "value": "1"]], "tty": true],
            ["name": "sidecar", "image": "proxy:1"],
          ],
          "volumes": [["name": "cache", "emptyDir": [:]]],
        ],
      ]
    ])
    #expect(rendering.podSpec?["nodeSelector"] == ["pool": "agents"])
    #expect(rendering.podSpec?["containers"]?.array?.count == 2)
    #expect(rendering.container?["image"] == "registry/support:v1")
    #expect(rendering.container?["tty"] == true)
    let names = rendering.container?["env"]?.array?.compactMap { $0["name"]?.string } ?? []
    #expect(names.contains("EXTRA") && names.contains("PORT"))
    #expect(rendering.podSpec?["volumes"]?.array?.count == 3)
    let metadata = rendering["Deployment"]?["spec"]?["template"]?["metadata"]
    #expect(metadata?["labels"]?["team"] == "support")
    #expect(metadata?["annotations"]?["note"] == "x")
  }

  @Test func overridesPatchOneKindOrOneObject() throws {
    let rendering = try Samples.render([
      "overrides": [
        ["kind": "Service", "patch": ["metadata": ["annotations": ["cloud": "neg"]]]],
        ["kind": "PodDisruptionBudget", "name": "other", "patch": ["spec": ["maxUnavailable": 7]]],
      ]
    ])
    #expect(rendering["Service"]?.annotations["cloud"] == "neg")
    #expect(rendering["PodDisruptionBudget"]?["spec"]?["maxUnavailable"] == 1)
  }

  @Test func usersVariablesWin() throws {
    let env =
      try Samples.render([
        "env": [["name": "LOG_FORMAT", "value": "text"]], "config": ["agent.max_tokens": "5"],
      ]).container?["env"]?.array ?? []
    let formats = env.filter { $0["name"] == "LOG_FORMAT" }
    #expect(formats == [["name": "LOG_FORMAT", "value": "text"]])
    #expect(env.contains { $0["name"] == "AGENT_MAX_TOKENS" })
    #expect(Set(env.compactMap { $0["name"]?.string }).count == env.count)
  }
}
