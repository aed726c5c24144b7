import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import ManifestRendering
import Testing

@testable import AgentOperator

/// Oracle C for rotations: wherever the process ends, no value is lost and none is skipped.
@Suite struct SecretCrashTests {
  private static let spec: JSONValue = [
    "secrets": [
      [
        "name": "session", "expose": "Env", "keys": ["value": "KEY", "previous": "OLD_KEY"],
        "generate": ["length": 16, "rotateEvery": "24h", "keepPrevious": true],
      ]
    ]
  ]

  /// Two rotations, and pods that restart with each.
  private static func run(_ harness: OperatorHarness) async throws -> [String: JSONValue] {
    try await harness.apply("support", spec)
    try await harness.until("it runs") {
      let agent = try await harness.get(.agentDeployments)
      return agent["status"]?["observedGeneration"]?.int == agent.generation
        && StatusBuilder.conditions(in: agent["status"])["Reconciling"]?.status == .false
    }
    try await harness.settle()
    var before = try await harness.get(.deployments)["spec"]?["template"]
    for count in [2, 3] {
      try await harness.jump(.seconds(24 * 3600))
      try await harness.until("value \(count)") {
        let template = try await harness.get(.deployments)["spec"]?["template"]
        return Set(values(harness).map(\.value)).count == count && template != before
      }
      try await harness.settle()
      before = try await harness.get(.deployments)["spec"]?["template"]
    }
    return try await harness.canonicalState()
  }

  /// What the Secret held, in order.
  private static func values(_ harness: OperatorHarness) -> [(value: String, previous: String?)] {
    var seen: [(value: String, previous: String?)] = []
    for change in harness.cluster?.history(.secrets) ?? [] {
      guard let data = change.new?["data"], let value = data["value"]?.string else { continue }
      let previous = data["previous"]?.string
      if seen.last?.value != value || seen.last?.previous != previous {
        seen.append((value, previous))
      }
    }
    return seen
  }

  private static func check(_ harness: OperatorHarness, _ what: String) {
    let values = values(harness)
    #expect(Set(values.map(\.value)).count == 3 && values.count == 3, "\(what)")
    #expect(values.first?.previous == nil, "\(what)")
    for (before, after) in zip(values, values.dropFirst()) {
      #expect(after.previous == before.value, "\(what): the value before was lost")
    }
    #expect(harness.templateCount == 3, "\(what): pods restart once for each rotation")
  }

  @Test func aCrashAtAnyWriteLosesNoValue() async throws {
    var reference: [String: JSONValue] = [:]
    var writes = 0
    try await withOperator { harness in
      reference = try await Self.run(harness)
      writes = harness.log.writes.count
      Self.check(harness, "without a crash")
    }
    try #require(writes > 15)
    // The thorough run takes every write in both ways.
    for place in 0..<writes {
      for fault in SimulationSeeds.isThorough
        ? [Fault.crashBefore, .crashAfter]
        : [place.isMultiple(of: 2) ? .crashBefore : .crashAfter]
      {
        try await withOperator(starts: false) { harness in
          harness.faults.add(fault, atWrite: place)
          harness.start()
          let state = try await Self.run(harness)
          let what = "\(fault) at write \(place)"
          Self.check(harness, what)
          #expect(state.keys.sorted() == reference.keys.sorted(), "\(what)")
          for difference in Canonical.differences(reference, state) {
            Issue.record("\(what): \(difference)")
          }
          let mark = harness.log.count
          try await harness.restart()
          try await harness.settle()
          #expect(harness.log.writes(since: mark).map(\.description) == [], "\(what)")
        }
      }
    }
  }
}
