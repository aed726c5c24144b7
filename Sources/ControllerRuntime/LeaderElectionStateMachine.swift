/// Who writes: one of several operators, by a Lease (coordination.k8s.io). Pure; `LeaderElector` runs
/// its actions.
///
/// Guarantees (correctness rule 43, client-go `tools/leaderelection`): nobody takes a lease over
/// before its holder has been silent for the lease's duration as measured by the local clock alone,
/// so skewed clocks do no harm; a leader that could not renew for `renewDeadline`, which is shorter,
/// knows that it has lost.
public struct LeaderElectionStateMachine: Sendable {
  public struct Configuration: Sendable, Hashable {
    /// How long others wait for a silent leader.
    public var leaseDuration: Duration
    /// How long a leader goes on without a successful renewal.
    public var renewDeadline: Duration
    /// Between tries.
    public var retryPeriod: Duration

    /// Nil unless `leaseDuration` > `renewDeadline` > 1.2 x `retryPeriod` > 0.
    public init?(
      leaseDuration: Duration = .seconds(15), renewDeadline: Duration = .seconds(10),
      retryPeriod: Duration = .seconds(2)
    ) {
      guard leaseDuration > renewDeadline, renewDeadline > retryPeriod * 1.2, retryPeriod > .zero
      else { return nil }
      self.leaseDuration = leaseDuration
      self.renewDeadline = renewDeadline
      self.retryPeriod = retryPeriod
    }

    private init() {
      leaseDuration = .seconds(15)
      renewDeadline = .seconds(10)
      retryPeriod = .seconds(2)
    }

    /// 15, 10 and 2 seconds, as in controller-runtime.
    public static let standard = Configuration()
  }

  /// What a Lease says.
  public struct Record: Sendable, Hashable {
    /// Empty when it was released.
    public var holder: String
    public var leaseDuration: Duration
    /// As written; compared, never read as a time.
    public var renewTime: String
    public var transitions: Int
    public var resourceVersion: String

    public init(
      holder: String, leaseDuration: Duration, renewTime: String, transitions: Int,
      resourceVersion: String
    ) {
      self.holder = holder
      self.leaseDuration = leaseDuration
      self.renewTime = renewTime
      self.transitions = transitions
      self.resourceVersion = resourceVersion
    }
  }

  public enum Action: Sendable, Equatable {
    case read
    case create
    /// Replace the Lease read at this version, with ourselves as holder.
    case write(resourceVersion: String, transitions: Int, isRenewal: Bool)
    /// Nothing to do before the next try.
    case wait
    /// We lead from now on.
    case lead
    /// We lead no more: stop everything that writes, at once.
    case stop
  }

  private let identity: String
  private let configuration: Configuration
  private var observed: Record?
  private var observedAt: Duration = .zero
  private var renewedAt: Duration?
  /// A conflict in this try has had us read already.
  private var hasReread = false

  public init(identity: String, configuration: Configuration = .standard) {
    self.identity = identity
    self.configuration = configuration
  }

  public var isLeader: Bool { renewedAt != nil }
  public var holder: String { observed?.holder ?? "" }
  /// The version and transitions to release with; nil when there is nothing of ours to release.
  public var releasable: Record? { isLeader ? observed : nil }

  /// A try begins.
  public mutating func tick(now: Duration) -> Action {
    hasReread = false
    if let lost = lostAction(now: now) { return lost }
    // A leader knows the version of its own last write and need not read first.
    if isLeader, let observed {
      return .write(
        resourceVersion: observed.resourceVersion, transitions: observed.transitions,
        isRenewal: true)
    }
    return .read
  }

  /// - Parameter record: nil when there is no Lease.
  public mutating func read(_ record: Record?, now: Duration) -> Action {
    guard let record else {
      observed = nil
      return lostAction(now: now) ?? .create
    }
    if record.holder != observed?.holder || record.renewTime != observed?.renewTime
      || record.resourceVersion != observed?.resourceVersion
    {
      observed = record
      observedAt = now
    }
    if record.holder == identity {
      return .write(
        resourceVersion: record.resourceVersion, transitions: record.transitions,
        isRenewal: isLeader)
    }
    if isLeader {
      // Somebody else holds it: whatever happened, it is not ours.
      renewedAt = nil
      return .stop
    }
    let isHeld = !record.holder.isEmpty && now < observedAt + record.leaseDuration
    return isHeld
      ? .wait
      : .write(
        resourceVersion: record.resourceVersion, transitions: record.transitions + 1,
        isRenewal: false)
  }

  /// Our write was accepted.
  ///
  /// - Parameter sentAt: when it was sent: the lease counts from there, not from the answer.
  public mutating func wrote(_ record: Record, sentAt: Duration) -> Action {
    let wasLeader = isLeader
    observed = record
    observedAt = sentAt
    renewedAt = sentAt
    return wasLeader ? .wait : .lead
  }

  /// A read or write failed. A conflict means that somebody else wrote: read before the next write.
  /// One that goes on is waited for as any other failure, or we would hammer the server.
  public mutating func failed(isConflict: Bool, now: Duration) -> Action {
    if let lost = lostAction(now: now) { return lost }
    guard isConflict, isLeader, !hasReread else { return .wait }
    hasReread = true
    return .read
  }

  private mutating func lostAction(now: Duration) -> Action? {
    guard let renewedAt, now - renewedAt >= configuration.renewDeadline else { return nil }
    self.renewedAt = nil
    return .stop
  }

  /// How long a leader may go on without another renewal.
  public func remaining(now: Duration) -> Duration {
    renewedAt.map { $0 + configuration.renewDeadline - now } ?? .zero
  }

  /// Until the next try. Followers spread themselves out, so that they do not all come at once.
  public func pause(jitter: Double) -> Duration {
    isLeader ? configuration.retryPeriod : configuration.retryPeriod * (1 + 0.2 * jitter)
  }
}
