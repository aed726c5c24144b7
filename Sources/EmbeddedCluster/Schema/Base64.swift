/// Base64 with padding (RFC 4648 section 4), as Secrets and binary ConfigMap data use it.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encoded(_ bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for byte in group { bits = bits << 8 | UInt32(byte) }
      bits <<= UInt32(8 * (3 - group.count))
      for position in 0..<4 {
        text.append(
          position <= group.count
            ? alphabet[Int(bits >> UInt32(18 - 6 * position) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Where a text stops being base64, nil when all of it is.
  static func faultOffset(_ text: String) -> Int? {
    let bytes = Array(text.utf8).filter { $0 != 0x0A && $0 != 0x0D }
    for (position, byte) in bytes.enumerated() where !isDigit(byte) {
      let rest = bytes.count - position
      guard byte == UInt8(ascii: "="), bytes.count % 4 == 0, rest <= 2,
        bytes[position...].allSatisfy({ $0 == UInt8(ascii: "=") })
      else { return position }
      return nil
    }
    return bytes.count % 4 == 0 ? nil : bytes.count
  }

  /// The number of bytes a valid text stands for.
  static func decodedCount(_ text: String) -> Int {
    let bytes = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
    return bytes.count / 4 * 3 - bytes.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
  }
}
