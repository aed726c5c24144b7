extension YAMLEmitter {
  /// A string in the plainest form that every reader takes for this string.
  ///
  /// - Parameter contentIndent: of the lines of a block scalar; nil where there can be none.
  mutating func string(_ text: String, contentIndent: Int?) {
    var text = text
    text.withUTF8 { text in
      let traits = TextTraits(text)
      if traits.isPlain, PlainText.meansOnlyText(text) {
        bytes.append(contentsOf: text)
      } else if let contentIndent, traits.fitsBlock {
        block(text, indent: contentIndent)
      } else if traits.fitsSingleQuotes, PlainText.meansOnlyText(text) {
        singleQuoted(text)
      } else {
        doubleQuoted(text)
      }
    }
  }

  /// A literal block scalar: `|`, with `2` when the first line begins with a blank, and `-` or `+`
  /// for no or several line breaks at the end.
  private mutating func block(_ text: UnsafeBufferPointer<UInt8>, indent: Int) {
    append("|")
    if text.first(where: { $0 != 0x0A }) == 0x20 { append("2") }
    if text.last != 0x0A {
      append("-")
    } else if text.count > 1, text[text.count - 2] == 0x0A {
      append("+")
    }
    append("\n")
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: 0x0A) ?? text.count
      if end > start {
        bytes.append(contentsOf: repeatElement(0x20, count: indent))
        bytes.append(contentsOf: text[start..<end])
      }
      append("\n")
      start = end + 1
    }
  }

  private mutating func singleQuoted(_ text: UnsafeBufferPointer<UInt8>) {
    append("'")
    for byte in text {
      if byte == UInt8(ascii: "'") { append("'") }
      bytes.append(byte)
    }
    append("'")
  }

  private mutating func doubleQuoted(_ text: UnsafeBufferPointer<UInt8>) {
    append("\"")
    var position = 0
    while position < text.count {
      let byte = text[position]
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0x00..<0x20, 0x7F: escape(UInt32(byte))
      default:
        if let (code, length) = TextTraits.special(text, at: position) {
          escape(code)
          position += length
          continue
        }
        bytes.append(byte)
      }
      position += 1
    }
    append("\"")
  }

  private mutating func escape(_ code: UInt32) {
    append("\\u")
    for shift in [12, 8, 4, 0] {
      let digit = UInt8(code >> UInt32(shift) & 15)
      bytes.append(digit < 10 ? 0x30 + digit : 0x41 + digit - 10)
    }
  }
}

/// Which forms of a YAML scalar can hold a text. Types are not looked at here.
struct TextTraits {
  var isPlain = true
  var fitsSingleQuotes = true
  var fitsBlock = false

  init(_ text: UnsafeBufferPointer<UInt8>) {
    guard let first = text.first, let last = text.last else {
      isPlain = false
      return
    }
    if first == 0x20 || last == 0x20 || last == UInt8(ascii: ":")
      || !Self.mayStartPlain(text, first)
    {
      isPlain = false
    }
    var hasLineBreak = false
    /// A blank before a line break, or a tab that begins a line.
    var hasOddBlank = last == 0x20 || last == 0x09 || first == 0x09
    var hasSpecial = false
    var hasTab = false
    var previous: UInt8 = 0
    for (i, byte) in text.enumerated() {
      switch byte {
      case 0x0A:
        hasLineBreak = true
        if previous == 0x20 || previous == 0x09 { hasOddBlank = true }
      case 0x09:
        hasTab = true
        if previous == 0x0A { hasOddBlank = true }
      case 0x00..<0x20, 0x7F: hasSpecial = true
      case UInt8(ascii: "#") where previous == 0x20: isPlain = false
      case 0x20 where previous == UInt8(ascii: ":"): isPlain = false
      case 0xC2, 0xE2, 0xEF: if Self.special(text, at: i) != nil { hasSpecial = true }
      default: break
      }
      previous = byte
    }
    if hasLineBreak || hasTab || hasSpecial {
      isPlain = false
      fitsSingleQuotes = false
    }
    fitsBlock =
      hasLineBreak && !hasSpecial && !hasOddBlank && first != 0x0A
      && text.contains { $0 != 0x0A }
  }

  /// Characters that YAML must not or does not keep: C1 controls with the next-line character, the
  /// line and paragraph separators, the byte order mark, and the two last of the plane.
  static func special(
    _ text: UnsafeBufferPointer<UInt8>, at i: Int
  ) -> (code: UInt32, length: Int)? {
    switch text[i] {
    case 0xC2:
      guard i + 1 < text.count, text[i + 1] < 0xA0 else { return nil }
      return (UInt32(text[i + 1]), 2)
    case 0xE2:
      guard i + 2 < text.count, text[i + 1] == 0x80, text[i + 2] == 0xA8 || text[i + 2] == 0xA9
      else { return nil }
      return (0x2000 | UInt32(text[i + 2] & 0x3F), 3)
    case 0xEF:
      guard i + 2 < text.count else { return nil }
      switch (text[i + 1], text[i + 2]) {
      case (0xBB, 0xBF): return (0xFEFF, 3)
      case (0xBF, 0xBE): return (0xFFFE, 3)
      case (0xBF, 0xBF): return (0xFFFF, 3)
      default: return nil
      }
    default: return nil
    }
  }

  /// Not an indicator, and not a document mark.
  private static func mayStartPlain(_ text: UnsafeBufferPointer<UInt8>, _ first: UInt8) -> Bool {
    switch first {
    case UInt8(ascii: "-"):
      // `--flag` and `-x` are plain; `- x` is a sequence and `---` ends a document.
      guard text.count > 1, text[1] != 0x20 else { return false }
      return !(text.count > 2 && text[1] == first && text[2] == first)
    case UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "["),
      UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "#"),
      UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"), UInt8(ascii: "|"),
      UInt8(ascii: ">"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "%"),
      UInt8(ascii: "@"), UInt8(ascii: "`"):
      return false
    case UInt8(ascii: "."): return !(text.count > 2 && text[1] == first && text[2] == first)
    default: return true
    }
  }
}
