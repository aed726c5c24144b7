import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization
import Testing

@testable import AgentOperator

/// Oracle C: the process ends at any write, before the server knows of it or before its answer.
@Suite struct CrashTests {
  /// A life with creations, changes and deletes in it.
  private struct Life {
    let steps: [JSONValue] = [
      [
        "image": "registry/support:v1", "config": ["a": "1"],
        "scaling": ["minReplicas": 3, "maxReplicas": 3],
        "secrets": [["name": "session", "generate": ["length": 16]]],
      ],
      [
        "image": "registry/support:v2", "config": ["a": "2"],
        "scaling": ["minReplicas": 2, "maxReplicas": 5], "traffic": ["provider": "None"],
        "secrets": [["name": "session", "generate": ["length": 16]]],
      ],
    ]

    /// - Returns: the last state and the values of the generated Secret over time.
    func run(_ harness: OperatorHarness) async throws -> (
      state: [String: JSONValue], secrets: Set<String>
    ) {
      for step in steps {
        try await harness.apply("support", step)
        let image = step["image"]
        try await harness.until("\(step) is done") {
          let agent = try await harness.get(.agentDeployments)
          let deployment = try await harness.find(.deployments)
          return agent["status"]?["observedGeneration"]?.int == agent.generation
            && deployment?["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"] == image
            && StatusBuilder.conditions(in: agent["status"])["Reconciling"]?.status == .false
        }
        try await harness.settle()
      }
      let values = harness.cluster?.history(.secrets).compactMap {
        $0.new?["data"]?["value"]?.string
      }
      return (try await harness.canonicalState(), Set(values ?? []))
    }
  }

  @Test func aCrashAtAnyWriteLeavesNothingBehind() async throws {
    let life = Life()
    var reference: [String: JSONValue] = [:]
    var writes = 0
    try await withOperator { harness in
      (reference, _) = try await life.run(harness)
      writes = harness.log.writes.count
    }
    try #require(writes > 20)
    // Every write is a place to die at; the thorough run takes all of them in both ways.
    let places =
      SimulationSeeds.isThorough
      ? (0..<writes).flatMap { [($0, Fault.crashBefore), ($0, .crashAfter)] }
      : (0..<writes).map { ($0, $0.isMultiple(of: 2) ? Fault.crashBefore : .crashAfter) }
    for (place, fault) in places {
      try await withOperator(starts: false) { harness in
        harness.faults.add(fault, atWrite: place)
        harness.start()
        let (state, secrets) = try await life.run(harness)
        let what = "\(fault) at write \(place)"
        #expect(state.keys.sorted() == reference.keys.sorted(), "\(what)")
        for difference in Canonical.differences(reference, state) {
          Issue.record("\(what): \(difference)")
        }
        #expect(secrets.count == 1, "\(what): the generated value changed")
        #expect(!harness.logs.lines.contains { $0.level == .error })
        let mark = harness.log.count
        try await harness.restart()
        try await harness.settle()
        #expect(harness.log.writes(since: mark).map(\.description) == [], "\(what)")
      }
    }
  }
}
