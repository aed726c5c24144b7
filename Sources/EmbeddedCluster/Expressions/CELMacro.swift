/// A call that may be a macro: something the parser expands, because its arguments are not
/// evaluated before it (cel-spec `doc/langdef.md`, Macros).
struct CELMacro {
  let name: String
  let target: CELNode?
  let arguments: [CELNode]
  let offset: Int

  /// Nil when this is an ordinary call.
  mutating func expand() throws(CELIssue) -> CELNode.Kind? {
    switch (name, target) {
    case ("has", nil) where arguments.count == 1: return try has()
    case ("bind", let target?) where arguments.count == 3:
      guard case .identifier("cel") = target.kind else { return nil }
      return .bind(try variable(0), value: arguments[1], body: arguments[2])
    case ("optMap", let target?) where arguments.count == 2:
      return .optionalMap(target, try variable(0), body: arguments[1], flat: false)
    case ("optFlatMap", let target?) where arguments.count == 2:
      return .optionalMap(target, try variable(0), body: arguments[1], flat: true)
    case (_, let target?): return try comprehension(over: target)
    default: return nil
    }
  }

  private func has() throws(CELIssue) -> CELNode.Kind {
    guard case .select(let node, let field, isOptional: false) = arguments[0].kind else {
      throw CELIssue("invalid argument to has() macro", at: arguments[0].offset)
    }
    return .has(node, field)
  }

  private func comprehension(over range: CELNode) throws(CELIssue) -> CELNode.Kind? {
    typealias Macro = CELNode.Comprehension.Macro
    let macro: Macro
    switch name {
    case "all": macro = .all
    case "exists": macro = .exists
    case "exists_one", "existsOne": macro = .existsOne
    case "map": macro = .map
    case "filter": macro = .filter
    case "transformList": macro = .transformList
    case "transformMap": macro = .transformMap
    default: return nil
    }
    var variables = 1
    var hasFilter = false
    switch (macro, arguments.count) {
    case (.all, 2), (.exists, 2), (.existsOne, 2), (.filter, 2), (.map, 2): break
    case (.map, 3): hasFilter = true
    case (.all, 3), (.exists, 3), (.existsOne, 3), (.transformList, 3), (.transformMap, 3):
      variables = 2
    case (.transformList, 4), (.transformMap, 4):
      variables = 2
      hasFilter = true
    default: return nil
    }
    let first = try variable(0)
    let second = variables == 2 ? try variable(1) : nil
    guard first != second else {
      throw CELIssue("duplicate variable name: \(first)", at: arguments[1].offset)
    }
    return .comprehension(
      CELNode.Comprehension(
        macro: macro, range: range, variable: first, second: second,
        filter: hasFilter ? arguments[variables] : nil, body: arguments[arguments.count - 1]))
  }

  private func variable(_ index: Int) throws(CELIssue) -> String {
    guard case .identifier(let name) = arguments[index].kind else {
      throw CELIssue("argument must be a simple name", at: arguments[index].offset)
    }
    guard name != "__result__" else {
      throw CELIssue(
        "iteration variable overwrites accumulator variable", at: arguments[index].offset)
    }
    return name
  }
}
