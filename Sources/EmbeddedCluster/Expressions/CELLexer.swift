/// A word of the expression language.
struct CELToken: Sendable {
  enum Kind: Sendable, Equatable {
    case identifier(String)
    /// `` `a.b` `` after a dot.
    case quotedIdentifier(String)
    case int(String)
    case uint(String)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    /// An operator, a bracket, or one of the words `in`, `true`, `false`, `null`.
    case symbol(String)
    case end
  }

  var kind: Kind
  var offset: Int
  /// As it is written, for messages.
  var text: String
}

/// Splits an expression into tokens (cel-spec `doc/langdef.md`, Syntax).
struct CELLexer {
  private let scalars: [Unicode.Scalar]
  private var position = 0

  /// The words that CEL keeps for itself; they are no identifiers, but may name a field.
  static let reserved: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
    "package", "namespace", "return", "var", "void", "while",
  ]
  private static let words: Set<String> = ["in", "true", "false", "null"]
  private static let symbols = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",",
    "(", ")", "[", "]", "{", "}",
  ].map { Array($0.unicodeScalars) }

  private init(_ source: String) { scalars = Array(source.unicodeScalars) }

  static func tokens(of source: String) throws(CELIssue) -> [CELToken] {
    var lexer = CELLexer(source)
    var tokens: [CELToken] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
    position + ahead < scalars.count ? scalars[position + ahead] : nil
  }

  private mutating func next() throws(CELIssue) -> CELToken {
    skipSpaceAndComments()
    let start = position
    guard let scalar = peek() else { return CELToken(kind: .end, offset: start, text: "<EOF>") }
    let kind: CELToken.Kind
    if let literal = try stringLiteral() {
      kind = literal
    } else if scalar.isCELLetter {
      kind = word()
    } else if scalar.isCELDigit || (scalar == "." && peek(1)?.isCELDigit == true) {
      kind = try number()
    } else if scalar == "`" {
      kind = try quotedIdentifier()
    } else if let symbol = Self.symbols.first(where: { scalars[start...].starts(with: $0) }) {
      position += symbol.count
      kind = .symbol(text(from: start))
    } else {
      throw CELIssue("Syntax error: token recognition error at: '\(scalar)'", at: start)
    }
    return CELToken(kind: kind, offset: start, text: text(from: start))
  }

  private func text(from start: Int) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[start..<position])
    return String(text)
  }

  private mutating func skipSpaceAndComments() {
    while let scalar = peek() {
      if scalar == "/", peek(1) == "/" {
        while let other = peek(), other != "\n" { position += 1 }
      } else if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
        || scalar == "\u{0C}"
      {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func word() -> CELToken.Kind {
    let start = position
    while let scalar = peek(), scalar.isCELLetter || scalar.isCELDigit { position += 1 }
    let text = text(from: start)
    return Self.words.contains(text) ? .symbol(text) : .identifier(text)
  }

  private mutating func quotedIdentifier() throws(CELIssue) -> CELToken.Kind {
    let start = position
    position += 1
    while let scalar = peek(), scalar != "`" {
      guard
        scalar.isCELLetter || scalar.isCELDigit || scalar == "." || scalar == "-" || scalar == "/"
          || scalar == " "
      else { break }
      position += 1
    }
    guard peek() == "`", position > start + 1 else {
      throw CELIssue("Syntax error: token recognition error at: '`'", at: start)
    }
    let name = String(text(from: start).dropFirst())
    position += 1
    return .quotedIdentifier(name)
  }

  private mutating func digits() {
    while let scalar = peek(), scalar.isCELDigit { position += 1 }
  }

  private mutating func number() throws(CELIssue) -> CELToken.Kind {
    let start = position
    if peek() == "0", peek(1) == "x" || peek(1) == "X", peek(2)?.isCELHexDigit == true {
      position += 2
      while let scalar = peek(), scalar.isCELHexDigit { position += 1 }
    } else {
      digits()
      var isDouble = false
      if peek() == ".", peek(1)?.isCELDigit == true {
        isDouble = true
        position += 1
        digits()
      }
      if peek() == "e" || peek() == "E" {
        let sign = peek(1) == "+" || peek(1) == "-" ? 1 : 0
        if peek(1 + sign)?.isCELDigit == true {
          isDouble = true
          position += 1 + sign
          digits()
        }
      }
      if isDouble {
        let text = text(from: start)
        guard let value = Double(text.hasPrefix(".") ? "0" + text : text), value.isFinite else {
          throw CELIssue("invalid double literal", at: start)
        }
        return .double(value)
      }
    }
    let text = text(from: start)
    if peek() == "u" || peek() == "U" {
      position += 1
      return .uint(text)
    }
    return .int(text)
  }
}

extension CELLexer {
  /// `"…"`, `'…'`, triple quotes, and the prefixes r (raw) and b (bytes); nil when none starts here.
  private mutating func stringLiteral() throws(CELIssue) -> CELToken.Kind? {
    var isRaw = false
    var isBytes = false
    var ahead = 0
    while let scalar = peek(ahead), ahead < 2 {
      if scalar == "r" || scalar == "R", !isRaw {
        isRaw = true
      } else if scalar == "b" || scalar == "B", !isBytes {
        isBytes = true
      } else {
        break
      }
      ahead += 1
    }
    guard let quote = peek(ahead), quote == "\"" || quote == "'" else { return nil }
    let start = position
    position += ahead
    let isTriple = peek(1) == quote && peek(2) == quote
    position += isTriple ? 3 : 1
    var text = CELStringBuilder(isBytes: isBytes)
    while true {
      guard let scalar = peek(), isTriple || (scalar != "\n" && scalar != "\r") else {
        throw CELIssue(
          "Syntax error: token recognition error at: '\(self.text(from: start))'", at: start)
      }
      if scalar == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
        position += isTriple ? 3 : 1
        return text.token
      }
      position += 1
      if scalar == "\\", !isRaw {
        try escape(into: &text)
      } else if scalar == "\\", let next = peek() {
        text.append(scalar)
        text.append(next)
        position += 1
      } else {
        text.append(scalar)
      }
    }
  }

  private mutating func escape(into text: inout CELStringBuilder) throws(CELIssue) {
    let start = position - 1
    guard let scalar = peek() else { return }
    position += 1
    switch scalar {
    case "a": text.append("\u{07}")
    case "b": text.append("\u{08}")
    case "f": text.append("\u{0C}")
    case "n": text.append("\n")
    case "r": text.append("\r")
    case "t": text.append("\t")
    case "v": text.append("\u{0B}")
    case "\\", "'", "\"", "`", "?": text.append(scalar)
    case "x", "X": try code(digits: 2, radix: 16, isByte: true, from: start, into: &text)
    case "u": try code(digits: 4, radix: 16, isByte: false, from: start, into: &text)
    case "U": try code(digits: 8, radix: 16, isByte: false, from: start, into: &text)
    case "0"..."3":
      position -= 1
      try code(digits: 3, radix: 8, isByte: true, from: start, into: &text)
    default:
      throw CELIssue("Syntax error: token recognition error at: '\\\(scalar)'", at: start)
    }
  }

  private mutating func code(
    digits: Int, radix: Int, isByte: Bool, from start: Int, into text: inout CELStringBuilder
  ) throws(CELIssue) {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = peek().flatMap({ Character($0).hexDigitValue }), digit < radix else {
        throw CELIssue("Syntax error: invalid escape sequence", at: start)
      }
      value = value &* UInt32(radix) &+ UInt32(digit)
      position += 1
    }
    if text.isBytes {
      guard isByte else {
        throw CELIssue("Syntax error: unicode escape in a bytes literal", at: start)
      }
      text.append(byte: UInt8(truncatingIfNeeded: value))
    } else if let scalar = Unicode.Scalar(value) {
      text.append(scalar)
    } else {
      throw CELIssue("Syntax error: escape is no Unicode scalar", at: start)
    }
  }
}

private struct CELStringBuilder {
  let isBytes: Bool
  private var scalars = String.UnicodeScalarView()
  private var bytes: [UInt8] = []

  init(isBytes: Bool) { self.isBytes = isBytes }

  mutating func append(_ scalar: Unicode.Scalar) {
    if isBytes { bytes.append(contentsOf: String(scalar).utf8) } else { scalars.append(scalar) }
  }

  mutating func append(byte: UInt8) { bytes.append(byte) }

  var token: CELToken.Kind { isBytes ? .bytes(bytes) : .string(String(scalars)) }
}

extension Unicode.Scalar {
  fileprivate var isCELDigit: Bool { ("0"..."9").contains(self) }
  fileprivate var isCELHexDigit: Bool {
    isCELDigit || ("a"..."f").contains(self) || ("A"..."F").contains(self)
  }
  fileprivate var isCELLetter: Bool {
    ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_"
  }
}
