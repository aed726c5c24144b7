/// A compiled expression: parsed and checked against the types of its variables.
struct CELExpression: Sendable {
  let source: String
  let root: CELNode
  let type: CELType

  /// - Throws: `CELCompileError` with everything that is wrong.
  init(
    _ source: String, variables: [(name: String, type: CELType)]
  ) throws(CELCompileError) {
    self.source = source
    do {
      root = try CELParser.parse(source)
    } catch {
      throw CELCompileError(source: source, issues: [error])
    }
    let (type, issues) = CELChecker.check(root, variables: variables)
    guard issues.isEmpty else { throw CELCompileError(source: source, issues: issues) }
    self.type = type
  }

  func evaluate(
    _ variables: [(name: String, value: CELValue)], budget: Int = CELInterpreter.defaultBudget
  ) throws(CELError) -> CELValue {
    var interpreter = CELInterpreter(variables: variables, budget: budget)
    return try interpreter.evaluate(root)
  }
}

/// Why an expression does not compile.
struct CELCompileError: Error, Sendable, Hashable {
  var source: String
  var issues: [CELIssue]

  /// One block per issue, as cel-go prints them.
  var text: String { issues.map { $0.display(in: source) }.joined(separator: "\n") }
}
