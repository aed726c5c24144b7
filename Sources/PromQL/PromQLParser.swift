/// A precedence parser for PromQL
/// (https://prometheus.io/docs/prometheus/latest/querying/operators/).
struct PromQLParser {
  private let tokens: [PromQLToken]
  private var index = 0
  private var depth = 0

  /// Deeper nesting is refused, so that hostile input costs no stack.
  private static let maximumDepth = 100

  private init(_ text: String) throws(PromQLError) { tokens = try PromQLLexer.tokens(of: text) }

  static func parse(_ text: String) throws(PromQLError) -> PromQLExpression {
    var parser = try PromQLParser(text)
    if parser.token.kind == .end {
      throw PromQLError(offset: 0, message: "the expression is empty")
    }
    let expression = try parser.expression()
    guard parser.token.kind == .end else {
      throw parser.unexpected("an operator or the end")
    }
    return expression
  }

  // MARK: Tokens

  var token: PromQLToken { tokens[index] }

  var tokenAfter: PromQLToken.Kind { tokens[min(index + 1, tokens.count - 1)].kind }

  mutating func advance() { index = min(index + 1, tokens.count - 1) }

  func unexpected(_ expected: String) -> PromQLError {
    PromQLError(
      offset: token.range.lowerBound, message: "unexpected \(token.text); expected \(expected)")
  }

  func isSymbol(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }

  mutating func accept(_ symbol: String) -> Bool {
    guard isSymbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: String) throws(PromQLError) {
    guard accept(symbol) else { throw unexpected("\"\(symbol)\"") }
  }

  /// A keyword, in whatever case.
  func isKeyword(_ word: String) -> Bool {
    if case .identifier(let name) = token.kind { name.lowercased() == word } else { false }
  }

  mutating func acceptKeyword(_ word: String) -> Bool {
    guard isKeyword(word) else { return false }
    advance()
    return true
  }

  var previousEnd: Int { index > 0 ? tokens[index - 1].range.upperBound : 0 }

  // MARK: Operators

  private static let precedences: [String: Int] = [
    "or": 1, "and": 2, "unless": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4,
    "-": 4, "*": 5, "/": 5, "%": 5, "atan2": 5, "^": 6,
  ]

  private var operation: (name: String, precedence: Int)? {
    let name: String
    switch token.kind {
    case .symbol(let symbol): name = symbol
    case .identifier(let word): name = word.lowercased()
    default: return nil
    }
    return Self.precedences[name].map { (name, $0) }
  }

  mutating func expression(above minimum: Int = 0) throws(PromQLError) -> PromQLExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else {
      throw PromQLError(offset: token.range.lowerBound, message: "nested too deeply")
    }
    var left = try unary()
    while let (name, precedence) = operation, precedence > minimum {
      let place = token.range.lowerBound
      advance()
      var operation = try modifiers(name)
      // `^` binds to the right: 2 ^ 3 ^ 2 is 2 ^ 9.
      operation.right = try expression(above: name == "^" ? precedence - 1 : precedence)
      operation.left = left
      try check(operation, place)
      left = PromQLExpression(
        .binary(operation), range: left.range.lowerBound..<operation.right.range.upperBound)
    }
    return left
  }

  /// `bool`, `on`, `ignoring`, `group_left`, `group_right` after an operator. The operands are
  /// placeholders.
  private mutating func modifiers(_ name: String) throws(PromQLError) -> BinaryOperation {
    let none = PromQLExpression(.number(0), range: 0..<0)
    var operation = BinaryOperation(operation: name, left: none, right: none)
    if operation.isSetOperation { operation.cardinality = .manyToMany }
    if isKeyword("bool") {
      guard operation.isComparison else {
        throw PromQLError(
          offset: token.range.lowerBound, message: "\"bool\" stands after comparisons only")
      }
      advance()
      operation.returnsBool = true
    }
    if acceptKeyword("on") {
      operation.matching = .on(try labels())
    } else if acceptKeyword("ignoring") {
      operation.matching = .ignoring(try labels())
    }
    let groupOffset = token.range.lowerBound
    let isLeft = isKeyword("group_left")
    guard isLeft || isKeyword("group_right") else { return operation }
    advance()
    guard operation.matching != nil, !operation.isSetOperation else {
      throw PromQLError(
        offset: groupOffset,
        message: operation.isSetOperation
          ? "no grouping for \"\(name)\"" : "grouping needs on (...) or ignoring (...) before it")
    }
    let labels = isSymbol("(") ? try self.labels() : []
    operation.cardinality = isLeft ? .manyToOne(labels) : .oneToMany(labels)
    return operation
  }

  private func check(_ operation: BinaryOperation, _ place: Int) throws(PromQLError) {
    for side in [operation.left, operation.right] {
      guard side.type == .scalar || side.type == .instantVector else {
        throw PromQLError(
          offset: side.range.lowerBound,
          message: "\"\(operation.operation)\" takes scalars and instant vectors, not a "
            + side.type.rawValue)
      }
    }
    let scalars = [operation.left, operation.right].filter { $0.type == .scalar }.count
    if operation.isSetOperation, scalars > 0 {
      throw PromQLError(
        offset: place, message: "\"\(operation.operation)\" takes instant vectors on both sides")
    }
    if scalars == 2, operation.isComparison, !operation.returnsBool {
      throw PromQLError(offset: place, message: "a comparison of scalars needs \"bool\"")
    }
    if scalars > 0, operation.matching != nil {
      throw PromQLError(
        offset: place, message: "label matching needs instant vectors on both sides")
    }
  }

  private mutating func unary() throws(PromQLError) -> PromQLExpression {
    let start = token.range.lowerBound
    let isNegated = isSymbol("-")
    guard isNegated || isSymbol("+") else { return try postfix(primary()) }
    advance()
    // A sign binds as `*` does: -2 ^ 2 is -(2 ^ 2).
    let operand = try expression(above: 5)
    guard operand.type == .scalar || operand.type == .instantVector else {
      throw PromQLError(
        offset: start, message: "a sign stands before scalars and instant vectors only")
    }
    return isNegated
      ? PromQLExpression(.negated(operand), range: start..<operand.range.upperBound) : operand
  }

  /// Label names in parentheses; a comma may follow the last one.
  mutating func labels() throws(PromQLError) -> [String] {
    try expect("(")
    var labels: [String] = []
    while !isSymbol(")") {
      switch token.kind {
      case .identifier(let name), .string(let name): labels.append(name)
      default: throw unexpected("a label name")
      }
      advance()
      if !accept(",") { break }
    }
    try expect(")")
    return labels
  }
}
