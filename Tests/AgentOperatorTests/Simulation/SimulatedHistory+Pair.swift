import ControllerRuntime
import JSON
import KubernetesAPI
import Synchronization

@testable import AgentOperator

/// Two operators that share a lease: what may make it change hands, and enough to do meanwhile.
///
/// A deposed leader shows only when it has something to write before it learns of it, so people are
/// busy all the time around each change.
extension SimulatedHistory {
  mutating func electLeaders() {
    harness.configuration.leaderElection = AgentOperator.LeaderElection(
      lease: ObjectKey(namespace: harness.namespace, name: "agent-operator"), identity: "replica")
    guard let base = harness.simulated else { return }
    pairClocks = (0..<2).map { replica in
      SkewedClock(
        base: base, rate: Double.random(in: 0.9...1.1, using: &random),
        start: .seconds(Int.random(in: 0...5000, using: &random)),
        ahead: Int64.random(in: -90_000...90_000, using: &random),
        suspension: harness.suspension(of: replica))
    }
    harness.clocks = pairClocks
  }

  mutating func turmoil() async throws {
    let leader = harness.processes.first { $0.agentOperator.isLeading }?.replica
    let replica = leader ?? Int.random(in: 0..<2, using: &random)
    var kind = Int.random(in: 0..<10, using: &random)
    let standby = harness.processes.first { !$0.agentOperator.isLeading }?.replica
    if let standby, leader != nil, Int.random(in: 0..<3, using: &random) == 0 {
      try await leaveBehind(standby)
      if Bool.random(using: &random) { kind = 8 }
    }
    let isRestart = kind >= 8
    if isRestart || Bool.random(using: &random) { slowDownWrites(of: replica) }
    // Something under way when it begins.
    if isRestart || Bool.random(using: &random) { try await busy(1) }
    switch kind {
    case 0...3: hinderRenewals(of: replica)
    case 4, 5: partition(replica)
    case 6, 7: suspend(replica)
    default:
      note("restart of \(replica)")
      try await harness.restart(replica)
    }
    try await busy(Int.random(in: 3...9, using: &random))
  }

  /// People change this and that, one after the other.
  private mutating func busy(_ count: Int) async throws {
    for _ in 0..<count {
      let name = names.randomElement(using: &random) ?? "a"
      switch Int.random(in: 0..<4, using: &random) {
      case 0: try await apply(name)
      case 1: try await scale(name)
      case 2: try await deleteChild(name)
      default: try await drift(name)
      }
      let time = [20, 400, 1000, 2000, 4000].randomElement(using: &random) ?? 20
      try await harness.letPass(.milliseconds(time))
    }
  }

  /// The lease alone cannot be renewed, or nobody hears that it was: everything else goes through.
  private mutating func hinderRenewals(of replica: Int) {
    var time = Duration.milliseconds(Int.random(in: 1000...40_000, using: &random))
    let pause = Duration.milliseconds(Int.random(in: 500...6000, using: &random))
    if Bool.random(using: &random) {
      // The last renewal that got through counts from when it was sent.
      let first = Duration.milliseconds(Int.random(in: 2000...6000, using: &random))
      note("for \(first) \(replica)'s lease is answered after \(pause)")
      during(first) { $0.resource == "leases" && $0.replica == replica ? .late(pause) : nil }
      time += first
    }
    let faults: [Fault] = [
      .lostBefore, .lostAfter, .refused, .status(409), .status(429, retryAfter: 1), .status(500),
      .delay(pause), .late(pause), .late(pause),
    ]
    guard let fault = faults.randomElement(using: &random) else { return }
    note("for \(time) \(replica)'s lease meets \(fault)")
    during(time) { $0.resource == "leases" && $0.replica == replica ? fault : nil }
  }

  private mutating func slowDownWrites(of replica: Int) {
    let time = Duration.milliseconds(Int.random(in: 2000...20_000, using: &random))
    let pause = Duration.milliseconds(Int.random(in: 200...9000, using: &random))
    let fault = Bool.random(using: &random) ? Fault.delay(pause) : .late(pause)
    note("for \(time) \(replica)'s writes meet \(fault)")
    during(time) { $0.isStateWrite && $0.replica == replica ? fault : nil }
  }

  /// What the other one acts on meanwhile a replica does not hear of.
  private mutating func leaveBehind(_ replica: Int) async throws {
    let resource = Bool.random(using: &random) ? "agentdeployments" : "secrets"
    deafen(replica, to: [resource])
    if resource == "secrets" {
      try await changeSecret()
    } else {
      try await apply(names.randomElement(using: &random) ?? "a")
    }
    try await harness.letPass(.milliseconds(Int.random(in: 100...5000, using: &random)))
  }

  private mutating func suspend(_ replica: Int) {
    let time = Duration.milliseconds(Int.random(in: 1000...60_000, using: &random))
    note("\(replica) stands still for \(time)")
    harness.suspension(of: replica).suspend(for: time)
  }

  func during(_ time: Duration, _ rule: @escaping FaultPlan.Rule) {
    let clock = harness.clock
    let end = clock.now + time
    harness.faults.add { clock.now < end ? rule($0) : nil }
  }

  func checkLeaders() throws {
    guard isPair else { return }
    var oracle = LeaseOracle(clocks: pairClocks, renewDeadline: renewDeadline)
    try oracle.judge(harness.log.arrived)
    record.state.withLock { $0.seizures = oracle.seizures }
  }
}
