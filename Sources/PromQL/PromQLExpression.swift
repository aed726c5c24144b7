/// A PromQL expression and where it stands in its text.
public struct PromQLExpression: Sendable, Hashable {
  public indirect enum Kind: Sendable, Hashable {
    case number(Double)
    case string(String)
    case selector(VectorSelector)
    /// `x[5m]`; milliseconds.
    case range(PromQLExpression, Int64)
    /// `x[1h:5m]`; milliseconds; without a step the global evaluation interval counts.
    case subquery(PromQLExpression, range: Int64, step: Int64?)
    case call(String, [PromQLExpression])
    case aggregation(Aggregation)
    case binary(BinaryOperation)
    case negated(PromQLExpression)
    case parenthesised(PromQLExpression)
  }

  public var kind: Kind
  /// In bytes from the start of the text.
  public var range: Range<Int>

  public init(_ kind: Kind, range: Range<Int>) {
    self.kind = kind
    self.range = range
  }

  /// - Throws: the first thing that is wrong: of the grammar, or a value of the wrong type.
  public init(parsing text: String) throws(PromQLError) {
    self = try PromQLParser.parse(text)
  }
}

/// `metric{label="value"}`.
public struct VectorSelector: Sendable, Hashable {
  /// Nil when only matchers say which.
  public var metric: String?
  public var matchers: [LabelMatcher]
  /// Milliseconds into the past.
  public var offset: Int64 = 0
}

public struct LabelMatcher: Sendable, Hashable {
  public enum Comparison: String, Sendable {
    case equal = "="
    case unequal = "!="
    case matches = "=~"
    case matchesNot = "!~"
  }

  public var label: String
  public var comparison: Comparison
  public var value: String
}

/// `sum by (a) (x)`.
public struct Aggregation: Sendable, Hashable {
  public enum Grouping: Sendable, Hashable {
    case by([String])
    case without([String])
  }

  public var function: String
  /// None means one series for all: as `by ()`.
  public var grouping: Grouping?
  /// Of `topk`, `quantile`, `count_values` and their like.
  public var parameter: PromQLExpression?
  public var operand: PromQLExpression
}

/// `a / on (x) group_left b`.
public struct BinaryOperation: Sendable, Hashable {
  public enum Matching: Sendable, Hashable {
    case on([String])
    case ignoring([String])
  }

  public enum Cardinality: Sendable, Hashable {
    case oneToOne
    /// `group_left`: with labels taken from the right side.
    case manyToOne([String])
    /// `group_right`.
    case oneToMany([String])
    /// `and`, `or`, `unless`.
    case manyToMany
  }

  public var operation: String
  public var left: PromQLExpression
  public var right: PromQLExpression
  /// `bool`: 0 or 1 instead of filtering.
  public var returnsBool = false
  public var matching: Matching?
  public var cardinality = Cardinality.oneToOne

  public var isComparison: Bool { Self.comparisons.contains(operation) }
  public var isSetOperation: Bool { ["and", "or", "unless"].contains(operation) }

  static let comparisons: Set<String> = ["==", "!=", "<", "<=", ">", ">="]
}

extension PromQLExpression {
  /// Without parentheses around it.
  public var inner: PromQLExpression {
    if case .parenthesised(let inner) = kind { inner.inner } else { self }
  }

  /// What it is made of, directly.
  public var operands: [PromQLExpression] {
    switch kind {
    case .number, .string, .selector: []
    case .range(let inner, _), .subquery(let inner, _, _), .negated(let inner),
      .parenthesised(let inner):
      [inner]
    case .call(_, let arguments): arguments
    case .aggregation(let aggregation):
      (aggregation.parameter.map { [$0] } ?? []) + [aggregation.operand]
    case .binary(let operation): [operation.left, operation.right]
    }
  }

  /// Passes this expression and everything in it to `body`, outer ones first.
  public func forEach(_ body: (PromQLExpression) -> Void) {
    body(self)
    for operand in operands { operand.forEach(body) }
  }

  public var selectors: [VectorSelector] {
    var found: [VectorSelector] = []
    forEach { if case .selector(let selector) = $0.kind { found.append(selector) } }
    return found
  }

  /// The number that it always is; nil when it depends on series or on time.
  public var constant: Double? {
    switch kind {
    case .number(let value): return value
    case .parenthesised(let inner): return inner.constant
    case .negated(let inner): return inner.constant.map { -$0 }
    case .binary(let operation):
      guard let left = operation.left.constant, let right = operation.right.constant else {
        return nil
      }
      switch operation.operation {
      case "+": return left + right
      case "-": return left - right
      case "*": return left * right
      case "/": return left / right
      default: return nil
      }
    default: return nil
    }
  }
}
