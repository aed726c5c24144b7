import JSON

/// Evaluates an expression within a budget.
///
/// Each node costs one unit and functions cost more for large arguments, so that the time an
/// expression takes is bounded whatever it says; cel-go has the same idea with other numbers.
struct CELInterpreter {
  /// Kubernetes' `PerCallLimit`.
  static let defaultBudget = 1_000_000

  private var variables: [(name: String, value: CELValue)]
  private(set) var budget: Int

  init(variables: [(name: String, value: CELValue)], budget: Int = defaultBudget) {
    self.variables = variables
    self.budget = budget
  }

  mutating func spend(_ cost: Int) throws(CELError) {
    budget -= cost
    if budget < 0 { throw .exhausted }
  }

  mutating func evaluate(_ node: CELNode) throws(CELError) -> CELValue {
    try spend(1)
    switch node.kind {
    case .literal(let value): return value
    case .identifier(let name): return try variable(name)
    case .select(let operand, let field, let isOptional):
      return try select(field, of: try evaluate(operand), isOptional: isOptional)
    case .has(let operand, let field):
      return .bool(try member(field, of: try evaluate(operand)) != nil)
    case .call(let name, let target, let arguments): return try call(name, target, arguments)
    case .and(let a, let b): return try logical(a, b, decidedBy: false)
    case .or(let a, let b): return try logical(a, b, decidedBy: true)
    case .conditional(let condition, let first, let second):
      guard case .bool(let holds) = try evaluate(condition) else { throw .noSuchOverload }
      return try evaluate(holds ? first : second)
    case .list(let elements): return try list(elements)
    case .map(let entries): return try map(entries)
    case .comprehension(let comprehension): return try self.comprehension(comprehension)
    case .bind(let name, let value, let body):
      return try evaluate(body, with: name, as: try evaluate(value))
    case .optionalMap(let target, let name, let body, let flat):
      guard case .optional(let value) = try evaluate(target) else { throw .noSuchOverload }
      guard let value else { return .optional(nil) }
      let result = try evaluate(body, with: name, as: value)
      return flat ? result : .optional(result)
    }
  }

  private mutating func evaluate(
    _ body: CELNode, with name: String, as value: CELValue
  ) throws(CELError) -> CELValue {
    variables.append((name, value))
    defer { variables.removeLast() }
    return try evaluate(body)
  }

  private func variable(_ name: String) throws(CELError) -> CELValue {
    if let found = variables.last(where: { $0.name == name }) { return found.value }
    if CELChecker.typeNames.contains(name) { return .type(name) }
    throw CELError("no such attribute(s): \(name)")
  }

  // MARK: Members

  /// Nil when there is no such member.
  private func member(_ field: String, of value: CELValue) throws(CELError) -> CELValue? {
    switch value {
    case .object(let object, let type):
      guard let name = CELFieldName.unescaped(field), let fieldType = type.fields[name],
        let json = object[name]
      else { return nil }
      return try CELValue(json, fieldType)
    case .map(let map): return try map.value(for: .string(field))
    case .optional(let wrapped):
      guard let wrapped else { return nil }
      return try member(field, of: wrapped)
    default: throw .noSuchOverload
    }
  }

  private func select(
    _ field: String, of value: CELValue, isOptional: Bool
  ) throws(CELError) -> CELValue {
    let found = try member(field, of: value)
    if case .optional = value {
      if case .optional = found { return found ?? .optional(nil) }
      return .optional(found)
    }
    if isOptional { return .optional(found) }
    guard let found else { throw .noSuchKey(field) }
    return found
  }

  // MARK: Logic

  /// `&&` and `||`: one operand that decides hides an error of the other, in either order.
  private mutating func logical(
    _ a: CELNode, _ b: CELNode, decidedBy decisive: Bool
  ) throws(CELError) -> CELValue {
    var failure: CELError?
    for operand in [a, b] {
      do throws(CELError) {
        guard case .bool(let value) = try evaluate(operand) else { throw .noSuchOverload }
        if value == decisive { return .bool(decisive) }
      } catch {
        if error.isExhausted { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return .bool(!decisive)
  }

  // MARK: Calls

  private mutating func call(
    _ name: String, _ target: CELNode?, _ nodes: [CELNode]
  ) throws(CELError) -> CELValue {
    var arguments: [CELValue] = []
    arguments.reserveCapacity(nodes.count + 1)
    if let target { arguments.append(try evaluate(target)) }
    for node in nodes { arguments.append(try evaluate(node)) }
    var cost = 0
    for argument in arguments { cost += argument.weight }
    try spend(cost)
    switch name {
    case "_==_", "_!=_":
      try spend(arguments.reduce(0) { $0 + $1.depthWeight })
      guard arguments.count == 2 else { throw .noSuchOverload }
      return .bool((arguments[0] == arguments[1]) == (name == "_==_"))
    case "matches", "find", "findAll": try spendOnPattern(arguments)
    case "distinct":
      // Each is compared with each.
      try spendProduct(of: [arguments[0].weight, arguments[0].weight / 4])
    case "sort", "sets.contains", "sets.equivalent", "sets.intersects":
      try spendProduct(of: arguments.map(\.weight))
    case "lists.range":
      if case .int(let count) = arguments[0] { try spend(Int(clamping: max(0, count))) }
    case "replace", "format", "join":
      // What comes out may be much larger than what goes in.
      try spendProduct(of: arguments.map(\.depthWeight))
    default: break
    }
    return try CELFunctions.call(name, isMethod: target != nil, arguments)
  }

  private mutating func spendProduct(of sizes: [Int]) throws(CELError) {
    var cost = 1
    for size in sizes {
      let (product, overflow) = cost.multipliedReportingOverflow(by: max(1, size))
      guard !overflow else { throw .exhausted }
      cost = product
    }
    try spend(cost)
  }

  private mutating func spendOnPattern(_ arguments: [CELValue]) throws(CELError) {
    guard arguments.count >= 2, case .string(let text) = arguments[0],
      case .string(let pattern) = arguments[1]
    else { return }
    let size = try CELFunctions.expression(pattern).program.count
    try spend(1 + text.utf8.count * size / 5)
  }

  // MARK: Aggregates

  private mutating func list(_ elements: [CELNode.Element]) throws(CELError) -> CELValue {
    var values: [CELValue] = []
    for element in elements {
      let value = try evaluate(element.node)
      if element.isOptional {
        guard case .optional(let wrapped) = value else { throw .noSuchOverload }
        if let wrapped { values.append(wrapped) }
      } else {
        values.append(value)
      }
    }
    return .list(values)
  }

  private mutating func map(
    _ nodes: [(key: CELNode, value: CELNode, isOptional: Bool)]
  ) throws(CELError) -> CELValue {
    var entries: [(key: CELValue, value: CELValue)] = []
    for node in nodes {
      let key = try evaluate(node.key)
      let value = try evaluate(node.value)
      try spend(entries.count)
      guard !entries.contains(where: { $0.key == key }) else {
        throw CELError("Failed with repeated key")
      }
      if node.isOptional {
        guard case .optional(let wrapped) = value else { throw .noSuchOverload }
        if let wrapped { entries.append((key, wrapped)) }
      } else {
        entries.append((key, value))
      }
    }
    return .map(CELMap(storage: .entries(entries)))
  }
}

extension CELInterpreter {
  // MARK: Comprehensions

  private mutating func comprehension(
    _ comprehension: CELNode.Comprehension
  ) throws(CELError) -> CELValue {
    let range = try evaluate(comprehension.range)
    let items: [(first: CELValue, second: CELValue)]
    switch range {
    case .list(let elements, _):
      let isIndexed = comprehension.second != nil
      items = elements.enumerated().map {
        isIndexed ? (.int(Int64($0)), $1) : ($1, .null)
      }
    case .map(let map):
      var pairs: [(first: CELValue, second: CELValue)] = []
      for key in map.keys {
        let value = comprehension.second == nil ? nil : try map.value(for: key)
        pairs.append((key, value ?? .null))
      }
      items = pairs
    default: throw .noSuchOverload
    }
    switch comprehension.macro {
    case .all: return try decide(comprehension, items, decidedBy: false)
    case .exists: return try decide(comprehension, items, decidedBy: true)
    case .existsOne:
      var count = 0
      for item in items where try test(comprehension.body, comprehension, item) { count += 1 }
      return .bool(count == 1)
    case .filter:
      var kept: [CELValue] = []
      for item in items where try test(comprehension.body, comprehension, item) {
        kept.append(item.first)
      }
      return .list(kept)
    case .map, .transformList:
      return .list(try transformed(comprehension, items).map(\.value))
    case .transformMap:
      return .map(CELMap(storage: .entries(try transformed(comprehension, items))))
    }
  }

  private mutating func body(
    _ node: CELNode, _ comprehension: CELNode.Comprehension,
    _ item: (first: CELValue, second: CELValue)
  ) throws(CELError) -> CELValue {
    variables.append((comprehension.variable, item.first))
    defer { variables.removeLast() }
    guard let second = comprehension.second else { return try evaluate(node) }
    return try evaluate(node, with: second, as: item.second)
  }

  private mutating func test(
    _ node: CELNode, _ comprehension: CELNode.Comprehension,
    _ item: (first: CELValue, second: CELValue)
  ) throws(CELError) -> Bool {
    guard case .bool(let value) = try body(node, comprehension, item) else {
      throw .noSuchOverload
    }
    return value
  }

  /// `all` and `exists` are chains of `&&` and `||`: one element that decides hides errors.
  private mutating func decide(
    _ comprehension: CELNode.Comprehension, _ items: [(first: CELValue, second: CELValue)],
    decidedBy decisive: Bool
  ) throws(CELError) -> CELValue {
    var failure: CELError?
    for item in items {
      do throws(CELError) {
        if try test(comprehension.body, comprehension, item) == decisive { return .bool(decisive) }
      } catch {
        if error.isExhausted { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return .bool(!decisive)
  }

  private mutating func transformed(
    _ comprehension: CELNode.Comprehension, _ items: [(first: CELValue, second: CELValue)]
  ) throws(CELError) -> [(key: CELValue, value: CELValue)] {
    var entries: [(key: CELValue, value: CELValue)] = []
    for item in items {
      if let filter = comprehension.filter, try !test(filter, comprehension, item) { continue }
      entries.append((item.first, try body(comprehension.body, comprehension, item)))
    }
    return entries
  }
}

extension CELValue {
  /// Roughly how much there is to look at in all levels, for the budget.
  var depthWeight: Int {
    switch self {
    case .list(let elements, let kind):
      let sum = elements.reduce(0) { $0 + 1 + $1.depthWeight }
      // Without order, each is compared with each.
      return kind == .atomic ? sum : sum * max(1, elements.count / 2)
    case .map(let map):
      switch map.storage {
      case .json(let object, _): return Self.weight(.object(object))
      case .entries(let entries): return entries.reduce(0) { $0 + 1 + $1.value.depthWeight }
      }
    case .object(let object, _): return Self.weight(.object(object))
    default: return weight
    }
  }

  private static func weight(_ json: JSONValue) -> Int {
    switch json {
    case .object(let object): object.reduce(1) { $0 + weight($1.value) }
    case .array(let elements): elements.reduce(1) { $0 + weight($1) }
    case .string(let text): 1 + text.utf8.count / 10
    default: 1
    }
  }
}
