public import KubernetesAPI
import Synchronization

/// The runtime's figures, under controller-runtime's names so that dashboards made for it work.
///
/// Labels are controllers, resources and results: never names, namespaces or paths, whose number has
/// no bound.
public final class RuntimeMetrics: Sendable {
  public let registry: MetricsRegistry
  private let controller: String

  public init(registry: MetricsRegistry = MetricsRegistry(), controller: String) {
    self.registry = registry
    self.controller = controller
    for result in ["success", "error", "requeue", "requeue_after"] {
      registry.increment(Self.reconciles, [("controller", controller), ("result", result)], by: 0)
    }
    registry.increment(Self.reconcileErrors, labels, by: 0)
    registry.increment(Self.adds, queueLabels, by: 0)
    registry.increment(Self.retries, queueLabels, by: 0)
    registry.set(Self.activeWorkers, labels, to: 0)
    registry.set(Self.depth, queueLabels, to: 0)
  }

  private var labels: [(String, String)] { [("controller", controller)] }
  private var queueLabels: [(String, String)] { [("controller", controller), ("name", controller)] }

  static let reconciles = MetricsRegistry.Name(
    "controller_runtime_reconcile_total", .counter, "Reconciles by result.")
  static let reconcileErrors = MetricsRegistry.Name(
    "controller_runtime_reconcile_errors_total", .counter, "Reconciles that failed.")
  static let reconcileTime = MetricsRegistry.Name(
    "controller_runtime_reconcile_time_seconds",
    .histogram([
      0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60,
    ]), "How long reconciles took.")
  static let maximumConcurrency = MetricsRegistry.Name(
    "controller_runtime_max_concurrent_reconciles", .gauge, "Workers.")
  static let activeWorkers = MetricsRegistry.Name(
    "controller_runtime_active_workers", .gauge, "Workers that reconcile now.")
  static let depth = MetricsRegistry.Name("workqueue_depth", .gauge, "Keys that wait for a worker.")
  static let adds = MetricsRegistry.Name(
    "workqueue_adds_total", .counter, "Keys added to the queue.")
  static let retries = MetricsRegistry.Name(
    "workqueue_retries_total", .counter, "Keys added again after a failure.")
  static let requests = MetricsRegistry.Name(
    "rest_client_requests_total", .counter, "Requests to the API server by status code and method.")
  static let relists = MetricsRegistry.Name(
    "agent_operator_relists_total", .counter, "Complete lists by resource.")
  static let watches = MetricsRegistry.Name(
    "agent_operator_watch_starts_total", .counter, "Watches opened by resource.")
  static let applies = MetricsRegistry.Name(
    "agent_operator_applies_total", .counter, "Server-side applies by outcome.")

  public func relisted(_ resource: ResourceType) {
    registry.increment(Self.relists, [("resource", resource.description)])
  }

  public func watchStarted(_ resource: ResourceType) {
    registry.increment(Self.watches, [("resource", resource.description)])
  }

  /// - Parameter outcome: `created`, `changed`, `unchanged` or `failed`.
  public func applied(_ outcome: String) { registry.increment(Self.applies, [("outcome", outcome)]) }

  public func requested(method: String, status: String) {
    registry.increment(Self.requests, [("code", status), ("method", method)])
  }

  func workers(maximum: Int) { registry.set(Self.maximumConcurrency, labels, to: Double(maximum)) }
  func workers(active: Int) { registry.set(Self.activeWorkers, labels, to: Double(active)) }
  func queueDepth(_ depth: Int) { registry.set(Self.depth, queueLabels, to: Double(depth)) }
  func added() { registry.increment(Self.adds, queueLabels) }
  func retried() { registry.increment(Self.retries, queueLabels) }

  func reconciled(result: String, took: Duration) {
    registry.increment(Self.reconciles, [("controller", controller), ("result", result)])
    if result == "error" { registry.increment(Self.reconcileErrors, labels) }
    registry.observe(Self.reconcileTime, labels, took / .seconds(1))
  }
}
