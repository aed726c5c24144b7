extension PromQLParser {
  /// What operators stand between, without ranges and offsets.
  mutating func primary() throws(PromQLError) -> PromQLExpression {
    let start = token.range.lowerBound
    switch token.kind {
    case .number(let value):
      advance()
      return PromQLExpression(.number(value), range: start..<previousEnd)
    case .duration(let milliseconds):
      // Prometheus 3 reads a duration as its seconds where a number may stand.
      advance()
      return PromQLExpression(.number(Double(milliseconds) / 1000), range: start..<previousEnd)
    case .string(let text):
      advance()
      return PromQLExpression(.string(text), range: start..<previousEnd)
    case .symbol("("):
      advance()
      let inner = try expression()
      try expect(")")
      return PromQLExpression(.parenthesised(inner), range: start..<previousEnd)
    case .symbol("{"): return try selector(nil, start)
    case .identifier(let name): return try named(name, start)
    default: throw unexpected("a metric, a function, a number or \"(\"")
    }
  }

  private mutating func named(_ name: String, _ start: Int) throws(PromQLError) -> PromQLExpression
  {
    if let parameter = PromQLFunction.aggregations[name.lowercased()] {
      let next = tokenAfter
      if next == .symbol("(") || next.isWord("by") || next.isWord("without") {
        advance()
        return try aggregation(name.lowercased(), parameter, start)
      }
    }
    advance()
    guard isSymbol("(") else { return try selector(name, start) }
    guard let function = PromQLFunction.all[name] else {
      throw PromQLError(offset: start, message: "there is no function \"\(name)\"")
    }
    let arguments = try self.arguments()
    let expected = function.arguments.count
    let isTooFew = arguments.count < expected - function.optional - (function.isVariadic ? 1 : 0)
    guard !isTooFew, arguments.count <= expected || function.isVariadic else {
      throw PromQLError(
        offset: start,
        message: "\(name) takes \(expected) argument\(expected == 1 ? "" : "s"), "
          + "not \(arguments.count)")
    }
    for (i, argument) in arguments.enumerated() {
      guard let type = i < expected ? function.arguments[i] : function.arguments.last else { break }
      try argument.require(type, for: "argument \(i + 1) of \(name)")
    }
    return PromQLExpression(.call(name, arguments), range: start..<previousEnd)
  }

  private mutating func arguments() throws(PromQLError) -> [PromQLExpression] {
    try expect("(")
    var arguments: [PromQLExpression] = []
    while !isSymbol(")") {
      arguments.append(try expression())
      if !accept(",") { break }
    }
    try expect(")")
    return arguments
  }

  private mutating func aggregation(
    _ name: String, _ parameterType: PromQLType?, _ start: Int
  ) throws(PromQLError) -> PromQLExpression {
    var grouping = try self.grouping()
    var arguments = try self.arguments()
    if grouping == nil { grouping = try self.grouping() }
    guard arguments.count == (parameterType == nil ? 1 : 2), let operand = arguments.popLast()
    else {
      throw PromQLError(
        offset: start,
        message: parameterType == nil
          ? "\(name) takes one expression"
          : "\(name) takes a \(parameterType?.rawValue ?? "") and an expression")
    }
    try operand.require(.instantVector, for: "what \(name) aggregates")
    if let parameterType, let parameter = arguments.first {
      try parameter.require(parameterType, for: "the parameter of \(name)")
    }
    let aggregation = Aggregation(
      function: name, grouping: grouping, parameter: arguments.first, operand: operand)
    return PromQLExpression(.aggregation(aggregation), range: start..<previousEnd)
  }

  private mutating func grouping() throws(PromQLError) -> Aggregation.Grouping? {
    if acceptKeyword("by") { return .by(try labels()) }
    if acceptKeyword("without") { return .without(try labels()) }
    return nil
  }

  // MARK: Selectors

  private mutating func selector(
    _ metric: String?, _ start: Int
  ) throws(PromQLError) -> PromQLExpression {
    var selector = VectorSelector(metric: metric, matchers: [])
    if accept("{") {
      while !isSymbol("}") {
        try matcher(into: &selector)
        if !accept(",") { break }
      }
      try expect("}")
    }
    let matchesEverything = selector.matchers.allSatisfy {
      $0.value.isEmpty && $0.comparison == .equal
    }
    if selector.metric == nil, matchesEverything {
      throw PromQLError(
        offset: start, message: "a selector needs a metric name or a matcher that is not empty")
    }
    return PromQLExpression(.selector(selector), range: start..<previousEnd)
  }

  /// `label="value"`, or a metric name in quotes.
  private mutating func matcher(into selector: inout VectorSelector) throws(PromQLError) {
    let start = token.range.lowerBound
    let label: String
    switch token.kind {
    case .identifier(let name): label = name
    case .string(let name):
      if tokenAfter == .symbol(",") || tokenAfter == .symbol("}") {
        guard selector.metric == nil else {
          throw PromQLError(offset: start, message: "the metric has a name already")
        }
        selector.metric = name
        advance()
        return
      }
      label = name
    default: throw unexpected("a label name")
    }
    advance()
    guard case .symbol(let symbol) = token.kind,
      let comparison = LabelMatcher.Comparison(rawValue: symbol)
    else { throw unexpected("=, !=, =~ or !~") }
    advance()
    guard case .string(let value) = token.kind else { throw unexpected("a string in quotes") }
    advance()
    if label == "__name__", comparison == .equal, selector.metric == nil {
      selector.metric = value
    } else {
      selector.matchers.append(LabelMatcher(label: label, comparison: comparison, value: value))
    }
  }

  // MARK: Ranges and offsets

  mutating func postfix(_ operand: PromQLExpression) throws(PromQLError) -> PromQLExpression {
    var operand = operand
    while true {
      if isSymbol("[") {
        operand = try range(of: operand)
      } else if isKeyword("offset") {
        advance()
        let isBack = !accept("-")
        guard let milliseconds = duration() else { throw unexpected("a duration such as 5m") }
        operand = operand.shifted(by: isBack ? milliseconds : -milliseconds)
        operand.range = operand.range.lowerBound..<previousEnd
      } else if accept("@") {
        try instant()
        operand.range = operand.range.lowerBound..<previousEnd
      } else {
        return operand
      }
    }
  }

  private mutating func range(of operand: PromQLExpression) throws(PromQLError) -> PromQLExpression
  {
    let start = token.range.lowerBound
    advance()
    guard let length = duration(), length > 0 else { throw unexpected("a duration such as 5m") }
    if accept(":") {
      let step = isSymbol("]") ? nil : duration()
      try expect("]")
      try operand.require(.instantVector, for: "what a subquery repeats")
      return PromQLExpression(
        .subquery(operand, range: length, step: step),
        range: operand.range.lowerBound..<previousEnd)
    }
    try expect("]")
    guard case .selector = operand.kind else {
      throw PromQLError(
        offset: start,
        message: "a range stands after a selector only; for an expression write a subquery [5m:]")
    }
    return PromQLExpression(
      .range(operand, length), range: operand.range.lowerBound..<previousEnd)
  }

  /// After `@`: a time, `start()` or `end()`.
  private mutating func instant() throws(PromQLError) {
    _ = accept("-")
    switch token.kind {
    case .number: advance()
    case .identifier("start"), .identifier("end"):
      advance()
      try expect("(")
      try expect(")")
    default: throw unexpected("a time, start() or end()")
    }
  }

  /// A duration, or a number of seconds, in milliseconds.
  private mutating func duration() -> Int64? {
    switch token.kind {
    case .duration(let milliseconds):
      advance()
      return milliseconds
    case .number(let seconds):
      guard seconds.isFinite, abs(seconds) < 1e12 else { return nil }
      advance()
      return Int64(seconds * 1000)
    default: return nil
    }
  }
}

extension PromQLToken.Kind {
  fileprivate func isWord(_ word: String) -> Bool {
    if case .identifier(let name) = self { name.lowercased() == word } else { false }
  }
}

extension PromQLExpression {
  fileprivate func shifted(by milliseconds: Int64) -> PromQLExpression {
    switch kind {
    case .selector(var selector):
      selector.offset = milliseconds
      return PromQLExpression(.selector(selector), range: range)
    case .range(let inner, let length):
      return PromQLExpression(.range(inner.shifted(by: milliseconds), length), range: range)
    default: return self
    }
  }
}
