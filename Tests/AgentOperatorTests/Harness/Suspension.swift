import ControllerRuntime
import Synchronization

/// A process that stands still for a while, as after SIGSTOP or in a virtual machine that is moved:
/// time goes on, and nothing of it runs. It wakes up with everything that came meanwhile at once.
///
/// What is not told by a clock, an answer or an event runs on, as if it had run a moment before.
final class Suspension: Sendable {
  private let clock: any RuntimeClock
  private let until = Mutex(Duration.zero)

  init(clock: any RuntimeClock) { self.clock = clock }

  var isSuspended: Bool { until.withLock { $0 > clock.now } }

  func suspend(for time: Duration) {
    let now = clock.now
    until.withLock { $0 = now + time }
  }

  /// For the process that takes the place of one that was killed.
  func clear() { until.withLock { $0 = .zero } }

  /// Returns once the process runs.
  func end() async throws {
    while case let until = until.withLock({ $0 }), until > clock.now {
      try await clock.sleep(until: until)
    }
  }
}
