/// Reads an expression into its tree by recursive descent (cel-spec `doc/langdef.md`, Syntax).
///
/// Bounded: at most `lengthLimit` scalars and `depthLimit` levels, as hostile rules must not
/// exhaust the stack of whoever evaluates them.
struct CELParser {
  static let lengthLimit = 100_000
  static let depthLimit = 250

  private let tokens: [CELToken]
  private var position = 0
  private var nesting = 0

  static func parse(_ source: String) throws(CELIssue) -> CELNode {
    guard source.unicodeScalars.count <= lengthLimit else {
      throw CELIssue("expression code point size exceeds limit: \(lengthLimit)", at: 0)
    }
    var parser = CELParser(tokens: try CELLexer.tokens(of: source))
    let node = try parser.expression()
    guard parser.current.kind == .end else {
      throw parser.unexpected(expecting: "<EOF>")
    }
    return node
  }

  private init(tokens: [CELToken]) { self.tokens = tokens }

  // MARK: Tokens

  private var current: CELToken { tokens[position] }

  private func isSymbol(_ symbol: String, ahead: Int = 0) -> Bool {
    position + ahead < tokens.count && tokens[position + ahead].kind == .symbol(symbol)
  }

  private mutating func accept(_ symbol: String) -> Bool {
    guard isSymbol(symbol) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ symbol: String) throws(CELIssue) {
    guard accept(symbol) else { throw unexpected(expecting: "'\(symbol)'") }
  }

  private func unexpected(expecting: String) -> CELIssue {
    CELIssue(
      "Syntax error: mismatched input '\(current.text)' expecting \(expecting)",
      at: current.offset)
  }

  private static let primaryStarts =
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, "
    + "STRING, BYTES, IDENTIFIER}"

  private func node(_ kind: CELNode.Kind, at offset: Int) throws(CELIssue) -> CELNode {
    let node = CELNode(kind, at: offset)
    guard node.depth <= Self.depthLimit else {
      throw CELIssue("expression recursion limit exceeded: \(Self.depthLimit)", at: offset)
    }
    return node
  }

  // MARK: Operators

  private mutating func expression() throws(CELIssue) -> CELNode {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Self.depthLimit else {
      throw CELIssue("expression recursion limit exceeded: \(Self.depthLimit)", at: current.offset)
    }
    let condition = try disjunction()
    let offset = current.offset
    guard accept("?") else { return condition }
    let first = try disjunction()
    try expect(":")
    let second = try expression()
    return try node(.conditional(condition, first, second), at: offset)
  }

  private mutating func disjunction() throws(CELIssue) -> CELNode {
    var terms = [try conjunction()]
    var offsets: [Int] = []
    while isSymbol("||") {
      offsets.append(current.offset)
      position += 1
      terms.append(try conjunction())
    }
    return try balanced(terms[...], offsets[...], CELNode.Kind.or)
  }

  private mutating func conjunction() throws(CELIssue) -> CELNode {
    var terms = [try relation()]
    var offsets: [Int] = []
    while isSymbol("&&") {
      offsets.append(current.offset)
      position += 1
      terms.append(try relation())
    }
    return try balanced(terms[...], offsets[...], CELNode.Kind.and)
  }

  /// Long chains become shallow trees: both operators are associative.
  private func balanced(
    _ terms: ArraySlice<CELNode>, _ offsets: ArraySlice<Int>,
    _ make: (CELNode, CELNode) -> CELNode.Kind
  ) throws(CELIssue) -> CELNode {
    guard terms.count > 1 else { return terms[terms.startIndex] }
    let half = terms.count / 2
    let left = try balanced(terms.prefix(half), offsets.prefix(half - 1), make)
    let right = try balanced(terms.dropFirst(half), offsets.dropFirst(half), make)
    return try node(make(left, right), at: offsets[offsets.startIndex + half - 1])
  }

  private static let relations = ["==", "!=", "<=", ">=", "<", ">", "in"]

  private mutating func relation() throws(CELIssue) -> CELNode {
    var left = try sum()
    while let symbol = Self.relations.first(where: { isSymbol($0) }) {
      let offset = current.offset
      position += 1
      let right = try sum()
      let name = symbol == "in" ? "@in" : "_\(symbol)_"
      left = try node(.call(name, target: nil, [left, right]), at: offset)
    }
    return left
  }

  private mutating func sum() throws(CELIssue) -> CELNode {
    var left = try product()
    while let symbol = ["+", "-"].first(where: { isSymbol($0) }) {
      let offset = current.offset
      position += 1
      left = try node(.call("_\(symbol)_", target: nil, [left, try product()]), at: offset)
    }
    return left
  }

  private mutating func product() throws(CELIssue) -> CELNode {
    var left = try unary()
    while let symbol = ["*", "/", "%"].first(where: { isSymbol($0) }) {
      let offset = current.offset
      position += 1
      left = try node(.call("_\(symbol)_", target: nil, [left, try unary()]), at: offset)
    }
    return left
  }

  private mutating func unary() throws(CELIssue) -> CELNode {
    for symbol in ["!", "-"] where isSymbol(symbol) {
      let offset = current.offset
      var count = 0
      while isSymbol(symbol) {
        count += 1
        // `-1` is one literal, as -9223372036854775808 has no positive counterpart.
        if symbol == "-", count % 2 == 1, let literal = try negativeLiteral() {
          return count == 1 ? try member(of: literal) : literal
        }
        position += 1
      }
      let operand = try member(of: try primary())
      // Pairs cancel out, as in cel-go.
      return count % 2 == 0
        ? operand : try node(.call("\(symbol)_", target: nil, [operand]), at: offset)
    }
    return try member(of: try primary())
  }

  private mutating func negativeLiteral() throws(CELIssue) -> CELNode? {
    let offset = current.offset
    guard position + 1 < tokens.count else { return nil }
    let value: CELValue
    switch tokens[position + 1].kind {
    case .int(let digits): value = try Self.int("-" + digits, at: offset)
    case .double(let number): value = .double(-number)
    default: return nil
    }
    position += 2
    return CELNode(.literal(value), at: offset)
  }
}

extension CELParser {
  // MARK: Members

  private mutating func member(of first: CELNode) throws(CELIssue) -> CELNode {
    var node = first
    while true {
      let offset = current.offset
      if accept(".") {
        let isOptional = accept("?")
        let name = try fieldName()
        let open = current.offset
        if !isOptional, accept("(") {
          node = try call(name, target: node, arguments: try arguments(until: ")"), at: open)
        } else {
          node = try self.node(.select(node, name, isOptional: isOptional), at: offset)
        }
      } else if accept("[") {
        let isOptional = accept("?")
        let index = try expression()
        try expect("]")
        node = try self.node(
          .call(isOptional ? "_[?_]" : "_[_]", target: nil, [node, index]), at: offset)
      } else {
        return node
      }
    }
  }

  private mutating func fieldName() throws(CELIssue) -> String {
    switch current.kind {
    case .identifier(let name), .quotedIdentifier(let name):
      position += 1
      return name
    default: throw unexpected(expecting: "IDENTIFIER")
    }
  }

  private mutating func arguments(until close: String) throws(CELIssue) -> [CELNode] {
    var arguments: [CELNode] = []
    while !isSymbol(close) {
      arguments.append(try expression())
      guard accept(",") else { break }
    }
    try expect(close)
    return arguments
  }

  private mutating func primary() throws(CELIssue) -> CELNode {
    let token = current
    switch token.kind {
    case .int(let digits):
      position += 1
      return CELNode(.literal(try Self.int(digits, at: token.offset)), at: token.offset)
    case .uint(let digits):
      position += 1
      guard let value = Self.magnitude(digits) else {
        throw CELIssue("invalid uint literal", at: token.offset)
      }
      return CELNode(.literal(.uint(value)), at: token.offset)
    case .double(let value):
      position += 1
      return CELNode(.literal(.double(value)), at: token.offset)
    case .string(let value):
      position += 1
      return CELNode(.literal(.string(value)), at: token.offset)
    case .bytes(let value):
      position += 1
      return CELNode(.literal(.bytes(value)), at: token.offset)
    case .identifier(let name):
      position += 1
      return try identifier(name, token)
    case .symbol(let symbol): return try primary(symbol, token)
    case .quotedIdentifier, .end: throw unexpected(expecting: Self.primaryStarts)
    }
  }

  private mutating func primary(_ symbol: String, _ token: CELToken) throws(CELIssue) -> CELNode {
    position += 1
    switch symbol {
    case "true", "false": return CELNode(.literal(.bool(symbol == "true")), at: token.offset)
    case "null": return CELNode(.literal(.null), at: token.offset)
    case "(":
      let inner = try expression()
      try expect(")")
      return inner
    case "[": return try list(token.offset)
    case "{": return try map(token.offset)
    case ".":
      if case .identifier(let name) = current.kind {
        position += 1
        return try identifier(name, token)
      }
      throw unexpected(expecting: "IDENTIFIER")
    default:
      position -= 1
      throw unexpected(expecting: Self.primaryStarts)
    }
  }

  private mutating func identifier(_ name: String, _ token: CELToken) throws(CELIssue) -> CELNode {
    guard !CELLexer.reserved.contains(name) else {
      throw CELIssue("Syntax error: reserved identifier: \(name)", at: token.offset)
    }
    let open = current.offset
    guard accept("(") else { return CELNode(.identifier(name), at: token.offset) }
    return try call(name, target: nil, arguments: try arguments(until: ")"), at: open)
  }

  private mutating func list(_ offset: Int) throws(CELIssue) -> CELNode {
    var elements: [CELNode.Element] = []
    while !isSymbol("]") {
      let isOptional = accept("?")
      elements.append(CELNode.Element(node: try expression(), isOptional: isOptional))
      guard accept(",") else { break }
    }
    try expect("]")
    return try node(.list(elements), at: offset)
  }

  private mutating func map(_ offset: Int) throws(CELIssue) -> CELNode {
    var entries: [(key: CELNode, value: CELNode, isOptional: Bool)] = []
    while !isSymbol("}") {
      let isOptional = accept("?")
      let key = try expression()
      try expect(":")
      entries.append((key, try expression(), isOptional))
      guard accept(",") else { break }
    }
    try expect("}")
    return try node(.map(entries), at: offset)
  }

  // MARK: Literals

  private static func magnitude(_ digits: String) -> UInt64? {
    let isHex = digits.hasPrefix("0x") || digits.hasPrefix("0X")
    return UInt64(isHex ? String(digits.dropFirst(2)) : digits, radix: isHex ? 16 : 10)
  }

  private static func int(_ text: String, at offset: Int) throws(CELIssue) -> CELValue {
    let isNegative = text.hasPrefix("-")
    guard let magnitude = magnitude(isNegative ? String(text.dropFirst()) : text) else {
      throw CELIssue("invalid int literal", at: offset)
    }
    if isNegative, magnitude == 1 << 63 { return .int(.min) }
    guard let value = Int64(exactly: magnitude) else {
      throw CELIssue("invalid int literal", at: offset)
    }
    return .int(isNegative ? -value : value)
  }

  // MARK: Calls

  /// Functions whose names have a dot, which are no methods of a variable.
  private static let namespaces: [String: Set<String>] = [
    "optional": ["of", "none", "ofNonZeroValue"],
    "sets": ["contains", "equivalent", "intersects"],
    "strings": ["quote"],
    "lists": ["range"],
    "ip": ["isCanonical"],
    "base64": ["encode", "decode"],
    "format": [
      "named", "dns1123Label", "dns1123Subdomain", "dns1035Label", "qualifiedName",
      "dns1123LabelPrefix", "dns1123SubdomainPrefix", "dns1035LabelPrefix", "labelValue", "uri",
      "uuid", "byte", "date", "datetime",
    ],
  ]

  private mutating func call(
    _ name: String, target: CELNode?, arguments: [CELNode], at offset: Int
  ) throws(CELIssue) -> CELNode {
    var macro = CELMacro(name: name, target: target, arguments: arguments, offset: offset)
    if let kind = try macro.expand() { return try node(kind, at: offset) }
    if case .identifier(let namespace) = target?.kind,
      Self.namespaces[namespace]?.contains(name) == true
    {
      return try node(.call("\(namespace).\(name)", target: nil, arguments), at: offset)
    }
    return try node(.call(name, target: target, arguments), at: offset)
  }
}
