import JSON
import KubernetesAPI

@testable import EmbeddedCluster

/// What an operator sees of KEDA 2.20: it puts its finalizer and its label on ScaledObjects, makes an
/// autoscaler of each, with the ScaledObject's labels and annotations, and takes pods to zero and back.
/// All of it was compared with the real one, by hand.
///
/// There are no metrics. Annotations on a ScaledObject say how it is: `test/active: "false"` when there
/// is no work, `test/broken` when a trigger fails, `test/late` when it repeats what its autoscaler said
/// up to 30 seconds ago.
struct SimulatedKEDA: SimulatedController {
  static let finalizer = "finalizer.keda.sh"
  static let active = "test/active"
  static let broken = "test/broken"
  static let late = "test/late"
  static let paused = "autoscaling.keda.sh/paused"
  private static let label = "scaledobject.keda.sh/name"
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
      // It writes whole objects, as its own types have them: the generation rises.
      scaled["spec"]?["advanced"]?["scalingModifiers"] = [:]
      plan.actions = [.update(item.type, scaled, manager: Self.manager)]
      return plan
    }
    let key = ObjectKey(namespace: item.key.namespace, name: "keda-hpa-\(item.key.name)")
    if scaled.annotations[Self.paused] == "true" {
      if let made = view.get(.horizontalPodAutoscalers, key) {
        plan.actions.append(.delete(.horizontalPodAutoscalers, made.key, uid: made.uid))
      }
      setStatus(scaled, &plan)
      return plan
    }
    guard scaled.label(Self.label) == item.key.name else {
      scaled["metadata"]?["labels"]?[Self.label] = .string(item.key.name)
      plan.actions = [.update(item.type, scaled, manager: Self.manager)]
      return plan
    }
    guard let deployment = view.get(.deployments, item.key) else { return .nothing }
    let wanted = autoscaler(of: scaled, key)
    if let live = view.get(.horizontalPodAutoscalers, key) {
      var changed = live
      changed["spec"]?["minReplicas"] = wanted["spec"]?["minReplicas"]
      changed["spec"]?["maxReplicas"] = wanted["spec"]?["maxReplicas"]
      changed["metadata"]?["annotations"] = wanted["metadata"]?["annotations"]
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
    let idle = scaled["spec"]?["idleReplicaCount"]?.int
    let least = least(scaled)
    let current = deployment["spec"]?["replicas"]?.int ?? 1
    let wanted: Int
    if scaled.annotations[Self.active] != "false" {
      wanted = current == 0 || (idle != nil && current < least) ? max(1, least) : current
    } else if scaled.annotations[Self.broken] != nil {
      wanted = current
    } else {
      wanted = idle ?? (least == 0 ? 0 : max(current, least))
    }
    if wanted != current {
      plan.actions.append(.scale(.deployments, deployment.key, replicas: wanted))
    }
  }

  private func setStatus(_ scaled: KubernetesObject, _ plan: inout ControllerPlan) {
    let isBroken = scaled.annotations[Self.broken] != nil
    let isPaused = scaled.annotations[Self.paused] == "true"
    let isActive = scaled.annotations[Self.active] != "false"
    var paused: JSONValue = ["type": "Paused", "status": isPaused ? "True" : "False"]
    if isPaused {
      paused["reason"] = "ScaledObjectPaused"
      paused["message"] = "ScaledObject is paused"
    }
    var conditions: [JSONValue] = [
      [
        "type": "Ready", "status": isBroken ? "False" : "True",
        "reason": isBroken ? "TriggerError" : "ScaledObjectReady",
        "message": isBroken
          ? "Triggers defined in ScaledObject are not working correctly"
          : "ScaledObject is defined correctly and is ready for scaling",
      ],
      [
        "type": "Active", "status": isActive ? "True" : "False",
        "reason": isActive ? "ScalerActive" : "ScalerNotActive",
        "message": isActive
          ? "Scaling is performed because triggers are active"
          : "Scaling is not performed because triggers are not active",
      ],
      [
        "type": "Fallback", "status": "False", "reason": "NoFallbackFound",
        "message": "No fallbacks are active on this scaled object",
      ],
      paused,
    ]
    if scaled.annotations[Self.late] != nil {
      conditions.append([
        "type": "HPAActive", "status": "False", "reason": "FailedGetExternalMetric",
        "message": "HPA is not actively scaling: unable to get external metric",
      ])
    }
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
