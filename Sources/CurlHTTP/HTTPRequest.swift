/// One HTTP call. Redirects are never followed: a 3xx is returned like any other answer.
public struct HTTPRequest: Sendable {
  public var method: String
  /// Absolute, http or https, already percent-encoded. Credentials in it are refused.
  public var url: String
  /// Sent in this order. An `accept-encoding` given here switches automatic gzip off.
  public var headers: [(name: String, value: String)]
  /// nil sends no body; empty sends `content-length: 0`.
  public var body: [UInt8]?
  /// For the whole call, connecting and waiting for a free connection included; nil means no limit.
  public var timeout: Duration?
  /// Ends the call with `.inactive` when no byte of the answer arrives for this long.
  public var inactivityTimeout: Duration?
  /// For name resolution, TCP and TLS together.
  public var connectTimeout: Duration
  /// The decoded body of `send`, or the unread part of a streamed one; more ends the call.
  public var maximumBodyBytes: Int
  /// True gives the call an HTTP/1.1 connection of its own (a watch); false shares connections with
  /// other calls, at the same time where client and server agree on HTTP/2 over TLS.
  public var isLongLived: Bool

  public static let defaultMaximumBodyBytes = 256 << 20
  /// What may wait unread in a stream before it ends with an error.
  public static let defaultMaximumUnreadBytes = 16 << 20

  public init(
    method: String = "GET", url: String, headers: [(name: String, value: String)] = [],
    body: [UInt8]? = nil, timeout: Duration? = nil, inactivityTimeout: Duration? = nil,
    connectTimeout: Duration = .seconds(10), maximumBodyBytes: Int? = nil,
    isLongLived: Bool = false
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.inactivityTimeout = inactivityTimeout
    self.connectTimeout = connectTimeout
    self.maximumBodyBytes =
      maximumBodyBytes
      ?? (isLongLived ? Self.defaultMaximumUnreadBytes : Self.defaultMaximumBodyBytes)
    self.isLongLived = isLongLived
  }
}

extension HTTPRequest {
  /// May be offered HTTP/2, and so a connection shared with other calls at the same time.
  var isMultiplexed: Bool { !isLongLived && RequestURL.isTLS(url) }

  /// What makes the request unsendable, or nil. A line break in a header would let its value
  /// smuggle further headers or requests (RFC 9112, section 11.1).
  var defect: String? {
    guard !method.isEmpty, method.utf8.allSatisfy(Self.isTokenByte) else {
      return "the method is not an HTTP token"
    }
    guard RequestURL.has("http://", url) || RequestURL.has("https://", url) else {
      return "the URL must start with http:// or https://"
    }
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      return "the URL contains a space, a control character or an unencoded non-ASCII character"
    }
    guard !RequestURL.hasUserInfo(url) else {
      return "the URL contains credentials; send them as a header"
    }
    for (name, value) in headers {
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
        return "a header name is not an HTTP token"
      }
      guard value.utf8.allSatisfy({ $0 != 0x0a && $0 != 0x0d && $0 != 0 }) else {
        return "the value of header \(name) contains a line break"
      }
    }
    guard maximumBodyBytes >= 0 else { return "maximumBodyBytes is negative" }
    return nil
  }

  /// RFC 9110, section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
      UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
      UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
      true
    default: false
    }
  }
}
