import AgentDeploymentAPI
import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// Ways to scale one agent, and what may not happen between them.
enum ScalerPhase: Sendable, CustomStringConvertible {
  case fixed(Int)
  case autoscaler(Int, Int)
  case scaledObject(Int, Int)
  /// There is no work, and no pod is left in the end.
  case idle(Int, Int)

  var spec: JSONValue {
    var scaling: JSONValue =
      switch self {
      case .fixed(let count):
        ["minReplicas": JSONValue(count), "maxReplicas": JSONValue(count)]
      case .autoscaler(let least, let most), .scaledObject(let least, let most),
        .idle(let least, let most):
        ["minReplicas": JSONValue(least), "maxReplicas": JSONValue(most)]
      }
    switch self {
    case .fixed, .autoscaler: break
    case .scaledObject, .idle:
      scaling["metrics"] = [
        [
          "type": "Queue", "target": "5",
          "trigger": ["type": "redis-streams", "metadata": ["stream": "support"]],
        ]
      ]
    }
    if case .idle = self { scaling["idle"] = ["after": "30m"] }
    return ["scaling": scaling]
  }

  /// The fewest pods that there have to be in the end.
  var least: Int {
    switch self {
    case .fixed(let count): count
    case .autoscaler(let least, _), .scaledObject(let least, _): least
    case .idle: 0
    }
  }

  var most: Int {
    switch self {
    case .fixed(let count): count
    case .autoscaler(_, let most), .scaledObject(_, let most): most
    case .idle: 0
    }
  }

  var kind: ResourceType? {
    switch self {
    case .fixed: nil
    case .autoscaler: .horizontalPodAutoscalers
    case .scaledObject, .idle: .scaledObjects
    }
  }

  var description: String {
    switch self {
    case .fixed(let count): "\(count)"
    case .autoscaler(let least, let most): "autoscaler \(least)..\(most)"
    case .scaledObject(let least, let most): "ScaledObject \(least)..\(most)"
    case .idle(let least, let most): "idle ScaledObject \(least)..\(most)"
    }
  }
}

/// Takes an agent through phases, and looks at every state that the cluster was in.
struct ScalerHistory {
  let harness: OperatorHarness

  static let installs: [ResourceType] =
    [.agentDeployments, .scaledObjects, .triggerAuthentications]

  func run(_ phases: [ScalerPhase]) async throws {
    for phase in phases { try await enter(phase) }
  }

  func replicas() async throws -> Int {
    try await harness.find(.deployments)?["spec"]?["replicas"]?.int ?? 0
  }

  private func enter(_ phase: ScalerPhase) async throws {
    let before = try await replicas()
    let isNew = try await harness.find(.deployments) == nil
    let mark = harness.cluster?.history(.deployments).count ?? 0
    try await harness.apply("support", phase.spec)
    try await harness.until("\(phase) holds") { try await holds(phase) }
    if case .idle = phase {
      try await harness.patch(
        .scaledObjects, "support",
        ["metadata": ["annotations": [SimulatedKEDA.active: "false"]]])
      try await harness.until("it sleeps") { try await replicas() == 0 }
    } else if phase.kind == .scaledObjects {
      try await harness.patch(
        .scaledObjects, "support", ["metadata": ["annotations": [SimulatedKEDA.active: nil]]]
      )
    }
    try await harness.settle()
    let after = try await replicas()
    #expect(after == min(max(before, phase.least), phase.most) || isNew, "\(before) to \(phase)")
    // On the way, never fewer than before or after.
    let counts = (harness.cluster?.history(.deployments) ?? []).dropFirst(mark).compactMap {
      $0.new?["spec"]?["replicas"]?.int
    }
    let floor = min(before, after)
    #expect(counts.allSatisfy { $0 >= floor } || isNew, "\(before) to \(phase): \(counts)")
    // One that sleeps in the end has been awake, and one that slept may be kept by the bounds of before.
    if phase.most > 0, before > 0 {
      let inOrder = after < before ? counts.sorted(by: >) : counts.sorted()
      #expect(counts == inOrder || isNew, "\(before) to \(phase) and not back: \(counts)")
    }
    try await expectOneScaler(phase)
  }

  private func holds(_ phase: ScalerPhase) async throws -> Bool {
    let agent = try await harness.get(.agentDeployments)
    guard agent["status"]?["observedGeneration"]?.int == agent.generation,
      StatusBuilder.conditions(in: agent["status"])["Reconciling"]?.status == .false
    else { return false }
    guard let kind = phase.kind else { return true }
    return try await harness.find(kind) != nil
  }

  func expectOneScaler(_ phase: ScalerPhase) async throws {
    let scalers = try await harness.list(.horizontalPodAutoscalers).map(\.name)
    let scaled = try await harness.list(.scaledObjects).map(\.name)
    switch phase.kind {
    case .horizontalPodAutoscalers: #expect(scalers == ["support"] && scaled == [])
    case .scaledObjects: #expect(scalers == ["keda-hpa-support"] && scaled == ["support"])
    default: #expect(scalers == [] && scaled == [])
    }
  }

  /// Over the whole life.
  func expectNeverTwo() {
    let changes = harness.cluster?.everyChange ?? []
    #expect(ScalerOracle.twoScalers(of: ["support"], in: changes) == nil)
  }
}
