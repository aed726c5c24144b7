public import KubernetesAPI

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
    // A rate over a counter that appears with its first increment misses that increment.
    for result in ["success", "error", "requeue", "requeue_after"] {
      registry.increment(Self.reconciles, [("controller", controller), ("result", result)], by: 0)
    }
    for counter in [Self.reconcileErrors, Self.terminalErrors, Self.panics, Self.timeouts] {
      registry.increment(counter, labels, by: 0)
    }
    registry.increment(Self.adds, queueLabels, by: 0)
    registry.increment(Self.retries, queueLabels, by: 0)
  }

  private var labels: [(String, String)] { [("controller", controller)] }
  private var queueLabels: [(String, String)] {
    [("controller", controller), ("name", controller)]
  }

  static let reconciles = MetricsRegistry.Name(
    "controller_runtime_reconcile_total", .counter, "Reconciles by result.")
  static let reconcileErrors = MetricsRegistry.Name(
    "controller_runtime_reconcile_errors_total", .counter, "Reconciles that failed.")
  static let terminalErrors = MetricsRegistry.Name(
    "controller_runtime_terminal_reconcile_errors_total", .counter,
    "Reconciles that failed and are not tried again.")
  static let panics = MetricsRegistry.Name(
    "controller_runtime_reconcile_panics_total", .counter,
    "Always 0: a trap ends the process. Kept for dashboards.")
  static let timeouts = MetricsRegistry.Name(
    "controller_runtime_reconcile_timeouts_total", .counter, "Reconciles that took too long.")
  static let reconcileTime = MetricsRegistry.Name(
    "controller_runtime_reconcile_time_seconds",
    .histogram([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60]),
    "How long reconciles took.")
  static let maximumConcurrency = MetricsRegistry.Name(
    "controller_runtime_max_concurrent_reconciles", .gauge, "Workers.")
  static let activeWorkers = MetricsRegistry.Name(
    "controller_runtime_active_workers", .gauge, "Workers that reconcile now.")
  static let depth = MetricsRegistry.Name("workqueue_depth", .gauge, "Keys that wait for a worker.")
  static let adds = MetricsRegistry.Name(
    "workqueue_adds_total", .counter, "How often a key became ready to be reconciled.")
  static let retries = MetricsRegistry.Name(
    "workqueue_retries_total", .counter, "Keys added again after a failure.")
  static let queueTime = MetricsRegistry.Name(
    "workqueue_queue_duration_seconds", .histogram(queueBounds),
    "How long keys were ready before a worker took them.")
  static let workTime = MetricsRegistry.Name(
    "workqueue_work_duration_seconds", .histogram(queueBounds), "How long keys were worked on.")
  static let unfinishedWork = MetricsRegistry.Name(
    "workqueue_unfinished_work_seconds", .gauge,
    "How long the reconciles that are under way have taken so far, in all.")
  static let longestRun = MetricsRegistry.Name(
    "workqueue_longest_running_processor_seconds", .gauge,
    "How long the longest reconcile that is under way has taken so far.")
  static let requests = MetricsRegistry.Name(
    "rest_client_requests_total", .counter,
    "Requests to the API server by status code, method and host.")
  static let relists = MetricsRegistry.Name(
    "agent_operator_relists_total", .counter, "Complete lists by resource.")
  static let watchRestarts = MetricsRegistry.Name(
    "agent_operator_watch_restarts_total", .counter,
    "Watches opened again by resource; the first one shows as 0.")
  static let applies = MetricsRegistry.Name(
    "agent_operator_applies_total", .counter, "Server-side applies by outcome.")

  /// controller-runtime's `ExponentialBuckets(10e-9, 10, 12)`: 10 ns to 1000 s.
  private static let queueBounds = [
    1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000,
  ]

  public func relisted(_ resource: ResourceType) {
    registry.increment(Self.relists, [("resource", resource.description)])
  }

  /// - Parameter again: it is not the reflector's first watch.
  public func watchOpened(_ resource: ResourceType, again: Bool) {
    registry.increment(
      Self.watchRestarts, [("resource", resource.description)], by: again ? 1 : 0)
  }

  /// - Parameter outcome: `created`, `changed`, `unchanged` or `failed`.
  public func applied(_ outcome: String) {
    registry.increment(Self.applies, [("outcome", outcome)])
  }

  /// - Parameters:
  ///   - status: the code, or `<error>` (client-go's word) when no answer came.
  ///   - host: of the API server, `name:port`.
  public func requested(method: String, status: String, host: String? = nil) {
    var labels = [("code", status), ("method", method)]
    if let host { labels.append(("host", host)) }
    registry.increment(Self.requests, labels)
  }

  func workers(maximum: Int) { registry.set(Self.maximumConcurrency, labels, to: Double(maximum)) }
  func retried() { registry.increment(Self.retries, queueLabels) }
  func timedOut() { registry.increment(Self.timeouts, labels) }
  func failedTerminally() { registry.increment(Self.terminalErrors, labels) }

  /// Reads the queue whenever the figures are asked for, instead of writing them at each change.
  func observe(_ queue: WorkQueue<ObjectKey>) {
    registry.collect { [weak queue, labels, queueLabels] registry in
      guard let statistics = queue?.statistics else { return }
      for (priority, depth) in statistics.depth {
        // controller-runtime's numbers.
        let number = priority == .live ? "0" : "-100"
        registry.set(Self.depth, queueLabels + [("priority", number)], to: Double(depth))
      }
      registry.set(Self.adds, queueLabels, to: Double(statistics.addCount))
      registry.set(Self.activeWorkers, labels, to: Double(statistics.runningCount))
      registry.set(Self.unfinishedWork, queueLabels, to: statistics.unfinished / .seconds(1))
      registry.set(Self.longestRun, queueLabels, to: statistics.longestRun / .seconds(1))
    }
  }

  func taken(afterWaiting time: Duration) {
    registry.observe(Self.queueTime, queueLabels, time / .seconds(1))
  }

  func reconciled(result: String, took: Duration) {
    registry.increment(Self.reconciles, [("controller", controller), ("result", result)])
    if result == "error" { registry.increment(Self.reconcileErrors, labels) }
    registry.observe(Self.reconcileTime, labels, took / .seconds(1))
    registry.observe(Self.workTime, queueLabels, took / .seconds(1))
  }
}
