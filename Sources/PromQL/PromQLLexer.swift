/// Cuts PromQL text into tokens (https://prometheus.io/docs/prometheus/latest/querying/basics/).
struct PromQLLexer {
  private let bytes: [UInt8]
  private var position = 0
  /// Between `[` and `]` a colon divides a range from a step; elsewhere it is part of a name.
  private var isInBrackets = false

  init(_ text: String) { bytes = Array(text.utf8) }

  static func tokens(of text: String) throws(PromQLError) -> [PromQLToken] {
    var lexer = PromQLLexer(text)
    var tokens: [PromQLToken] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func byte(after count: Int) -> UInt8? {
    position + count < bytes.count ? bytes[position + count] : nil
  }

  private mutating func next() throws(PromQLError) -> PromQLToken {
    skipSpace()
    let start = position
    guard let byte else { return PromQLToken(kind: .end, range: start..<start) }
    let kind: PromQLToken.Kind
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): kind = try string(byte)
    case 0x30...0x39: kind = try number()
    case UInt8(ascii: ".") where self.byte(after: 1).map { 0x30...0x39 ~= $0 } == true:
      kind = try number()
    case UInt8(ascii: ":") where isInBrackets:
      position += 1
      kind = .symbol(":")
    case _ where Self.beginsName(byte): kind = name()
    default: kind = try symbol(byte)
    }
    return PromQLToken(kind: kind, range: start..<position)
  }

  private mutating func skipSpace() {
    while let byte {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      case UInt8(ascii: "#"): while let byte = self.byte, byte != 0x0A { position += 1 }
      default: return
      }
    }
  }

  private static func beginsName(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: ":"): true
    default: false
    }
  }

  private mutating func name() -> PromQLToken.Kind {
    let start = position
    while let byte, Self.beginsName(byte) || 0x30...0x39 ~= byte { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text.lowercased() {
    case "inf": return .number(.infinity)
    case "nan": return .number(.nan)
    default: return .identifier(text)
    }
  }

  private mutating func symbol(_ first: UInt8) throws(PromQLError) -> PromQLToken.Kind {
    if let second = byte(after: 1) {
      let pair = String(decoding: [first, second], as: UTF8.self)
      if ["==", "!=", "<=", ">=", "=~", "!~"].contains(pair) {
        position += 2
        return .symbol(pair)
      }
    }
    guard "+-*/%^=<>(){}[],@".utf8.contains(first) else {
      throw PromQLError(
        offset: position,
        message: "unexpected character \"\(String(decoding: [first], as: UTF8.self))\"")
    }
    if first == UInt8(ascii: "[") { isInBrackets = true }
    if first == UInt8(ascii: "]") { isInBrackets = false }
    position += 1
    return .symbol(String(decoding: [first], as: UTF8.self))
  }
}

// MARK: - Numbers and durations

extension PromQLLexer {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ("w", 604_800_000), ("y", 31_536_000_000),
  ]

  private mutating func number() throws(PromQLError) -> PromQLToken.Kind {
    let start = position
    if let duration = try duration() { return .duration(duration) }
    position = start
    if byte == UInt8(ascii: "0"), let x = byte(after: 1), x == UInt8(ascii: "x") || x == 0x58 {
      position += 2
      let digits = position
      while let byte, Self.isHexadecimal(byte) { position += 1 }
      guard
        let value = UInt64(String(decoding: bytes[digits..<position], as: UTF8.self), radix: 16)
      else { throw PromQLError(offset: start, message: "bad hexadecimal number") }
      return .number(Double(value))
    }
    while let byte, 0x30...0x39 ~= byte || byte == UInt8(ascii: "_") { position += 1 }
    if byte == UInt8(ascii: ".") {
      position += 1
      while let byte, 0x30...0x39 ~= byte || byte == UInt8(ascii: "_") { position += 1 }
    }
    if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      position += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
      while let byte, 0x30...0x39 ~= byte { position += 1 }
    }
    let text = String(decoding: bytes[start..<position].filter { $0 != 0x5F }, as: UTF8.self)
    guard let value = Double(text.hasSuffix(".") ? text + "0" : text),
      byte.map(Self.beginsName) != true
    else { throw PromQLError(offset: start, message: "bad number or duration") }
    return .number(value)
  }

  /// `5m`, `1h30m`: whole numbers with units, the larger first; nil when it is a number instead.
  private mutating func duration() throws(PromQLError) -> Int64? {
    let start = position
    var total: Int64 = 0
    var largest = Self.units.count
    while let digit = byte, 0x30...0x39 ~= digit {
      let from = position
      while let byte, 0x30...0x39 ~= byte { position += 1 }
      guard let count = Int64(String(decoding: bytes[from..<position], as: UTF8.self)),
        let unit = Self.units.indices.first(where: { hasUnit(Self.units[$0].name) })
      else { return nil }
      guard unit < largest else {
        throw PromQLError(offset: start, message: "a duration's units go from large to small")
      }
      largest = unit
      position += Self.units[unit].name.utf8.count
      let (part, tooLarge) = count.multipliedReportingOverflow(by: Self.units[unit].milliseconds)
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !tooLarge, !overflow else {
        throw PromQLError(offset: start, message: "the duration is too long")
      }
      total = sum
    }
    return position > start && byte.map(Self.beginsUnitName) != true ? total : nil
  }

  private func hasUnit(_ name: String) -> Bool {
    let unit = Array(name.utf8)
    guard bytes[position...].starts(with: unit) else { return false }
    guard let after = byte(after: unit.count) else { return true }
    return !Self.beginsUnitName(after)
  }

  /// What may not follow a unit: `5m` but not `5mx`. A colon may, in `[5m:1m]`.
  private static func beginsUnitName(_ byte: UInt8) -> Bool {
    beginsName(byte) && byte != UInt8(ascii: ":")
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
    default: false
    }
  }
}

// MARK: - Strings

extension PromQLLexer {
  private mutating func string(_ quote: UInt8) throws(PromQLError) -> PromQLToken.Kind {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte, byte != quote {
      position += 1
      if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "`") {
        try escape(into: &text, start)
      } else {
        text.append(byte)
      }
    }
    guard byte == quote else {
      throw PromQLError(offset: start, message: "the string has no end")
    }
    position += 1
    return .string(String(decoding: text, as: UTF8.self))
  }

  /// Go's escapes, which PromQL has.
  private mutating func escape(into text: inout [UInt8], _ start: Int) throws(PromQLError) {
    guard let byte else { throw PromQLError(offset: start, message: "the string has no end") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "a"): text.append(0x07)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "v"): text.append(0x0B)
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): text.append(byte)
    case UInt8(ascii: "x"): try scalar(digits: 2, into: &text, start)
    case UInt8(ascii: "u"): try scalar(digits: 4, into: &text, start)
    case UInt8(ascii: "U"): try scalar(digits: 8, into: &text, start)
    default:
      throw PromQLError(
        offset: position - 2,
        message: "unknown escape; a backslash in a regular expression is written \\\\")
    }
  }

  private mutating func scalar(
    digits: Int, into text: inout [UInt8], _ start: Int
  ) throws(PromQLError) {
    let end = position + digits
    guard end <= bytes.count,
      let value = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16),
      let scalar = Unicode.Scalar(value)
    else { throw PromQLError(offset: position - 2, message: "bad escape") }
    position = end
    text.append(contentsOf: String(Character(scalar)).utf8)
  }
}
