/// The few parts of a URL that the client needs itself; libcurl parses the rest.
enum RequestURL {
  /// The URL as it may appear in errors: without credentials, query and fragment.
  static func redacted(_ url: String) -> String {
    let text = url.prefix { $0 != "?" && $0 != "#" }
    guard let authority = authority(of: text), let at = authority.lastIndex(of: "@") else {
      return String(text)
    }
    return text[..<authority.startIndex] + String(text[text.index(after: at)...])
  }

  static func hasUserInfo(_ url: String) -> Bool {
    authority(of: url[...])?.utf8.contains(UInt8(ascii: "@")) ?? false
  }

  static func isTLS(_ url: String) -> Bool { has("https:", url) }

  /// Whether the URL begins like this; letters may be of either case.
  ///
  /// - Parameter beginning: in lower case.
  static func has(_ beginning: StaticString, _ url: String) -> Bool {
    var i = 0
    for byte in url.utf8.prefix(beginning.utf8CodeUnitCount) {
      let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
      if (isUpper ? byte | 0x20 : byte) != beginning.utf8Start[i] { return false }
      i += 1
    }
    return i == beginning.utf8CodeUnitCount
  }

  /// Host (without brackets) and port of an http or https URL.
  static func endpoint(_ url: String) -> (host: Substring, port: Int)? {
    guard let authority = authority(of: url[...]) else { return nil }
    let defaultPort = isTLS(url) ? 443 : 80
    let host: Substring
    let rest: Substring
    if authority.first == "[" {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      host = authority[authority.index(after: authority.startIndex)..<close]
      rest = authority[authority.index(after: close)...]
    } else {
      let colon = authority.firstIndex(of: ":") ?? authority.endIndex
      host = authority[..<colon]
      rest = authority[colon...]
    }
    guard !host.isEmpty else { return nil }
    if rest.isEmpty || rest == ":" { return (host, defaultPort) }
    guard rest.first == ":", let port = UInt16(rest.dropFirst()) else { return nil }
    return (host, Int(port))
  }

  /// The URL with another host name; the port stays.
  static func replacingHost(_ url: String, with name: String) -> String? {
    guard let authority = authority(of: url[...]), let (_, port) = endpoint(url) else { return nil }
    let host = name.contains(":") ? "[\(name)]" : name
    return url[..<authority.startIndex] + "\(host):\(port)" + url[authority.endIndex...]
  }

  /// `host:port` as written in the URL.
  static func authority(of url: Substring) -> Substring? {
    guard let slashes = url.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    let start = url.utf8.index(slashes, offsetBy: 2, limitedBy: url.endIndex) ?? url.endIndex
    let rest = url[start...]
    let end = rest.utf8.firstIndex {
      $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#")
    }
    return rest[..<(end ?? rest.endIndex)]
  }
}
