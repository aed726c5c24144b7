/// Finds the type of an expression and everything that cannot work, without evaluating it.
///
/// Messages are cel-go's (`checker/errors.go`).
struct CELChecker {
  private(set) var issues: [CELIssue] = []
  private var scope: [(name: String, type: CELType)]

  static func check(_ node: CELNode, variables: [(name: String, type: CELType)])
    -> (type: CELType, issues: [CELIssue])
  {
    var checker = CELChecker(scope: variables)
    let type = checker.type(of: node)
    return (type, checker.issues)
  }

  private init(scope: [(name: String, type: CELType)]) { self.scope = scope }

  /// The names of types, which are values too: `type(x) == string`.
  static let typeNames: Set<String> = [
    "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type",
    "optional_type",
  ]

  private mutating func report(_ message: String, at node: CELNode) -> CELType {
    issues.append(CELIssue(message, at: node.offset))
    return .dyn
  }

  private mutating func type(of node: CELNode) -> CELType {
    switch node.kind {
    case .literal(let value): return Self.type(of: value)
    case .identifier(let name):
      if let variable = scope.last(where: { $0.name == name }) { return variable.type }
      if Self.typeNames.contains(name) { return .type }
      return report("undeclared reference to '\(name)' (in container '')", at: node)
    case .select(let operand, let field, let isOptional):
      let type = type(of: operand)
      return selected(field, of: type, isOptional: isOptional, at: node)
    case .has(let operand, let field):
      _ = selected(field, of: type(of: operand), isOptional: false, at: node)
      return .bool
    case .call(let name, let target, let arguments):
      return call(name, target, arguments, at: node)
    case .and(let a, let b): return logical("_&&_", a, b, at: node)
    case .or(let a, let b): return logical("_||_", a, b, at: node)
    case .conditional(let condition, let first, let second):
      return conditional(condition, first, second, at: node)
    case .list(let elements): return list(elements)
    case .map(let entries): return map(entries)
    case .comprehension(let comprehension): return self.comprehension(comprehension)
    case .bind(let name, let value, let body):
      return inScope([(name, type(of: value))]) { $0.type(of: body) }
    case .optionalMap(let target, let name, let body, let flat):
      let wrapped: CELType
      switch type(of: target) {
      case .optional(let type): wrapped = type
      case .dyn: wrapped = .dyn
      case let other:
        return report(
          "found no matching overload for '\(flat ? "optFlatMap" : "optMap")' applied to '\(other)'",
          at: node)
      }
      let result = inScope([(name, wrapped)]) { $0.type(of: body) }
      return flat ? result : .optional(result)
    }
  }

  private mutating func inScope<T>(
    _ variables: [(name: String, type: CELType)], _ body: (inout CELChecker) -> T
  ) -> T {
    scope.append(contentsOf: variables)
    defer { scope.removeLast(variables.count) }
    return body(&self)
  }

  private static func type(of value: CELValue) -> CELType {
    switch value {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    default: .dyn
    }
  }

  // MARK: Fields

  private mutating func selected(
    _ field: String, of type: CELType, isOptional: Bool, at node: CELNode
  ) -> CELType {
    switch type {
    case .dyn: return isOptional ? .optional(.dyn) : .dyn
    case .optional(let wrapped):
      let inner = selected(field, of: wrapped, isOptional: false, at: node)
      if case .optional = inner { return inner }
      return .optional(inner)
    case .map(.string, let value), .map(.dyn, let value):
      return isOptional ? .optional(value) : value
    case .object(let object):
      guard let name = CELFieldName.unescaped(field), let found = object.fields[name] else {
        return report("undefined field '\(field)'", at: node)
      }
      return isOptional ? .optional(found) : found
    default:
      return report("type '\(type)' does not support field selection", at: node)
    }
  }

  // MARK: Operators

  private mutating func logical(
    _ name: String, _ a: CELNode, _ b: CELNode, at node: CELNode
  ) -> CELType {
    let types = [type(of: a), type(of: b)]
    guard types.allSatisfy({ CELType.bool.accepts($0) }) else {
      return noOverload(name, types, node)
    }
    return .bool
  }

  private mutating func conditional(
    _ condition: CELNode, _ first: CELNode, _ second: CELNode, at node: CELNode
  ) -> CELType {
    let types = [type(of: condition), type(of: first), type(of: second)]
    var bindings: [String: CELType] = [:]
    let parameter = CELType.parameter("T")
    guard CELType.bool.accepts(types[0]), parameter.accepts(types[1], &bindings),
      parameter.accepts(types[2], &bindings)
    else { return noOverload("_?_:_", types, node) }
    return types[1].isDyn || types[2].isDyn ? .dyn : parameter.substituting(bindings)
  }

  private mutating func noOverload(_ name: String, _ types: [CELType], _ node: CELNode) -> CELType {
    let list = types.map(\.description).joined(separator: ", ")
    return report("found no matching overload for '\(name)' applied to '(\(list))'", at: node)
  }

  // MARK: Calls

  private mutating func call(
    _ name: String, _ target: CELNode?, _ arguments: [CELNode], at node: CELNode
  ) -> CELType {
    let targetType = target.map { type(of: $0) }
    let types =
      (targetType.map { [$0] } ?? [])
      + arguments.map { argument in
        // Why: only `format` takes values of different types in one list.
        guard name == "format", case .list(let elements) = argument.kind else {
          return type(of: argument)
        }
        for element in elements { _ = formatted(element.node) }
        return .list(.dyn)
      }
    checkLiteral(name, arguments.last)
    let key = target == nil ? name : "." + name
    guard let signatures = CELSignatures.all[key] else {
      return report("undeclared reference to '\(name)' (in container '')", at: node)
    }
    var results: [CELType] = []
    for signature in signatures where signature.parameters.count == types.count {
      var bindings: [String: CELType] = [:]
      let accepts = zip(signature.parameters, types).allSatisfy { $0.accepts($1, &bindings) }
      if accepts { results.append(signature.result.substituting(bindings)) }
    }
    guard let first = results.first else {
      if let target = targetType {
        let list = types.dropFirst().map(\.description).joined(separator: ", ")
        return report(
          "found no matching overload for '\(name)' applied to '\(target).(\(list))'", at: node)
      }
      return noOverload(name, types, node)
    }
    // With a dynamic argument several overloads fit: their result is known only if they agree.
    return results.allSatisfy { "\($0)" == "\(first)" } ? first : .dyn
  }

  private mutating func formatted(_ node: CELNode) -> CELType {
    guard case .list(let elements) = node.kind else { return type(of: node) }
    for element in elements { _ = formatted(element.node) }
    return .list(.dyn)
  }

  /// Texts that no input can make valid are found before there is input.
  private mutating func checkLiteral(_ name: String, _ argument: CELNode?) {
    guard let argument, case .literal(.string(let text)) = argument.kind else { return }
    let isValid: Bool
    switch name {
    case "duration": isValid = CELDuration.parse(text) != nil
    case "timestamp": isValid = CELTimestamp(text) != nil
    case "matches": isValid = RegularExpression.fault(of: text) == nil
    default: return
    }
    if !isValid { _ = report("invalid \(name) argument", at: argument) }
  }

  // MARK: Aggregates

  private mutating func joined(
    _ types: [CELType], _ nodes: [CELNode]
  ) -> CELType {
    guard var result = types.first else { return .dyn }
    for (type, node) in zip(types, nodes).dropFirst() {
      if result.isDyn {
        result = type
      } else if !result.accepts(type) {
        return report("expected type '\(result)' but found '\(type)'", at: node)
      }
    }
    return types.contains(where: \.isDyn) ? .dyn : result
  }

  private mutating func list(_ elements: [CELNode.Element]) -> CELType {
    let types = elements.map { element in
      let type = type(of: element.node)
      guard element.isOptional, case .optional(let wrapped) = type else { return type }
      return wrapped
    }
    return .list(joined(types, elements.map(\.node)))
  }

  private mutating func map(
    _ entries: [(key: CELNode, value: CELNode, isOptional: Bool)]
  ) -> CELType {
    let keys = entries.map { type(of: $0.key) }
    let values = entries.map { entry in
      let type = type(of: entry.value)
      guard entry.isOptional, case .optional(let wrapped) = type else { return type }
      return wrapped
    }
    let key = joined(keys, entries.map(\.key))
    return .map(key, joined(values, entries.map(\.value)))
  }

  private mutating func comprehension(_ comprehension: CELNode.Comprehension) -> CELType {
    let range = type(of: comprehension.range)
    let first: CELType
    let second: CELType
    switch range {
    case .list(let element, _):
      (first, second) = comprehension.second == nil ? (element, .dyn) : (.int, element)
    case .map(let key, let value): (first, second) = (key, value)
    case .dyn: (first, second) = (.dyn, .dyn)
    default:
      return report(
        "expression of type '\(range)' cannot be range of a comprehension (must be list, map, "
          + "or dynamic)", at: comprehension.range)
    }
    var variables = [(name: comprehension.variable, type: first)]
    if let name = comprehension.second { variables.append((name, second)) }
    return inScope(variables) { $0.result(of: comprehension, element: first, range: range) }
  }

  private mutating func result(
    of comprehension: CELNode.Comprehension, element: CELType, range: CELType
  ) -> CELType {
    if let filter = comprehension.filter { requireBool(filter) }
    switch comprehension.macro {
    case .all, .exists, .existsOne:
      requireBool(comprehension.body)
      return .bool
    case .filter:
      requireBool(comprehension.body)
      return .list(element)
    case .map, .transformList: return .list(type(of: comprehension.body))
    case .transformMap:
      let value = type(of: comprehension.body)
      if case .map(let key, _) = range { return .map(key, value) }
      return .map(.int, value)
    }
  }

  private mutating func requireBool(_ node: CELNode) {
    let type = type(of: node)
    if !CELType.bool.accepts(type) {
      _ = report("expected type 'bool' but found '\(type)'", at: node)
    }
  }
}
