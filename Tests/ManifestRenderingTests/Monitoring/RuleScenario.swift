import JSON

/// Series of `support`, as its monitor, kube-state-metrics and the kubelet bring them, and what is
/// to be seen of them at a time.
struct RuleScenario: Sendable, CustomStringConvertible {
  var title: String
  var on: MonitoredAgent
  /// Series to values, in promtool's notation: `0+6x40` begins at 0 and rises by 6 forty times.
  var series: [(String, String)]
  var at: String
  /// An expression, and the one sample or the samples it has.
  var expectations: [(String, [(labels: String, value: Double)])]
  /// Between two samples, and two evaluations.
  var interval = "30s"
  var evaluation = "30s"

  var description: String { title }

  /// An alert fires, or nothing of its name and severity does.
  ///
  /// - Parameter labels: beside the alert's name, state, agent and namespace.
  static func alert(
    _ name: String, _ severity: String, _ title: String, on agent: MonitoredAgent = .meshed,
    firing labels: [[String: String]], at time: String, interval: String = "30s",
    evaluation: String = "30s", _ series: [(String, String)]
  ) -> RuleScenario {
    let query = "ALERTS{alertname=\"\(name)\",severity=\"\(severity)\",alertstate=\"firing\"}"
    let samples = labels.map { labels -> (labels: String, value: Double) in
      var all = [
        "alertname": name, "alertstate": "firing", "severity": severity,
        "agent": MonitoredAgent.name, "namespace": MonitoredAgent.namespace,
      ]
      if agent != .alone { all["team"] = "support" }
      all.merge(labels) { $1 }
      return (Series.text("ALERTS", all), 1)
    }
    return RuleScenario(
      title: "\(name) (\(severity)): \(title)", on: agent, series: series, at: time,
      expectations: [(query, samples)], interval: interval, evaluation: evaluation)
  }

  var test: JSONValue {
    [
      "name": .string(title), "interval": .string(interval),
      "input_series": .array(
        series.map { ["series": .string($0.0), "values": .string($0.1)] }),
      "promql_expr_test": .array(
        expectations.map { expression, samples in
          [
            "expr": .string(expression), "eval_time": .string(at),
            "exp_samples": .array(
              samples.map { ["labels": .string($0.labels), "value": .double($0.value)] }),
          ]
        }),
    ]
  }

  /// Selectors of made-up series.
  enum Series {
    static func text(_ name: String, _ labels: [String: String]) -> String {
      let inner = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
      return "\(name){\(inner.joined(separator: ","))}"
    }

    static let stable = "aaaaaaaaaa"
    static let candidate = "bbbbbbbbbb"
    static let pod = "support-7d9f8b6c5d-x2x4z"

    /// What the agent's own monitor scrapes.
    static func own(_ name: String, revision: String = stable, _ labels: [String: String] = [:])
      -> String
    {
      let own = [
        "namespace": "agents", "agent": "support", "pod": pod, "revision": revision,
        "instance": "10.0.0.1:8080",
      ]
      return text(name, own.merging(labels) { $1 })
    }

    static func mesh(_ code: String, revision: String = stable, _ labels: [String: String] = [:])
      -> String
    {
      own(
        "istio_requests_total", revision: revision,
        ["reporter": "destination", "response_code": code].merging(labels) { $1 })
    }

    static func http(_ code: String, endpoint: String = "/chat") -> String {
      own("http_requests_total", ["status_code": code, "endpoint": endpoint])
    }

    static func container(_ name: String, pod: String = pod, _ labels: [String: String] = [:])
      -> String
    {
      text(
        name, ["namespace": "agents", "pod": pod, "container": "agent"].merging(labels) { $1 })
    }

    static func pod(_ name: String) -> String {
      text(name, ["namespace": "agents", "pod": pod])
    }

    static func deployment(_ name: String, _ deployment: String = "support") -> String {
      text(name, ["namespace": "agents", "deployment": deployment])
    }

    static func scaler(_ name: String, _ scaler: String = "support") -> String {
      text(name, ["namespace": "agents", "horizontalpodautoscaler": scaler])
    }

    /// A classic histogram: how many observations a step lie at or below each bound.
    static func histogram(
      _ name: String, _ labels: [String: String] = [:], steps: Int, _ buckets: [(String, Int)]
    ) -> [(String, String)] {
      let total = buckets.last?.1 ?? 0
      return buckets.map { bound, rise in
        (own("\(name)_bucket", labels.merging(["le": bound]) { $1 }), "0+\(rise)x\(steps)")
      } + [(own("\(name)_count", labels), "0+\(total)x\(steps)")]
    }
  }
}
