/// An IP address, of 4 or 16 bytes.
struct CELAddress: Sendable, Hashable {
  var bytes: [UInt8]

  var isIPv4: Bool { bytes.count == 4 }

  /// Nil for anything but the plain forms: no zone, no leading zeros, no IPv4 in IPv6.
  init?(_ text: String) {
    if text.contains(":") {
      guard let bytes = Self.version6(text) else { return nil }
      self.bytes = bytes
    } else {
      guard let bytes = Self.version4(text) else { return nil }
      self.bytes = bytes
    }
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  private static func version4(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard !part.isEmpty, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        part.count == 1 || part.first != "0", let byte = UInt8(part)
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private static func version6(_ text: String) -> [UInt8]? {
    func groups(_ text: Substring) -> [UInt8]? {
      if text.isEmpty { return [] }
      var bytes: [UInt8] = []
      for part in text.split(separator: ":", omittingEmptySubsequences: false) {
        guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
          let value = UInt16(part, radix: 16)
        else { return nil }
        bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
      }
      return bytes
    }
    var gap: String.Index?
    var index = text.startIndex
    while index < text.endIndex {
      let next = text.index(after: index)
      if text[index] == ":", next < text.endIndex, text[next] == ":" {
        guard gap == nil else { return nil }
        gap = index
        index = text.index(after: next)
      } else {
        index = next
      }
    }
    guard let gap else {
      let bytes = groups(text[...])
      return bytes?.count == 16 ? bytes : nil
    }
    guard let head = groups(text[..<gap]),
      let tail = groups(text[text.index(gap, offsetBy: 2)...]), head.count + tail.count <= 14
    else { return nil }
    let bytes = head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    // An IPv4 address in disguise is refused (Kubernetes `apiserver/pkg/cel/library/ip.go`).
    let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
    return isMapped ? nil : bytes
  }

  /// The canonical form (RFC 5952).
  var text: String {
    if isIPv4 { return bytes.map(String.init).joined(separator: ".") }
    let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > best.count, end - start > 1 { best = start..<end }
      start = max(end, start + 1)
    }
    let texts = groups.map { String($0, radix: 16) }
    if best.isEmpty { return texts.joined(separator: ":") }
    return texts[..<best.lowerBound].joined(separator: ":") + "::"
      + texts[best.upperBound...].joined(separator: ":")
  }

  var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }
  var isLoopback: Bool {
    isIPv4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
  }
  var isLinkLocalMulticast: Bool {
    isIPv4
      ? bytes.prefix(3).elementsEqual([224, 0, 0]) : bytes[0] == 0xFF && bytes[1] & 0x0F == 2
  }
  var isLinkLocalUnicast: Bool {
    isIPv4
      ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
  }
  var isMulticast: Bool { isIPv4 ? bytes[0] & 0xF0 == 224 : bytes[0] == 0xFF }
  var isGlobalUnicast: Bool {
    !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast
      && bytes != [255, 255, 255, 255]
  }
}

/// An address with the length of its network prefix: `10.0.0.0/8`.
struct CELNetwork: Sendable, Hashable {
  var address: CELAddress
  var prefixLength: Int

  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = CELAddress(String(parts[0])),
      parts[1].count == 1 || parts[1].first != "0",
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
      length <= address.bytes.count * 8
    else { return nil }
    self.address = address
    prefixLength = length
  }

  init(address: CELAddress, prefixLength: Int) {
    self.address = address
    self.prefixLength = prefixLength
  }

  var text: String { "\(address.text)/\(prefixLength)" }

  var masked: CELNetwork {
    var bytes = address.bytes
    for i in bytes.indices {
      let kept = min(8, max(0, prefixLength - i * 8))
      bytes[i] &= kept == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF << (8 - kept))
    }
    return CELNetwork(address: CELAddress(bytes: bytes), prefixLength: prefixLength)
  }

  func contains(_ other: CELAddress) -> Bool {
    other.bytes.count == address.bytes.count
      && CELNetwork(address: other, prefixLength: prefixLength).masked == masked
  }

  func contains(_ other: CELNetwork) -> Bool {
    other.prefixLength >= prefixLength && contains(other.address)
  }
}

/// An absolute URL, or an absolute path (Go `url.ParseRequestURI`).
struct CELURL: Sendable, Hashable {
  var scheme = ""
  /// With the port.
  var host = ""
  var escapedPath = ""
  var rawQuery = ""

  init?(_ text: String) {
    guard !text.isEmpty, !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0 == "\u{7F}" })
    else { return nil }
    var rest = text[...]
    if let colon = rest.firstIndex(of: ":"), let first = rest.first, first.isASCII, first.isLetter,
      rest[..<colon].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
      )
    {
      scheme = rest[..<colon].lowercased()
      rest = rest[rest.index(after: colon)...]
    }
    if let question = rest.firstIndex(of: "?") {
      rawQuery = String(rest[rest.index(after: question)...])
      rest = rest[..<question]
    }
    if !rest.hasPrefix("/") {
      // Opaque, as `mailto:x`: there must be a scheme.
      guard !scheme.isEmpty else { return nil }
      return
    }
    if rest.hasPrefix("//"), !scheme.isEmpty || !rest.hasPrefix("///") {
      rest = rest.dropFirst(2)
      let end = rest.firstIndex(of: "/") ?? rest.endIndex
      var authority = rest[..<end]
      if let at = authority.lastIndex(of: "@") {
        authority = authority[authority.index(after: at)...]
      }
      guard Self.isHost(authority) else { return nil }
      host = String(authority)
      rest = rest[end...]
    }
    guard Self.hasValidEscapes(rest) else { return nil }
    escapedPath =
      rest.contains(" ")
      ? rest.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "%20")
      : String(rest)
  }

  private static func isHost(_ text: Substring) -> Bool {
    guard hasValidEscapes(text), !text.contains(where: { " \"<>\\^`{|}".contains($0) }) else {
      return false
    }
    var port: Substring?
    if text.hasPrefix("[") {
      guard let close = text.firstIndex(of: "]") else { return false }
      let after = text[text.index(after: close)...]
      if !after.isEmpty {
        guard after.hasPrefix(":") else { return false }
        port = after.dropFirst()
      }
    } else if let colon = text.lastIndex(of: ":") {
      port = text[text.index(after: colon)...]
    }
    return port?.utf8.allSatisfy { (0x30...0x39).contains($0) } ?? true
  }

  private static func hasValidEscapes(_ text: Substring) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.indices.allSatisfy { i in
      bytes[i] != UInt8(ascii: "%")
        || (i + 2 < bytes.count && Character(Unicode.Scalar(bytes[i + 1])).isHexDigit
          && Character(Unicode.Scalar(bytes[i + 2])).isHexDigit)
    }
  }

  var hostname: String {
    if host.hasPrefix("["), let close = host.firstIndex(of: "]") {
      return String(host[host.index(after: host.startIndex)..<close])
    }
    return host.lastIndex(of: ":").map { String(host[..<$0]) } ?? host
  }

  var port: String {
    guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { return "" }
    return String(host[host.index(after: colon)...])
  }

  /// The decoded values of each parameter, in order.
  var query: [(name: String, values: [String])] {
    var result: [(name: String, values: [String])] = []
    for pair in rawQuery.split(separator: "&") {
      let equals = pair.firstIndex(of: "=")
      let name = Self.decoded(equals.map { pair[..<$0] } ?? pair)
      let value = Self.decoded(equals.map { pair[pair.index(after: $0)...] } ?? "")
      if let i = result.firstIndex(where: { $0.name == name }) {
        result[i].values.append(value)
      } else {
        result.append((name, [value]))
      }
    }
    return result
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    let source = Array(text.utf8)
    var i = 0
    while i < source.count {
      if source[i] == UInt8(ascii: "%"), i + 2 < source.count,
        let value = UInt8(String(decoding: source[i + 1...i + 2], as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        i += 3
      } else {
        bytes.append(source[i] == UInt8(ascii: "+") ? 0x20 : source[i])
        i += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
