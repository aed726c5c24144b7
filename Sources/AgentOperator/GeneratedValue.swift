/// Random values for generated Secrets.
struct GeneratedValue: Sendable {
  /// Letters and digits that survive every shell, URL and configuration file.
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

  /// From a cryptographically secure generator: `SystemRandomNumberGenerator` is getrandom(2) here.
  static func make(length: Int, using generator: inout some RandomNumberGenerator) -> [UInt8] {
    (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
  }
}
