import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// Oracles J and K: what is right is left alone.
@Suite struct ConvergenceTests {
  @Test(arguments: Lane.all, ["minimal", "mcp-agent", "fleet"])
  func samplesBecomeReadyAndThenNothingIsWritten(lane: Lane, sample: String) async throws {
    try await withOperator(lane) { harness in
      for name in ["weather-llm", "mcp-agent-redis", "mcp-agent-api"] {
        try await harness.create(
          .secrets, name,
          ["data": ["api-key": "eA==", "redis-password": "eA==", "anthropic-api-key": "eA=="]])
      }
      let agents = try await harness.applySample(sample)
      try await harness.settle()
      for agent in agents {
        let ready = try await harness.summary("Ready", of: agent.name)
        #expect(ready == "Ready=True Ready", "\(agent)")
        for type in ["Accepted", "ResolvedRefs", "Available", "Programmed"] {
          #expect(try await harness.condition(type, of: agent.name)?.status == .true, "\(type)")
        }
        for type in ["Progressing", "Reconciling", "Stalled"] {
          #expect(try await harness.condition(type, of: agent.name)?.status == .false, "\(type)")
        }
      }
      let refused = harness.log.all.filter { ($0.status ?? 0) >= 400 && $0.isWrite }
      #expect(refused.map(\.description) == [])
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all)
  func theFirstPassAsksForNothingTwice(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.settle()
      try await harness.apply()
      try await harness.settle()
      let applies = harness.log.writes.filter { !$0.isStatusWrite }.map(\.description)
      #expect(applies.count == Set(applies).count, "\(applies)")
      #expect(applies.count == 9 || applies.count == 10, "\(applies)")
    }
  }

  @Test func anEditTouchesOnlyWhatItChanges() async throws {
    try await withOperator { harness in
      try await harness.apply("support", ["image": "registry/support:v1"])
      try await harness.settle()
      let mark = harness.log.count
      try await harness.apply(
        "support", ["image": "registry/support:v1", "availability": ["maxUnavailable": 2]])
      try await harness.settle()
      let writes = harness.log.writes(since: mark).filter { !$0.isStatusWrite }
      #expect(writes.map(\.resource) == ["poddisruptionbudgets"])
      try await harness.expectNoMoreWrites()
    }
  }

  @Test("oracles F and G: there and back again, and by another way, is the same")
  func historyDoesNotMatter() async throws {
    let mutations: [JSONValue] = [
      ["image": "registry/support:v2"], ["config": ["a": "1"]],
      ["scaling": ["minReplicas": 3, "maxReplicas": 3]], ["traffic": ["provider": "None"]],
      ["extraPorts": [["name": "grpc", "port": 9000]]],
      ["security": ["mtls": "Permissive", "podSecurity": "Baseline"]],
      ["podTemplate": ["metadata": ["labels": ["a": "b"]]]],
      ["secrets": [["name": "s", "generate": ["length": 32]]]],
    ]
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      let before = try await harness.canonicalState().filter { !$0.key.hasPrefix("ConfigMap") }
      for mutation in mutations {
        try await harness.apply("support", mutation)
        try await harness.settle()
        try await harness.apply()
        try await harness.settle()
        var after = try await harness.canonicalState().filter { !$0.key.hasPrefix("ConfigMap") }
        // Kept on purpose: a Secret may hold what nobody else knows.
        after["Secret support-s"] = nil
        // Replicas stay what they were when the scaler took over; the status tells how many.
        after["Deployment support"]?["spec"]?["replicas"] =
          before["Deployment support"]?["spec"]?["replicas"]
        after["AgentDeployment support"] = before["AgentDeployment support"]
        #expect(after.keys.sorted() == before.keys.sorted(), "\(mutation)")
        for difference in Canonical.differences(before, after) {
          Issue.record("after \(mutation): \(difference)")
        }
      }
    }
  }
}
