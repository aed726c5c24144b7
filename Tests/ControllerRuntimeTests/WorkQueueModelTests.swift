import ControllerRuntime
import Simulation
import Testing

/// What the queue should do, as plainly as possible: a dictionary of what is wanted.
private struct QueueModel {
  struct Wanted {
    var due: Duration
    var priority: WorkQueueStateMachine<Int>.Priority
  }

  var wanted: [Int: Wanted] = [:]
  var running: [Int: WorkQueueStateMachine<Int>.Priority] = [:]
  var failures: [Int: Int] = [:]

  mutating func add(
    _ key: Int, _ priority: WorkQueueStateMachine<Int>.Priority, due: Duration, now: Duration
  ) {
    let due = max(due, now)
    guard let old = wanted[key] else {
      wanted[key] = Wanted(due: due, priority: priority)
      return
    }
    wanted[key] = Wanted(due: min(old.due, due), priority: max(old.priority, priority))
  }

  /// Which keys may be handed out now.
  func candidates(now: Duration) -> Set<Int> {
    let due = wanted.filter { $0.value.due <= now && running[$0.key] == nil }
    let highest = due.values.map(\.priority).max()
    return Set(due.filter { $0.value.priority == highest }.keys)
  }

  func depth(now: Duration) -> Int {
    wanted.filter { $0.value.due <= now && running[$0.key] == nil }.count
  }

  var nextDue: Duration? { wanted.values.map(\.due).min() }
}

@Suite struct WorkQueueModelTests {
  /// Never two runs of a key, no lost key, earliest time and highest priority kept, right depth:
  /// whatever the order of events.
  @Test(arguments: 0..<200) func agreesWithTheModel(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let backoff = Backoff(base: .milliseconds(50), maximum: .seconds(5))
    var machine = WorkQueueStateMachine<Int>(backoff: backoff)
    var model = QueueModel()
    var now = Duration.zero

    for step in 0..<400 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0...3:
        let key = Int.random(in: 0..<6, using: &random)
        let delay: Duration? =
          Bool.random(using: &random)
          ? nil : .milliseconds(Int.random(in: -5...300, using: &random))
        let priority: WorkQueueStateMachine<Int>.Priority =
          Bool.random(using: &random) ? .live : .bulk
        machine.add(key, priority: priority, due: delay.map { now + $0 }, now: now)
        model.add(key, priority, due: now + (delay ?? .zero), now: now)
      case 4...6:
        let allowed = model.candidates(now: now)
        switch machine.next(now: now) {
        case .run(let key):
          #expect(allowed.contains(key), "seed \(seed) step \(step): \(key) is not of \(allowed)")
          model.running[key] = model.wanted.removeValue(forKey: key)?.priority
        case .wait(let until):
          #expect(allowed.isEmpty, "seed \(seed) step \(step): \(allowed) forgotten")
          let due = model.wanted.filter { $0.value.due > now }.values.map(\.due).min()
          #expect(until == due, "seed \(seed) step \(step)")
        case .idle:
          #expect(allowed.isEmpty, "seed \(seed) step \(step): \(allowed) forgotten")
        }
      case 7, 8:
        guard let key = model.running.keys.sorted().randomElement(using: &random),
          let priority = model.running.removeValue(forKey: key)
        else { continue }
        finish(key, priority, &machine, &model, now, backoff, &random)
      default:
        now += .milliseconds(Int.random(in: 0...200, using: &random))
      }
      #expect(machine.runningCount == model.running.count, "seed \(seed) step \(step)")
      #expect(machine.depth >= 0)
      #expect(machine.depth <= model.depth(now: now), "seed \(seed) step \(step)")
    }
    drain(&machine, &model, now)
  }

  private func finish(
    _ key: Int, _ priority: WorkQueueStateMachine<Int>.Priority,
    _ machine: inout WorkQueueStateMachine<Int>, _ model: inout QueueModel, _ now: Duration,
    _ backoff: Backoff, _ random: inout SeededGenerator
  ) {
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      machine.finish(key, .done, now: now, jitter: 1)
      model.failures[key] = nil
    case 1:
      let after = Duration.milliseconds(Int.random(in: 0...200, using: &random))
      machine.finish(key, .requeue(after: after), now: now, jitter: 1)
      model.failures[key] = nil
      model.add(key, priority, due: now + after, now: now)
    default:
      let pause = machine.finish(key, .failed(retryAfter: nil), now: now, jitter: 1)
      model.failures[key, default: 0] += 1
      let expected = backoff.delay(failures: model.failures[key] ?? 0, jitter: 1)
      #expect(pause == expected)
      model.add(key, priority, due: now + expected, now: now)
    }
    #expect(machine.failureCount(of: key) == model.failures[key] ?? 0)
  }

  /// Everything wanted comes out in the end, once, and then nothing more.
  private func drain(
    _ machine: inout WorkQueueStateMachine<Int>, _ model: inout QueueModel, _ start: Duration
  ) {
    var now = start
    for key in model.running.keys { machine.finish(key, .done, now: now, jitter: 0) }
    model.running = [:]
    var ran: [Int] = []
    while true {
      switch machine.next(now: now) {
      case .run(let key):
        ran.append(key)
        machine.finish(key, .done, now: now, jitter: 0)
        continue
      case .wait(let until):
        #expect(until > now)
        now = until
        continue
      case .idle: break
      }
      break
    }
    #expect(ran.sorted() == model.wanted.keys.sorted())
    #expect(machine.depth == 0)
    #expect(machine.delayedCount == 0)
    #expect(machine.isSettled)
  }
}

@Suite struct BackoffTests {
  @Test func doublesUpToTheMaximum() {
    let backoff = Backoff(base: .milliseconds(800), maximum: .seconds(30))
    let full = [1, 2, 3, 4, 5, 6, 7, 1000, Int.max].map { backoff.delay(failures: $0, jitter: 1) }
    let expected = [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000]
    #expect(full == expected.map { .milliseconds($0) })
  }

  @Test func jitterSpreadsFromHalfOfTheBase() {
    let backoff = Backoff(base: .milliseconds(50), maximum: .seconds(300))
    #expect(backoff.delay(failures: 1, jitter: 0) == .milliseconds(25))
    #expect(backoff.delay(failures: 9, jitter: 0) == .milliseconds(25))
    #expect(backoff.delay(failures: 1, jitter: 0.5) == .microseconds(37_500))
    #expect(backoff.delay(failures: 0, jitter: 7) == .milliseconds(50))
    #expect(backoff.delay(failures: -3, jitter: -7) == .milliseconds(25))
  }

  @Test func aMaximumBelowTheBaseHolds() {
    let backoff = Backoff(base: .seconds(10), maximum: .seconds(1))
    #expect(backoff.delay(failures: 3, jitter: 1) == .seconds(1))
    #expect(backoff.delay(failures: 3, jitter: 0) == .seconds(1))
  }
}
