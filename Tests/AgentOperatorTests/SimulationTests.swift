import ControllerRuntime
import Foundation
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Simulation
import Synchronization
import Testing

@testable import AgentOperator

/// Oracle I: whatever people, autoscalers and the network do, in any order, it ends right.
///
/// A seed fixes what is done, which requests and events fail, and how tasks interleave.
/// `SIMULATION_SEEDS=1000` or `=101-200` runs other seeds, `SIMULATION_SEED=7` only that one.
@Suite struct SimulationTests {
  @Test func anyHistoryEndsRight() async throws {
    let seeds = Seeds(Simulation.seeds)
    await withTaskGroup { group in
      for _ in 0..<ScenarioGate.width {
        group.addTask {
          while let seed = seeds.next() {
            if await !Self.endsRight(seed) { seeds.end() }
          }
        }
      }
    }
  }

  private static func endsRight(_ seed: UInt64) async -> Bool {
    do {
      try await withOperator(seed: seed) { harness in
        var simulation = Simulation(seed: seed, harness: harness)
        try await simulation.run()
      }
      return true
    } catch {
      let reproduction =
        "SWIFT_DETERMINISTIC_HASHING=1 SIMULATION_SEED=\(seed) swift test --filter SimulationTests"
      Issue.record("\(error)\n  reproduce: \(reproduction)")
      return false
    }
  }
}

/// Seeds that are still to run.
private final class Seeds: Sendable {
  private let left: Mutex<[UInt64]>

  init(_ seeds: ClosedRange<UInt64>) { left = Mutex(seeds.reversed()) }

  func next() -> UInt64? { left.withLock { $0.popLast() } }
  func end() { left.withLock { $0 = [] } }
}

struct Simulation {
  private static let environment = ProcessInfo.processInfo.environment
  static let isThorough = environment["SIMULATION_SEEDS"] != nil
  /// `SIMULATION_SEEDS` is a number of seeds or a range such as `101-200`.
  static var seeds: ClosedRange<UInt64> {
    if let seed = environment["SIMULATION_SEED"].flatMap(UInt64.init) { return seed...seed }
    let bounds = (environment["SIMULATION_SEEDS"] ?? "30").split(separator: "-").compactMap {
      UInt64($0)
    }
    return bounds.count == 2 && bounds[0] <= bounds[1]
      ? bounds[0]...bounds[1] : 1...max(1, bounds.first ?? 1)
  }

  private let seed: UInt64
  private let harness: OperatorHarness
  private var random: SeededGenerator
  private var specs: [String: JSONValue] = [:]
  private var history: [String] = []
  private let names: [String]
  private let isLong: Bool
  private let stepCount: Int

  init(seed: UInt64, harness: OperatorHarness) {
    self.seed = seed
    self.harness = harness
    random = SeededGenerator(seed: seed)
    // Mostly short: what goes wrong shows in few steps, and many seeds find more than long ones.
    isLong = seed.isMultiple(of: 10)
    names = isLong ? ["a", "b", "c"] : seed.isMultiple(of: 3) ? ["a", "b"] : ["a"]
    stepCount = Int.random(in: isLong ? 8...16 : 2...6, using: &random)
  }

  struct Wrong: Error, CustomStringConvertible { var description: String }

  mutating func run() async throws {
    do {
      try await first()
      for _ in 1..<stepCount {
        try await act()
        try await pass()
      }
      try await checkEnd()
    } catch {
      throw Wrong(
        description: "seed \(seed): \(error)\n  after: \(history.joined(separator: ", "))")
    }
  }

  // MARK: What happens

  private mutating func act() async throws {
    let name = names.randomElement(using: &random) ?? "a"
    switch Int.random(in: 0..<14, using: &random) {
    case 0...3: try await apply(name)
    case 4:
      note("\(name) deleted")
      specs[name] = nil
      _ = try? await harness.delete(.agentDeployments, name)
    case 5, 6:
      let resource = anyResource()
      note("\(resource.kind) \(name) deleted")
      _ = try? await harness.delete(resource, name)
    case 7, 8: try await drift(name)
    case 9:
      let replicas = Int.random(in: 1...6, using: &random)
      note("\(name) scaled to \(replicas)")
      _ = try? await harness.patch(.deployments, name, ["spec": ["replicas": JSONValue(replicas)]])
    case 10:
      note("restart")
      try await harness.restart()
    case 11:
      note("crash")
      harness.crash()
      harness.start()
    case 12:
      note("watches cut")
      if Bool.random(using: &random) { harness.cluster?.compact() }
      harness.connection?.cutWatches()
    default: addFault()
    }
  }

  /// There is something that the rest can happen to.
  private mutating func first() async throws {
    try await apply(names[0])
    try await pass()
  }

  private mutating func apply(_ name: String) async throws {
    let spec = anySpec()
    note("\(name) = \(spec.serialized())")
    specs[name] = spec
    try await harness.apply(name, spec)
  }

  private mutating func anySpec() -> JSONValue {
    var spec: JSONValue = [
      "image": .string("registry/x:v\(Int.random(in: 1...3, using: &random))")
    ]
    if Bool.random(using: &random) {
      spec["config"] = ["k": .string("\(Int.random(in: 1...3, using: &random))")]
    }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: spec["scaling"] = ["minReplicas": 3, "maxReplicas": 3]
    case 1: spec["scaling"] = ["minReplicas": 1, "maxReplicas": 6]
    case 2: spec["traffic"] = ["provider": "None"]
    default: break
    }
    if Int.random(in: 0..<3, using: &random) == 0 {
      spec["secrets"] = [["name": "s", "generate": [:]]]
    }
    return spec
  }

  private mutating func anyResource() -> ResourceType {
    let all = ClusterCache.builtIn + ClusterCache.optional
    return all.randomElement(using: &random) ?? .services
  }

  private mutating func drift(_ name: String) async throws {
    let changes: [(ResourceType, JSONValue)] = [
      (.deployments, ["spec": ["progressDeadlineSeconds": 5]]),
      (.services, ["spec": ["selector": ["x": "y"]]]),
      (.podDisruptionBudgets, ["spec": ["maxUnavailable": 50]]),
      (.virtualServices, ["spec": ["hosts": ["other"]]]),
      (.deployments, ["metadata": ["labels": ["app.kubernetes.io/managed-by": nil]]]),
      (.services, ["metadata": ["ownerReferences": nil]]),
      (.deployments, ["metadata": ["labels": ["foreign": "kept"]]]),
    ]
    guard let (resource, change) = changes.randomElement(using: &random) else { return }
    note("\(resource.kind) \(name): \(change.serialized())")
    _ = try? await harness.patch(resource, name, change)
  }

  private mutating func addFault() {
    let faults: [Fault] = [
      .lostBefore, .lostAfter, .refused, .status(409), .status(429, retryAfter: 1), .status(500),
      .status(503), .delay(.seconds(2)), .crashBefore, .crashAfter,
    ]
    guard let fault = faults.randomElement(using: &random) else { return }
    let count = Int.random(in: 1...4, using: &random)
    note("\(count) x \(fault)")
    let skipped = Int.random(in: 0...3, using: &random)
    let seen = Counter()
    harness.faults.next(fault, count: count) { request in
      guard request.isStateWrite || !request.isWatch && count > 2 else { return false }
      seen.add(1)
      return seen.value > skipped
    }
  }

  private mutating func note(_ text: String) { history.append(text) }

  /// Some time, from none at all to a few minutes.
  private mutating func pass() async throws {
    let steps = Int.random(in: 0...3, using: &random)
    if steps == 0 { return }
    try await harness.letPass(.milliseconds([10, 500, 5000][steps - 1]))
  }

  // MARK: What must hold

  private mutating func checkEnd() async throws {
    harness.faults.clear()
    for name in specs.keys.sorted() {
      try await harness.until("\(name) is ready", within: .seconds(1200)) {
        let (ready, reconciling) = (
          try await harness.summary("Ready", of: name),
          try await harness.summary("Reconciling", of: name)
        )
        let agent = try await harness.get(.agentDeployments, name)
        return ready == "Ready=True Ready" && reconciling == "Reconciling=False Settled"
          && agent["status"]?["observedGeneration"]?.int == agent.generation
      }
    }
    // Longer than the longest pause after failures.
    try await harness.advance(by: .seconds(400))
    try await compareWithFreshCluster()
    let mark = harness.log.count
    // Ten hours, in which every watch is renewed a hundred times, for the long histories only.
    try await harness.advance(by: .seconds(isLong ? 36_000 : 1200))
    try await harness.restart()
    try await harness.settle()
    let writes = harness.log.writes(since: mark).map(\.description)
    if !writes.isEmpty { throw Wrong(description: "writes after the end: \(writes)") }
    if let error = harness.logs.lines.first(where: { $0.level >= .error }) {
      throw Wrong(description: "logged: \(error.text)")
    }
  }

  /// Oracle G: the same specs in an empty cluster give the same objects.
  private func compareWithFreshCluster() async throws {
    let fresh = try await OperatorHarness()
    fresh.start()
    for (name, spec) in specs.sorted(by: { $0.key < $1.key }) { try await fresh.apply(name, spec) }
    try await fresh.settle()
    let expected = comparable(try await fresh.canonicalState())
    try await fresh.end()
    let actual = comparable(try await harness.canonicalState())
    let missing = Set(expected.keys).subtracting(actual.keys).sorted()
    let extra = Set(actual.keys).subtracting(expected.keys).sorted()
    var wrong = Canonical.differences(expected, actual)
    if !missing.isEmpty { wrong.append("missing \(missing)") }
    if !extra.isEmpty { wrong.append("left over \(extra)") }
    if !wrong.isEmpty { throw Wrong(description: wrong.joined(separator: "; ")) }
  }

  /// Without what depends on the history by design: replicas under a scaler, retained Secrets, copies
  /// of former revisions, foreign labels.
  private func comparable(_ state: [String: JSONValue]) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    let deployments = state.values.filter { $0["kind"] == "Deployment" }
    let current = deployments.map { ownerAndRevision($0["spec"]?["template"]) }
    for (name, object) in state {
      var object = object
      switch object["kind"]?.string {
      case "Secret", "AgentDeployment": continue
      case "ConfigMap":
        guard current.contains(ownerAndRevision(object)) else { continue }
      case "Deployment":
        object["metadata"]?["labels"]?["foreign"] = nil
        if object["metadata"]?["annotations"]?["agentdeploy.dev/replicas"] == "Autoscaled" {
          object["spec"]?["replicas"] = nil
        }
      default: break
      }
      result[name] = object
    }
    return result
  }

  private func ownerAndRevision(_ object: JSONValue?) -> [String?] {
    let labels = object?["metadata"]?["labels"]
    return ["agentdeploy.dev/agent", "agentdeploy.dev/revision"].map { labels?[$0]?.string }
  }
}
