/// The place of a value inside a document: `/spec/env/2/name` (RFC 6901).
public struct JSONPointer: Sendable, Hashable {
  /// Unescaped member names and array indices, from the root on; empty for the whole document.
  public var tokens: [String]

  public init(tokens: [String] = []) { self.tokens = tokens }

  /// Parses the string form, in which `~1` stands for `/` and `~0` for `~`.
  public init(_ text: String) throws(JSONPointerError) {
    guard !text.isEmpty else {
      tokens = []
      return
    }
    guard text.utf8.first == UInt8(ascii: "/") else {
      throw JSONPointerError(
        pointer: text, reason: .malformed, message: "a pointer is empty or starts with \"/\"")
    }
    tokens = []
    for part in text.utf8.dropFirst().split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    {
      guard let token = Self.unescaped(part) else {
        throw JSONPointerError(
          pointer: text, reason: .malformed,
          message: "\"~\" must be followed by 0 (for \"~\") or 1 (for \"/\")")
      }
      tokens.append(token)
    }
  }

  public var isRoot: Bool { tokens.isEmpty }

  public func appending(_ token: String) -> JSONPointer { JSONPointer(tokens: tokens + [token]) }
  public func appending(_ index: Int) -> JSONPointer { appending(String(index)) }

  /// Whether the other place is this one or inside it.
  public func contains(_ other: JSONPointer) -> Bool { other.tokens.starts(with: tokens) }

  private static func unescaped(_ part: Substring.UTF8View) -> String? {
    guard part.contains(UInt8(ascii: "~")) else { return String(Substring(part)) }
    var bytes: [UInt8] = []
    var rest = part[...]
    while let byte = rest.popFirst() {
      if byte != UInt8(ascii: "~") {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
      case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
      default: return nil
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// An array index as RFC 6901 section 4 writes it: digits without leading zeros.
  static func arrayIndex(_ token: String) -> Int? {
    let digits = token.utf8
    guard let first = digits.first, digits.allSatisfy({ 0x30...0x39 ~= $0 }),
      first != UInt8(ascii: "0") || digits.count == 1
    else { return nil }
    return Int(token)
  }
}

extension JSONPointer: CustomStringConvertible {
  public var description: String {
    var bytes: [UInt8] = []
    for token in tokens {
      bytes.append(UInt8(ascii: "/"))
      for byte in token.utf8 {
        switch byte {
        case UInt8(ascii: "~"): bytes.append(contentsOf: "~0".utf8)
        case UInt8(ascii: "/"): bytes.append(contentsOf: "~1".utf8)
        default: bytes.append(byte)
        }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Why a pointer cannot be read or followed.
public struct JSONPointerError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable {
    /// The text is no JSON pointer.
    case malformed
    /// A member, or an element, on the way does not exist.
    case notFound
    /// The way leads through a scalar, or a token is no index of an array.
    case notAContainer
  }

  public var pointer: String
  public var reason: Reason
  public var message: String

  public var description: String { "\(pointer.isEmpty ? "\"\"" : pointer): \(message)" }
}
