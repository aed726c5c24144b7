/// A metric with a name, whoever exports it.
public struct MetricFamily: Sendable, Hashable {
  public enum Kind: String, Sendable { case counter, gauge, histogram }

  /// Who has to export it.
  public enum Source: String, Sendable, CaseIterable {
    /// The agent itself, on its metrics port.
    case agent
    /// Istio's proxies.
    case mesh
    /// https://github.com/kubernetes/kube-state-metrics
    case kubeStateMetrics
    /// The kubelet's cAdvisor.
    case cadvisor
    /// Prometheus itself, for every target.
    case prometheus
    /// The agent's own recording rules.
    case recordingRule
  }

  public var name: String
  public var kind: Kind
  /// That rules and panels cannot do without.
  public var labels: [String]
  public var source: Source
}

/// What an agent exports, if it has it: the names and labels of the requirement documents.
extension MetricFamily {
  static let requests = MetricFamily(
    name: "http_requests_total", kind: .counter, labels: ["status_code"], source: .agent)
  static let requestDuration = MetricFamily(
    name: "http_request_duration_seconds", kind: .histogram, labels: [], source: .agent)
  static let workflows = MetricFamily(
    name: "workflow_executions_total", kind: .counter, labels: ["workflow_type", "status"],
    source: .agent)
  static let workflowDuration = MetricFamily(
    name: "workflow_duration_seconds", kind: .histogram, labels: ["workflow_type"], source: .agent)
  static let toolDuration = MetricFamily(
    name: "mcp_tool_duration_seconds", kind: .histogram, labels: ["server", "tool"], source: .agent)

  /// A gauge of the agent's that its scaler averages over the pods.
  static func work(_ name: String) -> MetricFamily {
    MetricFamily(name: name, kind: .gauge, labels: [], source: .agent)
  }
}

/// https://istio.io/latest/docs/reference/config/metrics/
extension MetricFamily {
  static let meshRequests = MetricFamily(
    name: "istio_requests_total", kind: .counter,
    labels: ["reporter", "response_code"], source: .mesh)
  static let meshRequestDuration = MetricFamily(
    name: "istio_request_duration_milliseconds", kind: .histogram, labels: ["reporter"],
    source: .mesh)
}

/// https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics and the kubelet.
extension MetricFamily {
  static let cpuUsage = MetricFamily(
    name: "container_cpu_usage_seconds_total", kind: .counter, labels: ["pod", "container"],
    source: .cadvisor)
  static let memoryWorkingSet = MetricFamily(
    name: "container_memory_working_set_bytes", kind: .gauge, labels: ["pod", "container"],
    source: .cadvisor)
  static let limits = kubeState(
    "kube_pod_container_resource_limits", ["pod", "container", "resource"])
  static let resourceRequests = kubeState(
    "kube_pod_container_resource_requests", ["pod", "container", "resource"])
  static let restarts = kubeState(
    "kube_pod_container_status_restarts_total", ["pod", "container"], .counter)
  /// When a pod's grace period is over.
  static let deletionTime = kubeState("kube_pod_deletion_timestamp", ["pod"])
  static let desiredReplicas = kubeState("kube_deployment_spec_replicas", ["deployment"])
  static let availableReplicas = kubeState(
    "kube_deployment_status_replicas_available", ["deployment"])
  static let deploymentCreated = kubeState("kube_deployment_created", ["deployment"])
  static let scalerDesired = kubeState(
    "kube_horizontalpodautoscaler_status_desired_replicas", ["horizontalpodautoscaler"])
  static let scalerMaximum = kubeState(
    "kube_horizontalpodautoscaler_spec_max_replicas", ["horizontalpodautoscaler"])
  static let up = MetricFamily(name: "up", kind: .gauge, labels: ["pod"], source: .prometheus)

  private static func kubeState(_ name: String, _ labels: [String], _ kind: Kind = .gauge)
    -> MetricFamily
  {
    MetricFamily(name: name, kind: kind, labels: labels, source: .kubeStateMetrics)
  }

  static func recorded(_ name: String) -> MetricFamily {
    MetricFamily(name: name, kind: .gauge, labels: ["slo"], source: .recordingRule)
  }
}
