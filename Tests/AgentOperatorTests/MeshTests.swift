import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import AgentOperator

/// Correctness rule 45: kinds that may be missing, come and go.
@Suite struct MeshTests {
  private static let mesh = Definitions.mesh

  private func meshObjects(_ harness: OperatorHarness) async throws -> Int {
    var count = 0
    for resource in Self.mesh where harness.isServed(resource) {
      count += try await harness.list(resource).count
    }
    return count
  }

  @Test func withoutTheMeshTheRestIsAppliedAndItFollows() async throws {
    try await withOperator(installs: [.agentDeployments]) { harness in
      try await harness.apply()
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      #expect(try await harness.summary("Programmed") == "Programmed=True NoTrafficProvider")
      #expect(!harness.log.all.contains { $0.resource == "virtualservices" })
      try await harness.expectNoMoreWrites()
      for resource in Self.mesh { try await harness.install(resource) }
      try await harness.settle()
      #expect(try await meshObjects(harness) == 3)
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func whenTheMeshGoesNothingBreaksAndItComesBack() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      for resource in Self.mesh { try await harness.uninstall(resource) }
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      #expect(try await harness.summary("Programmed") == "Programmed=True NoTrafficProvider")
      // Nobody asks for what is gone.
      let mark = harness.log.count
      try await harness.advance(by: .seconds(600))
      let plurals = Self.mesh.map(\.plural)
      #expect(!harness.log.since(mark).contains { plurals.contains($0.resource) })
      // Still at work.
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.settle()
      let image = try await harness.get(.deployments)["spec"]?["template"]?["spec"]?["containers"]?[
        0]
      #expect(image?["image"] == "registry/support:v2")
      try await harness.expectNoMoreWrites()
      for resource in Self.mesh { try await harness.install(resource) }
      try await harness.settle()
      #expect(try await meshObjects(harness) == 3)
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func anotherVersionOfTheMeshDoesNotKeepTheOperatorFromStarting() async throws {
    try await withOperator(installs: [.agentDeployments], starts: false) { harness in
      let old = KubernetesObject(Definitions.json(of: .virtualServices, version: "v1alpha3"))
      _ = try await harness.client.apply(
        old, resource: .customResourceDefinitions, fieldManager: "test")
      harness.start()
      try await harness.apply()
      try await harness.until("the agent is ready", within: .seconds(60)) {
        try await harness.summary("Ready") == "Ready=True Ready"
      }
      #expect(try await harness.summary("Programmed") == "Programmed=False KindNotInstalled")
    }
  }

  @Test func withoutPermissionForTheMeshTheOperatorStarts() async throws {
    try await withOperator(starts: false) { harness in
      harness.faults.add { $0.resource == "destinationrules" ? .status(403) : nil }
      harness.start()
      try await harness.apply()
      try await harness.until("the agent is ready", within: .seconds(60)) {
        try await harness.summary("Ready") == "Ready=True Ready"
      }
      #expect(try await harness.condition("Programmed")?.status == .false)
      harness.faults.clear()
      try await harness.until("the mesh is used", within: .seconds(300)) {
        try await harness.condition("Programmed")?.status == .true
      }
    }
  }

  /// What a mesh upgrade does that no longer serves the version we use.
  @Test func aKindThatIsNotServedAnyMoreIsSkipped() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      #expect(try await harness.condition("Programmed")?.status == .true)
      harness.faults.add { $0.resource == "destinationrules" ? .status(404) : nil }
      harness.connection?.cutWatches()
      try await harness.letPass(.seconds(5))
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.apply("second")
      try await harness.until("they are served without", within: .seconds(60)) {
        let ready = try await harness.summary("Ready", of: "second")
        let programmed = try await harness.summary("Programmed")
        return ready == "Ready=True Ready" && programmed == "Programmed=False KindNotInstalled"
      }
      #expect(try await harness.condition("Stalled")?.status == .false)
      #expect(try await harness.find(.destinationRules) != nil)
      harness.faults.clear()
      try await harness.until("the mesh is used", within: .seconds(300)) {
        try await harness.condition("Programmed")?.status == .true
      }
      try await harness.settle()
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func anAgentWhoseKindIsNotServedForAMomentIsNotGone() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      harness.faults.next(.status(404)) { $0.isStatusWrite }
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.advance(by: .seconds(20))
      let agent = try await harness.get(.agentDeployments)
      #expect(agent["status"]?["observedGeneration"]?.int == agent.generation)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
    }
  }
}
