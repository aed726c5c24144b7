/// The parts of a URL that has been checked against a pattern.
public struct URLParts: Sendable, Hashable {
  public var scheme: String
  public var host: String
  /// The scheme's own where none stands there.
  public var port: Int
  /// Without the slash at its end; empty for the root.
  public var path: String

  /// Nil for a text that is no URL with a host.
  public init?(_ url: String) {
    let parts = url.split(separator: "/")
    guard parts.count > 1, let scheme = parts[0].split(separator: ":").first else { return nil }
    let authority = parts[1].split(separator: ":")
    guard let host = authority.first else { return nil }
    self.scheme = String(scheme)
    self.host = String(host)
    port = (authority.count > 1 ? Int(authority[1]) : nil) ?? (scheme == "https" ? 443 : 80)
    path = parts.dropFirst(2).map { "/\($0)" }.joined()
  }

  public var isTLS: Bool { scheme == "https" }
}

/// An address of the Internet Protocol's version 4, as people write it.
public enum IPv4 {
  /// Nil for anything but four numbers with points between them.
  public static func parse(_ text: some StringProtocol) -> UInt32? {
    let octets = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard octets.count == 4 else { return nil }
    return octets.reduce(Optional(0)) { sum, octet in
      guard let sum, let octet else { return nil }
      return sum << 8 | UInt32(octet)
    }
  }
}
