import AgentDeploymentAPI
import KubernetesAPI

/// Recording rules and burn-rate alerts of one service level objective.
///
/// The windows and rates are those of the Site Reliability Workbook, chapter 5
/// (https://sre.google/workbook/alerting-on-slos/), and three things more for agents with little
/// traffic: ratios are weighted by traffic in every window, an alert needs a number of failures
/// behind it, and a short window without requests neither raises an alert nor ends one.
struct ObjectiveRules {
  let series: AgentSeries
  let objective: ServiceLevelObjective

  /// Burning this fast over the long window, and still over the short one, is an alert.
  struct BurnRate: Sendable {
    /// Times the rate that would use up the budget exactly at the end of the objective's window.
    var factor: DecimalString
    var long: String
    var short: String
    var severity: Severity
  }

  static let burnRates = [
    BurnRate(
      factor: DecimalString(tenThousandths: 144_000), long: "1h", short: "5m", severity: .critical),
    BurnRate(
      factor: DecimalString(tenThousandths: 60_000), long: "6h", short: "30m", severity: .critical),
    BurnRate(
      factor: DecimalString(tenThousandths: 30_000), long: "1d", short: "2h", severity: .warning),
    BurnRate(
      factor: DecimalString(tenThousandths: 10_000), long: "3d", short: "6h", severity: .warning),
  ]

  /// One failure among few requests is no burn rate. With the factors above and 99.9 %, a single
  /// failure would page an agent that has fewer than 70 requests an hour.
  static let minimumFailures = 5

  /// Fixed, because failures are counted as the sum of their rate's samples times this.
  private static let interval = KubernetesDuration(seconds: 30)
  /// The whole window is long, and its ratio moves slowly.
  private static let budgetInterval = KubernetesDuration(seconds: 300)

  private static let windows = ["30m", "1h", "2h", "6h", "1d", "3d"]

  var groups: [RuleGroup] {
    let name = "\(series.agent).slo.\(objective.name)"
    let ratios =
      [record(Self.ratio("5m"), "\(errors) / (\(requests) > 0)")]
      + Self.windows.map { record(Self.ratio($0), ratio(over: $0)) }
    return [
      RuleGroup(
        name: name, interval: Self.interval,
        rules: [
          record(Self.requestsName, "sum(\(total))"),
          record(Self.errorsName, bad),
        ] + ratios + alerts.map(RuleGroup.Rule.alert)),
      RuleGroup(
        name: "\(name).budget", interval: Self.budgetInterval,
        rules: [
          record(Self.ratio("window"), ratio(over: objective.window.description)),
          record(Self.remainingName, "1 - \(recorded(Self.ratio("window"))) / \(raw: budget)"),
        ]),
    ]
  }

  // MARK: - What is recorded

  private static let requestsName = "agent:slo_requests:rate5m"
  private static let errorsName = "agent:slo_errors:rate5m"
  private static let remainingName = "agent:slo_error_budget_remaining:ratio"
  private static func ratio(_ window: String) -> String {
    window == "window" ? "agent:slo_error_ratio:window" : "agent:slo_error_ratio:rate\(window)"
  }

  /// Part of the error budget that is left of the objective's window; negative when overdrawn.
  var remainingBudget: PrometheusQuery { "\(recorded(Self.remainingName))" }
  /// How fast the budget goes over a window: 1 uses it up exactly.
  func burnRate(over window: String) -> PrometheusQuery {
    "\(recorded(Self.ratio(window))) / \(raw: budget)"
  }

  /// The part of the requests that may fail.
  var budget: String {
    Self.fraction(millionths: 1_000_000 - objective.objective.tenThousandths)
  }

  private var requests: Series { recorded(Self.requestsName) }
  private var errors: Series { recorded(Self.errorsName) }

  private func recorded(_ name: String) -> Series {
    series.own(.recorded(name)).with("slo", .equal, objective.name)
  }

  private func record(_ name: String, _ expression: PrometheusQuery) -> RuleGroup.Rule {
    .record(RecordingRule(record: name, expression: expression, labels: ["slo": objective.name]))
  }

  /// By traffic: sums of rates, not an average of ratios, which would give an hour with one request
  /// the weight of one with thousands.
  private func ratio(over window: String) -> PrometheusQuery {
    """
    sum_over_time(\(errors)[\(raw: window)])
    / (sum_over_time(\(requests)[\(raw: window)]) > 0)
    """
  }

  // MARK: - Good and bad requests

  /// All requests per second.
  private var total: PrometheusQuery {
    switch objective.indicator {
    case .successRate:
      let requests = series.rate(series.requests, "5m")
      guard let unreached = series.unreached else { return requests }
      return "\(requests) or \(series.rate(unreached, "5m"))"
    case .latencyBelow: return series.rate(series.requestDuration.count, "5m")
    }
  }

  /// Bad requests per second; 0, not nothing, as long as there are requests.
  private var bad: PrometheusQuery {
    switch objective.indicator {
    case .successRate:
      let failed = series.failedRequests("5m")
      let all: PrometheusQuery =
        series.unreached.map { "\(failed) or \(series.rate($0, "5m"))" } ?? failed
      return "sum(\(all)) or 0 * sum(\(total))"
    case .latencyBelow(let threshold):
      return "sum(\(total)) - (\(fastRequests(threshold)))"
    }
  }

  /// Requests per second that took at most the threshold. The agent's own histogram has to have a
  /// bucket there; Istio's buckets are known, and between two of them requests are taken to be
  /// spread evenly, as `histogram_quantile` does.
  private func fastRequests(_ threshold: KubernetesDuration) -> PrometheusQuery {
    let wanted = threshold.milliseconds
    guard series.isDurationInMilliseconds,
      let upper = MeshHistogram.bounds.first(where: { $0 > wanted }),
      let lower = MeshHistogram.bounds.last(where: { $0 <= wanted }), lower != wanted
    else { return "sum(\(atMost(wanted)))" }
    return """
      sum(\(atMost(lower)))
      + (sum(\(atMost(upper))) - sum(\(atMost(lower)))) * \(wanted - lower) / \(upper - lower)
      """
  }

  private func atMost(_ milliseconds: Int64) -> PrometheusQuery {
    let perUnit: Int64 = series.isDurationInMilliseconds ? 1 : 1000
    let pattern = Self.bounds(milliseconds: milliseconds, perUnit: perUnit).map(Series.literal)
      .joined(separator: "|")
    var bucket = series.requestDuration.buckets.with("le", .matches, pattern)
    bucket.exactBounds = [Double(milliseconds) / Double(perUnit)]
    return series.rate(bucket, "5m")
  }

  /// How exporters and Prometheus 3 may write a bucket's bound: `2`, `2.0`, `1.8e+06`.
  static func bounds(milliseconds: Int64, perUnit: Int64) -> [String] {
    let plain = DecimalString(tenThousandths: milliseconds * 10_000 / perUnit).description
    if plain.contains(".") { return [plain] }
    var forms = [plain, "\(plain).0"]
    if plain.utf8.count > 6 {
      // Go's shortest form, from a million on.
      var digits = plain
      while digits.hasSuffix("0") { digits.removeLast() }
      let rest = digits.dropFirst()
      let exponent = plain.utf8.count - 1
      forms.append(
        "\(digits.prefix(1))\(rest.isEmpty ? "" : ".\(rest)")e+\(exponent < 10 ? "0" : "")\(exponent)"
      )
    }
    return forms
  }

  // MARK: - Alerts

  /// Those that can fire: an objective of 90 % is never missed 14.4 times over.
  private var alerts: [AlertRule] {
    Self.burnRates.filter {
      $0.factor.tenThousandths * (1_000_000 - objective.objective.tenThousandths)
        < 10_000 * 1_000_000
    }.map(alert)
  }

  private func alert(_ rate: BurnRate) -> AlertRule {
    let threshold: PrometheusQuery = "\(raw: rate.factor.description) * \(raw: budget)"
    return AlertRule(
      name: "AgentSLOBudgetBurning", severity: rate.severity,
      expression: """
        \(recorded(Self.ratio(rate.long))) > \(threshold)
        unless \(recorded(Self.ratio(rate.short))) <= \(threshold)
        and sum_over_time(\(errors)[\(raw: rate.long)]) * \(Self.interval.seconds) \
        >= \(Self.minimumFailures)
        """,
      duration: nil, labels: ["slo": objective.name, "window": rate.long],
      summary: "\(series.agent) uses up the error budget of its objective \(objective.name)",
      description: """
        {{ $value | humanizePercentage }} of the requests to agent \
        \(series.namespace)/\(series.agent) were bad over \(rate.long) (\(badMeans)); \
        \(objective.objective) % have to be good over \(objective.window). At \
        \(rate.factor) times the affordable rate the whole budget lasts \(lasts(rate)). \
        \(rate.severity == .critical ? "Act now" : "Plan a fix"): what changed when it began, a \
        revision, a model, a tool? The dashboard shows requests by revision.
        """)
  }

  private var badMeans: String {
    switch objective.indicator {
    case .successRate: "a server error"
    case .latencyBelow(let threshold): "slower than \(threshold)"
    }
  }

  private func lasts(_ rate: BurnRate) -> String {
    let seconds = objective.window.seconds * 10_000 / rate.factor.tenThousandths
    return seconds >= 48 * 3600 ? "\(seconds / 86400) days" : "\(seconds / 3600) hours"
  }

  private static func fraction(millionths: Int64) -> String {
    var digits = String(String(1_000_000 + millionths).dropFirst())
    while digits.hasSuffix("0") { digits.removeLast() }
    return "0.\(digits.isEmpty ? "0" : digits)"
  }
}

/// The buckets of `istio_request_duration_milliseconds`, in milliseconds: Envoy's default ones, but
/// for its first at half a millisecond (https://github.com/envoyproxy/envoy, HistogramSettingsImpl).
enum MeshHistogram {
  static let bounds: [Int64] = [
    1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000,
    1_800_000, 3_600_000,
  ]
}
