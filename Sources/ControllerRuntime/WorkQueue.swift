import Synchronization

/// The work queue as tasks use it: `add` from anywhere, `next` from workers.
public final class WorkQueue<Key: Hashable & Sendable>: Sendable {
  public typealias Machine = WorkQueueStateMachine<Key>

  private struct State {
    var machine: Machine
    var waiters: [(id: UInt64, continuation: CheckedContinuation<Key?, Never>)] = []
    var nextWaiter: UInt64 = 0
    var timer: Task<Void, Never>?
    var timerDue: Duration?
    var timerNumber: UInt64 = 0
    var isShutDown = false

    mutating func cancelTimer() {
      timer?.cancel()
      timer = nil
      timerDue = nil
    }
  }

  private let state: Mutex<State>
  private let clock: any RuntimeClock
  private let jitter: @Sendable () -> Double

  public init(
    backoff: Backoff = .reconcile, clock: any RuntimeClock,
    jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
  ) {
    state = Mutex(State(machine: Machine(backoff: backoff)))
    self.clock = clock
    self.jitter = jitter
  }

  public var depth: Int { state.withLock { $0.machine.depth } }
  public var runningCount: Int { state.withLock { $0.machine.runningCount } }
  public var isSettled: Bool { state.withLock { $0.machine.isSettled } }
  public func failureCount(of key: Key) -> Int {
    state.withLock { $0.machine.failureCount(of: key) }
  }

  /// What metrics tell about a queue.
  public struct Statistics: Sendable, Equatable {
    public var depth: [Machine.Priority: Int]
    public var addCount: UInt64
    public var runningCount: Int
    /// How long the runs that are under way have taken so far, in all.
    public var unfinished: Duration
    public var longestRun: Duration
  }

  public var statistics: Statistics {
    let now = clock.now
    return state.withLock { state in
      let unfinished = state.machine.unfinished(now: now)
      return Statistics(
        depth: Dictionary(
          uniqueKeysWithValues: Machine.Priority.allCases.map { ($0, state.machine.depth(of: $0)) }),
        addCount: state.machine.addCount, runningCount: state.machine.runningCount,
        unfinished: unfinished.total, longestRun: unfinished.longest)
    }
  }

  /// How long a running key had been ready before it was handed out.
  func timeInQueue(of key: Key) -> Duration? { state.withLock { $0.machine.timeInQueue(of: key) } }

  public func add(_ key: Key, priority: Machine.Priority = .live, after delay: Duration? = nil) {
    let now = clock.now
    let runs = state.withLock { state -> [Handover] in
      state.machine.add(key, priority: priority, due: delay.map { now + $0 }, now: now)
      return dispatch(&state, now: now)
    }
    for run in runs { run.continuation.resume(returning: run.key) }
  }

  public func forget(_ key: Key) { state.withLock { $0.machine.forget(key) } }

  /// The next key to run; nil after `shutDown`, or when the task is cancelled. Each key has to be
  /// given to `finish`, also when the task is cancelled after it was handed out.
  public func next() async -> Key? {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let now = clock.now
        let runs = state.withLock { state -> [Handover]? in
          if state.isShutDown || Task.isCancelled { return nil }
          state.waiters.append((id, continuation))
          return dispatch(&state, now: now)
        }
        guard let runs else {
          continuation.resume(returning: nil)
          return
        }
        for run in runs { run.continuation.resume(returning: run.key) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        let waiter = state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        // Nobody to wake up: the next worker that waits sets the timer anew.
        if state.waiters.isEmpty { state.cancelTimer() }
        return waiter
      }
      waiter?.continuation.resume(returning: nil)
    }
  }

  /// - Returns: the pause before the next try, when it failed.
  @discardableResult
  public func finish(_ key: Key, _ outcome: Machine.Outcome) -> Duration? {
    let now = clock.now
    let jitter = jitter()
    let (pause, runs) = state.withLock { state -> (Duration?, [Handover]) in
      let pause = state.machine.finish(key, outcome, now: now, jitter: jitter)
      return (pause, dispatch(&state, now: now))
    }
    for run in runs { run.continuation.resume(returning: run.key) }
    return pause
  }

  /// No key is handed out any more; those that run may finish.
  public func shutDown() {
    let waiters = state.withLock { state in
      state.isShutDown = true
      state.cancelTimer()
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.continuation.resume(returning: nil) }
  }

  private struct Handover {
    var continuation: CheckedContinuation<Key?, Never>
    var key: Key
  }

  /// Matches waiting workers with due keys, and sets the timer for what is due later. Continuations
  /// are resumed by the caller, outside the lock.
  private func dispatch(_ state: inout sending State, now: Duration) -> [Handover] {
    var runs: [Handover] = []
    while !state.isShutDown {
      if state.waiters.isEmpty { break }
      switch state.machine.next(now: now) {
      case .run(let key):
        runs.append(Handover(continuation: state.waiters.removeFirst().continuation, key: key))
        continue
      case .wait(let due):
        if let current = state.timerDue, current <= due { break }
        state.cancelTimer()
        state.timerDue = due
        state.timerNumber += 1
        state.timer = Task(executorPreference: preferredTaskExecutor) {
          [weak self, clock, number = state.timerNumber] in
          guard (try? await clock.sleep(until: due)) != nil else { return }
          self?.timerFired(number)
        }
      case .idle: break
      }
      break
    }
    return runs
  }

  private func timerFired(_ number: UInt64) {
    let now = clock.now
    let runs = state.withLock { state -> [Handover] in
      // Cancelled too late: another timer, or the next worker that waits, looks after what is due.
      guard number == state.timerNumber, state.timer != nil else { return [] }
      state.timer = nil
      state.timerDue = nil
      return dispatch(&state, now: now)
    }
    for run in runs { run.continuation.resume(returning: run.key) }
  }
}
