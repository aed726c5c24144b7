import AgentDeploymentAPI
import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import AgentOperator

extension OperatorHarness {
  func applyClass(
    _ name: String, _ spec: JSONValue = [:], isDefault: Bool = false
  ) async throws {
    var object = KubernetesObject(AgentClass.resource.gvk, namespace: nil, name: name)
    if isDefault {
      object["metadata"]?["annotations"] = [AgentClass.isDefaultAnnotation: "true"]
    }
    object["spec"] = spec
    _ = try await client.apply(
      object, resource: .agentClasses, fieldManager: "platform", fieldValidation: .strict)
  }

  func deleteClass(_ name: String) async throws {
    try await client.delete(.agentClasses, ObjectKey(namespace: nil, name: name))
  }

  func status() async throws -> JSONValue {
    try await get(.agentDeployments)["status"] ?? .null
  }

  func template() async throws -> JSONValue {
    try await get(.deployments)["spec"]?["template"] ?? .null
  }

  func agentContainer() async throws -> JSONValue {
    try await template()["spec"]?["containers"]?[0] ?? .null
  }
}

/// Classes in a cluster: chosen, missing, invalid, several defaults, discovery.
@Suite struct ClassTests {
  static let withClasses = [.agentDeployments, .agentClasses] + Definitions.mesh

  @Test func withoutTheDefinitionTheBuiltInClassHoldsAndOthersAreNotFound() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      #expect(try await harness.status()["className"] == "default")
      try await harness.apply("support", ["className": "production"])
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False ClassNotFound")
      #expect(
        try await harness.condition("Accepted")?.message.contains("spec.className") == true)
      #expect(try await harness.find(.deployments) != nil)
      // Definition and class come while the operator runs.
      try await harness.install(.agentClasses)
      try await harness.applyClass("production")
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=True Valid")
      #expect(try await harness.status()["className"] == "production")
      try await harness.expectNoMoreWrites()
      // And go.
      try await harness.uninstall(.agentClasses)
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False ClassNotFound")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func anAgentWaitsForItsClass() async throws {
    try await withOperator(installs: Self.withClasses) { harness in
      try await harness.apply("support", ["className": "production"])
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=False ClassNotFound")
      #expect(try await harness.children() == [])
      try await harness.expectNoMoreWrites()
      try await harness.applyClass("production", ["guardRails": ["maxReplicas": 5]])
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      #expect(
        try await harness.get(.horizontalPodAutoscalers)["spec"]?["maxReplicas"] == 5)
      try await harness.expectNoMoreWrites()
    }
  }

  /// The API server cannot see that a default has no effect.
  @Test func anInvalidClassIsNamedAndWhatRunsGoesOn() async throws {
    try await withOperator(installs: Self.withClasses) { harness in
      try await harness.applyClass("production", isDefault: true)
      try await harness.apply()
      try await harness.settle()
      #expect(try await harness.status()["className"] == "production")
      try await harness.applyClass(
        "production", ["defaults": ["scaling": ["minReplicas": 9, "maxReplicas": 3]]],
        isDefault: true)
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False ClassInvalid")
      let message = try await harness.condition("Accepted")?.message ?? ""
      #expect(message.contains("spec.defaults.scaling.minReplicas"), "\(message)")
      #expect(try await harness.find(.deployments) != nil)
      try await harness.applyClass(
        "production", ["defaults": ["scaling": ["maxReplicas": 3]]], isDefault: true)
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func theOldestOfSeveralDefaultsHoldsAndTheOthersAreReported() async throws {
    try await withOperator(installs: Self.withClasses) { harness in
      try await harness.applyClass("zebra", isDefault: true)
      try await harness.advance(by: .seconds(2))
      try await harness.applyClass("ant", isDefault: true)
      try await harness.apply()
      try await harness.settle()
      #expect(try await harness.status()["className"] == "zebra")
      #expect(
        try await harness.condition("Accepted")?.message
          == "the spec is valid for class zebra; marked as default too, but younger: ant")
      #expect(
        harness.logs.lines.contains { $0.text.contains("several AgentClasses are marked") })
      try await harness.restart()
      try await harness.settle()
      try await harness.expectNoMoreWrites()
      try await harness.deleteClass("zebra")
      try await harness.settle()
      #expect(try await harness.status()["className"] == "ant")
    }
  }

  @Test func defaultsOfTheClassAreVisibleAndTheUsersFieldWins() async throws {
    try await withOperator(installs: Self.withClasses) { harness in
      try await harness.applyClass(
        "production",
        [
          "defaults": [
            "resources": ["limits": ["memory": "2Gi"]], "observability": ["logLevel": "Warn"],
          ]
        ])
      try await harness.apply(
        "support", ["className": "production", "observability": ["logLevel": "Debug"]])
      try await harness.settle()
      #expect(
        try await harness.status()["classDefaults"] == ["spec.resources.limits.memory"])
      #expect(
        try await harness.agentContainer()["resources"]?["limits"]?["memory"] == "2Gi")
      let revision = try await harness.revision()
      #expect(
        try await harness.get(.configMaps, "support-\(revision)-config")["data"]?["LOG_LEVEL"]
          == "debug")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aClassThatPromisesTheMeshIsTakenAtItsWord() async throws {
    try await withOperator(installs: [.agentDeployments, .agentClasses]) { harness in
      try await harness.applyClass("meshed", ["capabilities": ["istio": true]])
      try await harness.apply("support", ["className": "meshed"])
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      let programmed = try #require(try await harness.condition("Programmed"))
      #expect(programmed.status == .false && programmed.reason == "KindNotInstalled")
      #expect(programmed.message.contains("VirtualService"))
      for resource in Definitions.mesh { try await harness.install(resource) }
      try await harness.settle()
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func whatIsAskedForButNotThereIsRefusedUntilItIs() async throws {
    try await withOperator(installs: [.agentDeployments]) { harness in
      try await harness.apply("support", ["traffic": ["provider": "Istio"]])
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False UnsupportedByClass")
      #expect(
        try await harness.condition("Accepted")?.message.contains("spec.traffic.provider") == true)
      for resource in Definitions.mesh { try await harness.install(resource) }
      try await harness.settle()
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aClassWithoutTheMeshHasNoneThoughItIsInstalled() async throws {
    try await withOperator(installs: Self.withClasses) { harness in
      try await harness.applyClass("plain", ["capabilities": ["istio": false]], isDefault: true)
      try await harness.apply()
      try await harness.settle()
      #expect(try await harness.find(.virtualServices) == nil)
      #expect(try await harness.summary("Programmed") == "Programmed=True NoTrafficProvider")
      try await harness.apply("support", ["traffic": ["timeout": "9s"]])
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False UnsupportedByClass")
      #expect(
        try await harness.condition("Accepted")?.message.contains("spec.traffic.timeout") == true)
    }
  }
}
