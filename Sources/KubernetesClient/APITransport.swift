/// One call to an API server, before it is bound to a server and credentials.
public struct APIRequest: Sendable {
  public var method: String
  /// Percent-encoded where needed, without a query.
  public var path: String
  /// Decoded; the transport encodes them.
  public var query: [(name: String, value: String)]
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]?
  /// For the whole call; nil means the transport's default. Streams end by inactivity instead.
  public var timeout: Duration?

  public init(
    method: String, path: String, query: [(name: String, value: String)] = [],
    headers: [(name: String, value: String)] = [], body: [UInt8]? = nil, timeout: Duration? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.timeout = timeout
  }
}

public struct APIResponse: Sendable {
  public var status: Int
  /// Names in lower case. Of a success it may be the warnings alone.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]

  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// The answer to a watch: its chunks are cut at arbitrary bytes (correctness rule 10).
public struct APIStreamingResponse: Sendable {
  public var status: Int
  public var headers: [(name: String, value: String)]
  public var chunks: AsyncThrowingStream<[UInt8], any Error>

  public init(
    status: Int, headers: [(name: String, value: String)],
    chunks: AsyncThrowingStream<[UInt8], any Error>
  ) {
    self.status = status
    self.headers = headers
    self.chunks = chunks
  }
}

/// The way to an API server: libcurl in production, the embedded cluster itself in tests.
///
/// Both calls throw `TransportError` when no HTTP answer came; an HTTP error is an answer.
/// Cancelling the calling task ends the call.
public protocol APITransport: Sendable {
  func send(_ request: APIRequest) async throws -> APIResponse
  /// Ending or dropping the returned stream closes the connection.
  func stream(_ request: APIRequest) async throws -> APIStreamingResponse
}

/// No HTTP answer: the server could not be reached or the connection broke.
public struct TransportError: Error, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    case unreachable, connectionRefused, timeout, inactive, tls, connectionLost, invalidCredentials,
      cancelled, tooLarge, other
  }
  public var code: Code
  /// For people: names the server, never credentials.
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
