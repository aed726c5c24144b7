import Glibc

/// Checks the addresses of servers and proxies before anything is sent there.
enum ServerURL {
  /// The URL without slashes at its end, or what is wrong with it. Problems do not quote the URL:
  /// it may hold a password.
  static func check(_ url: String, schemes: [String], allowsUserInfo: Bool = false) -> Result<
    String, Problem
  > {
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      return .failure(Problem("contains a space, a control character or a non-ASCII character"))
    }
    guard let separator = url.firstRange(of: "://") else {
      return .failure(Problem("has no scheme", fix: "start it with \(schemes[0])://"))
    }
    let scheme = url[..<separator.lowerBound].lowercased()
    guard schemes.contains(scheme) else {
      return .failure(
        Problem("has the scheme \"\(scheme)\"", fix: "use \(schemes.joined(separator: ", "))"))
    }
    let rest = url[separator.upperBound...]
    guard !rest.contains("?"), !rest.contains("#") else {
      return .failure(Problem("must have no query and no fragment"))
    }
    let authority = rest.prefix { $0 != "/" }
    var host = authority
    if let at = authority.lastIndex(of: "@") {
      guard allowsUserInfo else {
        return .failure(
          Problem("contains credentials", fix: "put username and password into the user's entry"))
      }
      host = authority[authority.index(after: at)...]
    }
    if let problem = hostProblem(host) { return .failure(Problem(problem)) }
    var trimmed = Substring(url)
    while trimmed.last == "/" { trimmed.removeLast() }
    return .success(String(trimmed))
  }

  struct Problem: Error {
    var text: String
    var fix: String?

    init(_ text: String, fix: String? = nil) {
      self.text = text
      self.fix = fix
    }
  }

  private static func hostProblem(_ host: Substring) -> String? {
    var name = host
    var port: Substring?
    if host.first == "[" {
      guard let bracket = host.firstIndex(of: "]") else {
        return "has an IPv6 address without its closing bracket"
      }
      name = host[...bracket]
      let rest = host[host.index(after: bracket)...]
      if !rest.isEmpty {
        guard rest.first == ":" else { return "has text after the IPv6 address" }
        port = rest.dropFirst()
      }
    } else if let colon = host.firstIndex(of: ":") {
      name = host[..<colon]
      port = host[host.index(after: colon)...]
      if port?.contains(":") == true { return "has an IPv6 address without brackets" }
    }
    if name.isEmpty { return "names no host" }
    if name.first == "[", !isIPv6(name.dropFirst().dropLast()) {
      return "has something else than an IPv6 address in brackets"
    }
    if name.first != "[", !name.utf8.allSatisfy(isHostByte) {
      return "has a character in its host name that no host name has"
    }
    if let port {
      // `Int` alone would take a sign.
      let number = port.utf8.allSatisfy { $0 &- 0x30 < 10 } ? Int(port) ?? 0 : 0
      guard (1...65535).contains(number) else { return "has a port outside 1 to 65535" }
    }
    return nil
  }

  /// With or without a zone.
  private static func isIPv6(_ text: Substring) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &address) == 1
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
      || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(byte)
  }
}
