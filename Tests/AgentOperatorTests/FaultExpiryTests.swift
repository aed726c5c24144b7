import ControllerRuntime
import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// Faults on purpose end when they were said to, whatever happens meanwhile.
@Suite struct FaultExpiryTests {
  private func spec(_ harness: OperatorHarness, in seconds: Int64) -> JSONValue {
    let expiry = KubernetesTime(unixSeconds: harness.clock.wallTime + seconds).secondsText
    return [
      "traffic": ["faultInjection": ["percent": "1", "delay": "5s", "expiresAt": .string(expiry)]]
    ]
  }

  private func hasFault(_ harness: OperatorHarness) async throws -> Bool {
    let service = try await harness.get(.virtualServices)
    return service["spec"]?["http"]?.array?.contains { $0["fault"] != nil } == true
  }

  @Test func theStatusTellsUntilWhen() async throws {
    try await withOperator { harness in
      let spec = spec(harness, in: 3600)
      try await harness.apply("support", spec)
      try await harness.settle()
      let expiry = spec["traffic"]?["faultInjection"]?["expiresAt"]?.string ?? "-"
      #expect(try await harness.condition("Programmed")?.message.contains(expiry) == true)
      try await harness.advance(by: .seconds(3700))
      #expect(try await harness.condition("Programmed")?.message.contains("faults") == false)
      try await harness.expectNoMoreWrites()
    }
  }

  /// What can become of an agent while its faults last.
  enum Turn: CaseIterable {
    case nothing, restart, crash, downWhenTheyEnd, paused, refused, tooFarAhead, kindRenewed

    func take(_ harness: OperatorHarness, _ spec: JSONValue) async throws {
      var changed = spec
      switch self {
      case .nothing: return
      case .restart: return try await harness.restart()
      case .crash: return harness.crashAll()
      case .downWhenTheyEnd:
        try await harness.stop()
        try await harness.letPass(.seconds(3500))
        return harness.start()
      case .paused: changed["paused"] = true
      // Only the operator finds out.
      case .refused: changed["config"] = ["a.b": "1", "a_b": "2"]
      case .tooFarAhead:
        let late = KubernetesTime(unixSeconds: harness.clock.wallTime + 48 * 3600).secondsText
        changed["traffic"]?["faultInjection"]?["expiresAt"] = .string(late)
      case .kindRenewed:
        try await harness.uninstall(.virtualServices)
        try await harness.settle()
        return try await harness.install(.virtualServices)
      }
      try await harness.apply("support", changed)
    }
  }

  @Test(arguments: Turn.allCases) func theyEndInTime(_ turn: Turn) async throws {
    try await withOperator { harness in
      let spec = spec(harness, in: 3600)
      try await harness.apply("support", spec)
      try await harness.settle()
      try await harness.advance(by: .seconds(600))
      #expect(try await hasFault(harness))
      try await turn.take(harness, spec)
      try await harness.settle()
      if turn != .downWhenTheyEnd {
        try await harness.advance(by: .seconds(2500))
        #expect(try await hasFault(harness), "ended too soon")
        try await harness.advance(by: .seconds(600))
      }
      #expect(try await !hasFault(harness), "goes on")
      let mark = harness.log.count
      try await harness.advance(by: .seconds(7200))
      #expect(try await !hasFault(harness))
      #expect(harness.log.since(mark).allSatisfy { !$0.isStateWrite }, "writes for nothing")
    }
  }

  /// A new end is a decision of somebody's; the operator then follows that.
  @Test func anotherEndHolds() async throws {
    try await withOperator { harness in
      try await harness.apply("support", spec(harness, in: 3600))
      try await harness.settle()
      try await harness.apply("support", spec(harness, in: 600))
      try await harness.settle()
      try await harness.advance(by: .seconds(700))
      #expect(try await !hasFault(harness))
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func afterAPauseEverythingIsAsRendered() async throws {
    try await withOperator { harness in
      var spec = spec(harness, in: 3600)
      try await harness.apply("support", spec)
      try await harness.settle()
      spec["paused"] = true
      try await harness.apply("support", spec)
      try await harness.advance(by: .seconds(4000))
      #expect(try await !hasFault(harness))
      spec["paused"] = false
      try await harness.apply("support", spec)
      try await harness.settle()
      let service = try await harness.get(.virtualServices)
      #expect(service.annotations["agentdeploy.dev/fault-expires-at"] == nil)
      try await harness.expectNoMoreWrites()
    }
  }
}
