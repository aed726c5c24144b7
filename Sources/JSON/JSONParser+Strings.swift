extension JSONParser {
  mutating func string() throws(Failure) -> String {
    let open = position
    position += 1
    let start = position
    var ascii: UInt8 = 0
    skipPlainWords()
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let slice = UnsafeBufferPointer(rebasing: bytes[start..<position])
        if ascii & 0x80 == 0 {
          position += 1
          if sharesStrings, RecentStrings.lengths.contains(slice.count) {
            return recentStrings.string(slice)
          }
          return String(decoding: slice, as: UTF8.self)
        }
        guard let text = String(validating: slice, as: UTF8.self) else {
          throw Failure(message: "the string is not valid UTF-8", offset: start)
        }
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start, open: open) }
      if byte < 0x20 {
        throw Failure(message: "a control character must be written as an escape", offset: position)
      }
      ascii |= byte
      position += 1
    }
    throw Failure(message: "the string is not closed", offset: open)
  }

  /// Like `string`, without making one.
  mutating func checkString() throws(Failure) {
    let open = position
    position += 1
    skipPlainWords()
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return
      }
      if byte == UInt8(ascii: "\\") || byte >= 0x80 || byte < 0x20 {
        // What needs a closer look.
        position = open
        _ = try string()
        return
      }
      position += 1
    }
    throw Failure(message: "the string is not closed", offset: open)
  }

  /// Moves on over runs of eight plain ASCII bytes: no quote, backslash, or control character.
  @inline(__always)
  private mutating func skipPlainWords() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    while position + 8 <= bytes.count, let base = bytes.baseAddress {
      let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
      // The classic "has a byte equal to" and "has a byte less than" tests, eight bytes at once.
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let special =
        (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word
        | word
      if special & (ones &* 0x80) != 0 { return }
      position += 8
    }
  }

  /// Moves on behind the value that begins here. Brackets are counted, not matched.
  mutating func skipValue() throws(Failure) {
    guard position < bytes.count else {
      throw Failure(
        message: "the document ends where a value is expected", offset: position)
    }
    switch bytes[position] {
    case UInt8(ascii: "{"), UInt8(ascii: "["): break
    default:
      _ = try value()
      return
    }
    let open = position
    var level = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""): try skipString()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        level += 1
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        level -= 1
        position += 1
        if level == 0 { return }
      default: position += 1
      }
    }
    throw Failure(message: "the value is not closed", offset: open)
  }

  private mutating func skipString() throws(Failure) {
    let open = position
    position += 1
    while position < bytes.count {
      skipPlainWords()
      guard position < bytes.count else { break }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"): position += 2
      default: position += 1
      }
    }
    throw Failure(message: "the string is not closed", offset: open)
  }

  private mutating func escapedString(from start: Int, open: Int) throws(Failure) -> String {
    var out = [UInt8]()
    out.reserveCapacity(position - start + 32)
    out.append(contentsOf: bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let text = String(validating: out, as: UTF8.self) else {
          throw Failure(message: "the string is not valid UTF-8", offset: start)
        }
        return text
      case UInt8(ascii: "\\"):
        position += 1
        guard position < bytes.count else {
          throw Failure(message: "the string is not closed", offset: open)
        }
        let escape = bytes[position]
        position += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(escape)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "u"): try appendUnicodeEscape(to: &out)
        default: throw Failure(message: "unknown escape in a string", offset: position - 2)
        }
      case 0..<0x20:
        throw Failure(message: "a control character must be written as an escape", offset: position)
      default:
        out.append(byte)
        position += 1
      }
    }
    throw Failure(message: "the string is not closed", offset: open)
  }

  /// A lone surrogate becomes U+FFFD, as in Go's encoding/json, which API servers use.
  private mutating func appendUnicodeEscape(to out: inout [UInt8]) throws(Failure) {
    let first = try fourHexDigits()
    var scalar = Unicode.Scalar(0xFFFD as UInt32)
    if first & 0xFC00 == 0xD800 {
      if position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        let back = position
        position += 2
        let second = try fourHexDigits()
        if second & 0xFC00 == 0xDC00 {
          scalar = Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF))
        } else {
          position = back
        }
      }
    } else {
      scalar = Unicode.Scalar(first) ?? scalar
    }
    if let scalar {
      out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
  }

  private mutating func fourHexDigits() throws(Failure) -> UInt32 {
    guard position + 4 <= bytes.count else {
      throw Failure(message: "\\u needs four hexadecimal digits", offset: position)
    }
    var value: UInt32 = 0
    for i in 0..<4 {
      let digit: UInt8
      switch bytes[position + i] {
      case let byte where byte &- 0x30 < 10: digit = byte &- 0x30
      case let byte where (byte | 0x20) &- 0x61 < 6: digit = (byte | 0x20) &- 0x61 + 10
      default:
        throw Failure(message: "\\u needs four hexadecimal digits", offset: position + i)
      }
      value = value << 4 | UInt32(digit)
    }
    position += 4
    return value
  }
}
