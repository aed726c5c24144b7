/// What is known of the labels that the series of an expression carry.
struct LabelShape: Sendable, Hashable {
  enum Labels: Sendable, Hashable {
    /// All that the metric has, but for these.
    case allBut(Set<String>)
    /// At most these.
    case only(Set<String>)
    /// They depend on data or on functions that make labels.
    case unknown
  }

  var labels: Labels
  /// Labels that matchers narrow, as the matchers are written.
  var narrowed: [String: String] = [:]
  /// Values that `=` matchers fix.
  var fixed: [String: String] = [:]
  /// The metric when there is exactly one.
  var metric: String?

  func has(_ label: String) -> Bool? {
    switch labels {
    case .allBut(let missing): !missing.contains(label)
    case .only(let labels): labels.contains(label)
    case .unknown: nil
    }
  }

  init(_ expression: PromQLExpression) {
    switch expression.kind {
    case .number, .string: self.init(labels: .only([]))
    case .selector(let selector): self.init(selector)
    case .range(let inner, _), .subquery(let inner, _, _), .negated(let inner),
      .parenthesised(let inner):
      self.init(inner)
    case .call(let name, let arguments): self.init(call: name, arguments)
    case .aggregation(let aggregation): self.init(aggregation)
    case .binary(let operation): self.init(operation)
    }
  }

  private init(labels: Labels) { self.labels = labels }

  private init(_ selector: VectorSelector) {
    labels = .allBut([])
    metric = selector.metric
    for matcher in selector.matchers where matcher.label != "__name__" {
      if matcher.comparison == .equal {
        if matcher.value.isEmpty {
          remove([matcher.label])
          continue
        }
        fixed[matcher.label] = matcher.value
      }
      if matcher.comparison == .matches, matcher.value == ".*" || matcher.value == ".+" { continue }
      let text = "\(matcher.label)\(matcher.comparison.rawValue)\"\(matcher.value)\""
      narrowed[matcher.label] = narrowed[matcher.label].map { "\($0),\(text)" } ?? text
    }
  }

  private init(call name: String, _ arguments: [PromQLExpression]) {
    switch name {
    case "absent", "absent_over_time", "label_replace", "label_join", "info",
      "histogram_quantiles":
      self.init(labels: .unknown)
    case "vector", "time", "pi", "scalar": self.init(labels: .only([]))
    default:
      guard
        let series = arguments.first(where: {
          $0.type == .instantVector || $0.type == .rangeVector
        })
      else {
        self.init(labels: .only([]))
        return
      }
      self.init(series)
      if name == "histogram_quantile" || name == "histogram_fraction" { remove(["le"]) }
    }
  }

  private init(_ aggregation: Aggregation) {
    self.init(aggregation.operand)
    // These keep whole series.
    if ["topk", "bottomk", "limitk", "limit_ratio"].contains(aggregation.function) { return }
    switch aggregation.grouping {
    case nil: keep([])
    case .by(let labels): keep(Set(labels))
    case .without(let labels): remove(Set(labels))
    }
    if aggregation.function == "count_values" { labels = .unknown }
  }

  private init(_ operation: BinaryOperation) {
    let left = LabelShape(operation.left)
    let right = LabelShape(operation.right)
    if operation.left.type == .scalar {
      self = right
    } else if operation.right.type == .scalar {
      self = left
    } else if operation.operation == "or" {
      self = left.labels == right.labels ? left : LabelShape(labels: .unknown)
      if left.fixed != right.fixed { (fixed, narrowed) = ([:], [:]) }
    } else if case .oneToMany = operation.cardinality {
      self = right
    } else {
      self = left
      if operation.cardinality == .oneToOne, !operation.isComparison {
        switch operation.matching {
        case .on(let labels): keep(Set(labels))
        case .ignoring(let labels): remove(Set(labels))
        case nil: break
        }
      }
    }
    if case .manyToOne(let extra) = operation.cardinality, !extra.isEmpty { labels = .unknown }
    if case .oneToMany(let extra) = operation.cardinality, !extra.isEmpty { labels = .unknown }
    if left.metric != right.metric, operation.right.type != .scalar, operation.left.type != .scalar
    {
      metric = nil
    }
  }

  /// Only these labels go into matching.
  mutating func keep(_ kept: Set<String>) {
    switch labels {
    case .allBut(let missing): labels = .only(kept.subtracting(missing))
    case .only(let present): labels = .only(present.intersection(kept))
    case .unknown: labels = .only(kept)
    }
    fixed = fixed.filter { kept.contains($0.key) }
    narrowed = narrowed.filter { kept.contains($0.key) }
  }

  mutating func remove(_ removed: Set<String>) {
    switch labels {
    case .allBut(let missing): labels = .allBut(missing.union(removed))
    case .only(let present): labels = .only(present.subtracting(removed))
    case .unknown: break
    }
    fixed = fixed.filter { !removed.contains($0.key) }
    narrowed = narrowed.filter { !removed.contains($0.key) }
  }
}
