import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

/// One operator process' way to the API server: records everything and breaks what it is told to.
final class Connection: APITransport {
  private struct State {
    var inFlight = 0
    var streams: [UInt64: WatchPipe] = [:]
    var nextID: UInt64 = 0
    var isDead = false
  }

  let log: RequestLog
  private let inner: any APITransport
  private let faults: FaultPlan
  private let clock: any RuntimeClock
  /// Counts up with each process that starts.
  private let process: Int
  private let replica: Int
  private let suspension: Suspension
  private let state = Mutex(State())
  private let watchFactor = Mutex(1)
  private let onCrash = Mutex<(@Sendable () -> Void)?>(nil)

  init(
    _ inner: any APITransport, process: Int = 1, replica: Int = 0, log: RequestLog,
    faults: FaultPlan, clock: any RuntimeClock, suspension: Suspension
  ) {
    self.inner = inner
    self.process = process
    self.replica = replica
    self.log = log
    self.faults = faults
    self.clock = clock
    self.suspension = suspension
  }

  var inFlight: Int { state.withLock { $0.inFlight } }
  var isDead: Bool { state.withLock { $0.isDead } }
  var openStreams: Int { state.withLock { $0.streams.count } }
  /// Every event that came was handed to the operator, which asks for the next one.
  var isDrained: Bool { state.withLock { $0.streams.values.allSatisfy(\.isDrained) } }

  /// Called once when a fault ends the process.
  func whenCrashing(_ action: @escaping @Sendable () -> Void) { onCrash.withLock { $0 = action } }

  /// Nothing goes through any more.
  func kill() {
    let streams = state.withLock { state in
      state.isDead = true
      return state.streams.values
    }
    for stream in streams { stream.cut() }
  }

  /// Breaks all watches.
  func cutWatches() {
    for stream in state.withLock({ $0.streams.values }) { stream.cut() }
  }

  /// Watches last so many times longer than asked for, from the next ones on: cheap hours.
  func stretchWatches(by factor: Int) { watchFactor.withLock { $0 = factor } }

  // MARK: APITransport

  func send(_ request: APIRequest) async throws -> APIResponse {
    state.withLock { $0.inFlight += 1 }
    defer { state.withLock { $0.inFlight -= 1 } }
    let recorded = log.append(
      RecordedRequest(request, process: process, replica: replica), at: clock.now)
    let fault = try await before(recorded)
    if case .status(let code, let retryAfter) = fault {
      log.answered(recorded.number, code)
      return Self.response(code, retryAfter)
    }
    log.arrived(recorded.number, at: clock.now)
    var response = try await inner.send(request)
    response.body = faults.told(response.body)
    log.answered(recorded.number, response.status)
    switch fault {
    case .lostAfter: throw TransportError(.connectionLost, "injected: the answer got lost")
    case .crashAfter: throw crash()
    case .late(let time): try await clock.sleep(for: time)
    default: break
    }
    try await suspension.end()
    if isDead { throw Self.dead }
    return response
  }

  func stream(_ request: APIRequest) async throws -> APIStreamingResponse {
    state.withLock { $0.inFlight += 1 }
    defer { state.withLock { $0.inFlight -= 1 } }
    let recorded = log.append(
      RecordedRequest(request, process: process, replica: replica), at: clock.now)
    var request = request
    if let index = request.query.firstIndex(where: { $0.name == "timeoutSeconds" }),
      let seconds = Int(request.query[index].value)
    {
      request.query[index].value = String(seconds * watchFactor.withLock { $0 })
    }
    let fault = try await before(recorded)
    if case .status(let code, let retryAfter) = fault {
      let response = Self.response(code, retryAfter)
      return APIStreamingResponse(
        status: response.status, headers: response.headers,
        chunks: AsyncThrowingStream { continuation in
          continuation.yield(response.body)
          continuation.finish()
        })
    }
    let response = try await inner.stream(request)
    try await suspension.end()
    log.answered(recorded.number, response.status)
    guard response.status == 200 else { return response }
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let pipe = WatchPipe(
      chunks: response.chunks, resource: recorded.resource, faults: faults, clock: clock,
      suspension: suspension
    ) { [weak self] in
      self?.state.withLock { $0.streams[id] = nil }
    }
    state.withLock { $0.streams[id] = pipe }
    pipe.start()
    if isDead { pipe.cut() }
    return APIStreamingResponse(
      status: response.status, headers: response.headers, chunks: pipe.stream())
  }

  private func before(_ request: RecordedRequest) async throws -> Fault? {
    if isDead { throw Self.dead }
    let fault = faults.fault(of: request)
    switch fault {
    case .delay(let time): try await clock.sleep(for: time)
    case .lostBefore: throw TransportError(.connectionLost, "injected: the connection broke")
    case .refused: throw TransportError(.connectionRefused, "injected: connection refused")
    case .crashBefore: throw crash()
    case .lostAfter, .late, .status, .crashAfter, nil: break
    }
    if suspension.isSuspended {
      // Nothing of it was sent before the process stood still.
      try await suspension.end()
      throw TransportError(.connectionLost, "injected: the process was suspended")
    }
    if isDead { throw Self.dead }
    return fault
  }

  private func crash() -> TransportError {
    kill()
    let action = onCrash.withLock { action in
      defer { action = nil }
      return action
    }
    action?()
    return Self.dead
  }

  private static let dead = TransportError(.other, "this process has ended")

  private static func response(_ code: Int, _ retryAfter: Int?) -> APIResponse {
    let reasons = [
      403: "Forbidden", 409: "Conflict", 410: "Expired", 422: "Invalid", 429: "TooManyRequests",
      500: "InternalError", 503: "ServiceUnavailable",
    ]
    var status: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "status": "Failure",
      "reason": .string(reasons[code] ?? ""), "message": "injected", "code": JSONValue(code),
    ]
    var headers = [(name: "content-type", value: "application/json")]
    if let retryAfter {
      status["details"] = ["retryAfterSeconds": JSONValue(retryAfter)]
      headers.append(("retry-after", String(retryAfter)))
    }
    return APIResponse(status: code, headers: headers, body: status.serializedBytes())
  }
}
