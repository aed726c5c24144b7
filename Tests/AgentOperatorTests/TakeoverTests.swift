import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// A new leader acts on nothing older than what the leader before knew, whatever its own watches told.
@Suite struct TakeoverTests {
  /// The standby's watch of `resource` breaks and does not come back, then `change` happens, and the
  /// leader before has seen to it when it dies. Somebody's edit gives the new one something to write.
  private func takeOver(
    _ harness: OperatorHarness, behindIn resource: String, after change: () async throws -> Void
  ) async throws {
    let leader = try #require(harness.processes.first { $0.agentOperator.isLeading })
    let standby = try #require(harness.processes.first { !$0.agentOperator.isLeading })
    harness.faults.add { [replica = standby.replica] request in
      request.replica == replica && request.resource == resource && request.isWatch
        ? .lostBefore : nil
    }
    standby.connection.cutWatches()
    try await change()
    try await harness.letPass(.seconds(5))
    harness.crash(leader.replica)
    try await harness.apply("third")
    try await harness.patch(.services, "support", ["spec": ["selector": ["x": "y"]]])
    try await harness.until("the standby leads", within: .seconds(60)) {
      standby.agentOperator.isLeading
    }
    try await harness.letPass(.seconds(5))
    #expect(try await harness.get(.services)["spec"]?["selector"]?["x"] == nil)
  }

  private func withPair(
    _ spec: JSONValue, selector: LabelSelector = LabelSelector(),
    _ scenario: @escaping (OperatorHarness) async throws -> Void
  ) async throws {
    try await withOperator(starts: false) { harness in
      harness.configuration.leaderElection = AgentOperator.LeaderElection(
        lease: ObjectKey(namespace: "agents", name: "agent-operator"), identity: "replica")
      harness.configuration.selector = selector
      harness.clocks = [harness.clock, harness.clock]
      harness.start()
      try await harness.createSecret("llm")
      try await harness.apply("support", spec)
      try await harness.apply("other")
      try await harness.settle()
      try await scenario(harness)
    }
  }

  /// The templates that the agent's Deployment has had, one after the other.
  private func templates(_ harness: OperatorHarness) -> [JSONValue] {
    var templates: [JSONValue] = []
    for change in harness.cluster?.history(.deployments) ?? [] where change.new?.name == "support" {
      if let template = change.new?["spec"]?["template"], template != templates.last {
        templates.append(template)
      }
    }
    return templates
  }

  /// Found by seed 7392 of the simulation: pods restarted twice for nothing.
  @Test func noOlderSpecIsPutBack() async throws {
    try await withPair(["image": "registry/x:v1"]) { harness in
      try await takeOver(harness, behindIn: "agentdeployments") {
        try await harness.apply("support", ["image": "registry/x:v2"])
        try await harness.delete(.agentDeployments, "other")
      }
      let images = templates(harness).map { $0["spec"]?["containers"]?[0]?["image"] }
      #expect(images == ["registry/x:v1", "registry/x:v2"])
      // What came and what went is known too.
      #expect(try await harness.find(.deployments, "third") != nil)
      #expect(try await harness.find(.deployments, "other") == nil)
    }
  }

  @Test func noOlderSecretIsPutBack() async throws {
    let secret: JSONValue = [
      "name": "llm", "secretRef": ["name": "llm"], "onChange": "Restart",
    ]
    try await withPair(["secrets": [secret]]) { harness in
      try await takeOver(harness, behindIn: "secrets") {
        try await harness.patch(.secrets, "llm", ["data": ["api-key": "bmV3"]])
      }
      #expect(templates(harness).count == 2)
    }
  }

  /// A list that takes its time tells of what was, not of what came since.
  @Test func whatIsMadeAnewMeanwhileIsNotTakenForGone() async throws {
    let secret: JSONValue = ["name": "llm", "secretRef": ["name": "llm"]]
    try await withPair(["secrets": [secret]]) { harness in
      let leader = try #require(harness.processes.first { $0.agentOperator.isLeading })
      let standby = try #require(harness.processes.first { !$0.agentOperator.isLeading })
      harness.faults.addToWatches { resource, _ in
        resource == "secrets" ? .late(.seconds(40)) : nil
      }
      harness.faults.next(.late(.seconds(90))) { [replica = standby.replica] request in
        request.replica == replica && request.resource == "secrets" && request.name == nil
          && !request.isWatch && !request.isWrite
      }
      try await harness.delete(.secrets, "llm")
      harness.crash(leader.replica)
      try await harness.until("the standby leads", within: .seconds(35)) {
        standby.agentOperator.isLeading
      }
      try await harness.letPass(.seconds(2))
      try await harness.createSecret("llm", "bmV3")
      try await harness.letPass(.seconds(120))
      try await harness.settle()
      #expect(try await harness.condition("ResolvedRefs")?.status == .true)
    }
  }

  /// It is the same object when it comes back, however its watch comes to know of that.
  @Test func whatLeftTheShardMayComeBack() async throws {
    func label(_ harness: OperatorHarness, _ isIgnored: Bool) async throws {
      try await harness.patch(
        .agentDeployments, "support",
        ["metadata": ["labels": ["ignored": isIgnored ? "true" : nil]]])
    }
    let selector = LabelSelector([.init(key: "ignored", operator: .doesNotExist)])
    try await withPair(["image": "registry/x:v1"], selector: selector) { harness in
      try await takeOver(harness, behindIn: "agentdeployments") { try await label(harness, true) }
      try await label(harness, false)
      try await harness.apply("support", ["image": "registry/x:v2"])
      harness.faults.clear()
      harness.cluster?.compact()
      for process in harness.processes { process.connection.cutWatches() }
      try await harness.advance(by: .seconds(60))
      #expect(
        templates(harness).last?["spec"]?["containers"]?[0]?["image"] == "registry/x:v2")
    }
  }
}
