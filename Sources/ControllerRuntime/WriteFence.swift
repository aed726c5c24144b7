import Synchronization

/// Lets writes through only while this process holds its lease, by its own clock.
///
/// A Lease does not fence anything: a process that was suspended wakes up with writes to send and
/// another leader at work. Asking before each write leaves only what was already sent.
public final class WriteFence: Sendable {
  /// This process does not hold the lease: nothing was sent.
  public struct Closed: Error, Sendable, CustomStringConvertible {
    public var description: String { "not sent: this process does not lead" }
  }

  private let clock: any RuntimeClock
  /// Nil: closed.
  private let end = Mutex<Duration?>(nil)

  /// Closed until a `LeaderElector` opens it.
  public init(clock: any RuntimeClock) { self.clock = clock }

  public var isOpen: Bool {
    let now = clock.now
    return end.withLock { $0.map { now < $0 } ?? false }
  }

  public func check() throws {
    if !isOpen { throw Closed() }
  }

  /// - Parameter end: when the lease has to be renewed at the latest.
  func open(until end: Duration) { self.end.withLock { $0 = end } }
  func close() { end.withLock { $0 = nil } }
}
