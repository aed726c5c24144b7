/// What a PromQL expression gives (https://prometheus.io/docs/prometheus/latest/querying/basics/).
public enum PromQLType: String, Sendable, Hashable {
  case scalar
  case string
  case instantVector = "instant vector"
  case rangeVector = "range vector"
}

/// Types of the functions of Prometheus 3
/// (https://prometheus.io/docs/prometheus/latest/querying/functions/).
struct PromQLFunction: Sendable {
  var arguments: [PromQLType]
  /// How many of the last arguments may be left out.
  var optional = 0
  /// Whether the last argument may be repeated.
  var isVariadic = false
  var result = PromQLType.instantVector

  static let all: [String: PromQLFunction] = {
    var all: [String: PromQLFunction] = [:]
    let vector = PromQLFunction(arguments: [.instantVector])
    for name in [
      "abs", "absent", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh",
      "deg", "exp", "floor", "histogram_avg", "histogram_count", "histogram_stddev",
      "histogram_stdvar", "histogram_sum", "ln", "log10", "log2", "rad", "sgn", "sin", "sinh",
      "sort", "sort_desc", "sqrt", "tan", "tanh", "timestamp",
    ] { all[name] = vector }
    let range = PromQLFunction(arguments: [.rangeVector])
    for name in [
      "absent_over_time", "avg_over_time", "changes", "count_over_time", "delta", "deriv",
      "first_over_time", "idelta", "increase", "irate", "last_over_time", "mad_over_time",
      "max_over_time", "min_over_time", "present_over_time", "rate", "resets",
      "stddev_over_time", "stdvar_over_time", "sum_over_time", "ts_of_first_over_time",
      "ts_of_last_over_time", "ts_of_max_over_time", "ts_of_min_over_time",
    ] { all[name] = range }
    let date = PromQLFunction(arguments: [.instantVector], optional: 1)
    for name in [
      "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month",
      "year",
    ] { all[name] = date }
    all["clamp"] = .init(arguments: [.instantVector, .scalar, .scalar])
    all["clamp_max"] = .init(arguments: [.instantVector, .scalar])
    all["clamp_min"] = .init(arguments: [.instantVector, .scalar])
    all["double_exponential_smoothing"] = .init(arguments: [.rangeVector, .scalar, .scalar])
    all["holt_winters"] = .init(arguments: [.rangeVector, .scalar, .scalar])
    all["histogram_fraction"] = .init(arguments: [.scalar, .scalar, .instantVector])
    all["histogram_quantile"] = .init(arguments: [.scalar, .instantVector])
    all["histogram_quantiles"] = .init(
      arguments: [.instantVector, .string, .scalar], isVariadic: true)
    all["info"] = .init(arguments: [.instantVector, .instantVector], optional: 1)
    all["label_join"] = .init(
      arguments: [.instantVector, .string, .string, .string], isVariadic: true)
    all["label_replace"] = .init(
      arguments: [.instantVector, .string, .string, .string, .string])
    all["pi"] = .init(arguments: [], result: .scalar)
    all["predict_linear"] = .init(arguments: [.rangeVector, .scalar])
    all["quantile_over_time"] = .init(arguments: [.scalar, .rangeVector])
    all["round"] = .init(arguments: [.instantVector, .scalar], optional: 1)
    all["scalar"] = .init(arguments: [.instantVector], result: .scalar)
    all["sort_by_label"] = .init(arguments: [.instantVector, .string], isVariadic: true)
    all["sort_by_label_desc"] = .init(arguments: [.instantVector, .string], isVariadic: true)
    all["time"] = .init(arguments: [], result: .scalar)
    all["vector"] = .init(arguments: [.scalar])
    return all
  }()

  /// Aggregations and the type of the parameter before the operand, if they have one.
  static let aggregations: [String: PromQLType?] = [
    "sum": nil, "avg": nil, "count": nil, "min": nil, "max": nil, "group": nil, "stddev": nil,
    "stdvar": nil, "topk": .scalar, "bottomk": .scalar, "limitk": .scalar,
    "limit_ratio": .scalar, "quantile": .scalar, "count_values": .string,
  ]
}

extension PromQLExpression {
  /// What it gives, provided that its parts have the right types.
  public var type: PromQLType {
    switch kind {
    case .number: .scalar
    case .string: .string
    case .selector, .aggregation: .instantVector
    case .range, .subquery: .rangeVector
    case .call(let name, _): PromQLFunction.all[name]?.result ?? .instantVector
    case .binary(let operation):
      operation.left.type == .scalar && operation.right.type == .scalar ? .scalar : .instantVector
    case .negated(let inner), .parenthesised(let inner): inner.type
    }
  }

  func require(_ type: PromQLType, for what: String) throws(PromQLError) {
    guard self.type != type else { return }
    var message = "\(what) must be \(Self.article(type)), not \(Self.article(self.type))"
    if type == .rangeVector, self.type == .instantVector { message += "; add a range such as [5m]" }
    throw PromQLError(offset: range.lowerBound, message: message)
  }

  private static func article(_ type: PromQLType) -> String {
    type == .instantVector ? "an \(type.rawValue)" : "a \(type.rawValue)"
  }
}
