/// What a handler answers. The server adds the framing headers (`content-length` or
/// `transfer-encoding`, `connection`); a handler must not.
public struct HTTPServerResponse: Sendable {
  public enum Body: Sendable {
    case bytes([UInt8])
    /// Called once the head is on its way. Returning ends the body; throwing breaks the connection
    /// off, so that the client sees an incomplete answer. Its task is cancelled when the client
    /// disconnects or the server stops.
    case stream(@Sendable (HTTPResponseWriter) async throws -> Void)
    /// No answer at all: the connection is closed. For simulating failures.
    case disconnect
  }

  public var status: Int
  public var headers: [(name: String, value: String)]
  public var body: Body

  public init(
    status: Int = 200, headers: [(name: String, value: String)] = [], body: Body = .bytes([])
  ) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public static func text(
    _ text: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8"
  ) -> HTTPServerResponse {
    HTTPServerResponse(
      status: status, headers: [("content-type", contentType)], body: .bytes([UInt8](text.utf8)))
  }
}
