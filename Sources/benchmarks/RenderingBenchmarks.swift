import AgentDeploymentAPI
import AgentOperator
import JSON
import KubernetesAPI
import ManifestRendering

/// What one reconcile costs before and beside its requests.
enum RenderingBenchmarks {
  private static let now: Int64 = 1_800_000_000

  static func run(_ meter: inout Meter) throws {
    let stored = (0..<1000).map(SampleObjects.storedAgent)
    meter.time(
      "decode agent", "defaults and all checks, 1,000 small agents", count: 1000, scale: 1e6,
      unit: "us"
    ) {
      for json in stored { keep(AgentDeployment.decode(json)) }
    }
    let agents = try stored.map { try AgentDeployment.decode($0).get() }
    let context = RenderingContext(now: now)
    guard let first = agents.first else { return }
    meter.time("render one", "small agent", count: 100, scale: 1e3, unit: "ms") {
      for _ in 0..<100 { keep(first.render(context)) }
    }
    meter.time("render 1,000", "small agents", scale: 1e3, unit: "ms") {
      for agent in agents { keep(agent.render(context)) }
    }
    plan(first, context, &meter)
  }

  private static func plan(
    _ agent: AgentDeployment, _ context: RenderingContext, _ meter: inout Meter
  ) {
    let rendering = agent.render(context)
    let uid = agent.object.uid ?? ""
    var observed = ObservedState()
    observed.availableOptional = Set(rendering.objects.map(\.resource))
    for rendered in rendering.objects {
      observed.live[rendered.resource, default: [:]][rendered.object.key] = live(rendered.object)
    }
    let what = "\(rendering.objects.count) objects, nothing to do"
    meter.time("plan", what, count: 100, scale: 1e6, unit: "us") {
      for _ in 0..<100 {
        let plan = Planner.plan(
          rendering, observed: observed, ownerUID: uid, ownerName: agent.name, keptRevisions: [],
          now: 0)
        precondition(plan.isEmpty, "what was rendered differs from itself")
      }
    }
    let pairs = rendering.objects.map { ($0.object, live($0.object)) }
    meter.time("compare live", what, count: 100 * pairs.count, scale: 1e6, unit: "us") {
      for _ in 0..<100 {
        for (rendered, live) in pairs {
          keep(LiveComparison.drift(rendered: rendered, live: live, metadataOnly: false))
        }
      }
    }
  }

  /// As the server has it: its own metadata and a status beside what was applied.
  private static func live(_ object: KubernetesObject) -> KubernetesObject {
    var live = object
    live["metadata"]?["uid"] = "11111111-2222-3333-4444-555555555555"
    live["metadata"]?["resourceVersion"] = "4711"
    live["metadata"]?["creationTimestamp"] = "2026-11-02T08:15:30Z"
    live["status"] = ["observedGeneration": 1]
    return live
  }
}
