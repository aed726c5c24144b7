/// Whether text without quotes is text for every reader, or could be another type for one of them.
enum PlainText {
  /// Errs on the safe side: false for all that YAML 1.1 or 1.2, or a known parser of either, reads
  /// as null, a boolean, a number in any base (also base 60), a date, `=` or `<<`
  /// (https://yaml.org/type/).
  static func meansOnlyText(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = text.first else { return false }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      return !mayBeNumber(text) && !mayBeDate(text)
    case UInt8(ascii: "~"): return text.count > 1
    case UInt8(ascii: "="): return text.count > 1
    case UInt8(ascii: "<"): return !(text.count == 2 && text[1] == first)
    default: return text.count > 5 || !isWord(text)
    }
  }

  private static func isWord(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    switch String(decoding: text.lazy.map { $0 | 0x20 }, as: UTF8.self) {
    case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf": true
    default: false
    }
  }

  /// Nothing but what numbers are made of, with at most one point (`10.0.0.1` is no number).
  private static func mayBeNumber(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    if text.contains(UInt8(ascii: "_")) {
      // YAML 1.1's parsers take them out before they look for a base: `0_x1F` is 31.
      let plain = text.filter { $0 != UInt8(ascii: "_") }
      return plain.withUnsafeBufferPointer(mayBeNumber)
    }
    var digits = text[...]
    if let sign = digits.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      digits.removeFirst()
    }
    if digits.count >= 2, digits.first == UInt8(ascii: "0") {
      switch digits[digits.startIndex + 1] | 0x20 {
      case UInt8(ascii: "x"), UInt8(ascii: "o"), UInt8(ascii: "b"):
        return digits.dropFirst(2).allSatisfy {
          isHexDigit($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
        }
      default: break
      }
    }
    if digits.first == UInt8(ascii: "."), digits.count == 4 {
      let word = String(decoding: digits.lazy.map { $0 | 0x20 }, as: UTF8.self)
      if word == ".inf" || word == ".nan" { return true }
    }
    var points = 0
    var hasDigit = false
    for byte in digits {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): hasDigit = true
      case UInt8(ascii: "."): points += 1
      case UInt8(ascii: ":"), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"),
        UInt8(ascii: "-"):
        break
      default: return false
      }
    }
    return hasDigit && points <= 1
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  /// Four digits, a hyphen and a digit, as all forms of YAML 1.1's timestamp begin.
  private static func mayBeDate(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count >= 8, text[4] == UInt8(ascii: "-") else { return false }
    return [0, 1, 2, 3, 5].allSatisfy { text[$0] &- 0x30 < 10 }
  }
}
