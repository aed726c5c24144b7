import ControllerRuntime
import EmbeddedCluster
import Synchronization

/// Virtual time for the operator, its client and the cluster: it moves only when a test says so.
final class SimulatedClock: RuntimeClock {
  private struct Sleeper {
    var id: UInt64
    var deadline: Duration
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Duration = .zero
    var nextID: UInt64 = 0
    /// In the order in which they wake up.
    var sleepers: [Sleeper] = []
    var hasEnded = false

    /// Where a sleeper is, or has to be put.
    func place(of id: UInt64, _ deadline: Duration) -> Int {
      var (low, high) = (0, sleepers.count)
      while low < high {
        let middle = (low + high) / 2
        if (sleepers[middle].deadline, sleepers[middle].id) < (deadline, id) {
          low = middle + 1
        } else {
          high = middle
        }
      }
      return low
    }
  }

  /// 2026-11-21T00:00:00Z
  static let epoch: Int64 = 1_795_219_200

  private let state = Mutex(State())

  var now: Duration { state.withLock { $0.now } }
  var wallTime: Int64 { Self.epoch + now.components.seconds }
  var sleeperCount: Int { state.withLock { $0.sleepers.count } }
  var nextDeadline: Duration? { state.withLock { $0.sleepers.first?.deadline } }

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
          state.sleepers.insert(
            Sleeper(id: id, deadline: deadline, continuation: continuation),
            at: state.place(of: id, deadline))
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let sleeper = state.withLock { state -> Sleeper? in
        let place = state.place(of: id, deadline)
        guard state.sleepers.indices.contains(place), state.sleepers[place].id == id else {
          return nil
        }
        return state.sleepers.remove(at: place)
      }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }

  func advance(to time: Duration) {
    let due = state.withLock { state in
      state.now = max(state.now, time)
      let due = state.sleepers.prefix { $0.deadline <= state.now }
      state.sleepers.removeFirst(due.count)
      return due
    }
    for sleeper in due { sleeper.continuation.resume() }
  }

  /// Ends every sleep, now and from now on, as if its task were cancelled: what waits for a time that
  /// never comes would be kept in memory for good.
  func end() {
    let sleepers = state.withLock { state in
      defer { state.sleepers = [] }
      state.hasEnded = true
      return state.sleepers
    }
    for sleeper in sleepers { sleeper.continuation.resume(throwing: CancellationError()) }
  }
}
