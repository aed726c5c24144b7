/// What a PEM text must hold to be of use: checked at the start, so that a credential that cannot be
/// used stops the program instead of failing each call.
enum PEM {
  enum Content: Sendable {
    case certificate, privateKey

    fileprivate var name: String { self == .certificate ? "a certificate" : "a private key" }

    fileprivate var labels: [String] {
      switch self {
      case .certificate: ["CERTIFICATE"]
      case .privateKey: ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"]
      }
    }
  }

  /// Nil when the text holds the content, whole and well-formed down to the outermost DER element;
  /// what is inside is for the TLS library to judge.
  static func problem(in bytes: [UInt8], expecting content: Content) -> String? {
    if bytes.isEmpty { return "is empty; expected \(content.name) in PEM form" }
    let text = String(decoding: bytes, as: UTF8.self)
    if content == .privateKey, text.contains("ENCRYPTED") {
      return "holds an encrypted private key, and there is nobody to ask for its passphrase"
    }
    var found = 0
    for label in content.labels {
      var rest = text[...]
      while let begin = rest.firstRange(of: "-----BEGIN \(label)-----") {
        guard let end = rest[begin.upperBound...].firstRange(of: "-----END \(label)-----") else {
          return "holds \(content.name) that is cut off"
        }
        guard isDER(rest[begin.upperBound..<end.lowerBound]) else {
          return "holds \(content.name) that is damaged"
        }
        found += 1
        rest = rest[end.upperBound...]
      }
    }
    return found > 0 ? nil : "does not hold \(content.name) in PEM form"
  }

  /// Whether the base64 text is one DER sequence (X.690 section 8.1) and nothing else.
  private static func isDER(_ text: Substring) -> Bool {
    let compact = text.utf8.filter { $0 > 0x20 }
    guard let bytes = Base64.decode(String(decoding: compact, as: UTF8.self)), bytes.count >= 2,
      bytes[0] == 0x30
    else { return false }
    let short = Int(bytes[1])
    if short < 0x80 { return bytes.count == 2 + short }
    let digits = short & 0x7f
    guard (1...4).contains(digits), bytes.count >= 2 + digits else { return false }
    let length = bytes[2..<2 + digits].reduce(0) { $0 << 8 | Int($1) }
    return bytes.count == 2 + digits + length
  }
}
