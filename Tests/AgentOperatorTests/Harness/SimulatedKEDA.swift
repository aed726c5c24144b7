import JSON
import KubernetesAPI

@testable import EmbeddedCluster

/// What an operator sees of KEDA: it puts its finalizer and its label on ScaledObjects, makes an
/// autoscaler of each, with the ScaledObject's labels, and takes pods to zero and back.
///
/// There are no metrics. Annotations on a ScaledObject say how it is: `test/active: "false"` when there
/// is no work, `test/broken` when a trigger fails.
struct SimulatedKEDA: SimulatedController {
  static let finalizer = "finalizer.keda.sh"
  static let active = "test/active"
  static let broken = "test/broken"
  private static let manager = "keda"

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    let name: String
    switch change.type {
    case .scaledObjects, .deployments: name = change.key.name
    case .horizontalPodAutoscalers where change.key.name.hasPrefix("keda-hpa-"):
      name = String(change.key.name.dropFirst("keda-hpa-".count))
    default: return []
    }
    let key = ObjectKey(namespace: change.key.namespace, name: name)
    guard view.get(.scaledObjects, key) != nil else { return [] }
    return [ControllerItem(.scaledObjects, key)]
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard var scaled = view.get(item.type, item.key) else { return .nothing }
    var plan = ControllerPlan()
    let finalizers = scaled.metadata["finalizers"]?.array ?? []
    if scaled.isBeingDeleted {
      guard finalizers.contains(.string(Self.finalizer)) else { return .nothing }
      scaled["metadata"]?["finalizers"] = .array(
        finalizers.filter { $0 != .string(Self.finalizer) })
      plan.actions = [.update(item.type, scaled, manager: Self.manager)]
      return plan
    }
    guard finalizers.contains(.string(Self.finalizer)) else {
      scaled["metadata"]?["finalizers"] = .array(finalizers + [.string(Self.finalizer)])
      scaled["metadata"]?["labels"]?["scaledobject.keda.sh/name"] = .string(item.key.name)
      plan.actions = [.update(item.type, scaled, manager: Self.manager)]
      return plan
    }
    guard let deployment = view.get(.deployments, item.key) else { return .nothing }
    let key = ObjectKey(namespace: item.key.namespace, name: "keda-hpa-\(item.key.name)")
    let wanted = autoscaler(of: scaled, key)
    if let live = view.get(.horizontalPodAutoscalers, key) {
      var changed = live
      changed["spec"]?["minReplicas"] = wanted["spec"]?["minReplicas"]
      changed["spec"]?["maxReplicas"] = wanted["spec"]?["maxReplicas"]
      if changed.json != live.json {
        plan.actions.append(.update(.horizontalPodAutoscalers, changed, manager: Self.manager))
      }
    } else {
      plan.actions.append(.create(.horizontalPodAutoscalers, wanted, manager: Self.manager))
    }
    scale(deployment, scaled, &plan)
    setStatus(scaled, &plan)
    return plan
  }

  private func least(_ scaled: KubernetesObject) -> Int {
    scaled["spec"]?["minReplicaCount"]?.int ?? 0
  }

  private func scale(
    _ deployment: KubernetesObject, _ scaled: KubernetesObject, _ plan: inout ControllerPlan
  ) {
    let mayBeIdle = scaled["spec"]?["idleReplicaCount"] == 0 || least(scaled) == 0
    let isActive = scaled.annotations[Self.active] != "false"
    let current = deployment["spec"]?["replicas"]?.int ?? 1
    if !isActive, mayBeIdle, current > 0 {
      plan.actions.append(.scale(.deployments, deployment.key, replicas: 0))
    } else if isActive, current == 0 {
      plan.actions.append(.scale(.deployments, deployment.key, replicas: max(1, least(scaled))))
    }
  }

  private func setStatus(_ scaled: KubernetesObject, _ plan: inout ControllerPlan) {
    let isBroken = scaled.annotations[Self.broken] != nil
    let conditions: [JSONValue] = [
      [
        "type": "Ready", "status": isBroken ? "False" : "True",
        "reason": isBroken ? "TriggerError" : "ScaledObjectReady",
        "message": isBroken
          ? "Triggers defined in ScaledObject are not working correctly" : "it is defined correctly"
          ,
      ],
      ["type": "Active", "status": "True", "reason": "ScalerActive", "message": ""],
    ]
    plan.setStatus(
      ["conditions": .array(conditions), "hpaName": .string("keda-hpa-\(scaled.name)")],
      of: scaled, .scaledObjects, manager: Self.manager)
  }

  /// KEDA's `newHPAForScaledObject`: the ScaledObject's labels win over its own.
  private func autoscaler(of scaled: KubernetesObject, _ key: ObjectKey) -> KubernetesObject {
    var object = KubernetesObject(
      ResourceType.horizontalPodAutoscalers.gvk, namespace: key.namespace, name: key.name)
    object["metadata"]?["labels"] = scaled.metadata["labels"] ?? [:]
    object["metadata"]?["annotations"] = scaled.metadata["annotations"] ?? [:]
    object["metadata"]?["ownerReferences"] = [scaled.ownerReference(.scaledObjects)]
    object["spec"] = [
      "scaleTargetRef": [
        "apiVersion": "apps/v1", "kind": "Deployment", "name": .string(scaled.name),
      ],
      "minReplicas": JSONValue(max(1, least(scaled))),
      "maxReplicas": scaled["spec"]?["maxReplicaCount"] ?? 100,
    ]
    return object
  }
}
