import Synchronization

/// Notices loops that stand still: each beats as it goes, and one that has not beaten for longer
/// than its bound is stuck. For liveness probes; the API server's state plays no part, because a loop
/// that waits for it still tries again and again.
public final class Heartbeats: Sendable {
  private let clock: any RuntimeClock
  private let hearts = Mutex<[ObjectIdentifier: Heartbeat]>([:])

  public init(clock: any RuntimeClock) { self.clock = clock }

  /// - Parameters:
  ///   - name: for people: `reflector deployments.apps`.
  ///   - bound: how long the loop may take from one beat to the next.
  public func start(_ name: String, bound: Duration) -> Heartbeat {
    let heart = Heartbeat(name: name, bound: bound, clock: clock)
    hearts.withLock { $0[ObjectIdentifier(heart)] = heart }
    return heart
  }

  /// The loop has ended as it should.
  public func end(_ heart: Heartbeat) {
    hearts.withLock { $0[ObjectIdentifier(heart)] = nil }
  }

  /// What is stuck and for how long, in the order of the names.
  public var stuck: [(name: String, silence: Duration)] {
    let hearts = hearts.withLock { Array($0.values) }
    return hearts.compactMap { heart in
      let silence = heart.silence
      return silence > heart.bound ? (heart.name, silence) : nil
    }.sorted { $0.name < $1.name }
  }
}

/// One loop's sign of life.
public final class Heartbeat: Sendable {
  let name: String
  let bound: Duration
  private let clock: any RuntimeClock
  private let last: Mutex<Duration>

  init(name: String, bound: Duration, clock: any RuntimeClock) {
    self.name = name
    self.bound = bound
    self.clock = clock
    last = Mutex(clock.now)
  }

  public func beat() {
    let now = clock.now
    last.withLock { $0 = now }
  }

  var silence: Duration {
    let now = clock.now
    return last.withLock { now - $0 }
  }
}
