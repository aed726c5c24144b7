import ControllerRuntime
import EmbeddedCluster
import Synchronization

/// Virtual time for the operator, its client and the cluster: it moves only when a test says so.
final class SimulatedClock: RuntimeClock {
  private struct Sleeper {
    var deadline: Duration
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Duration = .zero
    var nextID: UInt64 = 0
    var sleepers: [UInt64: Sleeper] = [:]
    var hasEnded = false
  }

  /// 2026-11-21T00:00:00Z
  static let epoch: Int64 = 1_795_219_200

  private let state = Mutex(State())

  var now: Duration { state.withLock { $0.now } }
  var wallTime: Int64 { Self.epoch + now.components.seconds }
  var sleeperCount: Int { state.withLock { $0.sleepers.count } }
  var nextDeadline: Duration? { state.withLock { $0.sleepers.values.map(\.deadline).min() } }

  private var microseconds: Int64 {
    let (seconds, attoseconds) = now.components
    return (Self.epoch + seconds) * 1_000_000 + attoseconds / 1_000_000_000_000
  }

  /// When a time of the cluster's is, on this clock.
  func moment(microseconds: Int64) -> Duration {
    .microseconds(microseconds - Self.epoch * 1_000_000)
  }

  var clusterClock: ClusterClock {
    ClusterClock(now: { self.microseconds }, sleep: { try await self.sleep(for: $0) })
  }

  func sleep(until deadline: Duration) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state -> Result<Void, any Error>? in
          if Task.isCancelled || state.hasEnded { return .failure(CancellationError()) }
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

  func advance(to time: Duration) {
    let due = state.withLock { state in
      state.now = max(state.now, time)
      let due = state.sleepers.filter { $0.value.deadline <= state.now }
      for id in due.keys { state.sleepers[id] = nil }
      return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
    }
    for (_, sleeper) in due { sleeper.continuation.resume() }
  }

  /// Ends every sleep, now and from now on, as if its task were cancelled: what waits for a time that
  /// never comes would be kept in memory for good.
  func end() {
    let sleepers = state.withLock { state in
      defer { state.sleepers = [:] }
      state.hasEnded = true
      return state.sleepers.sorted { $0.key < $1.key }
    }
    for (_, sleeper) in sleepers { sleeper.continuation.resume(throwing: CancellationError()) }
  }
}
