/// Something in an expression that parses but cannot mean what its author meant.
public struct PromQLProblem: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// One-to-one matching pairs every series with itself: the ratio is always 1.
    case ratioOfItself
    /// The sides of an operator never have the same labels: the result is always empty.
    case neverMatches
    /// A quantile cannot exceed the highest bucket: the comparison is never true.
    case aboveTopBucket
    /// `histogram_quantile` over something that has lost its buckets.
    case quantileWithoutBuckets
    /// `rate` of a sum, or of what is no counter.
    case rateOfAggregate
  }

  public var kind: Kind
  /// Bytes of the expression.
  public var range: Range<Int>
  public var message: String
  public var fix: String
}

/// The highest finite bounds of histograms.
public struct HistogramBuckets: Sendable {
  /// By the histogram's name, without `_bucket`.
  public var tops: [String: Double]
  /// Of histograms that are not named, when their names end in `_seconds`: the client libraries'
  /// default. Nil: nothing is assumed.
  public var defaultTop: Double?

  /// - Parameter tops: beside those that are known of Istio and of OpenTelemetry's conventions.
  public init(tops: [String: Double] = [:], defaultTop: Double? = 10) {
    self.tops = Self.known.merging(tops) { $1 }
    self.defaultTop = defaultTop
  }

  /// Istio: pkg/bootstrap's statsd histograms, up to an hour
  /// (https://istio.io/latest/docs/reference/config/metrics/); GenAI:
  /// https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/; HTTP:
  /// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/.
  private static let known: [String: Double] = [
    "istio_request_duration_milliseconds": 3_600_000,
    "istio_request_bytes": 3_600_000,
    "istio_response_bytes": 3_600_000,
    "gen_ai_client_operation_duration_seconds": 81.92,
    "gen_ai_server_request_duration_seconds": 81.92,
    "gen_ai_client_token_usage": 67_108_864,
    "http_server_request_duration_seconds": 10,
    "http_client_request_duration_seconds": 10,
  ]

  /// - Returns: the bound, and whether it is only the libraries' default.
  func top(of histogram: String) -> (value: Double, isAssumed: Bool)? {
    if let top = tops[histogram] { return (top, false) }
    guard let defaultTop, histogram.hasSuffix("_seconds") else { return nil }
    return (defaultTop, true)
  }
}

extension PromQLExpression {
  /// What is wrong with the meaning, in the order of the text.
  ///
  /// - Parameter text: what was parsed, for messages that quote it.
  public func problems(
    in text: String, buckets: HistogramBuckets = HistogramBuckets()
  ) -> [PromQLProblem] {
    var checker = PromQLChecker(text: Array(text.utf8), buckets: buckets)
    forEach { checker.check($0) }
    return checker.problems.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}
