import ControllerRuntime
import Synchronization
import Simulation
import Testing

/// Time that moves only when a test says so.
final class ManualClock: RuntimeClock {
  private struct Sleeper {
    var deadline: Duration
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Duration = .zero
    var nextID: UInt64 = 0
    var sleepers: [UInt64: Sleeper] = [:]
  }

  private let state = Mutex(State())
  private let epoch: Int64

  init(epoch: Int64 = 1_700_000_000) { self.epoch = epoch }

  var now: Duration { state.withLock { $0.now } }
  var wallTime: Int64 { epoch + now.components.seconds }
  var sleeperCount: Int { state.withLock { $0.sleepers.count } }
  /// How long until the first sleeper wakes up.
  var nextPause: Duration? {
    state.withLock { state in
      state.sleepers.values.map(\.deadline).min().map { $0 - state.now }
    }
  }

  func sleep(until deadline: Duration) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state -> Result<Void, any Error>? in
          if Task.isCancelled { return .failure(CancellationError()) }
          if deadline <= state.now { return .success(()) }
          state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }

  func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now += duration
      let due = state.sleepers.filter { $0.value.deadline <= state.now }
      for id in due.keys { state.sleepers[id] = nil }
      return due.values.sorted { $0.deadline < $1.deadline }
    }
    for sleeper in due { sleeper.continuation.resume() }
  }

  /// Waits until somebody sleeps, moves the time to when the first sleeper wakes up, and tells how
  /// far that was.
  @discardableResult
  func advanceToNextSleeper(sourceLocation: SourceLocation = #_sourceLocation) async -> Duration {
    await until("somebody sleeps", sourceLocation: sourceLocation) { nextPause != nil }
    guard let pause = nextPause else { return .zero }
    advance(by: pause)
    return pause
  }
}

/// Lets other tasks run until the condition holds; the test fails when it does not come to hold.
func until(
  _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) async {
  if let loop = SimulationLoop.current {
    await loop.idle()
    if !condition() { Issue.record("waited in vain: \(what)", sourceLocation: sourceLocation) }
    return
  }
  let limit = ContinuousClock.now + .seconds(60)
  while !condition() {
    guard ContinuousClock.now < limit else {
      Issue.record("waited in vain: \(what)", sourceLocation: sourceLocation)
      return
    }
    await Task.yield()
  }
}

/// Lets other tasks run for a while, to see that something does not happen; in a simulation until
/// nothing can.
func settle() async {
  if let loop = SimulationLoop.current { return await loop.idle() }
  for _ in 0..<200 { await Task.yield() }
}

/// What happened, in order, from any task.
final class Log<Entry: Sendable>: Sendable {
  private let state = Mutex<[Entry]>([])

  var entries: [Entry] { state.withLock { $0 } }
  var count: Int { state.withLock { $0.count } }
  func append(_ entry: Entry) { state.withLock { $0.append(entry) } }
}
