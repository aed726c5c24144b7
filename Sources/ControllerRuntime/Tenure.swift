import Synchronization

/// What a `LeaderElector` does while it leads, and how it is told to end. A pause is cut short by
/// whatever ends the election.
final class Tenure: Sendable {
  private struct State {
    var isStopping = false
    var hasEnded = false
    var body: Task<Void, Never>?
    var sleeper: Task<Void, Never>?

    /// Nothing is left to renew a lease for.
    var isOver: Bool { hasEnded || isStopping && body == nil }
  }

  private let state = Mutex(State())
  private let clock: any RuntimeClock

  init(clock: any RuntimeClock) { self.clock = clock }

  var isOver: Bool { state.withLock { $0.isOver } }
  var hasBody: Bool { state.withLock { $0.body != nil } }

  /// Runs the body in a task of its own; not when `stop` came before.
  func start(_ body: @escaping @Sendable () async -> Void) {
    state.withLock { state in
      guard !state.isStopping else { return }
      state.body = Task(executorPreference: preferredTaskExecutor) {
        await body()
        self.end()
      }
    }
  }

  private func end() {
    let sleeper = state.withLock { state in
      state.hasEnded = true
      return state.sleeper
    }
    sleeper?.cancel()
  }

  /// Asks the body to end.
  ///
  /// - Returns: whether there is one.
  @discardableResult
  func stop() -> Bool {
    let (body, sleeper) = state.withLock { state in
      state.isStopping = true
      return (state.body, state.body == nil ? state.sleeper : nil)
    }
    body?.cancel()
    sleeper?.cancel()
    return body != nil
  }

  func sleep(for pause: Duration) async {
    let sleeper = Task { [clock] in
      // Cut short: the caller looks at why.
      _ = try? await clock.sleep(for: pause)
    }
    let isOver = state.withLock { state in
      state.sleeper = sleeper
      return state.isOver
    }
    if isOver { sleeper.cancel() }
    await sleeper.value
    state.withLock { $0.sleeper = nil }
  }

  /// - Returns: whether the body has ended within this time.
  func ends(within limit: Duration) async -> Bool {
    guard hasBody else { return true }
    await sleep(for: limit)
    return isOver
  }
}
