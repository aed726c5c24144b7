/// How one resource is followed: list, in pages or streamed, then watch from where the list ended,
/// for ever. Pure; the `Reflector` runs its actions.
///
/// Correctness rules 2 to 8: all three shapes of 410 relist; overload and broken connections watch
/// again from the same position; an error event is data; bookmarks move the position only. No
/// sequence of answers makes it ask without a pause. After a time without the server its newest version
/// is compared with the position, which no peer does: see `isPositionDoubtful`.
public struct ReflectorStateMachine: Sendable {
  public enum Action: Sendable, Equatable {
    /// List everything, in its newest state: never from the position that has expired.
    case list
    /// Open a watch that begins with everything there is, in its newest state, and goes on with the
    /// changes (KEP-3157): `listed` when the mark between the two comes.
    case streamList
    case watch(resourceVersion: String)
    /// Wait at least `retryAfter`, then call `waited`.
    case wait(failures: Int, retryAfter: Duration?)
  }

  public enum Failure: Sendable, Equatable {
    /// The position is gone.
    case expired
    /// 404 or 405 of the resource itself: it is not served.
    case notServed
    /// An event is too large or cannot be decoded. At the same position it would come again.
    case unreadable
    /// Nobody answered, the connection broke, or the answer was an error of the server's own: who
    /// answers next may be another one, with other data.
    case unreachable(retryAfter: Duration?)
    /// Everything else: overload, forbidden, ...
    case other(retryAfter: Duration?)
  }

  private enum State: Sendable, Equatable {
    case listing
    case streaming
    case watching
    case waitingToList
    case waitingToWatch
  }

  /// A watch that held this long worked, whatever ended it: longer than the longest pause.
  public static let provenAfter: Duration = .seconds(30)
  /// As in client-go's `VeryShortWatchError`, which has an exception for watches with events.
  private static let veryShort: Duration = .seconds(1)

  private var state: State = .listing
  /// Whether the next list is a streamed one.
  private var streams: Bool
  /// The server knows streamed lists, as far as we know.
  private var canStream: Bool
  private var resourceVersion = ""
  private var failures = 0
  /// Whether the server that answers now has to be asked if it has come as far as the position. One
  /// whose data was lost or restored from a backup does not say so to a watch from its future: it
  /// tells nothing until it gets there, and then leaves out what happened before.
  public private(set) var isPositionDoubtful = false
  /// Something came in since the watch was opened.
  private var hasProgress = false
  /// An expired position is the first one since a watch worked; a server that says so to each
  /// position it has just given (https://github.com/kube-rs/kube/issues/1615) is asked with pauses.
  private var mayListAtOnce = true

  /// - Parameter streamsLists: lists are streamed while the server can do that.
  public init(streamsLists: Bool = false) {
    streams = streamsLists
    canStream = streamsLists
  }

  /// Failures in a row, without an event or a working watch in between.
  public var failureCount: Int { failures }
  /// Where the next watch starts; empty before the first list and after it has expired.
  public var position: String { resourceVersion }

  public mutating func start() -> Action { list() }

  /// The list is complete. A list alone does not end a row of failures: the watch after it may be
  /// what fails.
  ///
  /// - Returns: nil when the list was streamed: its stream goes on as the watch.
  public mutating func listed(resourceVersion: String) -> Action? {
    self.resourceVersion = resourceVersion
    isPositionDoubtful = false
    streams = canStream
    guard state == .streaming, !resourceVersion.isEmpty else { return openWatch() }
    state = .watching
    hasProgress = false
    return nil
  }

  /// The list, or the request for a streamed one, failed.
  public mutating func listFailed(_ failure: Failure) -> Action {
    pause(.waitingToList, failure)
  }

  /// The server does not know streamed lists: it said so, or it does something else instead.
  public mutating func streamedListRefused() -> Action {
    canStream = false
    streams = false
    return list()
  }

  /// A streamed list broke off, was too much at once, or ended before it was complete; what it
  /// brought is void. The next list comes in pages, which are as large as their reader wants.
  public mutating func streamedListBroke(_ failure: Failure) -> Action {
    streams = false
    return pause(.waitingToList, failure)
  }

  /// An event or a bookmark moves the position.
  public mutating func received(resourceVersion: String?) {
    if let resourceVersion, !resourceVersion.isEmpty { self.resourceVersion = resourceVersion }
    hasProgress = true
    failures = 0
  }

  /// The server has come as far as the position. One that has not is `watchFailed(.expired)`.
  public mutating func confirmed() { isPositionDoubtful = false }

  /// The stream ended without an error, as it does every few minutes.
  ///
  /// One that ended at once counts as a failure: otherwise a server that closes every watch is asked
  /// without a pause.
  public mutating func watchEnded(lasted: Duration) -> Action {
    noteWatch(lasted: lasted)
    if lasted < Self.veryShort {
      return pause(.waitingToWatch, .other(retryAfter: nil))
    }
    failures = 0
    return openWatch()
  }

  /// The watch was refused or broke, or an error event ended it.
  public mutating func watchFailed(_ failure: Failure, lasted: Duration = .zero) -> Action {
    noteWatch(lasted: lasted)
    if case .unreachable = failure { isPositionDoubtful = true }
    switch failure {
    case .expired:
      resourceVersion = ""
      guard mayListAtOnce else { return pause(.waitingToList, failure) }
      mayListAtOnce = false
      failures += 1
      return list()
    case .notServed: return pause(.waitingToList, failure)
    // After some progress the cause may be the reader's slowness, which a list would make worse.
    case .unreadable: return pause(hasProgress ? .waitingToWatch : .waitingToList, failure)
    case .unreachable, .other: return pause(.waitingToWatch, failure)
    }
  }

  public mutating func waited() -> Action {
    switch state {
    case .waitingToWatch: return openWatch()
    case .listing, .streaming, .watching, .waitingToList: return list()
    }
  }

  private mutating func list() -> Action {
    state = streams ? .streaming : .listing
    return streams ? .streamList : .list
  }

  private mutating func openWatch() -> Action {
    // Without a position the server would start with events for everything that exists, but none
    // for what is gone.
    guard !resourceVersion.isEmpty else {
      state = .waitingToList
      failures += 1
      return .wait(failures: failures, retryAfter: nil)
    }
    state = .watching
    hasProgress = false
    return .watch(resourceVersion: resourceVersion)
  }

  private mutating func pause(_ next: State, _ failure: Failure) -> Action {
    state = next
    failures += 1
    return .wait(failures: failures, retryAfter: failure.retryAfter)
  }

  private mutating func noteWatch(lasted: Duration) {
    guard lasted >= Self.provenAfter else { return }
    failures = 0
    mayListAtOnce = true
  }
}

extension ReflectorStateMachine.Failure {
  var retryAfter: Duration? {
    switch self {
    case .unreachable(let retryAfter), .other(let retryAfter): retryAfter
    case .expired, .notServed, .unreadable: nil
    }
  }
}
