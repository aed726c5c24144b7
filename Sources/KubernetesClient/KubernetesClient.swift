public import JSON
import KubernetesAPI

/// The verbs of the Kubernetes API over any transport.
///
/// Every call throws `APIStatus` when the server answered with an error and `TransportError` when
/// it did not answer or answered nonsense. Calls are tried again as `RetryPolicy` says; watches are
/// not: who watches knows better where to resume. Copies share the transport.
public struct KubernetesClient: Sendable {
  let transport: any APITransport
  let userAgent: String
  let retryPolicy: RetryPolicy
  let sleep: @Sendable (Duration) async throws -> Void
  let jitter: @Sendable () -> Double
  let observer: (@Sendable (RequestObservation) -> Void)?
  /// See `omittingManagedFields`.
  var omitsManagedFields = false

  /// - Parameters:
  ///   - version: of the program, for the User-Agent.
  ///   - sleep: how to wait between tries; throws when the task is cancelled.
  ///   - jitter: a random number from 0 up to 1, for pauses and watch timeouts.
  ///   - observer: told about every answer and failure, tries that are repeated included; called on
  ///     the calling task, so it must be quick.
  public init(
    transport: any APITransport, version: String = "dev", retryPolicy: RetryPolicy = RetryPolicy(),
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
    observer: (@Sendable (RequestObservation) -> Void)? = nil
  ) {
    self.transport = transport
    userAgent = Self.userAgent(version: version)
    self.retryPolicy = retryPolicy
    self.sleep = sleep
    self.jitter = jitter
    self.observer = observer
  }

  /// `agent-operator/1.2.3 (linux/amd64)`
  public static func userAgent(version: String) -> String {
    #if arch(x86_64)
      let machine = "amd64"
    #elseif arch(arm64)
      let machine = "arm64"
    #else
      let machine = "unknown"
    #endif
    return "agent-operator/\(version) (linux/\(machine))"
  }

  /// Sends a request of any kind, with this client's User-Agent and retries.
  ///
  /// - Throws: `APIStatus` for every status but 2xx.
  public func send(_ request: APIRequest) async throws -> APIResponse {
    var request = request
    if !request.headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
      request.headers.append(("user-agent", userAgent))
    }
    var retries = 0
    while true {
      let failure: RetryPolicy.Failure
      let error: any Error
      do {
        let response = try await transport.send(request)
        guard let status = APIStatus(response) else {
          observe(request.method, response.status, response)
          return response
        }
        observe(request.method, response.status, response)
        failure = .status(status)
        error = status
      } catch let transportError as TransportError {
        observe(request.method, nil, nil)
        failure = .transport(transportError.code)
        error = transportError
      }
      try Task.checkCancellation()
      guard
        let pause = retryPolicy.pause(
          afterTry: retries, method: request.method, failure: failure, jitter: jitter())
      else { throw error }
      retries += 1
      try await sleep(pause)
    }
  }

  /// Sends a request with a JSON body and reads the JSON answer, as deep as
  /// `KubernetesObject.readDepth` says of each object in it.
  public func sendJSON(
    _ method: String, _ path: String, query: [(name: String, value: String)] = [],
    accept: String = "application/json", contentType: String = "application/json",
    body: JSONValue? = nil
  ) async throws -> JSONValue {
    try await sendJSON(
      method, path, query: query, accept: accept, contentType: contentType, body: body,
      omitting: [])
  }

  /// - Parameter omitting: names of a member that the result is not to have.
  func sendJSON(
    _ method: String, _ path: String, query: [(name: String, value: String)] = [],
    accept: String = "application/json", contentType: String = "application/json",
    body: JSONValue? = nil, omitting omitted: [String]
  ) async throws -> JSONValue {
    var request = APIRequest(
      method: method, path: path, query: query, headers: [("accept", accept)])
    if let body {
      request.headers.append(("content-type", contentType))
      request.body = body.serializedBytes()
    }
    let response = try await send(request)
    return try Self.decode(response, of: request, omitting: omitted)
  }

  private static func decode(
    _ response: APIResponse, of request: APIRequest, omitting omitted: [String]
  ) throws -> JSONValue {
    do {
      // The items of a list are inside two of them.
      return try JSONValue(
        parsing: response.body, limits: .objects(inside: 2, omittedMember: omitted))
    } catch {
      throw notJSON(error, request)
    }
  }

  static func notJSON(_ error: JSONParseError, _ request: APIRequest) -> TransportError {
    TransportError(
      .other,
      "\(request.method) \(request.path): the answer is not JSON (\(error)); "
        + "is this the address of a Kubernetes API server?")
  }

  func observe(_ method: String, _ status: Int?, _ response: APIResponse?) {
    guard let observer else { return }
    let warnings = response?.headers.filter { $0.name == "warning" }.map(\.value) ?? []
    observer(RequestObservation(method: method, status: status, warnings: warnings))
  }
}

/// One try of a request, for metrics and logs.
public struct RequestObservation: Sendable {
  public var method: String
  /// Nil when no HTTP answer came.
  public var status: Int?
  /// The values of the answer's `Warning` headers.
  public var warnings: [String]
}
