import AgentDeploymentAPI
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Testing

@testable import AgentOperator

/// Oracle C for an edit of the class: wherever the process ends, pods are restarted by the user's
/// changes and by nothing else.
@Suite struct ClassCrashTests {
  private static func classSpec(_ memory: String) -> JSONValue {
    [
      "defaults": ["resources": ["limits": ["memory": .string(memory)]]],
      "quota": ["hard": ["pods": 50], "limitRange": true, "podSecurity": "Baseline"],
    ]
  }

  private static func isSettled(_ harness: OperatorHarness) async throws -> Bool {
    let agent = try await harness.get(.agentDeployments)
    return agent["status"]?["observedGeneration"]?.int == agent.generation
      && StatusBuilder.conditions(in: agent["status"])["Reconciling"]?.status == .false
  }

  private static func run(_ harness: OperatorHarness) async throws -> [String: JSONValue] {
    try await harness.applyClass("production", classSpec("2Gi"), isDefault: true)
    try await harness.apply()
    try await harness.until("it runs") { try await isSettled(harness) }
    try await harness.settle()
    try await harness.applyClass("production", classSpec("3Gi"), isDefault: true)
    try await harness.until("the template waits") {
      try await harness.condition("RenderPending")?.status == .true
    }
    try await harness.settle()
    // Nothing of the pods, in the same revision as before.
    try await harness.apply("support", ["availability": ["drain": ["timeout": "9s"]]])
    try await harness.until("the change takes it along") {
      guard try await isSettled(harness) else { return false }
      return try await harness.condition("RenderPending") == nil
    }
    try await harness.settle()
    return try await harness.canonicalState()
  }

  /// What pods were ever made from, in order.
  private static func templates(_ harness: OperatorHarness) -> [String] {
    var seen: [String] = []
    for change in harness.cluster?.history(.deployments) ?? [] {
      guard let pod = change.new?["spec"]?["template"]?["spec"] else { continue }
      let memory = pod["containers"]?[0]?["resources"]?["limits"]?["memory"]?.string ?? ""
      let text = "\(memory) \(pod["terminationGracePeriodSeconds"]?.int ?? 0)"
      if seen.last != text { seen.append(text) }
    }
    return seen
  }

  @Test func aCrashAtAnyWriteRestartsNothing() async throws {
    var reference: [String: JSONValue] = [:]
    var writes = 0
    try await withOperator(installs: ClassTests.withClasses) { harness in
      reference = try await Self.run(harness)
      writes = harness.log.writes.count
      #expect(Self.templates(harness) == ["2Gi 75", "3Gi 24"])
    }
    try #require(writes > 15)
    for place in 0..<writes {
      let fault = place.isMultiple(of: 2) ? Fault.crashBefore : .crashAfter
      try await withOperator(installs: ClassTests.withClasses, starts: false) { harness in
        harness.faults.add(fault, atWrite: place)
        harness.start()
        let state = try await Self.run(harness)
        let what = "\(fault) at write \(place)"
        #expect(Self.templates(harness) == ["2Gi 75", "3Gi 24"], "\(what)")
        #expect(state.keys.sorted() == reference.keys.sorted(), "\(what)")
        for difference in Canonical.differences(reference, state) {
          Issue.record("\(what): \(difference)")
        }
        #expect(!harness.logs.lines.contains { $0.level == .error })
        let mark = harness.log.count
        try await harness.restart()
        try await harness.settle()
        #expect(harness.log.writes(since: mark).map(\.description) == [], "\(what)")
      }
    }
  }
}
