import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// What the dashboard shows, top to bottom: the five widgets that document 004 asks for, the four
/// golden signals, the rollout by revision, the objectives, workflows and tools.
struct DashboardRows {
  let monitoring: Monitoring

  private var series: AgentSeries { monitoring.series }
  private var spec: AgentDeploymentSpec { monitoring.spec }

  var rows: [DashboardRow] {
    [
      DashboardRow(title: "At a glance", panels: glance),
      DashboardRow(title: "Golden signals", panels: goldenSignals),
      DashboardRow(title: "Rollout", panels: rollout),
      DashboardRow(title: "Objectives", panels: objectives),
      DashboardRow(title: "Workflows and tools", panels: work),
    ]
  }

  private typealias Panel = DashboardPanel
  private static let lines = Panel.Kind.timeSeries(isBars: false, isStacked: false)
  private static let stack = Panel.Kind.timeSeries(isBars: false, isStacked: true)

  // MARK: - Document 004

  private var glance: [DashboardPanel] {
    let resources = monitoring.resources
    return [
      Panel(
        title: "CPU Usage", description: "The busiest pod, of its CPU \(cpuBound).", kind: .gauge,
        width: 6, unit: "percentunit",
        queries: [
          Panel.Query(
            expression: "max(\(resources.cpuRatio(of: resources.cpuBound)))",
            legend: "CPU")
        ],
        thresholds: [.init(color: "orange", from: "0.7"), .init(color: "red", from: "0.9")],
        isRatio: true),
      Panel(
        title: "Memory Usage", description: "The fullest pod, of its memory limit.", kind: .gauge,
        width: 6, unit: "percentunit",
        queries: [.init(expression: "max(\(resources.memoryRatio))", legend: "memory")],
        thresholds: [.init(color: "orange", from: "0.8"), .init(color: "red", from: "0.9")],
        isRatio: true),
      Panel(
        title: "Task Completion Rate",
        description: completion.isOfWorkflows
          ? "Workflows that did not fail, of all, each hour of the last day."
          : "Requests that did not end in a server error, of all, each hour of the last day.",
        kind: .timeSeries(isBars: true, isStacked: false), width: 12, unit: "percentunit",
        queries: [.init(expression: completion.ratio, legend: "completed")], isRatio: true,
        timeRange: "24h"),
      Panel(
        title: "Response Time", description: "Half of the requests, and all but one in twenty.",
        kind: Self.lines, width: 12, unit: "s",
        queries: [quantile(0.5), quantile(0.95)].map { .init(expression: $0.0, legend: $0.1) },
        thresholds: latencyThreshold),
      Panel(
        title: "Error Rate", description: "Requests that ended in a server error, of all.",
        kind: Self.lines, width: 12, unit: "percentunit",
        queries: [.init(expression: errorRatio(by: nil), legend: "errors")],
        thresholds: [.init(color: "orange", from: "0.05"), .init(color: "red", from: "0.1")]),
    ]
  }

  private var cpuBound: String {
    monitoring.resources.cpuBound == .limits ? "limit" : "request, for it has no limit"
  }

  private var latencyThreshold: [DashboardPanel.Threshold] {
    let latency = spec.observability.alerts.latency
    return latency.milliseconds > 0 ? [.init(color: "red", from: latency.promSeconds)] : []
  }

  private var completion: (ratio: PrometheusQuery, isOfWorkflows: Bool) {
    guard WorkAlerts.hasWorkflows(spec.protocol) else {
      return (
        """
        1 - (sum(\(series.failedRequests("1h"))) or 0 * sum(\(rate("1h")))) / sum(\(rate("1h")))
        """, false
      )
    }
    let all = series.own(.workflows)
    let failed = all.with("status", .equal, "failed")
    return (
      """
      1 - (sum(increase(\(failed)[1h])) or 0 * sum(increase(\(all)[1h]))) \
      / sum(increase(\(all)[1h]))
      """, true
    )
  }

  // MARK: - Signals

  private func rate(_ window: String) -> PrometheusQuery { series.rate(series.requests, window) }

  /// 0 when there are requests and no errors.
  private func errorRatio(by label: String?) -> PrometheusQuery {
    let by: PrometheusQuery = label.map { "by (\(raw: $0)) " } ?? ""
    return """
      (sum \(by)(\(series.failedRequests("5m"))) or 0 * sum \(by)(\(rate("5m")))) \
      / sum \(by)(\(rate("5m")))
      """
  }

  private func quantile(_ part: Double, by label: String? = nil) -> (PrometheusQuery, String) {
    let by = label.map { "le, \($0)" } ?? "le"
    let buckets = series.rate(series.requestDuration.buckets, "5m")
    let seconds = series.isDurationInMilliseconds ? " / 1000" : ""
    let percent = Int((part * 100).rounded())
    return (
      """
      histogram_quantile(\(raw: "\(part)"), sum by (\(raw: by)) (\(buckets)))\(raw: seconds)
      """, label.map { "{{\($0)}}" } ?? "p\(percent)"
    )
  }

  private var goldenSignals: [DashboardPanel] {
    let resources = monitoring.resources
    let code = series.isMeshed ? "response_code" : "status_code"
    var saturation: [Panel.Query] = [
      .init(expression: "max(\(resources.cpuRatio(of: resources.cpuBound)))", legend: "CPU"),
      .init(expression: "max(\(resources.memoryRatio))", legend: "memory"),
    ]
    if spec.scaling.hasScaler {
      saturation.append(
        .init(
          expression: """
            max(\(series.scaler(.scalerDesired))) / max(\(series.scaler(.scalerMaximum)))
            """, legend: "replicas"))
    }
    return [
      Panel(
        title: "Latency", description: "Of requests; streams count with their whole length.",
        kind: Self.lines, width: 12, unit: "s",
        queries: [0.5, 0.95, 0.99].map { quantile($0) }.map {
          .init(expression: $0.0, legend: $0.1)
        }, thresholds: latencyThreshold),
      Panel(
        title: "Traffic", description: "Requests per second, by status.", kind: Self.stack,
        width: 12, unit: "reqps",
        queries: [
          .init(expression: "sum by (\(raw: code)) (\(rate("5m")))", legend: "{{\(code)}}")
        ]),
      Panel(
        title: "Errors", description: "Requests per second that ended in a server error.",
        kind: Self.stack, width: 12, unit: "reqps",
        queries: [
          .init(
            expression: "sum by (\(raw: code)) (\(series.failedRequests("5m")))",
            legend: "{{\(code)}}")
        ]),
      Panel(
        title: "Saturation", description: "How much of what it may have is in use.",
        kind: Self.lines, width: 12, unit: "percentunit", queries: saturation,
        thresholds: [.init(color: "orange", from: "0.8"), .init(color: "red", from: "0.9")]),
    ]
  }

  private var rollout: [DashboardPanel] {
    let latency = quantile(0.95, by: "revision")
    return [
      Panel(
        title: "Requests by revision", description: "Who serves.", kind: Self.stack, width: 12,
        unit: "reqps",
        queries: [
          .init(expression: "sum by (revision) (\(rate("5m")))", legend: "{{revision}}")
        ]),
      Panel(
        title: "Pods by revision", description: "That Prometheus scrapes.", kind: Self.stack,
        width: 12, unit: "short",
        queries: [
          .init(
            expression: "count by (revision) (group by (pod, revision) (\(series.up)))",
            legend: "{{revision}}")
        ]),
      Panel(
        title: "Error rate by revision", description: "A bad revision stands out.",
        kind: Self.lines, width: 12, unit: "percentunit",
        queries: [.init(expression: errorRatio(by: "revision"), legend: "{{revision}}")],
        thresholds: [.init(color: "orange", from: "0.05"), .init(color: "red", from: "0.1")]),
      Panel(
        title: "Latency by revision", description: "All but one request in twenty are faster.",
        kind: Self.lines, width: 12, unit: "s",
        queries: [.init(expression: latency.0, legend: latency.1)], thresholds: latencyThreshold),
    ]
  }

  private var objectives: [DashboardPanel] {
    monitoring.objectives.flatMap { rules -> [DashboardPanel] in
      let objective = rules.objective
      return [
        Panel(
          title: "\(objective.name): budget left",
          description:
            "Of the failures that \(objective.objective) % over \(objective.window) allow.",
          kind: .stat, width: 8, unit: "percentunit",
          queries: [.init(expression: rules.remainingBudget, legend: "left")],
          color: "red",
          thresholds: [.init(color: "orange", from: "0"), .init(color: "green", from: "0.25")]),
        Panel(
          title: "\(objective.name): burn rate",
          description: "1 uses up the budget exactly at the end of the window.",
          kind: Self.lines, width: 16, unit: "short",
          queries: ["1h", "6h", "3d"].map {
            .init(expression: rules.burnRate(over: $0), legend: $0)
          },
          thresholds: [.init(color: "orange", from: "1"), .init(color: "red", from: "14.4")]),
      ]
    }
  }

  private var work: [DashboardPanel] {
    var panels: [DashboardPanel] = []
    if WorkAlerts.hasWorkflows(spec.protocol) {
      panels.append(
        Panel(
          title: "Workflows", description: "Per second, by outcome.", kind: Self.stack, width: 12,
          unit: "ops",
          queries: [
            .init(
              expression: "sum by (status) (rate(\(series.own(.workflows))[5m]))",
              legend: "{{status}}")
          ]))
    }
    if WorkAlerts.hasTools(spec.protocol) {
      panels.append(
        Panel(
          title: "Tool latency", description: "All but one call in twenty are faster.",
          kind: Self.lines, width: 12, unit: "s",
          queries: [
            .init(
              expression: """
                histogram_quantile(0.95, sum by (le, server, tool) \
                (rate(\(series.own(.toolDuration).buckets)[5m])))
                """, legend: "{{server}} {{tool}}")
          ], thresholds: [.init(color: "red", from: "10")]))
    }
    return panels
  }
}
