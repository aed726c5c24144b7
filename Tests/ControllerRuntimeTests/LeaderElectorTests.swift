import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Simulation
import Synchronization
import Testing

/// Several electors on one lease and one clock, each with a body that says when it runs.
private final class Contest: Sendable {
  let server = LeaseServer()
  let clock = ManualClock()
  let metrics = RuntimeMetrics(controller: "agents")
  let running = Mutex<[String]>([])
  let overlaps = Mutex(0)
  let entered = Mutex(0)
  let outcomes = Mutex<[String: LeaderElector.Outcome]>([:])

  struct Candidate {
    var task: Task<Void, Never>
    var fence: WriteFence
  }

  /// - Parameters:
  ///   - windsDown: what the body does between its cancellation and its end.
  func enter(
    _ name: String,
    configuration: LeaderElectionStateMachine.Configuration = .standard,
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    onLoss: @escaping @Sendable () -> Void = {},
    windsDown: @escaping @Sendable () async -> Void = {}
  ) -> Candidate {
    entered.withLock { $0 += 1 }
    let fence = WriteFence(clock: clock)
    let elector = LeaderElector(
      client: server.client(name), lease: ObjectKey(namespace: "ops", name: "lease"),
      identity: name, configuration: configuration, clock: clock, metrics: metrics, fence: fence,
      logger: logger, jitter: { 0 })
    let task = Task {
      let outcome = await elector.run(onLoss: onLoss) { [self] in
        running.withLock { running in
          if !running.isEmpty { overlaps.withLock { $0 += 1 } }
          running.append(name)
        }
        await untilCancelled()
        await windsDown()
        running.withLock { $0.removeAll { $0 == name } }
      }
      outcomes.withLock { $0[name] = outcome }
    }
    return Candidate(task: task, fence: fence)
  }

  /// Of warnings, with their metadata.
  struct Warnings: LogHandler {
    let messages: Log<String>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { messages.append("\(event.message) \(event.metadata ?? [:])") }
  }

  var leader: String? { running.withLock { $0.first } }
  func outcome(of name: String) -> LeaderElector.Outcome? { outcomes.withLock { $0[name] } }

  /// Time passes in small steps, with everything that happens meanwhile.
  func pass(_ time: Duration) async {
    var left = time
    while left > .zero {
      await settle()
      clock.advance(by: min(left, .milliseconds(500)))
      left -= .milliseconds(500)
    }
    await settle()
  }

  func until(_ what: String, within limit: Duration, _ condition: () -> Bool) async {
    let end = clock.now + limit
    while !condition() {
      guard clock.now < end else {
        Issue.record("waited in vain: \(what)")
        return
      }
      await pass(.milliseconds(500))
    }
  }
}

@Suite("correctness rule 43: leader election at work", .simulated)
struct LeaderElectorTests {
  /// Whoever waits for what the Lease says must not lead before this one stops.
  @Test func theLeaseSaysAtLeastHowLongItIsHeld() async throws {
    let contest = Contest()
    let configuration = try #require(
      LeaderElectionStateMachine.Configuration(
        leaseDuration: .milliseconds(15_900), renewDeadline: .milliseconds(15_500)))
    let a = contest.enter("a", configuration: configuration)
    await contest.until("a leads", within: .seconds(5)) { contest.leader == "a" }
    #expect(contest.server.lease?["spec"]?["leaseDurationSeconds"] == 16)
    a.task.cancel()
    await a.task.value
  }

  @Test func aNamespaceThatDoesNotExistIsTold() async {
    let contest = Contest()
    contest.server.setNamespace(exists: false)
    let messages = Log<String>()
    let a = contest.enter(
      "a", logger: Logger(label: "test") { _ in Contest.Warnings(messages: messages) })
    await contest.pass(.seconds(5))
    #expect(contest.leader == nil)
    #expect(messages.entries.first?.contains("namespaces \"ops\" not found") == true)
    contest.server.setNamespace(exists: true)
    await contest.until("a leads", within: .seconds(10)) { contest.leader == "a" }
    a.task.cancel()
    await a.task.value
  }

  @Test func oneLeadsAndTheOtherTakesOverAtOnceWhenItEnds() async {
    let contest = Contest()
    let a = contest.enter("a")
    await contest.until("a leads", within: .seconds(3)) { contest.leader == "a" }
    let b = contest.enter("b")
    await contest.pass(.seconds(40))
    #expect(contest.leader == "a")
    #expect(a.fence.isOpen && !b.fence.isOpen)
    #expect(contest.server.lease?["spec"]?["leaseDurationSeconds"] == 15)
    a.task.cancel()
    await a.task.value
    #expect(contest.outcome(of: "a") == .stopped)
    #expect(contest.server.holder == "" && !a.fence.isOpen)
    #expect(contest.server.lease?["spec"]?["leaseDurationSeconds"] == 1)
    // One retry period with its jitter, not the whole lease.
    await contest.until("b leads", within: .milliseconds(2500)) { contest.leader == "b" }
    #expect(contest.server.lease?["spec"]?["leaseTransitions"] == 1)
    b.task.cancel()
    await b.task.value
    #expect(contest.overlaps.withLock { $0 } == 0)
  }

  @Test func theLeaseIsRenewedUntilTheWorkHasWoundDown() async {
    let contest = Contest()
    let gate = Gate()
    let a = contest.enter("a", windsDown: { await gate.passed() })
    await contest.until("a leads", within: .seconds(3)) { contest.leader == "a" }
    let b = contest.enter("b")
    a.task.cancel()
    // Longer than a lease: without renewals b would lead beside it.
    await contest.pass(.seconds(40))
    #expect(contest.running.withLock { $0 } == ["a"])
    #expect(contest.server.holder == "a" && a.fence.isOpen)
    gate.open()
    await a.task.value
    #expect(contest.outcome(of: "a") == .stopped)
    await contest.until("b leads", within: .milliseconds(2500)) { contest.leader == "b" }
    b.task.cancel()
    await b.task.value
    #expect(contest.overlaps.withLock { $0 } == 0)
  }

  @Test func aLeaderThatIsCutOffStopsBeforeTheOtherLeads() async {
    let contest = Contest()
    let losses = Log<String>()
    let a = contest.enter("a", onLoss: { losses.append("a") })
    await contest.until("a leads", within: .seconds(3)) { contest.leader == "a" }
    let b = contest.enter("b")
    await contest.pass(.seconds(10))
    contest.server.cutOff("a")
    let cutAt = contest.clock.now
    await contest.until("a stops", within: .seconds(11)) { contest.outcome(of: "a") != nil }
    #expect(contest.outcome(of: "a") == .lost)
    #expect(contest.leader == nil && !a.fence.isOpen)
    #expect(losses.entries == ["a"])
    // Calls that hang do not stretch the deadline.
    #expect(contest.clock.now - cutAt <= .milliseconds(10_500))
    await contest.until("b leads", within: .seconds(8)) { contest.leader == "b" }
    #expect(contest.overlaps.withLock { $0 } == 0)
    b.task.cancel()
    await b.task.value
  }

  /// Others count from when the server took it, which may be as early as that.
  @Test func aRenewalThatIsAnsweredLateCountsFromWhenItWasSent() async {
    let contest = Contest()
    let a = contest.enter("a")
    await contest.until("a leads", within: .seconds(3)) { contest.leader == "a" }
    let count = contest.server.writes.count
    let answer = contest.server.answerLate("a")
    await contest.until("it is renewed", within: .seconds(3)) {
      contest.server.writes.count > count
    }
    let sentAt = contest.clock.now
    await contest.pass(.seconds(4))
    answer()
    contest.server.cutOff("a")
    await contest.until("a stops", within: .seconds(11)) { contest.outcome(of: "a") == .lost }
    #expect(contest.clock.now - sentAt <= .milliseconds(10_500))
    await a.task.value
  }

  @Test func workThatDoesNotStopIsLeftToTheEndOfTheProcess() async {
    let contest = Contest()
    let gate = Gate()
    let a = contest.enter("a", windsDown: { await gate.passed() })
    await contest.until("a leads", within: .seconds(3)) { contest.leader == "a" }
    contest.server.cutOff("a")
    // Ten seconds without a renewal and five until others may lead.
    await contest.until("a gives up", within: .seconds(16)) { contest.outcome(of: "a") == .lost }
    #expect(contest.leader == "a")
    #expect(throws: WriteFence.Closed.self) { try a.fence.check() }
    gate.open()
    await a.task.value
  }

  @Test func aLeaseThatAnotherSeizedIsLost() async {
    let contest = Contest()
    let a = contest.enter("a")
    await contest.until("a leads", within: .seconds(3)) { contest.leader == "a" }
    contest.server.seize(by: "c")
    await contest.until("a stops", within: .seconds(3)) { contest.outcome(of: "a") == .lost }
    #expect(contest.server.holder == "c")
    await a.task.value
    let text = contest.metrics.registry.exposition()
    #expect(text.contains("leader_election_master_status{name=\"lease\"} 0"))
    #expect(text.contains("leader_election_slowpath_total{name=\"lease\"} 1"))
  }

  @Test func aStandbyEndsAtOnceWhateverItDoes() async {
    let contest = Contest()
    contest.server.cutOff("a")
    let a = contest.enter("a")
    await settle()
    a.task.cancel()
    await a.task.value
    #expect(contest.outcome(of: "a") == .stopped)
    #expect(contest.server.writes.isEmpty)
  }

  @Test func aSuspendedLeaderCannotWriteWhenItWakesUp() async {
    let contest = Contest()
    let a = contest.enter("a")
    await contest.until("a leads", within: .seconds(3)) { contest.leader == "a" }
    let client = contest.server.client("a").guardingWrites { try a.fence.check() }
    let lease = KubernetesObject(ResourceType.leases.gvk, namespace: "ops", name: "other")
    // As after SIGSTOP: time has passed, and nothing of the elector has run yet.
    contest.clock.advance(by: .seconds(60))
    await #expect(throws: WriteFence.Closed.self) {
      try await client.update(lease, resource: .leases)
    }
    _ = try? await client.get(.leases, ObjectKey(namespace: "ops", name: "lease"))
    await contest.until("a stops", within: .seconds(1)) { contest.outcome(of: "a") == .lost }
    await a.task.value
  }
}
