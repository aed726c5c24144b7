/// When the alerts on pods, replicas and the scaler fire, and when not.
extension RuleScenario {
  static let cluster: [RuleScenario] = resources + availability + credentials + drain

  /// The operator tells when a content changed: here at the beginning, or two hours later.
  private static func secret(_ changed: String, _ name: String = "llm") -> [(String, String)] {
    [
      (
        Series.text(
          "agent_operator_secret_changed_timestamp_seconds",
          ["agent_namespace": "agents", "agent": "support", "secret": name]), "\(changed)x30"
      )
    ]
  }

  private static let credentials: [RuleScenario] = [
    .alert(
      "AgentSecretRotationDue", "warning", "25 hours old where 24 are allowed",
      firing: [["secret": "llm"]], at: "25h", interval: "1h", evaluation: "1h", secret("0")),
    .alert(
      "AgentSecretRotationDue", "warning", "changed two hours later", firing: [], at: "25h",
      interval: "1h", evaluation: "1h", secret("7200")),
    .alert(
      "AgentSecretRotationDue", "warning", "another one is old", firing: [], at: "25h",
      interval: "1h", evaluation: "1h", secret("0", "other")),
  ]

  /// Grace periods end ten minutes after the start.
  private static func draining(_ sessions: String) -> [(String, String)] {
    [
      (Series.own("active_sessions"), sessions),
      (Series.pod("kube_pod_deletion_timestamp"), "600x80"),
    ]
  }

  private static let drain: [RuleScenario] = [
    .alert(
      "AgentDrainCutsSessions", "warning", "sessions when the time is nearly over", on: .ambient,
      firing: [scrapedPod], at: "9m30s", draining("3x80")),
    .alert(
      "AgentDrainCutsSessions", "warning", "not while there is time", on: .ambient, firing: [],
      at: "8m", draining("3x80")),
    .alert(
      "AgentDrainCutsSessions", "warning", "not without sessions", on: .ambient, firing: [],
      at: "9m30s", draining("0x80")),
    .alert(
      "AgentDrainCutsSessions", "warning", "not for a pod that stays", on: .ambient, firing: [],
      at: "9m30s", [(Series.own("active_sessions"), "3x80")]),
  ]

  private static let pod = ["pod": Series.pod]
  private static let scrapedPod = ["pod": Series.pod, "revision": Series.stable]
  private static let up = (Series.own("up"), "1x80")

  /// Seconds of CPU for each step of 30 s, of one core.
  private static func cpu(_ rise: String, pod: String = Series.pod, bound: String = "limits")
    -> [(String, String)]
  {
    [
      (Series.container("container_cpu_usage_seconds_total", pod: pod), "0+\(rise)x40"),
      (
        Series.container(
          "kube_pod_container_resource_\(bound)", pod: pod, ["resource": "cpu", "unit": "core"]),
        "1x40"
      ),
    ]
  }

  private static func memory(_ mebibytes: Int, pod: String = Series.pod) -> [(String, String)] {
    [
      (
        Series.container("container_memory_working_set_bytes", pod: pod),
        "\(mebibytes * 1_048_576)x40"
      ),
      (
        Series.container(
          "kube_pod_container_resource_limits", pod: pod, ["resource": "memory", "unit": "byte"]),
        "1073741824x40"
      ),
    ]
  }

  private static let resources: [RuleScenario] = [
    .alert(
      "AgentCPUHigh", "warning", "P4: 85 % of the limit", firing: [scrapedPod], at: "12m",
      cpu("25.5") + [up]),
    .alert(
      "AgentCPUHigh", "critical", "85 % is no emergency", firing: [], at: "12m", cpu("25.5") + [up]),
    .alert(
      "AgentCPUHigh", "critical", "95 % is one", firing: [scrapedPod], at: "12m",
      cpu("28.5") + [up]),
    .alert("AgentCPUHigh", "warning", "75 % is fine", firing: [], at: "12m", cpu("22.5") + [up]),
    .alert(
      "AgentCPUHigh", "warning", "also a pod that is not scraped", firing: [pod], at: "12m",
      cpu("25.5")),
    .alert(
      "AgentCPUHigh", "warning", "not another agent's pod", firing: [], at: "12m",
      cpu("25.5", pod: "support-eu-7d9f8b6c5d-x2x4z")),
    .alert(
      "AgentCPUHigh", "warning", "a revision's own Deployment",
      firing: [["pod": "support-aaaaaaaaaa-7d9f8b6c5d-x2x4z"]], at: "12m",
      cpu("25.5", pod: "support-aaaaaaaaaa-7d9f8b6c5d-x2x4z")),
    .alert(
      "AgentCPUHigh", "warning", "without a limit: more than the request", on: .alone,
      firing: [scrapedPod], at: "12m", cpu("33", bound: "requests") + [up]),
    .alert(
      "AgentCPUHigh", "warning", "without a limit: 90 % of the request is what it is for",
      on: .alone, firing: [], at: "12m", cpu("27", bound: "requests") + [up]),
    .alert(
      "AgentMemoryHigh", "warning", "P5: 85 % of whatever the limit is", firing: [scrapedPod],
      at: "6m", memory(870) + [up]),
    .alert(
      "AgentMemoryHigh", "critical", "85 % is no emergency", firing: [], at: "6m",
      memory(870) + [up]),
    .alert(
      "AgentMemoryHigh", "critical", "95 % is one", firing: [scrapedPod], at: "6m",
      memory(973) + [up]),
    .alert("AgentMemoryHigh", "warning", "75 % is fine", firing: [], at: "6m", memory(768) + [up]),
    .alert(
      "AgentMemoryHigh", "warning", "not before five minutes", firing: [], at: "4m",
      memory(870) + [up]),
  ]

  private static func replicas(_ desired: String, _ available: String, created: String = "-3600x80")
    -> [(String, String)]
  {
    [
      (Series.deployment("kube_deployment_spec_replicas"), desired),
      (Series.deployment("kube_deployment_status_replicas_available"), available),
      (Series.deployment("kube_deployment_created"), created),
    ]
  }

  private static func scaler(_ desired: String, named name: String = "support")
    -> [(String, String)]
  {
    [
      (Series.scaler("kube_horizontalpodautoscaler_status_desired_replicas", name), desired),
      (Series.scaler("kube_horizontalpodautoscaler_spec_max_replicas", name), "10x80"),
    ]
  }

  private static let availability: [RuleScenario] = [
    .alert(
      "AgentDown", "critical", "no pod for a minute", firing: [[:]], at: "3m",
      replicas("2x80", "0x80")),
    .alert(
      "AgentDown", "critical", "not when one is left", firing: [], at: "3m",
      replicas("2x80", "1x80")),
    .alert(
      "AgentDown", "critical", "not when it is scaled to zero", firing: [], at: "3m",
      replicas("0x80", "0x80")),
    .alert(
      "AgentDown", "critical", "not while it starts for the first time", firing: [], at: "1m30s",
      replicas("2x80", "0x80", created: "0x80")),
    .alert(
      "AgentDown", "critical", "when the first start takes too long", firing: [[:]], at: "4m",
      replicas("2x80", "0x80", created: "0x80")),
    .alert(
      "AgentReplicasMissing", "warning", "one of three for ten minutes", firing: [[:]], at: "11m",
      replicas("3x80", "2x80")),
    .alert(
      "AgentReplicasMissing", "warning", "not for nine minutes", firing: [], at: "9m",
      replicas("3x80", "2x80")),
    .alert(
      "AgentReplicasMissing", "warning", "two Deployments in a rollout", firing: [[:]], at: "11m",
      replicas("3x80", "3x80") + [
        (Series.deployment("kube_deployment_spec_replicas", "support-bbbbbbbbbb"), "1x80"),
        (
          Series.deployment("kube_deployment_status_replicas_available", "support-bbbbbbbbbb"),
          "0x80"
        ),
      ]),
    .alert(
      "AgentRestarting", "warning", "three restarts in a quarter of an hour", firing: [scrapedPod],
      at: "16m",
      [(Series.container("kube_pod_container_status_restarts_total"), "0x9 1x9 2x9 3x20"), up]),
    .alert(
      "AgentRestarting", "warning", "two are bad luck", firing: [], at: "16m",
      [(Series.container("kube_pod_container_status_restarts_total"), "0x9 1x9 2x40"), up]),
    .alert(
      "AgentMetricsMissing", "warning", "a target is down",
      firing: [["pod": Series.pod, "revision": Series.stable, "instance": "10.0.0.1:8080"]],
      at: "11m", [(Series.own("up"), "0x80")] + replicas("2x80", "2x80")),
    .alert(
      "AgentMetricsMissing", "warning", "no target at all", firing: [[:]], at: "11m",
      replicas("2x80", "2x80")),
    .alert(
      "AgentMetricsMissing", "warning", "not while it is scaled to zero", firing: [], at: "11m",
      replicas("0x80", "0x80")),
    .alert(
      "AgentMetricsMissing", "warning", "not when all is well", firing: [], at: "11m",
      [up] + replicas("2x80", "2x80")),
    .alert(
      "AgentScalerAtMaximum", "warning", "for a quarter of an hour", firing: [[:]], at: "16m",
      scaler("10x80")),
    .alert(
      "AgentScalerAtMaximum", "warning", "KEDA's autoscaler too", firing: [[:]], at: "16m",
      scaler("10x80", named: "keda-hpa-support")),
    .alert(
      "AgentScalerAtMaximum", "warning", "not one below", firing: [], at: "16m", scaler("9x80")),
    .alert(
      "AgentScalerAtMaximum", "warning", "not for fourteen minutes", firing: [], at: "14m",
      scaler("10x80")),
  ]
}
