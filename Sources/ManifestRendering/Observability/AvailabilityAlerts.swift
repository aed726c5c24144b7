import AgentDeploymentAPI
import KubernetesAPI

/// Whether the agent runs, is seen, and may still grow.
struct AvailabilityAlerts {
  let series: AgentSeries
  let startupTimeout: KubernetesDuration
  /// It may be scaled to zero, and starts when there is work.
  let mayBeIdle: Bool
  let hasScaler: Bool
  let drain: Drain?

  /// What a stopping pod's sessions are counted by.
  struct Drain {
    var sessionMetric: String
    var scrapeInterval: KubernetesDuration
  }

  var rules: [AlertRule] {
    [down, replicasMissing, restarting, metricsMissing] + (hasScaler ? [scalerAtMaximum] : [])
      + (drain.map { [drainCutsSessions($0)] } ?? [])
  }

  private var available: PrometheusQuery { "sum(\(series.deployment(.availableReplicas)))" }
  private var desired: PrometheusQuery { "sum(\(series.deployment(.desiredReplicas)))" }
  private var name: String { "\(series.namespace)/\(series.agent)" }

  /// Not while it starts for the first time, and not when it is scaled to zero on purpose.
  private var down: AlertRule {
    AlertRule(
      name: "AgentDown", severity: .critical,
      expression: """
        \(available) == 0
        and \(desired) > 0
        and time() - min(\(series.deployment(.deploymentCreated))) \
        > \(raw: startupTimeout.promSeconds)
        """,
      duration: KubernetesDuration(seconds: 60 + (mayBeIdle ? startupTimeout.seconds : 0)),
      summary: "\(series.agent) does not run",
      description: """
        No pod of agent \(name) is available. Why: kubectl get agd \(series.agent) -n \
        \(series.namespace), then kubectl describe pod -n \(series.namespace) -l \
        \(ObjectNames.agentLabel)=\(series.agent)
        """)
  }

  /// 000: below 99.9 % for 600 s.
  private var replicasMissing: AlertRule {
    AlertRule(
      name: "AgentReplicasMissing", severity: .warning,
      expression: "\(desired) - \(available) > 0",
      duration: KubernetesDuration(seconds: max(600, startupTimeout.seconds + 300)),
      summary: "\(series.agent) has fewer replicas than it should",
      description: """
        {{ $value }} replicas of agent \(name) have been missing for longer than a start takes. Is \
        there room on the nodes, does the image exist, does the readiness check pass? kubectl get \
        pods -n \(series.namespace) -l \(ObjectNames.agentLabel)=\(series.agent)
        """)
  }

  /// `increase` of a counter that was seen twice is a little more than the difference.
  private var restarting: AlertRule {
    AlertRule(
      name: "AgentRestarting", severity: .warning,
      expression: series.withRevision(
        "sum by (pod) (increase(\(series.container(.restarts))[15m])) > 2"),
      duration: nil,
      summary: "\(series.agent) restarts again and again",
      description: """
        The container of pod {{ $labels.pod }} of agent \(name) has restarted \
        {{ printf "%.0f" $value }} times in a quarter of an hour. Why it ended: kubectl logs \
        --previous -n \(series.namespace) {{ $labels.pod }}; a reason OOMKilled in kubectl describe \
        pod means that spec.resources.limits.memory is too low.
        """)
  }

  /// Without the series no other rule can fire.
  private var metricsMissing: AlertRule {
    AlertRule(
      name: "AgentMetricsMissing", severity: .warning,
      expression: """
        max by (pod, instance, revision) (\(series.up)) == 0
        or absent(\(series.up)) and on () \(available) > 0
        """,
      duration: KubernetesDuration(seconds: 600),
      summary: "\(series.agent) cannot be seen",
      description: """
        Prometheus has no metrics of agent \(name) \
        {{ with $labels.instance }}from {{ . }} {{ end }}for ten minutes; its alerts are blind. \
        Does spec.observability.metrics name the port and path that the agent serves, and may \
        Prometheus' namespace reach it?
        """)
  }

  /// A pod's deletion timestamp is when its grace period ends. The window is one scrape longer than
  /// what is left after the drain timeout, so that an evaluation falls into it.
  private func drainCutsSessions(_ drain: Drain) -> AlertRule {
    let window = Availability.graceMarginSeconds + max(30, drain.scrapeInterval.seconds)
    return AlertRule(
      name: "AgentDrainCutsSessions", severity: .warning,
      expression: """
        max by (pod, revision) (\(series.own(.work(drain.sessionMetric)))) > 0
        and on (pod) max by (pod) (\(series.pod(.deletionTime))) - time() < \(raw: String(window))
        """,
      duration: nil,
      summary: "\(series.agent) is stopped in the middle of its work",
      description: """
        Pod {{ $labels.pod }} of agent \(name) has to go in less than \(window) s and still has \
        {{ $value }} of \(drain.sessionMetric). Raise spec.availability.drain.timeout; with \
        spec.availability.drain.path the agent is told beforehand to take no new ones.
        """)
  }

  private var scalerAtMaximum: AlertRule {
    AlertRule(
      name: "AgentScalerAtMaximum", severity: .warning,
      expression: """
        max(\(series.scaler(.scalerDesired))) >= max(\(series.scaler(.scalerMaximum)))
        """,
      duration: KubernetesDuration(seconds: 900),
      summary: "\(series.agent) cannot scale further",
      description: """
        Agent \(name) has wanted all of its {{ $value }} replicas for a quarter of an hour. Is this \
        demand? Then raise spec.scaling.maxReplicas. Or is each pod slower than it was? Then more \
        of them hide the cause.
        """)
  }
}
