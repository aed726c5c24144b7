/// Time as the runtime sees it, so that tests can move it by hand.
public protocol RuntimeClock: Sendable {
  /// Since an arbitrary start; never goes back.
  var now: Duration { get }
  /// Seconds since 1970, for timestamps that people read.
  var wallTime: Int64 { get }
  /// Returns at or after `deadline`; throws `CancellationError` when the task is cancelled first.
  func sleep(until deadline: Duration) async throws
}

extension RuntimeClock {
  public func sleep(for duration: Duration) async throws { try await sleep(until: now + duration) }
}
