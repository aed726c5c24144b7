import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import ManifestRendering

@testable import AgentOperator

/// Agents and cluster states for the planner's tests.
enum Fixtures {
  static let uid = "11111111-2222-3333-4444-555555555555"
  static let now: Int64 = 1_795_219_200

  static func agentObject(
    _ spec: JSONValue = [:], name: String = "support", namespace: String = "agents",
    uid: String? = uid
  ) -> KubernetesObject {
    var json: JSONValue = [
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment",
      "metadata": ["name": .string(name), "namespace": .string(namespace)], "spec": spec,
    ]
    if json["spec"]?["image"] == nil { json["spec"]?["image"] = "registry/support:v1" }
    if let uid { json["metadata"]?["uid"] = .string(uid) }
    return KubernetesObject(json)
  }

  static func rendering(_ spec: JSONValue = [:]) throws -> Rendering {
    try AgentDeployment.decode(agentObject(spec).json).get().render(RenderingContext(now: now))
  }

  /// A cluster in which everything is as rendered, with what a server adds.
  static func converged(_ rendering: Rendering) -> ObservedState {
    var observed = ObservedState()
    observed.availableOptional = Set(ClusterCache.optional)
    for (i, rendered) in rendering.objects.enumerated() {
      var live = rendered.object
      live["metadata"]?["uid"] = .string("uid-\(i)")
      live["metadata"]?["resourceVersion"] = .string(String(100 + i))
      live["metadata"]?["generation"] = 1
      if observed.metadataOnly.contains(rendered.resource) {
        live = ObjectStore.keeping([])(live)
      }
      observed.live[rendered.resource, default: [:]][live.key] = live
    }
    return observed
  }

  static func plan(
    _ rendering: Rendering, _ observed: ObservedState, keptRevisions: Set<String> = [],
    now: Int64 = now
  ) -> Plan {
    Planner.plan(
      rendering, observed: observed, ownerUID: uid, ownerName: "support",
      keptRevisions: keptRevisions, now: now)
  }
}

extension ObservedState {
  /// Changes the one live object of a resource.
  mutating func change(_ resource: ResourceType, _ change: (inout KubernetesObject) -> Void) {
    guard let key = live[resource]?.keys.first, var object = live[resource]?[key] else { return }
    change(&object)
    live[resource]?[key] = object
  }
}
