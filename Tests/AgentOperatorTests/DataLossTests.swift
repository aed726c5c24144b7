import EmbeddedCluster
import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// The API server's data is lost, or restored from a backup, while the operator runs: versions begin
/// again lower, and a watch from the future just waits (shared/conformance). Kubernetes tells its
/// users to restart everything that watches then; this operator sees it by itself.
@Suite struct DataLossTests {
  /// Puts the versions ahead, as an hour of other people's work does.
  private func work(_ harness: OperatorHarness) async throws {
    try await harness.createConfigMap("others", ["count": "0"])
    for count in 1...200 {
      try await harness.patch(.configMaps, "others", ["data": ["count": .string("\(count)")]])
    }
    try await harness.settle()
  }

  private func image(_ harness: OperatorHarness, _ name: String) async throws -> JSONValue? {
    try await harness.get(.deployments, name)
      .json["spec"]?["template"]?["spec"]?["containers"]?.array?.first?["image"]
  }

  private func withAnyOperator(
    electing: Bool, _ scenario: @escaping (OperatorHarness, EmbeddedCluster) async throws -> Void
  ) async throws {
    try await withOperator(starts: false) { harness in
      let cluster = try #require(harness.cluster).cluster
      if electing {
        harness.configuration.leaderElection = AgentOperator.LeaderElection(
          lease: harness.key("operator"), identity: "test")
      }
      harness.start()
      try await scenario(harness, cluster)
    }
  }

  @Test(arguments: [false, true])
  func agentsAreMadeAnewInAClusterThatIsNew(electing: Bool) async throws {
    try await withAnyOperator(electing: electing) { harness, cluster in
      try await harness.apply()
      try await work(harness)
      cluster.crash(losingData: true)
      try await harness.letPass(.seconds(10))
      cluster.recover()
      for resource in harness.installed.sorted(by: { $0.description < $1.description }) {
        try await harness.install(resource)
      }
      try await harness.createNamespace(harness.namespace)
      try await harness.apply()
      try await harness.apply("other")
      try await harness.letPass(.seconds(120))
      for name in ["support", "other"] {
        #expect(try await harness.find(.deployments, name) != nil)
        #expect(try await harness.find(.services, name) != nil)
        let status = try await harness.get(.agentDeployments, name)["status"]
        #expect(status?["observedGeneration"] == 1)
      }
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: [false, true])
  func aRestoredClusterIsFollowedAgain(electing: Bool) async throws {
    try await withAnyOperator(electing: electing) { harness, cluster in
      for name in ["support", "gone"] { try await harness.apply(name, ["image": "r/agent:1"]) }
      try await harness.settle()
      let backup = cluster.backUp()
      try await harness.apply("support", ["image": "r/agent:2"])
      try await harness.delete(.agentDeployments, "gone")
      try await harness.apply("late")
      try await work(harness)

      cluster.crash(restoring: backup)
      try await harness.letPass(.seconds(10))
      cluster.recover()
      try await harness.letPass(.seconds(120))
      #expect(try await harness.find(.deployments, "late") == nil)
      #expect(try await image(harness, "gone") == "r/agent:1")
      #expect(try await image(harness, "support") == "r/agent:1")

      // Nothing is overlooked from now on, neither what people change nor what they break.
      for name in ["support", "gone"] { try await harness.apply(name, ["image": "r/agent:3"]) }
      try await harness.delete(.services, "support")
      try await harness.settle()
      for name in ["support", "gone"] { #expect(try await image(harness, name) == "r/agent:3") }
      #expect(try await harness.find(.services, "support") != nil)
      try await harness.expectNoMoreWrites()
    }
  }
}
