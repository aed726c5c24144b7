/// A PromQL expression that knows which series it reads.
///
/// Built by interpolation: `"sum(\(requests)[5m])"` takes in the series' selector and remembers the
/// series. So the list of what a rule needs cannot drift apart from the rule.
struct PrometheusQuery:
  Sendable, Hashable, ExpressibleByStringInterpolation, CustomStringConvertible
{
  private(set) var description: String
  /// In the order of first use, each once.
  private(set) var series: [Series]

  init(stringLiteral text: String) {
    description = text
    series = []
  }

  init(stringInterpolation: StringInterpolation) {
    description = stringInterpolation.text
    series = stringInterpolation.series
  }

  struct StringInterpolation: StringInterpolationProtocol {
    var text = ""
    var series: [Series] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ one: Series) {
      text += one.selector
      add(one)
    }

    mutating func appendInterpolation(_ expression: PrometheusQuery) {
      text += expression.description
      expression.series.forEach { add($0) }
    }

    mutating func appendInterpolation(_ number: Int) { text += String(number) }
    mutating func appendInterpolation(_ number: Int64) { text += String(number) }
    /// Trusted text: never a value of the user's.
    mutating func appendInterpolation(raw: String) { text += raw }

    private mutating func add(_ one: Series) {
      if !series.contains(one) { series.append(one) }
    }
  }
}

/// Series of one metric, told apart by their labels.
struct Series: Sendable, Hashable {
  var metric: MetricFamily
  /// Beside the family's own name: `_bucket`, `_count` or nothing.
  var suffix = ""
  var matchers: [Matcher]
  /// Bounds that buckets have to have, in the metric's unit.
  var exactBounds: [Double] = []
  /// What the highest bucket has to reach, in the metric's unit.
  var leastTopBound: Double?

  struct Matcher: Sendable, Hashable {
    enum Comparison: String, Sendable {
      case equal = "=", notEqual = "!=", matches = "=~", notMatches = "!~"
    }
    var label: String
    var comparison: Comparison
    var value: String
  }

  /// As PromQL writes it.
  var selector: String {
    let inner = matchers.map { matcher in
      "\(matcher.label)\(matcher.comparison.rawValue)\"\(Self.escaped(matcher.value))\""
    }
    let name = metric.name + suffix
    return inner.isEmpty ? name : "\(name){\(inner.joined(separator: ","))}"
  }

  func with(_ label: String, _ comparison: Matcher.Comparison, _ value: String) -> Series {
    var copy = self
    copy.matchers.append(Matcher(label: label, comparison: comparison, value: value))
    return copy
  }

  /// - Parameter bound: that the highest bucket has to reach for the expression to make sense.
  func buckets(reaching bound: Double) -> Series {
    var copy = buckets
    copy.leastTopBound = bound
    return copy
  }

  var buckets: Series { suffixed("_bucket") }
  var count: Series { suffixed("_count") }
  var sum: Series { suffixed("_sum") }

  private func suffixed(_ suffix: String) -> Series {
    var copy = self
    copy.suffix = suffix
    return copy
  }

  /// In a double-quoted string of PromQL, which has Go's escapes.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }

  /// A regular expression (RE2) that matches exactly this text.
  static func literal(_ text: String) -> String {
    var pattern = ""
    for character in text.unicodeScalars {
      if "\\.+*?()|[]{}^$".unicodeScalars.contains(character) { pattern += "\\" }
      pattern.unicodeScalars.append(character)
    }
    return pattern
  }
}
