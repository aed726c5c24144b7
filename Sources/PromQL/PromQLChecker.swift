/// Finds problems of meaning, one expression at a time.
struct PromQLChecker {
  let text: [UInt8]
  let buckets: HistogramBuckets
  private(set) var problems: [PromQLProblem] = []

  init(text: [UInt8], buckets: HistogramBuckets) {
    self.text = text
    self.buckets = buckets
  }

  mutating func check(_ expression: PromQLExpression) {
    switch expression.kind {
    case .binary(let operation):
      checkMatching(operation, expression)
      if operation.isComparison { checkThreshold(operation, expression) }
    case .call("histogram_quantile", let arguments): checkQuantile(arguments, expression)
    case .call(let name, let arguments):
      if ["rate", "irate", "increase", "delta", "deriv"].contains(name) {
        checkRate(name, arguments, expression)
      }
    default: break
    }
  }

  private func source(_ expression: PromQLExpression) -> String {
    let range = expression.range.clamped(to: 0..<text.count)
    let words = String(decoding: text[range], as: UTF8.self)
      .split { $0 == "\n" || $0 == " " || $0 == "\t" }.joined(separator: " ")
    return words.count > 60 ? words.prefix(57) + "..." : words
  }

  private mutating func add(
    _ kind: PromQLProblem.Kind, _ expression: PromQLExpression, _ message: String, fix: String
  ) {
    problems.append(
      PromQLProblem(kind: kind, range: expression.range, message: message, fix: fix))
  }
}

// MARK: - Matching

extension PromQLChecker {
  /// https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching
  private mutating func checkMatching(
    _ operation: BinaryOperation, _ expression: PromQLExpression
  ) {
    guard operation.operation != "or", operation.left.type == .instantVector,
      operation.right.type == .instantVector
    else { return }
    var left = LabelShape(operation.left)
    var right = LabelShape(operation.right)
    switch operation.matching {
    case .on(let labels):
      left.keep(Set(labels))
      right.keep(Set(labels))
    case .ignoring(let labels):
      left.remove(Set(labels))
      right.remove(Set(labels))
    case nil: break
    }
    if let label = conflict(left, right) {
      add(
        .neverMatches, expression,
        "one side has \(label)=\"\(left.fixed[label] ?? "")\", the other "
          + "\(label)=\"\(right.fixed[label] ?? "")\", and series match only when all labels are "
          + "equal: the result is always empty",
        fix: "aggregate \(label) away on both sides, or add ignoring (\(label))")
      return
    }
    if case .only(let a) = left.labels, case .only(let b) = right.labels, a != b,
      operation.matching == nil
    {
      let onlyOne = a.symmetricDifference(b).sorted()
      add(
        .neverMatches, expression,
        "the sides are grouped by \(list(a)) and by \(list(b)); series match only when all labels "
          + "are equal, so the result is empty wherever \(list(Set(onlyOne))) is set",
        fix:
          "group both sides by the same labels, or add on (\(a.intersection(b).sorted().joined(separator: ", "))) "
          + (b.isSubset(of: a) ? "group_left" : "group_right"))
      return
    }
    checkRatio(operation, left, right, expression)
  }

  private func list(_ labels: Set<String>) -> String {
    labels.isEmpty ? "nothing" : labels.sorted().joined(separator: ", ")
  }

  /// A label of which both sides can only have different values.
  private func conflict(_ left: LabelShape, _ right: LabelShape) -> String? {
    left.fixed.keys.sorted().first { label in
      guard let other = right.fixed[label] else { return false }
      return other != left.fixed[label] && left.has(label) != false && right.has(label) != false
    }
  }

  /// `x{status="failed"} / x`: the label that is meant to differ is matched on.
  private mutating func checkRatio(
    _ operation: BinaryOperation, _ left: LabelShape, _ right: LabelShape,
    _ expression: PromQLExpression
  ) {
    guard operation.operation == "/", operation.cardinality == .oneToOne,
      let metric = left.metric, metric == right.metric
    else { return }
    let narrowed = Set(left.narrowed.keys).symmetricDifference(right.narrowed.keys).sorted()
    guard
      let label = narrowed.first(where: { left.has($0) == true && right.has($0) == true })
    else { return }
    let matcher = left.narrowed[label] ?? right.narrowed[label] ?? label
    add(
      .ratioOfItself, expression,
      "one-to-one matching keeps \(label), so each series of \(metric){\(matcher)} is divided by "
        + "itself: the ratio is 1 whenever there is anything, however rare",
      fix: "aggregate both sides without it: sum by (...) (\(source(operation.left))) / "
        + "sum by (...) (\(source(operation.right)))")
  }
}

// MARK: - Histograms and rates

extension PromQLChecker {
  /// A quantile in the +Inf bucket is the highest finite bound
  /// (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile).
  private mutating func checkThreshold(
    _ operation: BinaryOperation, _ expression: PromQLExpression
  ) {
    let quantile: PromQLExpression
    let threshold: Double
    let comparison: String
    if let value = operation.right.constant {
      (quantile, threshold, comparison) = (operation.left.inner, value, operation.operation)
    } else if let value = operation.left.constant {
      let mirrored = ["<": ">", "<=": ">=", ">": "<", ">=": "<="]
      (quantile, threshold) = (operation.right.inner, value)
      comparison = mirrored[operation.operation] ?? operation.operation
    } else {
      return
    }
    guard case .call("histogram_quantile", let arguments) = quantile.kind,
      let histogram = arguments.last?.selectors.compactMap(\.metric)
        .first(where: { $0.hasSuffix("_bucket") })?.dropLast("_bucket".count),
      let (top, isAssumed) = buckets.top(of: String(histogram))
    else { return }
    guard (comparison == ">" && threshold >= top) || (comparison == ">=" && threshold > top)
    else { return }
    let origin = isAssumed ? "with the client libraries' default buckets, which end" : "it ends"
    add(
      .aboveTopBucket, expression,
      "never true: \(origin) at \(number(top)), a quantile of \(histogram) is at most "
        + "\(number(top)), and that is not \(comparison) \(number(threshold))",
      fix: "give the histogram buckets above \(number(threshold)), and tell lint with "
        + "--buckets \(histogram)=TOP, or lower the threshold below \(number(top))")
  }

  private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
  }

  private mutating func checkQuantile(
    _ arguments: [PromQLExpression], _ expression: PromQLExpression
  ) {
    guard arguments.count == 2,
      arguments[1].selectors.contains(where: { $0.metric?.hasSuffix("_bucket") == true }),
      LabelShape(arguments[1]).has("le") == false
    else { return }
    add(
      .quantileWithoutBuckets, expression,
      "histogram_quantile needs the label le, which the aggregation drops: the result is empty",
      fix: "add le to the aggregation: sum by (le, ...) (...)")
  }

  private mutating func checkRate(
    _ name: String, _ arguments: [PromQLExpression], _ expression: PromQLExpression
  ) {
    guard name != "delta", name != "deriv",
      case .subquery(let inner, _, _)? = arguments.first?.kind,
      case .aggregation(let aggregation) = inner.inner.kind,
      ["sum", "avg", "min", "max"].contains(aggregation.function)
    else { return }
    add(
      .rateOfAggregate, expression,
      "\(name) of a \(aggregation.function) takes every restart of one process for a reset of all",
      fix: "aggregate the rates instead: \(aggregation.function) (\(name)(...[5m]))")
  }
}
