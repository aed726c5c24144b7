import JSON
import KubernetesAPI
import KubernetesClient
import Simulation
import Testing

@testable import AgentOperator

/// Agents that come, go and change their minds about two hosts, while the operator crashes and requests
/// fail: in the end each host is its eldest claimant's, and nobody else's.
@Suite struct HostClaimHistoryTests {
  private static let hosts = ["x.example.com", "y.example.com"]
  private static let names = ["a", "b", "c", "d"]

  private struct History {
    var random: SeededGenerator
    let harness: OperatorHarness

    mutating func run(steps: Int) async throws {
      for _ in 0..<steps {
        try await step()
        if Bool.random(using: &random) {
          try await harness.letPass(.milliseconds(Int.random(in: 0...3000, using: &random)))
        }
      }
    }

    private mutating func step() async throws {
      let name = HostClaimHistoryTests.names.randomElement(using: &random) ?? "a"
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<6:
        let wanted = HostClaimHistoryTests.hosts.filter { _ in Bool.random(using: &random) }
        let isRouted = Int.random(in: 0..<5, using: &random) > 0
        let traffic: JSONValue =
          isRouted ? ["hosts": JSONValue(wanted)] : ["provider": "None"]
        // Left out, not emptied: the API server makes null of what an apply empties.
        try await harness.apply(name, wanted.isEmpty ? [:] : ["traffic": traffic])
      case 6, 7:
        do { try await harness.delete(.agentDeployments, name) } catch let status as APIStatus
          where status.isNotFound
        {}
      case 8: harness.crashAll()
      default:
        harness.faults.next(
          [.lostAfter, .lostBefore, .status(500)].randomElement(using: &random) ?? .refused
        ) {
          $0.isStateWrite
        }
      }
    }
  }

  /// By the manifests alone: the eldest agent that names it.
  private func owner(of host: String, _ agents: [KubernetesObject]) -> String? {
    agents.filter { agent in
      let traffic = agent["spec"]?["traffic"]
      return traffic?["provider"] != "None"
        && traffic?["hosts"]?.array?.contains(.string(host)) == true
    }
    .min { a, b in
      (a.metadata["creationTimestamp"]?.string ?? "", a.name)
        < (b.metadata["creationTimestamp"]?.string ?? "", b.name)
    }?.name
  }

  @Test(arguments: 0..<30 as Range<UInt64>) func theEldestHasItInTheEnd(_ seed: UInt64) async throws
  {
    try await withOperator(seed: seed) { harness in
      var history = History(random: SeededGenerator(seed: seed), harness: harness)
      try await history.run(steps: 14)
      harness.faults.clear()
      try await harness.advance(by: .seconds(600))
      let agents = try await harness.list(.agentDeployments)
      let services = try await harness.list(.virtualServices)
      for host in Self.hosts {
        let holders = services.filter {
          $0["spec"]?["hosts"]?.array?.contains(.string(host)) == true
        }.map(\.name)
        #expect(holders == owner(of: host, agents).map { [$0] } ?? [], "\(host)")
      }
      for agent in agents {
        let traffic = agent["spec"]?["traffic"]
        let wanted = (traffic?["hosts"]?.array ?? []).compactMap(\.string)
        let loses = wanted.contains { owner(of: $0, agents) != agent.name }
        let accepted = StatusBuilder.conditions(in: agent["status"])["Accepted"]
        #expect(accepted?.reason == (loses ? "Conflict" : "Valid"), "\(agent.name)")
      }
      try await harness.expectNoMoreWrites()
    }
  }

  /// `plan` tells before it happens.
  @Test func aPreviewTellsWhoseTheHostIs() async throws {
    try await withOperator { harness in
      try await harness.apply("old", ["traffic": ["hosts": ["x.example.com"]]])
      try await harness.advance(by: .seconds(2))
      try await harness.apply("new")
      try await harness.settle()
      let previewer = try await AgentPreviewer(
        client: harness.client, namespace: harness.namespace)
      func lost(_ name: String, _ hosts: [String]) async throws -> [LostHost] {
        let file = Fixtures.agentObject(
          ["traffic": ["hosts": JSONValue(hosts)]], name: name, namespace: harness.namespace,
          uid: nil)
        return try await previewer.preview(file).get().lostHosts
      }
      let winner = ObjectKey(namespace: harness.namespace, name: "old")
      for name in ["new", "not-there-yet", "a-name-before-old"] {
        #expect(
          try await lost(name, ["y.example.com", "x.example.com"])
            == [LostHost(host: "x.example.com", winner: winner)])
      }
      // Its own, and what nobody has.
      #expect(try await lost("old", ["x.example.com", "y.example.com"]) == [])
    }
  }
}
