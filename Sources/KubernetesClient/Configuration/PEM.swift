/// What a PEM file must hold to be of use: checked at the start, so that a credential that cannot be
/// used stops the program instead of being left out.
enum PEM {
  enum Content: String, Sendable {
    case certificate = "a certificate"
    case privateKey = "a private key"
  }

  /// Nil when the bytes hold the content.
  static func problem(in bytes: [UInt8], expecting content: Content) -> String? {
    let text = String(decoding: bytes, as: UTF8.self)
    switch content {
    case .certificate:
      if hasBlock("CERTIFICATE", in: text) || hasBlock("TRUSTED CERTIFICATE", in: text) {
        return nil
      }
    case .privateKey:
      if text.contains("ENCRYPTED") {
        return "holds an encrypted private key, and there is nobody to ask for its passphrase"
      }
      let kinds = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"]
      if kinds.contains(where: { hasBlock($0, in: text) }) { return nil }
    }
    if bytes.isEmpty { return "is empty; expected \(content.rawValue) in PEM form" }
    return "does not hold \(content.rawValue) in PEM form"
  }

  private static func hasBlock(_ kind: String, in text: String) -> Bool {
    guard let begin = range(of: "-----BEGIN \(kind)-----", in: text[...]) else { return false }
    return range(of: "-----END \(kind)-----", in: text[begin.upperBound...]) != nil
  }

  private static func range(of needle: String, in text: Substring) -> Range<Substring.Index>? {
    text.firstRange(of: needle)
  }
}
