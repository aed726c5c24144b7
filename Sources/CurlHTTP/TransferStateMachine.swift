/// The life of one transfer, seen by the three parties that touch it: the task that makes the call,
/// the owner thread that drives libcurl, and the task that reads a streamed body.
///
/// Guarantees by construction: the call is answered exactly once, a waiting reader is answered
/// exactly once, and both only by the owner thread, after libcurl has let go of the transfer. So a
/// cancelled call returns when its connection is really gone (correctness rule 12).
struct TransferStateMachine {
  enum Kind: Equatable {
    case unary
    /// Unread bytes at most; more end the transfer.
    case stream(unreadLimit: Int)
  }

  private enum Phase: Equatable {
    case created
    /// The caller waits for the whole answer (unary) or its head (stream).
    case calling
    /// The head is delivered and bytes may come.
    case streaming
    /// libcurl is done; unread bytes and the ending remain to be read.
    case ended(HTTPError.Code?, String)
    /// Nothing remains.
    case finished
  }

  private let kind: Kind
  private var phase = Phase.created
  private var readerIsWaiting = false
  /// In pieces: one that grew with all that waits would be moved again and again, to fresh pages.
  private var unread: [[UInt8]] = []
  private var unreadCount = 0
  private static let pieceBytes = 32 << 10
  /// Seen by the owner before it starts the transfer: a cancellation can overtake the start.
  private(set) var isAbortRequested = false

  init(kind: Kind) { self.kind = kind }

  // MARK: Events of the calling task

  enum StartAction: Equatable { case submit, failCancelled }

  mutating func start() -> StartAction {
    guard phase == .created, !isAbortRequested else {
      phase = .finished
      return .failCancelled
    }
    phase = .calling
    return .submit
  }

  /// The owner could not take the transfer (it is shut down), so the caller is answered by itself.
  mutating func submissionRefused() { phase = .finished }

  enum CancelAction: Equatable { case none, askOwnerToAbort }

  /// The calling or reading task was cancelled, or the stream was dropped.
  mutating func cancel() -> CancelAction {
    switch phase {
    case .created:
      isAbortRequested = true
      return .none
    case .calling, .streaming:
      if isAbortRequested { return .none }
      isAbortRequested = true
      dropUnread()
      return .askOwnerToAbort
    case .ended, .finished:
      dropUnread()
      return .none
    }
  }

  private mutating func dropUnread() {
    unread = []
    unreadCount = 0
  }

  // MARK: Events of the owner thread

  enum HeadAction: Equatable { case none, answerCaller }

  mutating func headReceived() -> HeadAction {
    guard case .stream = kind, phase == .calling else { return .none }
    phase = .streaming
    return .answerCaller
  }

  enum BytesAction: Equatable {
    case none
    case answerReader([UInt8])
    case overflow
  }

  mutating func received(_ bytes: UnsafeRawBufferPointer) -> BytesAction {
    guard case .stream(let limit) = kind, phase == .streaming, !isAbortRequested else {
      return .none
    }
    if readerIsWaiting {
      readerIsWaiting = false
      return .answerReader([UInt8](bytes))
    }
    guard bytes.count <= limit - unreadCount else { return .overflow }
    unreadCount += bytes.count
    if let last = unread.indices.last, unread[last].count + bytes.count <= Self.pieceBytes {
      unread[last].append(contentsOf: bytes)
    } else if !bytes.isEmpty {
      unread.append([UInt8](bytes))
    }
    return .none
  }

  enum EndAction: Equatable { case none, answerCaller, answerReader }

  /// libcurl has let go of the transfer. Without an error the answer was complete.
  mutating func ended(_ error: HTTPError?) -> EndAction {
    switch phase {
    case .created, .ended, .finished:
      return .none
    case .calling:
      phase = .finished
      return .answerCaller
    case .streaming:
      if readerIsWaiting {
        readerIsWaiting = false
        phase = .finished
        return .answerReader
      }
      phase = .ended(error?.code, error?.message ?? "")
      return .none
    }
  }

  // MARK: Events of the reading task

  enum ReadAction: Equatable {
    case take([UInt8])
    case wait
    case end
    case fail(HTTPError.Code, String)
    /// Two tasks read one body: a programming error, answered instead of a lost continuation.
    case failConcurrentRead
  }

  mutating func read() -> ReadAction {
    if !unread.isEmpty {
      let piece = unread.removeFirst()
      unreadCount -= piece.count
      return .take(piece)
    }
    switch phase {
    case .created, .calling, .finished:
      return .end
    case .streaming:
      if readerIsWaiting { return .failConcurrentRead }
      readerIsWaiting = true
      return .wait
    case .ended(let code, let message):
      phase = .finished
      if let code { return .fail(code, message) }
      return .end
    }
  }
}
