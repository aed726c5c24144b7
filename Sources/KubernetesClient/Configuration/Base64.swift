/// RFC 4648 section 4, as Go's `encoding/base64` reads it: line breaks are skipped, padding is
/// required.
enum Base64 {
  /// Nil when the text is no base64.
  static func decode(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count / 4 * 3)
    var bits: UInt32 = 0
    var characters = 0
    var padding = 0
    for byte in text.utf8 where byte != 0x0a && byte != 0x0d {
      if byte == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(byte) else { return nil }
      bits = bits << 6 | value
      characters += 1
      if characters % 4 == 0 {
        bytes += [
          UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8),
          UInt8(truncatingIfNeeded: bits),
        ]
      }
    }
    switch (characters % 4, padding) {
    case (0, 0): break
    case (2, 2): bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
    case (3, 1):
      bytes += [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)]
    default: return nil
    }
    return bytes
  }

  static func encode(_ bytes: some Sequence<UInt8>) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 1
      guard count % 3 == 0 else { continue }
      for shift in [18, 12, 6, 0] { text.append(alphabet[Int(bits >> UInt32(shift) & 63)]) }
    }
    if count % 3 == 1 {
      text += [alphabet[Int(bits << 4 & 63)]]
      text.insert(alphabet[Int(bits >> 2 & 63)], at: text.count - 1)
      text += [UInt8(ascii: "="), UInt8(ascii: "=")]
    } else if count % 3 == 2 {
      for shift in [10, 4] { text.append(alphabet[Int(bits >> UInt32(shift) & 63)]) }
      text += [alphabet[Int(bits << 2 & 63)], UInt8(ascii: "=")]
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func value(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
