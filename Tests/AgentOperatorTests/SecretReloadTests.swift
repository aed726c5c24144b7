import AgentDeploymentAPI
import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import AgentOperator

/// `onChange: Reload` in a cluster: contents change and pods stay.
@Suite struct SecretReloadTests {
  private static let spec = spec()

  private static func spec(
    restartingFor secret: String = "restarting", onChange: String = "Restart"
  ) -> JSONValue {
    [
      "health": ["reloadPath": "/-/reload"],
      "secrets": [
        ["name": "reloaded", "secretRef": ["name": "reloaded"], "onChange": "Reload"],
        [
          "name": "restarting", "secretRef": ["name": .string(secret)],
          "onChange": .string(onChange),
        ],
        ["name": "session", "generate": ["rotateEvery": "24h"], "onChange": "Reload"],
      ],
    ]
  }

  private func prepare(_ harness: OperatorHarness, _ spec: JSONValue = spec) async throws {
    for name in ["reloaded", "restarting"] { try await harness.createSecret(name) }
    try await harness.apply("support", spec)
    try await harness.settle()
    #expect(try await harness.summary("Ready") == "Ready=True Ready")
    #expect(harness.templateCount == 1)
  }

  @Test func onlyWhatRestartsReplacesPods() async throws {
    try await withOperator { harness in
      try await prepare(harness)
      let revision = try await harness.revision()
      for value in ["bmV3", "bmV3ZXI="] {
        try await harness.patch(.secrets, "reloaded", ["data": ["api-key": .string(value)]])
        try await harness.settle()
      }
      #expect(harness.templateCount == 1)
      // One that the operator makes itself.
      let before = try await harness.get(.secrets, "support-session")["data"]
      try await harness.jump(.seconds(24 * 3600 + 60))
      #expect(try await harness.get(.secrets, "support-session")["data"] != before)
      #expect(harness.templateCount == 1)
      try await harness.patch(.secrets, "restarting", ["data": ["api-key": "bmV3"]])
      try await harness.settle()
      #expect(harness.templateCount == 2)
      #expect(try await harness.revision() == revision)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }

  /// The same Secret twice: who has to restart for it gets that.
  @Test func aSecretThatAlsoRestartsDoes() async throws {
    try await withOperator { harness in
      try await prepare(harness, Self.spec(restartingFor: "reloaded"))
      try await harness.patch(.secrets, "reloaded", ["data": ["api-key": "bmV3"]])
      try await harness.settle()
      #expect(harness.templateCount == 2)
    }
  }

  /// Pods that run go on with the image that they have; the next restart takes the new one along.
  @Test func anotherImageWaitsForTheNextRestart() async throws {
    try await withOperator(installs: ClassTests.withClasses) { harness in
      try await harness.applyClass("production", [:], isDefault: true)
      try await prepare(harness)
      try await harness.applyClass(
        "production", ["reload": ["image": "registry/agent-operator:v9"]], isDefault: true)
      try await harness.settle()
      #expect(harness.templateCount == 1)
      #expect(
        try await harness.summary("RenderPending") == "RenderPending=True ClassChanged")
      try await harness.patch(.secrets, "reloaded", ["data": ["api-key": "bmV3"]])
      try await harness.settle()
      #expect(harness.templateCount == 1)
      try await harness.expectNoMoreWrites()
      try await harness.patch(.secrets, "restarting", ["data": ["api-key": "bmV3"]])
      try await harness.settle()
      #expect(harness.templateCount == 2)
      let pod = try await harness.template()["spec"]
      #expect(pod?["initContainers"]?[0]?["image"] == "registry/agent-operator:v9")
      #expect(try await harness.condition("RenderPending") == nil)
      try await harness.expectNoMoreWrites()
    }
  }

  /// An agent that reloads nothing has nothing to wait for.
  @Test func otherAgentsDoNotCareForTheImage() async throws {
    try await withOperator(installs: ClassTests.withClasses) { harness in
      try await harness.applyClass("production", [:], isDefault: true)
      try await harness.apply("support")
      try await harness.settle()
      try await harness.applyClass(
        "production", ["reload": ["image": "registry/agent-operator:v9"]], isDefault: true)
      try await harness.settle()
      #expect(try await harness.condition("RenderPending") == nil)
      #expect(harness.templateCount == 1)
      try await harness.expectNoMoreWrites()
    }
  }

  /// An upgrade changes the image that this version names, and restarts no pod.
  @Test func anotherVersionOfTheOperatorRestartsNothing() async throws {
    try await withOperator { harness in
      try await prepare(harness, Self.spec(onChange: "Ignore"))
      try await harness.stop()
      try await RenderPendingTests.installAsOlderVersion(harness) { template in
        var sidecar = template["spec"]?["initContainers"]?[0] ?? [:]
        sidecar["image"] = "registry/agent-operator:v0.0.9"
        template["spec"]?["initContainers"] = [sidecar]
      }
      try await harness.settle()
      let before = try await harness.template()
      harness.start()
      try await harness.settle()
      #expect(try await harness.template() == before)
      #expect(
        try await harness.summary("RenderPending") == "RenderPending=True OperatorChanged")
      try await harness.patch(.secrets, "reloaded", ["data": ["api-key": "bmV3"]])
      try await harness.settle()
      #expect(try await harness.template() == before)
      try await harness.expectNoMoreWrites()
    }
  }
}
