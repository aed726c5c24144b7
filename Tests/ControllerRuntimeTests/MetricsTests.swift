import ControllerRuntime
import KubernetesAPI
import Logging
import Testing

@Suite struct MetricsTests {
  /// The names and labels that controller-runtime's dashboards ask for (runtime-peers.md, section 6).
  @Test func isExposedUnderControllerRuntimesNames() async {
    let clock = ManualClock()
    let metrics = RuntimeMetrics(controller: "agents")
    let controller = Controller(
      name: "agents", concurrency: 3, clock: clock, metrics: metrics,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { _, _ in .done }
    controller.enqueue(ObjectKey(namespace: "ns", name: "a"))
    controller.enqueue(ObjectKey(namespace: "ns", name: "b"), priority: .bulk)
    metrics.requested(method: "GET", status: "200", host: "10.0.0.1:6443")
    metrics.requested(method: "GET", status: "<error>")
    metrics.relisted(.deployments)
    metrics.watchOpened(.deployments, again: false)
    metrics.applied("created")
    let lines = metrics.registry.exposition().split(separator: "\n").filter { $0.first != "#" }
    #expect(
      lines.map(String.init) == [
        "agent_operator_applies_total{outcome=\"created\"} 1",
        "agent_operator_relists_total{resource=\"deployments.apps\"} 1",
        "agent_operator_watch_restarts_total{resource=\"deployments.apps\"} 0",
        "controller_runtime_active_workers{controller=\"agents\"} 0",
        "controller_runtime_max_concurrent_reconciles{controller=\"agents\"} 3",
        "controller_runtime_reconcile_errors_total{controller=\"agents\"} 0",
        "controller_runtime_reconcile_panics_total{controller=\"agents\"} 0",
        "controller_runtime_reconcile_timeouts_total{controller=\"agents\"} 0",
        "controller_runtime_reconcile_total{controller=\"agents\",result=\"error\"} 0",
        "controller_runtime_reconcile_total{controller=\"agents\",result=\"requeue\"} 0",
        "controller_runtime_reconcile_total{controller=\"agents\",result=\"requeue_after\"} 0",
        "controller_runtime_reconcile_total{controller=\"agents\",result=\"success\"} 0",
        "controller_runtime_terminal_reconcile_errors_total{controller=\"agents\"} 0",
        "rest_client_requests_total{code=\"200\",host=\"10.0.0.1:6443\",method=\"GET\"} 1",
        "rest_client_requests_total{code=\"<error>\",method=\"GET\"} 1",
        "workqueue_adds_total{controller=\"agents\",name=\"agents\"} 2",
        "workqueue_depth{controller=\"agents\",name=\"agents\",priority=\"-100\"} 1",
        "workqueue_depth{controller=\"agents\",name=\"agents\",priority=\"0\"} 1",
        "workqueue_longest_running_processor_seconds{controller=\"agents\",name=\"agents\"} 0",
        "workqueue_retries_total{controller=\"agents\",name=\"agents\"} 0",
        "workqueue_unfinished_work_seconds{controller=\"agents\",name=\"agents\"} 0",
      ])
  }

  @Test func reconcilesAreCountedAndTimed() async {
    let clock = ManualClock()
    let metrics = RuntimeMetrics(controller: "agents")
    let controller = Controller(
      name: "agents", concurrency: 1, clock: clock, metrics: metrics,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { _, _ in
      clock.advance(by: .milliseconds(200))
      return .done
    }
    controller.enqueue(ObjectKey(namespace: "ns", name: "a"))
    clock.advance(by: .seconds(2))
    let task = Task { await controller.run() }
    await until("it is done") {
      metrics.registry.exposition().contains("result=\"success\"} 1\n")
    }
    task.cancel()
    await task.value
    let text = metrics.registry.exposition()
    let labels = "{controller=\"agents\",name=\"agents\""
    for line in [
      "controller_runtime_reconcile_time_seconds_bucket{controller=\"agents\",le=\"0.1\"} 0",
      "controller_runtime_reconcile_time_seconds_bucket{controller=\"agents\",le=\"0.25\"} 1",
      "controller_runtime_reconcile_time_seconds_bucket{controller=\"agents\",le=\"60\"} 1",
      "controller_runtime_reconcile_time_seconds_sum{controller=\"agents\"} 0.2",
      "controller_runtime_reconcile_time_seconds_count{controller=\"agents\"} 1",
      "workqueue_queue_duration_seconds_bucket\(labels),le=\"1\"} 0",
      "workqueue_queue_duration_seconds_bucket\(labels),le=\"10\"} 1",
      "workqueue_queue_duration_seconds_sum\(labels)} 2",
      "workqueue_work_duration_seconds_bucket\(labels),le=\"1e-08\"} 0",
      "workqueue_work_duration_seconds_bucket\(labels),le=\"+Inf\"} 1",
    ] { #expect(text.contains(line + "\n"), "\(line)") }
  }

  @Test func writesPrometheusText() {
    let registry = MetricsRegistry()
    let counter = MetricsRegistry.Name("b_total", .counter, "Bs.")
    let histogram = MetricsRegistry.Name("a_seconds", .histogram([0.5, 1]), "As.")
    let gauge = MetricsRegistry.Name("c", .gauge, "Cs.")
    registry.increment(counter, [("z", "1"), ("a", "quote \" slash \\ line \n")])
    registry.increment(counter, [("a", "quote \" slash \\ line \n"), ("z", "1")], by: 2)
    for value in [0.25, 0.5, 0.75, 2] { registry.observe(histogram, [], value) }
    registry.set(gauge, to: .infinity)
    registry.collect { $0.set(gauge, [("x", "y")], to: -1.5) }
    #expect(
      registry.exposition() == """
        # HELP a_seconds As.
        # TYPE a_seconds histogram
        a_seconds_bucket{le="0.5"} 2
        a_seconds_bucket{le="1"} 3
        a_seconds_bucket{le="+Inf"} 4
        a_seconds_sum 3.5
        a_seconds_count 4
        # HELP b_total Bs.
        # TYPE b_total counter
        b_total{a="quote \\" slash \\\\ line \\n",z="1"} 3
        # HELP c Cs.
        # TYPE c gauge
        c +Inf
        c{x="y"} -1.5

        """)
  }
}
