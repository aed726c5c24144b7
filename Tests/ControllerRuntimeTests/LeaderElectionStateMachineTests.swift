import ControllerRuntime
import Testing

@Suite("correctness rule 43: leader election") struct LeaderElectionStateMachineTests {
  typealias Machine = LeaderElectionStateMachine

  private func record(_ holder: String, _ renewTime: String = "t0", version: String = "1")
    -> Machine.Record
  {
    Machine.Record(
      holder: holder, leaseDuration: .seconds(15), renewTime: renewTime, transitions: 3,
      resourceVersion: version)
  }

  private func leader(at now: Duration = .zero) -> Machine {
    var machine = Machine(identity: "a")
    _ = machine.tick(now: now)
    _ = machine.read(nil, now: now)
    _ = machine.wrote(record("a"), sentAt: now)
    return machine
  }

  @Test func absentLeaseIsCreatedAndLeads() {
    var machine = Machine(identity: "a")
    #expect(machine.tick(now: .zero) == .read)
    #expect(machine.read(nil, now: .zero) == .create)
    #expect(machine.wrote(record("a"), sentAt: .zero) == .lead)
    #expect(machine.isLeader)
  }

  @Test func anothersLeaseIsWaitedForByTheLocalClock() {
    var machine = Machine(identity: "a")
    #expect(machine.read(record("b"), now: .seconds(100)) == .wait)
    #expect(machine.read(record("b"), now: .seconds(114)) == .wait)
    // Renewed: the wait begins anew, whatever the written time says.
    #expect(machine.read(record("b", "long ago", version: "2"), now: .seconds(114)) == .wait)
    #expect(machine.read(record("b", "long ago", version: "2"), now: .seconds(128)) == .wait)
    #expect(
      machine.read(record("b", "long ago", version: "2"), now: .seconds(129))
        == .write(resourceVersion: "2", transitions: 4, isRenewal: false))
  }

  @Test func aReleasedLeaseIsTakenAtOnce() {
    var machine = Machine(identity: "a")
    #expect(
      machine.read(record(""), now: .zero)
        == .write(resourceVersion: "1", transitions: 4, isRenewal: false))
  }

  @Test func aLeaderRenewsWithoutReading() {
    var machine = leader()
    #expect(
      machine.tick(now: .seconds(2))
        == .write(resourceVersion: "1", transitions: 3, isRenewal: true))
    #expect(machine.wrote(record("a", "t1", version: "2"), sentAt: .seconds(2)) == .wait)
  }

  @Test func aLeaderThatCannotRenewStopsBeforeOthersMayLead() {
    var machine = leader()
    #expect(machine.failed(isConflict: false, now: .seconds(4)) == .wait)
    #expect(machine.failed(isConflict: false, now: .seconds(9)) == .wait)
    #expect(machine.failed(isConflict: false, now: .seconds(10)) == .stop)
    #expect(!machine.isLeader)
    // Also when it slept through the deadline and then finds its own name still there.
    var sleeper = leader()
    #expect(sleeper.tick(now: .seconds(30)) == .stop)
  }

  @Test func theLeaseCountsFromWhenItWasSent() {
    var machine = leader()
    _ = machine.tick(now: .seconds(2))
    _ = machine.wrote(record("a", "t1", version: "2"), sentAt: .seconds(2))
    #expect(machine.remaining(now: .seconds(6)) == .seconds(6))
    #expect(machine.tick(now: .seconds(12)) == .stop)
  }

  @Test func aLeaderWhoseLeaseAnotherHoldsStops() {
    var machine = leader()
    #expect(machine.failed(isConflict: true, now: .seconds(1)) == .read)
    #expect(machine.read(record("b", version: "9"), now: .seconds(1)) == .stop)
    #expect(!machine.isLeader)
  }

  @Test func aConflictWithOneselfIsNoLoss() {
    // The answer to our own write was lost: the Lease has moved on, with our name in it.
    var machine = leader()
    #expect(machine.failed(isConflict: true, now: .seconds(1)) == .read)
    #expect(
      machine.read(record("a", "t1", version: "2"), now: .seconds(1))
        == .write(resourceVersion: "2", transitions: 3, isRenewal: true))
  }

  @Test func aConflictThatGoesOnIsNoLoop() {
    var machine = leader()
    #expect(machine.failed(isConflict: true, now: .seconds(1)) == .read)
    _ = machine.read(record("a", "t0", version: "1"), now: .seconds(1))
    #expect(machine.failed(isConflict: true, now: .seconds(1)) == .wait)
    // The next try may read again.
    _ = machine.tick(now: .seconds(3))
    #expect(machine.failed(isConflict: true, now: .seconds(3)) == .read)
  }

  @Test("correctness rule 20: those who wait do not come all at once")
  func followersSpreadOutAndTheLeaderDoesNot() {
    var machine = Machine(identity: "a")
    #expect(machine.pause(jitter: 0) == .seconds(2))
    #expect(machine.pause(jitter: 1) == .milliseconds(2400))
    _ = machine.wrote(record("a"), sentAt: .zero)
    #expect(machine.pause(jitter: 1) == .seconds(2))
  }

  @Test func configurationIsChecked() {
    #expect(Machine.Configuration(leaseDuration: .seconds(10), renewDeadline: .seconds(10)) == nil)
    #expect(Machine.Configuration(renewDeadline: .seconds(2), retryPeriod: .seconds(2)) == nil)
    #expect(Machine.Configuration() == .standard)
  }

  /// Two candidates with clocks of different speed, lost answers and pauses: never two leaders at once.
  @Test(arguments: 0..<200) func neverTwoLeaders(_ seed: UInt64) {
    var random = SplitMix(seed: seed)
    // Rate errors of up to 10 %; the lease is 1.5 times the deadline.
    let rates = [1.0, 0.9 + 0.2 * random.fraction()]
    var machines = [Machine(identity: "0"), Machine(identity: "1")]
    var due = [Duration.zero, .zero]
    var server: Machine.Record?
    var version = 1
    var now = Duration.zero
    var actions: [Machine.Action] = [.wait, .wait]
    for _ in 0..<400 {
      let i = due[0] <= due[1] ? 0 : 1
      now = max(now, due[i])
      func local(_ time: Duration, _ i: Int) -> Duration { time * rates[i] }
      var action = machines[i].tick(now: local(now, i))
      for _ in 0..<3 {
        let isLost = random.fraction() < 0.2
        switch action {
        case .read:
          action =
            isLost
            ? machines[i].failed(isConflict: false, now: local(now, i))
            : machines[i].read(server, now: local(now, i))
        case .create, .write:
          let isCurrent: Bool =
            if case .write(let expected, _, _) = action {
              server?.resourceVersion == expected
            } else {
              server == nil
            }
          guard isCurrent else {
            action = machines[i].failed(isConflict: true, now: local(now, i))
            continue
          }
          let sentAt = local(now, i)
          version += 1
          let written = Machine.Record(
            holder: String(i), leaseDuration: .seconds(15), renewTime: "\(version)", transitions: 0,
            resourceVersion: "\(version)")
          server = written
          action =
            isLost
            ? machines[i].failed(isConflict: false, now: local(now, i))
            : machines[i].wrote(written, sentAt: sentAt)
        case .wait, .lead, .stop: break
        }
      }
      actions[i] = action
      // A leader counts as one until its own deadline; it notices by itself, without the server.
      let leading = machines.indices.filter {
        machines[$0].isLeader && machines[$0].remaining(now: local(now, $0)) > .zero
      }
      #expect(leading.count <= 1, "seed \(seed) at \(now)")
      let pause: Duration = random.fraction() < 0.05 ? .seconds(20) : .seconds(2)
      due[i] = now + pause * (1 + 0.2 * random.fraction())
    }
  }
}

private struct SplitMix {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func fraction() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Double((z ^ (z >> 31)) >> 11) / Double(1 << 53)
  }
}
