import KubernetesAPI

/// A named format of the Kubernetes library: `format.dns1123Label()`.
struct CELFormat: Sendable, Hashable {
  enum Name: String, Sendable {
    case dns1123Label, dns1123Subdomain, dns1035Label, qualifiedName, dns1123LabelPrefix
    case dns1123SubdomainPrefix, dns1035LabelPrefix, labelValue, uri, uuid, byte, date, datetime
  }

  var name: Name

  init?(_ name: String) {
    guard let name = Name(rawValue: name) else { return nil }
    self.name = name
  }

  /// Why the text does not have the format; empty when it does.
  func problems(in text: String) -> [String] {
    func check(_ isValid: Bool, _ message: String) -> [String] { isValid ? [] : [message] }
    func matches(_ pattern: String) -> Bool {
      (try? RegularExpression.cached("^(?:\(pattern))$"))?.matches(text) ?? false
    }
    let label1123 = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
    let label1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
    switch name {
    case .dns1123Label: return Self.label(text, label1123, "a lowercase RFC 1123 label", 63)
    case .dns1123LabelPrefix:
      return Self.label(Self.unprefixed(text), label1123, "a lowercase RFC 1123 label", 63)
    case .dns1035Label: return Self.label(text, label1035, "a DNS-1035 label", 63)
    case .dns1035LabelPrefix:
      return Self.label(Self.unprefixed(text), label1035, "a DNS-1035 label", 63)
    case .dns1123Subdomain:
      return Self.label(
        text, "\(label1123)(\\.\(label1123))*", "a lowercase RFC 1123 subdomain", 253)
    case .dns1123SubdomainPrefix:
      return Self.label(
        Self.unprefixed(text), "\(label1123)(\\.\(label1123))*",
        "a lowercase RFC 1123 subdomain", 253)
    case .qualifiedName:
      return NameFormat.labelKey.problem(in: text).map { ["name part \($0)"] } ?? []
    case .labelValue:
      return NameFormat.labelValue.problem(in: text).map { ["a valid label \($0)"] } ?? []
    case .uri: return check(CELURL(text) != nil, "invalid URI for request")
    case .uuid:
      return check(
        matches("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"),
        "does not match the UUID format")
    case .byte: return check(Base64.decoded(text) != nil, "invalid base64")
    case .date:
      return check(
        matches("\\d{4}-\\d{2}-\\d{2}") && CELTimestamp(text + "T00:00:00Z") != nil, "invalid date")
    case .datetime: return check(CELTimestamp(text) != nil, "invalid datetime")
    }
  }

  private static func unprefixed(_ text: String) -> String {
    text.hasSuffix("-") ? text.dropLast() + "a" : text
  }

  private static func label(
    _ text: String, _ pattern: String, _ what: String, _ limit: Int
  ) -> [String] {
    var problems: [String] = []
    if text.utf8.count > limit { problems.append("must be no more than \(limit) characters") }
    if (try? RegularExpression.cached("^(?:\(pattern))$"))?.matches(text) != true {
      problems.append("\(what) must match the regex '\(pattern)'")
    }
    return problems
  }
}

/// A version as https://semver.org has it.
struct CELSemanticVersion: Sendable, Hashable, Comparable {
  var major: Int64
  var minor: Int64
  var patch: Int64
  var preRelease: [String]
  var build: String

  /// - Parameter normalizes: also `v1`, `1.0` and leading zeros.
  init?(_ text: String, normalizes: Bool = false) {
    var text = text
    if normalizes, text.hasPrefix("v") { text.removeFirst() }
    let buildParts = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    build = buildParts.count == 2 ? String(buildParts[1]) : ""
    guard let first = buildParts.first else { return nil }
    let parts = first.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    preRelease =
      parts.count == 2
      ? parts[1].split(separator: ".", omittingEmptySubsequences: false).map(String.init) : []
    var numbers: [Int64] = []
    for part in parts[0].split(separator: ".", omittingEmptySubsequences: false) {
      guard !part.isEmpty, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        normalizes || part.count == 1 || part.first != "0", let number = Int64(part)
      else { return nil }
      numbers.append(number)
    }
    while normalizes, numbers.count < 3 { numbers.append(0) }
    guard numbers.count == 3, buildParts.count == 1 || Self.areIdentifiers([build]),
      Self.areIdentifiers(preRelease)
    else { return nil }
    (major, minor, patch) = (numbers[0], numbers[1], numbers[2])
  }

  private static func areIdentifiers(_ texts: [String]) -> Bool {
    texts.allSatisfy {
      !$0.isEmpty
        && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0)) }
    }
  }

  /// Precedence; the build does not count.
  static func < (a: Self, b: Self) -> Bool {
    if (a.major, a.minor, a.patch) != (b.major, b.minor, b.patch) {
      return (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }
    if a.preRelease.isEmpty || b.preRelease.isEmpty {
      return !a.preRelease.isEmpty && b.preRelease.isEmpty
    }
    for (left, right) in zip(a.preRelease, b.preRelease) where left != right {
      switch (Int64(left), Int64(right)) {
      case (let left?, let right?): return left < right
      case (_?, nil): return true
      case (nil, _?): return false
      case (nil, nil): return left < right
      }
    }
    return a.preRelease.count < b.preRelease.count
  }

  static func == (a: Self, b: Self) -> Bool {
    (a.major, a.minor, a.patch) == (b.major, b.minor, b.patch) && a.preRelease == b.preRelease
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(major)
    hasher.combine(minor)
    hasher.combine(patch)
    hasher.combine(preRelease)
  }
}

extension Base64 {
  /// The bytes a text stands for, nil when it is no base64.
  static func decoded(_ text: String) -> [UInt8]? {
    guard faultOffset(text) == nil else { return nil }
    var bytes: [UInt8] = []
    var group: UInt32 = 0
    var bits = 0
    for byte in text.utf8 {
      let value: UInt8
      switch byte {
      case 0x41...0x5A: value = byte - 0x41
      case 0x61...0x7A: value = byte - 0x61 + 26
      case 0x30...0x39: value = byte - 0x30 + 52
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      default: continue
      }
      group = group << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
      }
    }
    return bytes
  }
}
