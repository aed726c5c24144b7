import AgentDeploymentAPI
import KubernetesAPI

/// What the pods' own metrics are in Prometheus, over all pods: KEDA divides it by the target.
extension Monitoring {
  /// Nil for what the pods do not export.
  func query(of metric: Scaling.Metric) -> PrometheusQuery? {
    switch metric.type {
    case .cpu, .memory, .queue: nil
    case .activeWork: metric.metric.map { "sum(\(series.own(.work($0))))" }
    case .requests:
      metric.metric.map { "sum(\(series.own(.work($0))))" }
        ?? "sum(\(series.rate(series.requests, rateWindow)))"
    }
  }

  /// Four scrapes, so that one that is missed leaves a rate to be seen.
  private var rateWindow: String {
    "\(max(120, spec.observability.scrapeInterval.seconds * 4))s"
  }

  /// A metric that somebody else exports, by the labels that the user gives.
  static func query(ofExternal metric: Scaling.Metric) -> PrometheusQuery {
    let family = MetricFamily(
      name: metric.metric ?? "", kind: .gauge, labels: metric.selector.keys.sorted(),
      source: .prometheus)
    let series = metric.selector.sorted { $0.key < $1.key }
      .reduce(Series(metric: family, matchers: [])) { $0.with($1.key, .equal, $1.value) }
    return "sum(\(series))"
  }
}
