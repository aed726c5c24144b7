/// One node of a parsed expression.
struct CELNode: Sendable {
  /// Where it is reported: cel-go points at the operator, the dot or the opening bracket.
  var offset: Int
  var kind: Kind
  /// Levels of nodes below and including this one.
  var depth: Int

  init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
    depth = 1 + kind.children.reduce(0) { max($0, $1.depth) }
  }

  indirect enum Kind: Sendable {
    case literal(CELValue)
    case identifier(String)
    /// `a.field`, with `isOptional` `a.?field`.
    case select(CELNode, String, isOptional: Bool)
    /// `has(a.field)`
    case has(CELNode, String)
    /// Operators are functions too, named as cel-go does: `_+_`, `!_`, `@in`, `_[_]`.
    case call(String, target: CELNode?, [CELNode])
    case and(CELNode, CELNode)
    case or(CELNode, CELNode)
    case conditional(CELNode, CELNode, CELNode)
    case list([Element])
    case map([(key: CELNode, value: CELNode, isOptional: Bool)])
    case comprehension(Comprehension)
    /// `cel.bind(name, value, body)`, also what `optMap` becomes.
    case bind(String, value: CELNode, body: CELNode)
    /// `target.optMap(name, body)`; with `flat` the body's optional is the result.
    case optionalMap(CELNode, String, body: CELNode, flat: Bool)
  }

  struct Element: Sendable {
    var node: CELNode
    /// `[?x]`: left out when x is `optional.none()`.
    var isOptional: Bool
  }

  struct Comprehension: Sendable {
    enum Macro: String, Sendable {
      case all, exists, existsOne, map, filter, transformList, transformMap
    }

    var macro: Macro
    var range: CELNode
    var variable: String
    /// The value in the form with two variables, where `variable` is index or key.
    var second: String?
    var filter: CELNode?
    var body: CELNode
  }
}

extension CELNode.Kind {
  var children: [CELNode] {
    switch self {
    case .literal, .identifier: []
    case .select(let node, _, _), .has(let node, _): [node]
    case .call(_, let target, let arguments): (target.map { [$0] } ?? []) + arguments
    case .and(let a, let b), .or(let a, let b): [a, b]
    case .conditional(let a, let b, let c): [a, b, c]
    case .list(let elements): elements.map(\.node)
    case .map(let entries): entries.flatMap { [$0.key, $0.value] }
    case .comprehension(let c): [c.range, c.body] + (c.filter.map { [$0] } ?? [])
    case .bind(_, let value, let body): [value, body]
    case .optionalMap(let target, _, let body, _): [target, body]
    }
  }
}

extension CELNode {
  /// Whether the expression reads a variable of this name that it does not declare itself.
  func mentions(_ name: String) -> Bool {
    switch kind {
    case .identifier(let identifier): identifier == name
    case .comprehension(let c) where c.variable == name || c.second == name:
      c.range.mentions(name)
    case .bind(name, let value, _): value.mentions(name)
    case .optionalMap(let target, name, _, _): target.mentions(name)
    default: kind.children.contains { $0.mentions(name) }
    }
  }
}
