import AgentDeploymentAPI
import AgentOperator
import JSON
import KubernetesAPI
import ManifestRendering

/// What a plan does to pods, its own and those of a managed store.
struct PodChange {
  /// Pods of the agent that are replaced; nil when its template stays.
  private(set) var replaced: Int?
  /// The number of pods that the agent is to have, and to what it is changed at once.
  private var before = 0
  private var after = 0
  /// To what a scaler may lower the number that it could not before.
  private var least: Int?
  /// `StatefulSet support-state`, with its pods.
  private var replacedStores: [(title: String, pods: Int)] = []
  private var endedStores: [(title: String, pods: Int)] = []

  /// - Parameter restarts: whose pod templates change, by the server's own dry run.
  init(_ preview: AgentPreview, restarts: [RenderedObject]) {
    let key = preview.agent.object.key
    let live = preview.observed[.deployments, key]
    for object in restarts {
      if object.resource == .deployments {
        replaced = live?["status"]?["replicas"]?.int ?? 0
      } else {
        let pods = preview.observed[object.resource, object.object.key].map(Self.pods) ?? 0
        replacedStores.append((Self.title(object.resource, object.object.key), pods))
      }
    }
    for case .delete(let resource, let key, _, _) in preview.plan.deletes
    where resource == .statefulSets {
      let pods = preview.observed[resource, key].map(Self.pods) ?? 0
      endedStores.append((Self.title(resource, key), pods))
    }
    guard let live, let bounds = Self.bounds(of: preview.rendering) else { return }
    before = live["spec"]?["replicas"]?.int ?? 1
    after = min(max(before, bounds.lowerBound), bounds.upperBound)
    // An autoscaler leaves an agent alone that has no pods; the operator gives it some first.
    let hasAutoscaler = preview.rendering.objects.contains {
      $0.resource == .horizontalPodAutoscalers
    }
    if before == 0, hasAutoscaler {
      let given = preview.plan.steps.lazy.compactMap {
        if case .keepReplicas(_, let replicas) = $0 { replicas } else { nil }
      }
      after = given.first ?? 0
    }
    let former = Self.scaler(of: key, preview).map(Self.bounds) ?? before...before
    if bounds.lowerBound < min(former.lowerBound, after) { least = bounds.lowerBound }
  }

  private static func title(_ resource: ResourceType, _ key: ObjectKey) -> String {
    "\(resource.kind) \(key.name)"
  }

  private static func pods(of store: KubernetesObject) -> Int {
    store["status"]?["replicas"]?.int ?? store["spec"]?["replicas"]?.int ?? 1
  }

  private static func scaler(of key: ObjectKey, _ preview: AgentPreview) -> KubernetesObject? {
    preview.observed[.horizontalPodAutoscalers, key] ?? preview.observed[.scaledObjects, key]
  }

  private static func bounds(of rendering: Rendering) -> ClosedRange<Int>? {
    let scalers: [ResourceType] = [.horizontalPodAutoscalers, .scaledObjects]
    if let scaler = rendering.objects.first(where: { scalers.contains($0.resource) }) {
      return bounds(of: scaler.object)
    }
    let deployment = rendering.objects.first { $0.resource == .deployments }
    return deployment?.object["spec"]?["replicas"]?.int.map { $0...$0 }
  }

  private static func bounds(of scaler: KubernetesObject) -> ClosedRange<Int> {
    let spec = scaler["spec"]
    let (least, most) =
      scaler.kind == ResourceType.scaledObjects.kind
      ? (spec?["minReplicaCount"]?.int ?? 0, spec?["maxReplicaCount"]?.int ?? 100)
      : (spec?["minReplicas"]?.int ?? 1, spec?["maxReplicas"]?.int ?? 1)
    return least...max(least, most)
  }

  // MARK: In words

  /// Pods that are replaced, of the agent and of its store.
  var restarts: Int { (replaced ?? 0) + replacedStores.reduce(0) { $0 + $1.pods } }

  /// Pods that end and are not replaced.
  var ends: Int { max(0, before - after) + endedStores.reduce(0) { $0 + $1.pods } }

  /// What happens beside the replacement of the agent's own pods; empty when nothing does.
  var others: [String] {
    var others: [String] = []
    if after < before {
      others.append(
        "\(before - after) of \(Self.count(before)) \(after + 1 == before ? "ends" : "end")")
    }
    if after > before {
      others.append(
        "\(Self.count(after - before)) \(after - before == 1 ? "is" : "are") added to \(before)")
    }
    if let least { others.append("the scaler may end \(after - least) of \(Self.count(after))") }
    for (title, pods) in replacedStores {
      others.append("\(Self.count(pods)) of \(title) \(pods == 1 ? "is" : "are") replaced")
    }
    for (title, pods) in endedStores {
      others.append("\(Self.count(pods)) of \(title) \(pods == 1 ? "ends" : "end")")
    }
    return others
  }

  static func count(_ pods: Int) -> String { pods == 1 ? "1 pod" : "\(pods) pods" }
}
