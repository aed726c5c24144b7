import JSON
import KubernetesClient
import Synchronization

/// What stands between clients and the server, whichever way they come: faults on demand, and
/// whether the server is up at all.
final class Gateway: Sendable {
  enum Answer: Sendable {
    case response(APIResponse)
    case stream(APIResponse, FaultyStream)
    /// The connection breaks after the head and so much of the body.
    case broken(APIResponse, afterBytes: Int)
    /// The connection ends without an answer.
    case nothing(TransportError)
  }

  private struct State {
    var plan = FaultPlan()
    var isDown = false
    /// Counts crashes: a recovery that was planned before the last one is void.
    var life = 0
    var sessions: [WeakSession] = []
  }

  private struct WeakSession { weak var session: WatchSession? }

  private let server: APIServer
  private let state = Mutex(State())
  private let gate = FreezeGate()

  init(_ server: APIServer) { self.server = server }

  // MARK: Faults

  var plan: FaultPlan {
    get { state.withLock { $0.plan } }
    set {
      state.withLock { $0.plan = newValue }
      gate.open()
    }
  }

  /// Watches that are frozen at this moment.
  var frozenWatches: Int { gate.waitingCount }

  /// What becomes of the data in a crash.
  enum Data {
    case kept, lost
    case restored(APIServer.Backup)
  }

  /// Breaks all connections and answers nobody until `recover`.
  func crash(_ data: Data) {
    let sessions = state.withLock { state in
      state.isDown = true
      state.life += 1
      defer { state.sessions = [] }
      return state.sessions.compactMap(\.session)
    }
    for session in sessions { session.interrupt() }
    gate.open()
    switch data {
    case .kept: break
    case .lost: server.loseData()
    case .restored(let backup): server.restore(backup)
    }
  }

  func recover() { state.withLock { $0.isDown = false } }

  // MARK: Answering

  func answer(_ request: APIRequest) async -> Answer {
    let segments = PercentDecoding.segments(of: request.path)
    let (isDown, effects) = state.withLock { state -> (Bool, [FaultRule.Effect]) in
      if state.isDown || state.plan.isEmpty || segments.first == "simulation" {
        return (state.isDown, [])
      }
      return (false, state.plan.effects(on: RequestAttributes(request, segments)))
    }
    if isDown { return .nothing(Self.refused) }
    if segments.first == "simulation", segments.count == 2,
      let answer = simulation(request, segments[1])
    {
      return answer
    }
    var staleness = 0
    for effect in effects {
      switch effect {
      case .delay(let delay):
        guard (try? await server.clock.sleep(delay)) != nil else {
          return .nothing(TransportError(.cancelled, "the request was cancelled"))
        }
        if state.withLock({ $0.isDown }) { return .nothing(Self.refused) }
      case .loseRequest: return .nothing(Self.lost)
      case .fail(let status, let seconds):
        let error = StatusError(injected: status, retryAfterSeconds: seconds, request, segments)
        return .response(APIServer.response(to: error))
      case .staleRead(let changes): staleness = max(staleness, changes)
      default: break
      }
    }
    switch server.answer(request, staleness: staleness) {
    case .response(let response):
      for effect in effects {
        switch effect {
        case .loseAnswer: return .nothing(Self.lost)
        case .reset(let bytes): return .broken(response, afterBytes: bytes)
        default: break
        }
      }
      return .response(response)
    case .watch(let head, let session):
      if effects.contains(.loseAnswer) { return .nothing(Self.lost) }
      let isDown = state.withLock { state in
        state.sessions.removeAll { $0.session == nil }
        state.sessions.append(WeakSession(session: session))
        return state.isDown
      }
      if isDown { return .nothing(Self.refused) }
      return .stream(head, FaultyStream(session, gate: gate, effects))
    }
  }

  private static let lost = TransportError(
    .connectionLost, "the embedded cluster closed the connection without an answer")
  private static let refused = TransportError(
    .connectionRefused, "the embedded cluster is down")

  // MARK: Over HTTP

  /// `/simulation/faults` and `/simulation/crash`; nil for what the server itself answers.
  private func simulation(_ request: APIRequest, _ what: String) -> Answer? {
    do throws(StatusError) {
      switch (request.method, what) {
      case ("GET", "faults"), ("POST", "faults"), ("DELETE", "faults"), ("POST", "crash"): break
      default: return nil
      }
      let user = try server.access.user(of: request)
      try server.access.authorize(
        user, RequestAttributes(verb: request.method.lowercased(), path: "/simulation/\(what)"))
      switch (request.method, what) {
      case ("POST", "faults"): plan = try FaultPlan(YAMLBodies.json(fromYAML: request.body ?? []))
      case ("DELETE", "faults"): plan = FaultPlan()
      case ("POST", "crash"):
        let query = RequestQuery(request)
        crash(query["data"] == "lost" ? .lost : .kept)
        recoverLater(try query.integer("seconds") ?? 1)
      default: break
      }
      return .response(APIServer.json(plan.json))
    } catch {
      return .response(APIServer.response(to: error))
    }
  }

  private func recoverLater(_ seconds: Int) {
    let life = state.withLock { $0.life }
    let clock = server.clock
    Task { [weak self] in
      try? await clock.sleep(.seconds(seconds))
      self?.state.withLock { state in
        if state.life == life { state.isDown = false }
      }
    }
  }
}

extension StatusError {
  /// A refusal in the words of kube-apiserver where it has words for the code.
  init(
    injected code: Int, retryAfterSeconds seconds: Int?, _ request: APIRequest,
    _ segments: [String]
  ) {
    let wanted = RequestAttributes(request, segments)
    let (reason, message): (String, String)
    switch code {
    case 401: (reason, message) = ("Unauthorized", "Unauthorized")
    case 403:
      self = .forbidden(UserInfo.administrator(named: APIServer.userName), wanted)
      return
    case 404:
      (reason, message) = ("NotFound", "the server could not find the requested resource")
    case 409:
      let resource = wanted.group.isEmpty ? wanted.resource : "\(wanted.resource).\(wanted.group)"
      reason = "Conflict"
      message =
        "Operation cannot be fulfilled on \(resource) \"\(wanted.name)\": the object has been modified; please apply your changes to the latest version and try again"
    case 410:
      (reason, message) = ("Expired", "The resourceVersion for the provided list is too old.")
    case 429:
      reason = "TooManyRequests"
      message = "The server has received too many requests and has asked us to try again later"
    case 503:
      reason = "ServiceUnavailable"
      message = "the server is currently unable to handle the request"
    case 504:
      reason = "Timeout"
      message = "Timeout: request did not complete within the allotted timeout"
    case 500...: (reason, message) = ("InternalError", "Internal error occurred: an injected fault")
    default: (reason, message) = ("BadRequest", "an injected fault")
    }
    self.init(code, reason, message, retryAfterSeconds: seconds)
    if let seconds { details = ["retryAfterSeconds": JSONValue(seconds)] }
  }
}
