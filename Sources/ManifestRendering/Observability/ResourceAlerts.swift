import AgentDeploymentAPI
import KubernetesAPI

/// CPU and memory of the agent's container, against what it was given.
struct ResourceAlerts {
  let series: AgentSeries
  let resources: Resources

  /// 001: 80 %; 004: 90 %. Of the limit; without a limit there is nothing to run into, so only use
  /// beyond the whole request is worth a look.
  var rules: [AlertRule] {
    let cpu =
      resources.limits["cpu"] != nil
      ? [cpu(percent: 80, .warning, of: .limits), cpu(percent: 90, .critical, of: .limits)]
      : [cpu(percent: 100, .warning, of: .resourceRequests)]
    return cpu + [memory(percent: 80, .warning), memory(percent: 90, .critical)]
  }

  /// Per pod and part of what it may have or has reserved.
  func cpuRatio(of bound: MetricFamily) -> PrometheusQuery {
    let reserved = series.container(bound).with("resource", .equal, "cpu")
    return """
      sum by (pod) (rate(\(series.container(.cpuUsage))[5m])) / sum by (pod) (\(reserved))
      """
  }

  var memoryRatio: PrometheusQuery {
    let limit = series.container(.limits).with("resource", .equal, "memory")
    return "sum by (pod) (\(series.container(.memoryWorkingSet))) / sum by (pod) (\(limit))"
  }

  /// What CPU is measured against.
  var cpuBound: MetricFamily { resources.limits["cpu"] != nil ? .limits : .resourceRequests }

  private func cpu(percent: Int, _ severity: Severity, of bound: MetricFamily) -> AlertRule {
    let isLimit = bound == .limits
    return AlertRule(
      name: "AgentCPUHigh", severity: severity,
      expression: series.withRevision("\(cpuRatio(of: bound)) > \(raw: fraction(percent))"),
      duration: KubernetesDuration(seconds: 300),
      summary: "\(series.agent) uses \(percent) % of its CPU \(isLimit ? "limit" : "request")",
      description: """
        Pod {{ $labels.pod }} of agent \(series.namespace)/\(series.agent) has used \
        {{ $value | humanizePercentage }} of its CPU \(isLimit ? "limit" : "request") for five \
        minutes: \(isLimit
          ? "at 100 % the kernel slows it down" : "it lives on CPU that a busy node takes back"). \
        Raise spec.resources.\(isLimit ? "limits" : "requests").cpu, or spec.scaling.maxReplicas if \
        the scaler is at its maximum.
        """)
  }

  private func memory(percent: Int, _ severity: Severity) -> AlertRule {
    AlertRule(
      name: "AgentMemoryHigh", severity: severity,
      expression: series.withRevision("\(memoryRatio) > \(raw: fraction(percent))"),
      duration: KubernetesDuration(seconds: 300),
      summary: "\(series.agent) uses \(percent) % of its memory limit",
      description: """
        Pod {{ $labels.pod }} of agent \(series.namespace)/\(series.agent) has held \
        {{ $value | humanizePercentage }} of its memory limit for five minutes; at 100 % it is \
        killed. Does it grow without end? Then it leaks: compare revisions. If not, raise \
        spec.resources.limits.memory.
        """)
  }
}
