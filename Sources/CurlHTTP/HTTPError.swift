/// Why no complete answer came. An HTTP error status is an answer, not an `HTTPError`.
public struct HTTPError: Error, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The name of the server (or its proxy) has no address.
    case cannotResolve
    /// No connection within the connect timeout, or no route.
    case cannotConnect
    /// The server's machine answered that nothing listens there.
    case connectionRefused
    /// The whole call took longer than its timeout.
    case timeout
    /// No byte arrived for the inactivity timeout.
    case inactive
    /// No trusted TLS session: wrong name, unknown issuer, expired, rejected client certificate.
    case tlsFailure
    /// The connection ended before the answer was complete.
    case reset
    /// The body, or its unread part, is larger than the request allows.
    case bodyTooLarge
    /// The calling task was cancelled, or the body stream dropped.
    case cancelled
    /// What the server sent is not HTTP.
    case protocolViolation
    /// The client was shut down.
    case shutdown
    /// The request or the client's configuration is unusable; nothing was sent.
    case invalidRequest
    /// For callers that treat a 3xx as a failure; the client itself returns it as an answer.
    case redirect
    /// libcurl failed in a way that has no code here; the message is its own.
    case other
  }

  public var code: Code
  public var method: String
  /// Without credentials and query.
  public var url: String
  /// What happened, for people; never holds header values or bodies.
  public var message: String

  public init(_ code: Code, method: String = "", url: String = "", message: String) {
    self.code = code
    self.method = method
    self.url = RequestURL.redacted(url)
    self.message = message
  }

  init(_ code: Code, _ request: HTTPRequest, _ message: String) {
    self.init(code, method: request.method, url: request.url, message: message)
  }

  public var description: String {
    method.isEmpty ? message : "\(method) \(url): \(message)"
  }
}
