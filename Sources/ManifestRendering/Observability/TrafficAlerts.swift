import AgentDeploymentAPI
import KubernetesAPI

/// Errors and latency of the agent's requests, by revision: a candidate that fails at 5 % of the
/// traffic would be lost in the sum.
struct TrafficAlerts {
  let series: AgentSeries
  let latency: KubernetesDuration

  /// Fewer requests in five minutes than this say nothing about a rate; `slos` watch longer.
  static let minimumRequests = 20

  var rules: [AlertRule] {
    [errorRate(percent: 5, .warning), errorRate(percent: 10, .critical)] + latencyRules
  }

  /// Requirement documents 000 (5 % for 300 s), 003 (warning above 5 %, critical above 10 %) and 004.
  private func errorRate(percent: Int, _ severity: Severity) -> AlertRule {
    AlertRule(
      name: "AgentErrorRateHigh", severity: severity,
      expression: """
        sum by (revision) (\(series.failedRequests("5m")))
        / sum by (revision) (\(series.rate(series.requests, "5m"))) > \(raw: fraction(percent))
        and sum by (revision) (\(series.increase(series.requests, "5m"))) \
        >= \(Self.minimumRequests)
        """,
      duration: KubernetesDuration(seconds: 300),
      summary: "\(percent) % of the requests to \(series.agent) fail",
      description: """
        {{ $value | humanizePercentage }} of the requests to revision {{ $labels.revision }} of \
        agent \(series.namespace)/\(series.agent) ended in a server error, over five minutes. Does \
        only the newest revision fail? Then go back to the image before it. Do all? Then look at \
        what they share: the model's provider, the tools, the state. Logs: \
        kubectl logs -n \(series.namespace) -l \(Revision.label)={{ $labels.revision }}
        """)
  }

  /// 000 and 003: 5 s, for 180 s.
  private var latencyRules: [AlertRule] {
    guard latency.milliseconds > 0 else { return [] }
    let threshold =
      Double(latency.milliseconds) / (series.isDurationInMilliseconds ? 1 : 1000)
    let buckets = series.rate(series.requestDuration.buckets(reaching: threshold), "5m")
    // Not `>`: a quantile that lies above the highest bucket is given as that bucket's bound, and
    // `>` would never hold at a threshold that is the highest bound.
    return [
      AlertRule(
        name: "AgentLatencyHigh", severity: .warning,
        expression: """
          histogram_quantile(0.95, sum by (le, revision) (\(buckets)))\
          \(raw: series.isDurationInMilliseconds ? " / 1000" : "") >= \(raw: latency.promSeconds)
          and sum by (revision) (\(series.increase(series.requestDuration.count, "5m"))) \
          >= \(Self.minimumRequests)
          """,
        duration: KubernetesDuration(seconds: 180),
        summary: "\(series.agent) answers slowly",
        description: """
          One request in twenty to revision {{ $labels.revision }} of agent \
          \(series.namespace)/\(series.agent) takes {{ $value | humanizeDuration }} or longer; \
          spec.observability.alerts.latency allows \(latency). Is its CPU or its scaler at the \
          limit, a tool or the model slow? Streams count with their whole length: raise the \
          threshold if these are streams.
          """)
    ]
  }
}

/// A percentage as a fraction of one: 5 is 0.05.
func fraction(_ percent: Int) -> String { EnvironmentBuilder.ratio(ofPercent: String(percent)) }

extension KubernetesDuration {
  /// In seconds, as PromQL writes numbers.
  var promSeconds: String { String(protobufSeconds.dropLast()) }
}
