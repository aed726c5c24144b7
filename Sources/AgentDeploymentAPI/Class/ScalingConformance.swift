import JSON
import KubernetesAPI

/// Whether a class can scale an agent as it asks for.
struct ScalingConformance {
  let agentClass: AgentClass
  /// `spec.scaling` as the user wrote it.
  let given: JSONValue
  let scaling: Scaling

  private static let path: FieldPath = ["spec", "scaling"]

  /// - Parameter need: called for each capability that a field needs, with what to do without it.
  func check(
    need: (Capability, FieldPath, String) -> Void, refuse: (FieldPath, String, String) -> Void
  ) {
    for name in ["schedule", "idle", "onMetricsFailure"]
    where given.has(name) && given[name] != [] {
      need(.keda, Self.path.appending(name), "remove it")
    }
    let scaler = scaling.possibleScaler(under: agentClass)
    for (i, metric) in given.items("metrics").enumerated() {
      let path = Self.path.appending("metrics").appending(i)
      let resolved = Scaling.Metric(resolving: metric)
      if resolved.trigger != nil {
        need(.keda, path.appending("trigger"), "use a metric of the class's adapter, or CPU")
      }
      guard resolved.needsReader else { continue }
      if scaler == .scaledObject {
        checkPrometheus(resolved, path.appending("type"), need, refuse)
      } else {
        need(.customMetrics, path.appending("type"), "use CPU or Memory")
      }
    }
  }

  /// KEDA reads what it has no trigger for in Prometheus, by the labels of the agent's own monitor.
  private func checkPrometheus(
    _ metric: Scaling.Metric, _ path: FieldPath, _ need: (Capability, FieldPath, String) -> Void,
    _ refuse: (FieldPath, String, String) -> Void
  ) {
    guard agentClass.endpoints.prometheus != nil else {
      refuse(
        path,
        "KEDA reads this metric in Prometheus, and class \(agentClass.name) does not say where "
          + "that is (spec.endpoints.prometheus)", "use a Queue with a trigger, CPU or Memory")
      return
    }
    let names =
      [(metric.metric, Self.metricName)]
      + metric.selector.keys.sorted().map { ($0, Self.labelName) }
    for case (let name?, let pattern) in names where !pattern.matches(name) {
      refuse(
        path, "KEDA reads this metric in Prometheus, where \"\(name.prefix(64))\" is no name",
        "use \(pattern.meaning)")
    }
    if metric.type != .queue {
      need(.prometheusOperator, path, "use a Queue with a trigger, CPU or Memory")
    }
  }

  /// https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels, without quotes.
  private static let metricName = Pattern("^[a-zA-Z_:][a-zA-Z0-9_:]*$", "letters, digits, _ and :")
  private static let labelName = Pattern("^[a-zA-Z_][a-zA-Z0-9_]*$", "letters, digits and _")

  /// Numbers beyond the class's maximum.
  func exceeding(_ most: Int, _ report: (FieldPath, Int) -> Void) {
    for (i, window) in given.items("schedule").enumerated() {
      guard let count = window["replicas"]?.int, count > most else { continue }
      report(Self.path.appending("schedule").appending(i).appending("replicas"), count)
    }
    if let count = given[path: "onMetricsFailure", "replicas"]?.int, count > most {
      report(Self.path.appending("onMetricsFailure").appending("replicas"), count)
    }
  }
}
