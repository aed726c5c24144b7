import JSON

/// What a scalar without quotes and tag means.
///
/// Two readings are compared: YAML 1.2's core schema, and that of `kubectl`, which is
/// sigs.k8s.io/yaml's copy of go-yaml v2 (resolve.go there; checked against kubectl 1.32).
enum PlainScalar: Equatable {
  /// Both agree, or it is text for both.
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string
  /// The readings differ.
  case ambiguous(kubectl: Reading, core: Reading)
  /// An infinity or not a number, for both.
  case notFinite

  /// What one of the two takes a scalar for.
  enum Reading: Equatable {
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string

    /// Nil for text, and for numbers that are too large.
    var value: JSONValue? {
      switch self {
      case .bool(let value): .bool(value)
      case .int(let value): .int(value)
      case .double(let value) where value.isFinite: .double(value)
      case .double, .string: nil
      }
    }

    func text(_ written: String) -> String {
      switch self {
      case .bool(let value): "\(value)"
      case .int(let value): "the number \(value)"
      case .double(let value) where value.isFinite: "the number \(value)"
      case .double: "a number that is too large"
      case .string: "the string \"\(written)\""
      }
    }

    fileprivate func agrees(with other: Reading) -> Bool {
      switch (self, other) {
      case (.int(let a), .double(let b)), (.double(let b), .int(let a)): Double(a) == b
      default: self == other
      }
    }
  }

  init(_ text: UnsafeBufferPointer<UInt8>) {
    guard let first = text.first else {
      self = .null
      return
    }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      self = Self.number(text)
    case UInt8(ascii: "~"): self = text.count == 1 ? .null : .string
    case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"), UInt8(ascii: "T"),
      UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "y"), UInt8(ascii: "Y"),
      UInt8(ascii: "o"), UInt8(ascii: "O"):
      self = text.count <= 5 ? Self.word(text) : .string
    default: self = .string
    }
  }

  private static func word(_ text: UnsafeBufferPointer<UInt8>) -> PlainScalar {
    switch String(decoding: text, as: UTF8.self) {
    case "null", "Null", "NULL": .null
    case "true", "True", "TRUE": .bool(true)
    case "false", "False", "FALSE": .bool(false)
    case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON":
      .ambiguous(kubectl: .bool(true), core: .string)
    case "n", "N", "no", "No", "NO", "off", "Off", "OFF":
      .ambiguous(kubectl: .bool(false), core: .string)
    default: .string
    }
  }

  private static func number(_ text: UnsafeBufferPointer<UInt8>) -> PlainScalar {
    if let small = smallInteger(text) { return .int(small) }
    guard text.allSatisfy(mayBeInNumber) else { return .string }
    let written = String(decoding: text, as: UTF8.self)
    switch written {
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan",
      ".NaN", ".NAN":
      return .notFinite
    default: break
    }
    let core = coreReading(written)
    let kubectl = kubectlReading(written)
    guard core.agrees(with: kubectl) else { return .ambiguous(kubectl: kubectl, core: core) }
    switch core {
    case .int(let value): return .int(value)
    case .double(let value): return .double(value)
    case .bool, .string: return .string
    }
  }

  /// Decimal digits without a leading zero, few enough not to overflow: nearly every number.
  private static func smallInteger(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard text.count <= 18, text[0] != UInt8(ascii: "0") || text.count == 1 else { return nil }
    var value: Int64 = 0
    for byte in text {
      let digit = byte &- 0x30
      guard digit < 10 else { return nil }
      value = value * 10 + Int64(digit)
    }
    return value
  }

  private static func mayBeInNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "x"), UInt8(ascii: "X"),
      UInt8(ascii: "o"), UInt8(ascii: "O"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "i"), UInt8(ascii: "I"),
      UInt8(ascii: "n"), UInt8(ascii: "N"):
      true
    default: false
    }
  }

  /// YAML 1.2.2 section 10.3.2.
  private static func coreReading(_ text: String) -> Reading {
    let bytes = text.utf8
    if bytes.starts(with: "0o".utf8) || bytes.starts(with: "0x".utf8) {
      let digits = text.dropFirst(2)
      let radix = bytes.starts(with: "0o".utf8) ? 8 : 16
      guard digits.utf8.first.map(isSign) == false, !digits.isEmpty,
        digits.utf8.allSatisfy({ digitValue($0) < radix })
      else { return .string }
      if let value = Int64(digits, radix: radix) { return .int(value) }
      if let value = UInt64(digits, radix: radix) { return .double(Double(value)) }
      return .double(.infinity)
    }
    return decimalReading(text)
  }

  /// The decimal integers and floats, which both readings share: an infinity when too large.
  private static func decimalReading(_ text: String) -> Reading {
    var rest = text.utf8[...]
    if let first = rest.first, isSign(first) { rest.removeFirst() }
    let whole = rest.prefix(while: isDigit)
    rest = rest[whole.endIndex...]
    if rest.isEmpty, !whole.isEmpty, let value = Int64(text) { return .int(value) }
    var fraction = rest[rest.startIndex..<rest.startIndex]
    if rest.first == UInt8(ascii: ".") {
      fraction = rest.dropFirst().prefix(while: isDigit)
      rest = rest[fraction.endIndex...]
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return .string }
    if let e = rest.first, e | 0x20 == UInt8(ascii: "e") {
      rest.removeFirst()
      if let first = rest.first, isSign(first) { rest.removeFirst() }
      guard !rest.isEmpty, rest.allSatisfy(isDigit) else { return .string }
    } else if !rest.isEmpty {
      return .string
    }
    // strtod, which this calls, gives an infinity and no error when the value is too large.
    return Double(text).map { .double($0) } ?? .string
  }

  /// strconv.ParseInt with base 0 and then a decimal float, both without underscores; a float that
  /// is too large stays text.
  private static func kubectlReading(_ text: String) -> Reading {
    // Behind a leading point strconv.ParseFloat decides, which wants digits around an underscore.
    if text.utf8.first == UInt8(ascii: "."), !separatesDigits(text) { return .string }
    let plain = text.filter { $0 != "_" }
    if let value = goInteger(plain) { return value }
    switch decimalReading(plain) {
    case .double(let value) where value.isFinite: return .double(value)
    case .int(let value): return .int(value)
    default: return .string
    }
  }

  private static func separatesDigits(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.indices.allSatisfy { i in
      bytes[i] != UInt8(ascii: "_")
        || i > 0 && isDigit(bytes[i - 1]) && i + 1 < bytes.count && isDigit(bytes[i + 1])
    }
  }

  private static func goInteger(_ text: String) -> Reading? {
    var digits = text[...]
    var isNegative = false
    if let first = digits.utf8.first, isSign(first) {
      isNegative = first == UInt8(ascii: "-")
      digits.removeFirst()
    }
    guard digits.utf8.first == UInt8(ascii: "0"), digits.utf8.count > 1 else { return nil }
    let radix: Int
    switch digits.utf8.dropFirst().first.map({ $0 | 0x20 }) {
    case UInt8(ascii: "x"): radix = 16
    case UInt8(ascii: "o"): radix = 8
    case UInt8(ascii: "b"): radix = 2
    default: radix = 0
    }
    digits = radix == 0 ? digits.dropFirst() : digits.dropFirst(2)
    if radix == 2, let first = digits.utf8.first, isSign(first), !isNegative,
      text.utf8.starts(with: "0b".utf8)
    {
      // go-yaml's own rule for 0b hands what follows, sign and all, to the integer parser.
      return Int64(digits, radix: 2).map { .int($0) }
    }
    let base = radix == 0 ? 8 : radix
    guard !digits.isEmpty, digits.utf8.allSatisfy({ digitValue($0) < base }) else { return nil }
    if let value = Int64((isNegative ? "-" : "") + digits, radix: base) { return .int(value) }
    if !isNegative, let value = UInt64(digits, radix: base) { return .double(Double(value)) }
    return nil
  }

  private static func isSign(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  private static func digitValue(_ byte: UInt8) -> Int {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 0x30
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 0x61 + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte) - 0x41 + 10
    default: .max
    }
  }
}
