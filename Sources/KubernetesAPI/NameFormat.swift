/// The rules for names in the Kubernetes API (apimachinery `pkg/util/validation`).
public enum NameFormat: String, Sendable, CaseIterable {
  /// RFC 1123 label: up to 63 lower case letters, digits and `-`, alphanumeric at both ends.
  case dns1123Label
  /// RFC 1123 subdomain: labels joined by dots, up to 253 characters.
  case dns1123Subdomain
  /// RFC 1035 label: as RFC 1123 but starts with a letter. Service names.
  case dns1035Label
  /// `name` or `prefix/name`: label and annotation keys.
  case labelKey
  /// Empty, or up to 63 letters, digits, `-`, `_`, `.`, alphanumeric at both ends.
  case labelValue
  /// Accepted by every supported API server; newer ones accept more.
  case environmentVariable
  /// Keys of ConfigMaps and Secrets: up to 253 letters, digits, `-`, `_`, `.`.
  case configMapKey
  /// IANA service name: up to 15 lower case letters, digits and single `-`, with a letter.
  case portName

  /// What is wrong with the text as such a name; nil when nothing is.
  public func problem(in text: String) -> String? {
    let bytes = Array(text.utf8)
    switch self {
    case .dns1123Label: return Self.label(bytes, mayStartWithDigit: true)
    case .dns1035Label: return Self.label(bytes, mayStartWithDigit: false)
    case .dns1123Subdomain: return Self.subdomain(bytes)
    case .labelKey: return Self.qualifiedName(bytes)
    case .labelValue: return bytes.isEmpty ? nil : Self.plainName(bytes)
    case .environmentVariable: return Self.environment(bytes)
    case .configMapKey: return Self.fileName(bytes)
    case .portName: return Self.port(bytes)
    }
  }

  public func accepts(_ text: String) -> Bool { problem(in: text) == nil }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || isLower(byte) || (0x41...0x5a).contains(byte)
  }

  private static func label(_ bytes: some Collection<UInt8>, mayStartWithDigit: Bool) -> String? {
    guard let first = bytes.first else { return "must not be empty" }
    guard bytes.count <= 63 else { return "must be no more than 63 characters, has \(bytes.count)" }
    let last = bytes.reduce(first) { $1 }
    guard bytes.allSatisfy({ isLower($0) || isDigit($0) || $0 == UInt8(ascii: "-") }),
      last != UInt8(ascii: "-"), first != UInt8(ascii: "-"), mayStartWithDigit || isLower(first)
    else {
      return mayStartWithDigit
        ? "must consist of lower case letters, digits and '-', and start and end with a letter or digit"
        : "must consist of lower case letters, digits and '-', start with a letter and end with a letter or digit"
    }
    return nil
  }

  private static func subdomain(_ bytes: [UInt8]) -> String? {
    guard !bytes.isEmpty else { return "must not be empty" }
    guard bytes.count <= 253 else {
      return "must be no more than 253 characters, has \(bytes.count)"
    }
    for part in bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      // Why not `label`: apimachinery bounds the whole name only, not its parts.
      guard let first = part.first, let last = part.last, first != UInt8(ascii: "-"),
        last != UInt8(ascii: "-"),
        part.allSatisfy({ isLower($0) || isDigit($0) || $0 == UInt8(ascii: "-") })
      else {
        return "must consist of lower case letters, digits, '-' and '.', "
          + "with a letter or digit at both ends and around each '.'"
      }
    }
    return nil
  }

  private static func plainName(_ bytes: some BidirectionalCollection<UInt8>) -> String? {
    guard let first = bytes.first, let last = bytes.last else { return "must not be empty" }
    guard bytes.count <= 63 else { return "must be no more than 63 characters, has \(bytes.count)" }
    guard bytes.allSatisfy({ isAlphanumeric($0) || "-_.".utf8.contains($0) }),
      isAlphanumeric(first), isAlphanumeric(last)
    else {
      return
        "must consist of letters, digits, '-', '_' and '.', and start and end with a letter or digit"
    }
    return nil
  }

  private static func qualifiedName(_ bytes: [UInt8]) -> String? {
    let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return plainName(bytes)
    case 2:
      if let problem = subdomain(Array(parts[0])) { return "prefix part \(problem)" }
      return plainName(parts[1]).map { "name part \($0)" }
    default: return "must be a name, or a DNS subdomain and a name separated by '/'"
    }
  }

  private static func environment(_ bytes: [UInt8]) -> String? {
    guard let first = bytes.first else { return "must not be empty" }
    guard bytes.allSatisfy({ isAlphanumeric($0) || "-_.".utf8.contains($0) }), !isDigit(first),
      bytes != [0x2e], !bytes.starts(with: [0x2e, 0x2e])
    else {
      return
        "must consist of letters, digits, '-', '_' and '.', and not start with a digit or \"..\""
    }
    return nil
  }

  private static func fileName(_ bytes: [UInt8]) -> String? {
    guard !bytes.isEmpty else { return "must not be empty" }
    guard bytes.count <= 253 else {
      return "must be no more than 253 characters, has \(bytes.count)"
    }
    guard bytes.allSatisfy({ isAlphanumeric($0) || "-_.".utf8.contains($0) }), bytes != [0x2e],
      !bytes.starts(with: [0x2e, 0x2e])
    else { return "must consist of letters, digits, '-', '_' and '.', and not start with \"..\"" }
    return nil
  }

  private static func port(_ bytes: [UInt8]) -> String? {
    guard let first = bytes.first, let last = bytes.last else { return "must not be empty" }
    guard bytes.count <= 15 else { return "must be no more than 15 characters, has \(bytes.count)" }
    let dash = UInt8(ascii: "-")
    let hasDoubleDash = zip(bytes, bytes.dropFirst()).contains { $0 == dash && $1 == dash }
    guard bytes.allSatisfy({ isLower($0) || isDigit($0) || $0 == dash }), first != dash,
      last != dash, !hasDoubleDash, bytes.contains(where: isLower)
    else {
      return "must consist of lower case letters, digits and single '-' between them, "
        + "with at least one letter"
    }
    return nil
  }
}
