import AgentDeploymentAPI
import KubernetesAPI

/// What agents do beside answering requests: workflows, and calls of MCP tools.
struct WorkAlerts {
  let series: AgentSeries
  let agentProtocol: AgentDeploymentSpec.AgentProtocol

  var rules: [AlertRule] {
    (Self.hasWorkflows(agentProtocol) ? [workflowFailures, workflowLatency] : [])
      + (Self.hasTools(agentProtocol) ? [toolLatency] : [])
  }

  /// A plain HTTP service has none.
  static func hasWorkflows(_ agentProtocol: AgentDeploymentSpec.AgentProtocol) -> Bool {
    agentProtocol != .http
  }

  static func hasTools(_ agentProtocol: AgentDeploymentSpec.AgentProtocol) -> Bool {
    agentProtocol == .mcp
  }

  private var name: String { "\(series.namespace)/\(series.agent)" }

  /// 001, corrected (seeds.md P1): failed ones against all, not against themselves, and never from a
  /// handful.
  private var workflowFailures: AlertRule {
    let all = series.own(.workflows)
    let failed = all.with("status", .equal, "failed")
    return AlertRule(
      name: "AgentWorkflowFailures", severity: .critical,
      expression: """
        sum by (workflow_type, revision) (rate(\(failed)[5m]))
        / sum by (workflow_type, revision) (rate(\(all)[5m])) > 0.1
        and sum by (workflow_type, revision) (increase(\(all)[5m])) \
        >= \(TrafficAlerts.minimumRequests)
        """,
      duration: KubernetesDuration(seconds: 180),
      summary: "Workflows of \(series.agent) fail",
      description: """
        {{ $value | humanizePercentage }} of the {{ $labels.workflow_type }} workflows of agent \
        \(name) failed over five minutes (revision {{ $labels.revision }}). If it is one type only, \
        look at its tools and prompts; if it is all, at the model and at AgentErrorRateHigh.
        """)
  }

  /// 002: 300 s. The mean, not a percentile: client libraries' buckets end at 10 s by default, and no
  /// quantile of such a histogram reaches 300 (the fault of seeds.md P2 again). Sums have no end.
  private var workflowLatency: AlertRule {
    let duration = series.own(.workflowDuration)
    return AlertRule(
      name: "AgentWorkflowLatencyHigh", severity: .warning,
      expression: """
        sum by (workflow_type, revision) (rate(\(duration.sum)[15m]))
        / sum by (workflow_type, revision) (rate(\(duration.count)[15m])) > 300
        and sum by (workflow_type, revision) (increase(\(duration.count)[15m])) \
        >= \(Self.minimumWorkflows)
        """,
      duration: KubernetesDuration(seconds: 300),
      summary: "Workflows of \(series.agent) take long",
      description: """
        The {{ $labels.workflow_type }} workflows of agent \(name) take \
        {{ $value | humanizeDuration }} on average (revision {{ $labels.revision }}). Is the scaler \
        at its maximum, a tool slow (AgentToolLatencyHigh), the model's provider throttling?
        """)
  }

  /// A few long workflows in a quarter of an hour say more than a few failures would.
  private static let minimumWorkflows = 5

  /// 001, corrected (seeds.md P2): by tool, and `>=`, because a quantile above the highest bucket is
  /// given as that bucket's bound; `> 10` never holds where the buckets end at 10.
  private var toolLatency: AlertRule {
    let duration = series.own(.toolDuration)
    return AlertRule(
      name: "AgentToolLatencyHigh", severity: .warning,
      expression: """
        histogram_quantile(0.95, sum by (le, server, tool) (rate(\(duration.buckets(reaching: 10))[5m]))) >= 10
        and sum by (server, tool) (increase(\(duration.count)[5m])) >= 5
        """,
      duration: KubernetesDuration(seconds: 120),
      summary: "MCP tools are slow for \(series.agent)",
      description: """
        One call in twenty of tool {{ $labels.tool }} on server {{ $labels.server }} takes agent \
        \(name) {{ $value | humanizeDuration }} or longer. Look at that server first; if all tools \
        are slow, at the network policy and DNS. Calls that time out count only if the agent \
        observes them too, not only those that succeed.
        """)
  }
}
