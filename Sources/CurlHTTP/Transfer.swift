import Synchronization

/// One call in flight: the state machine and the two continuations it decides about.
final class Transfer: Sendable {
  typealias CallResult = Result<Answer, HTTPError>
  typealias ReadResult = Result<[UInt8]?, HTTPError>

  /// A complete answer, or the head of a streamed one (with an empty body).
  struct Answer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8]
  }

  let request: HTTPRequest
  let isStream: Bool

  private struct State {
    var machine: TransferStateMachine
    var caller: UnsafeContinuation<CallResult, Never>?
    var reader: UnsafeContinuation<ReadResult, Never>?
  }
  private let state: Mutex<State>

  init(_ request: HTTPRequest, isStream: Bool) {
    self.request = request
    self.isStream = isStream
    state = Mutex(
      State(
        machine: TransferStateMachine(
          kind: isStream ? .stream(unreadLimit: request.maximumBodyBytes) : .unary)))
  }

  func error(_ code: HTTPError.Code, _ message: String) -> HTTPError {
    HTTPError(code, request, message)
  }

  // MARK: Called by tasks

  /// Hands the transfer to the owner and waits for the answer.
  func call(on loop: CurlLoop) async throws(HTTPError) -> Answer {
    let result = await withTaskCancellationHandler {
      await withUnsafeContinuation { (continuation: UnsafeContinuation<CallResult, Never>) in
        let action = state.withLock { state in
          let action = state.machine.start()
          if action == .submit { state.caller = continuation }
          return action
        }
        switch action {
        case .failCancelled:
          continuation.resume(returning: .failure(error(.cancelled, "cancelled")))
        case .submit:
          guard !loop.submit(.start(self)) else { return }
          let caller = state.withLock { state in
            state.machine.submissionRefused()
            return state.caller.take()
          }
          caller?.resume(returning: .failure(error(.shutdown, "the HTTP client is shut down")))
        }
      }
    } onCancel: {
      cancel(on: loop)
    }
    return try result.get()
  }

  /// The next bytes of what has arrived, at least one; nil at the end of the body.
  func read(on loop: CurlLoop) async throws(HTTPError) -> [UInt8]? {
    let result = await withTaskCancellationHandler {
      await withUnsafeContinuation { (continuation: UnsafeContinuation<ReadResult, Never>) in
        let action = state.withLock { state in
          let action = state.machine.read()
          if action == .wait { state.reader = continuation }
          return action
        }
        switch action {
        case .wait: break
        case .take(let bytes): continuation.resume(returning: .success(bytes))
        case .end: continuation.resume(returning: .success(nil))
        case .fail(let code, let message):
          continuation.resume(returning: .failure(error(code, message)))
        case .failConcurrentRead:
          continuation.resume(
            returning: .failure(error(.invalidRequest, "two tasks read one response body")))
        }
      }
    } onCancel: {
      cancel(on: loop)
    }
    return try result.get()
  }

  func cancel(on loop: CurlLoop) {
    let action = state.withLock { $0.machine.cancel() }
    // A loop that is shut down ends every transfer by itself.
    if action == .askOwnerToAbort { _ = loop.submit(.abort(self)) }
  }

  // MARK: Called by the owner thread

  var isAbortRequested: Bool { state.withLock { $0.machine.isAbortRequested } }

  func headReceived(status: Int, headers: HTTPHeaders) {
    let caller = state.withLock { state in
      state.machine.headReceived() == .answerCaller ? state.caller.take() : nil
    }
    caller?.resume(returning: .success(Answer(status: status, headers: headers, body: [])))
  }

  /// False when the reader is too far behind.
  func received(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let (action, reader) = state.withLock { state in
      let action = state.machine.received(bytes)
      if case .answerReader = action { return (action, state.reader.take()) }
      return (action, nil)
    }
    switch action {
    case .none: return true
    case .overflow: return false
    case .answerReader(let bytes):
      reader?.resume(returning: .success(bytes))
      return true
    }
  }

  func ended(_ result: CallResult) {
    let error: HTTPError? = if case .failure(let error) = result { error } else { nil }
    let (caller, reader) = state.withLock { state in
      switch state.machine.ended(error) {
      case .none:
        return (
          nil as UnsafeContinuation<CallResult, Never>?,
          nil as UnsafeContinuation<ReadResult, Never>?
        )
      case .answerCaller: return (state.caller.take(), nil)
      case .answerReader: return (nil, state.reader.take())
      }
    }
    caller?.resume(returning: result)
    if let error {
      reader?.resume(returning: .failure(error))
    } else {
      reader?.resume(returning: .success(nil))
    }
  }
}
