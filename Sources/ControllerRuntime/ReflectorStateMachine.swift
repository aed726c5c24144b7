public import KubernetesAPI

/// How one resource is followed: list, then watch from where the list ended, for ever. Pure; the
/// `Reflector` runs its actions.
///
/// Correctness rules 2 to 8: all three shapes of 410 relist; overload and broken connections watch
/// again from the same position; an error event is data; bookmarks move the position only.
public struct ReflectorStateMachine: Sendable {
  public enum Action: Sendable, Equatable {
    /// List everything. Empty `resourceVersion` asks for the newest state.
    case list
    case watch(resourceVersion: String)
    /// Wait, then give `.waited`.
    case wait(failures: Int, retryAfter: Duration?)
  }

  public enum Failure: Sendable, Equatable {
    /// The position is gone.
    case expired
    /// 404 or 405 of the resource itself: it is not served.
    case notServed
    /// Everything else: overload, refused, reset, inactive, forbidden, ...
    case other(retryAfter: Duration?)
  }

  private enum State: Sendable, Equatable {
    case listing
    case watching
    case waitingToList
    case waitingToWatch
  }

  private var state: State = .listing
  private var resourceVersion = ""
  private var failures = 0

  public init() {}

  /// Failures in a row.
  public var failureCount: Int { failures }
  public var position: String { resourceVersion }

  public func start() -> Action { .list }

  public mutating func listed(resourceVersion: String) -> Action {
    self.resourceVersion = resourceVersion
    failures = 0
    state = .watching
    return .watch(resourceVersion: resourceVersion)
  }

  public mutating func listFailed(_ failure: Failure) -> Action {
    state = .waitingToList
    failures += 1
    return .wait(failures: failures, retryAfter: failure.retryAfter)
  }

  /// A live event or bookmark moves the position.
  public mutating func received(resourceVersion: String?) {
    if let resourceVersion, !resourceVersion.isEmpty { self.resourceVersion = resourceVersion }
    failures = 0
  }

  /// The stream ended without an error, as it does every few minutes.
  ///
  /// - Parameter wasShort: it ended at once and told nothing, which counts as a failure: otherwise a
  ///   server that closes every watch is asked without a pause.
  public mutating func watchEnded(wasShort: Bool) -> Action {
    if wasShort {
      failures += 1
      state = .waitingToWatch
      return .wait(failures: failures, retryAfter: nil)
    }
    return .watch(resourceVersion: resourceVersion)
  }

  public mutating func watchFailed(_ failure: Failure) -> Action {
    switch failure {
    case .expired:
      state = .listing
      resourceVersion = ""
      // The first time at once; a server that keeps saying it is asked with pauses.
      failures += 1
      if failures == 1 { return .list }
      state = .waitingToList
      return .wait(failures: failures, retryAfter: nil)
    case .notServed:
      state = .waitingToList
      failures += 1
      return .wait(failures: failures, retryAfter: nil)
    case .other(let retryAfter):
      state = .waitingToWatch
      failures += 1
      return .wait(failures: failures, retryAfter: retryAfter)
    }
  }

  public mutating func waited() -> Action {
    switch state {
    case .waitingToWatch:
      state = .watching
      return .watch(resourceVersion: resourceVersion)
    case .listing, .watching, .waitingToList:
      state = .listing
      return .list
    }
  }
}

extension ReflectorStateMachine.Failure {
  var retryAfter: Duration? {
    if case .other(let retryAfter) = self { retryAfter } else { nil }
  }
}
