import ControllerRuntime
import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// Several operators divide one cluster; by namespace: see `OwnershipTests`.
@Suite struct ShardingTests {
  private static let shardA = LabelSelector(matchLabels: ["shard": "a"])

  private func label(_ harness: OperatorHarness, _ agent: String, _ shard: String) async throws {
    try await harness.patch(
      .agentDeployments, agent, ["metadata": ["labels": ["shard": .string(shard)]]])
  }

  private func owned(_ harness: OperatorHarness, _ agent: String) async throws -> [String] {
    try await harness.children().filter { $0.contains(" \(agent)") }
  }

  @Test func onlyAgentsOfTheShardAreServed() async throws {
    try await withOperator(starts: false) { harness in
      harness.configuration.selector = Self.shardA
      for (agent, shard) in [("one", "a"), ("two", "b")] {
        try await harness.apply(agent)
        try await label(harness, agent, shard)
      }
      harness.start()
      try await harness.settle()
      #expect(try await harness.summary("Ready", of: "one") == "Ready=True Ready")
      #expect(try await owned(harness, "two") == [])
      #expect(try await harness.get(.agentDeployments, "two")["status"] == nil)
      let reads = harness.log.all.filter { $0.resource == "agentdeployments" && !$0.isWrite }
      #expect(!reads.isEmpty)
      // Others' agents are not even sent here.
      #expect(reads.allSatisfy { $0.query("labelSelector") == "shard=a" })
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func anAgentThatLeavesIsLetGoAndOneThatComesIsTaken() async throws {
    try await withOperator(starts: false) { harness in
      harness.configuration.selector = Self.shardA
      for agent in ["one", "two"] { try await harness.apply(agent) }
      try await label(harness, "one", "a")
      harness.start()
      try await harness.settle()
      let before = try await owned(harness, "one")
      #expect(before.count >= 9)
      try await label(harness, "one", "b")
      try await label(harness, "two", "a")
      try await harness.settle()
      // Nothing of it is deleted, and nothing repaired any more: that is the other operator's.
      #expect(try await owned(harness, "one") == before)
      let mark = harness.log.count
      try await harness.patch(
        .horizontalPodAutoscalers, "one", ["spec": ["maxReplicas": 99]])
      try await harness.settle()
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      #expect(try await harness.summary("Ready", of: "two") == "Ready=True Ready")
      try await label(harness, "one", "a")
      try await harness.settle()
      let scaler = try await harness.get(.horizontalPodAutoscalers, "one")
      #expect(scaler["spec"]?["maxReplicas"] == 10)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func anAnswerAboutAnAgentThatHasLeftMakesNoGhost() throws {
    let cache = ClusterCache(scopes: 1, selector: Self.shardA)
    var agent = Fixtures.agentObject()
    agent["metadata"]?["resourceVersion"] = "7"
    agent["metadata"]?["labels"] = ["shard": "b"]
    try cache.recordWrite(
      ofAgent: ObjectText(agent.json.serializedBytes()[...], of: .agentDeployments))
    #expect(cache.agents.count == 0)
    agent["metadata"]?["labels"] = ["shard": "a"]
    try cache.recordWrite(
      ofAgent: ObjectText(agent.json.serializedBytes()[...], of: .agentDeployments))
    #expect(cache.agents.count == 1)
  }

  @Test func anAgentOfAnotherShardCanBeReferredTo() async throws {
    try await withOperator(starts: false) { harness in
      harness.configuration.selector = Self.shardA
      try await harness.apply("tool")
      try await label(harness, "tool", "b")
      for (agent, tool) in [("one", "tool"), ("two", "later")] {
        try await harness.apply(
          agent, ["tools": [["name": "t", "agentRef": ["name": .string(tool)]]]])
        try await label(harness, agent, "a")
      }
      harness.start()
      try await harness.settle()
      #expect(try await harness.summary("Ready", of: "one") == "Ready=True Ready")
      #expect(try await harness.summary("Ready", of: "two") == "Ready=False RefNotFound")
      try await harness.apply("later")
      try await harness.advance(by: .seconds(31))
      #expect(try await harness.summary("Ready", of: "two") == "Ready=True Ready")
    }
  }
}
