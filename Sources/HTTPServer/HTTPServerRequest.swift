/// One complete request: its body has been received.
public struct HTTPServerRequest: Sendable {
  /// As sent; methods are case-sensitive (RFC 9110, section 9.1).
  public var method: String
  /// Percent-decoded as a whole. An encoded slash is not told apart here: see `pathSegments`.
  public var path: String
  /// As sent, without the query.
  public var rawPath: String
  /// Decoded, in the order sent; a name without `=` has an empty value.
  public var query: [(name: String, value: String)]
  public var headers: HTTPServerHeaders
  public var body: [UInt8]
  /// `address:port`; empty when unknown.
  public var remoteAddress: String

  public init(
    method: String = "GET", target: String, headers: HTTPServerHeaders = HTTPServerHeaders(),
    body: [UInt8] = [], remoteAddress: String = ""
  ) {
    let originForm = Self.originForm(target)
    let mark = originForm.utf8.firstIndex(of: UInt8(ascii: "?"))
    self.method = method
    rawPath = String(originForm[..<(mark ?? originForm.endIndex)])
    path = PercentCoding.decode(rawPath[...])
    query = mark.map { Self.parseQuery(originForm[originForm.utf8.index(after: $0)...]) } ?? []
    self.headers = headers
    self.body = body
    self.remoteAddress = remoteAddress
  }

  /// The non-empty segments of the path, each decoded on its own.
  public var pathSegments: [String] { rawPath.split(separator: "/").map(PercentCoding.decode) }

  /// The value of the first parameter of that name; empty when it was given without one.
  public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// RFC 9112, section 3.2.2: a server accepts `http://host/path` too.
  private static func originForm(_ target: String) -> Substring {
    let whole = target.prefix { $0 != "#" }
    guard target.utf8.first != UInt8(ascii: "/"), let scheme = whole.firstRange(of: "://") else {
      return whole
    }
    let rest = whole[scheme.upperBound...]
    return rest.firstIndex { $0 == "/" || $0 == "?" }.map { rest[$0...] } ?? "/"
  }

  private static func parseQuery(_ text: Substring) -> [(name: String, value: String)] {
    text.split(separator: "&").map { pair in
      let equals = pair.firstIndex(of: "=")
      let name = pair[..<(equals ?? pair.endIndex)]
      let value = equals.map { pair[pair.index(after: $0)...] } ?? ""
      return (PercentCoding.decodeForm(name), PercentCoding.decodeForm(value))
    }
  }
}

/// Header fields in the order received, looked up without regard to case.
public struct HTTPServerHeaders: Sendable {
  public private(set) var fields: [(name: String, value: String)]

  public init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

  /// The value of the first field of that name.
  public subscript(name: String) -> String? {
    fields.first { Self.equal($0.name, name) }?.value
  }

  public func values(_ name: String) -> [String] {
    fields.filter { Self.equal($0.name, name) }.map(\.value)
  }

  static func equal(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
      && zip(left.utf8, right.utf8).allSatisfy { lowercase($0) == lowercase($1) }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}

/// RFC 3986 percent-encoding, read leniently: what is not an escape stands for itself.
enum PercentCoding {
  static func decode(_ text: Substring) -> String { decode(text, plusIsSpace: false) }

  /// As in HTML forms, where `+` is a space; Go's and kubectl's query encoding.
  static func decodeForm(_ text: Substring) -> String { decode(text, plusIsSpace: true) }

  private static func decode(_ text: Substring, plusIsSpace: Bool) -> String {
    let needsWork = text.utf8.contains {
      $0 == UInt8(ascii: "%") || (plusIsSpace && $0 == UInt8(ascii: "+"))
    }
    guard needsWork else { return String(text) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(hexValue),
        let low = rest.dropFirst().first.flatMap(hexValue)
      {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(2)
      } else if byte == UInt8(ascii: "+"), plusIsSpace {
        bytes.append(UInt8(ascii: " "))
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
