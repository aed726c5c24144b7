import JSON
import KubernetesAPI

/// Rolls a Deployment's template out through ReplicaSets (kubernetes `pkg/controller/deployment`).
struct DeploymentController: SimulatedController {
  static let component = "deployment-controller"
  static let revision = "deployment.kubernetes.io/revision"
  static let desiredReplicas = "deployment.kubernetes.io/desired-replicas"
  static let maxReplicas = "deployment.kubernetes.io/max-replicas"
  static let hashLabel = "pod-template-hash"

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    switch change.type {
    case .deployments: return [ControllerItem(.deployments, change.key)]
    case .replicaSets: return PodCreation.controller(change, .deployments)
    case .pods:
      // Why: with Recreate the new pods wait until the old ones are gone.
      guard change.new == nil, let owner = change.old?.controllerReference,
        let set = view.get(
          .replicaSets, ObjectKey(namespace: change.key.namespace, name: owner.name)),
        let deployment = set.controllerReference,
        deployment.groupKind == ResourceType.deployments.groupKind
      else { return [] }
      return [
        ControllerItem(
          .deployments, ObjectKey(namespace: change.key.namespace, name: deployment.name))
      ]
    default: return []
    }
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let deployment = view.get(.deployments, item.key) else { return .nothing }
    let sets = view.controlled(by: deployment, .replicaSets).sorted(by: KubernetesObject.isOlder)
    var rollout = DeploymentRollout(deployment: deployment, sets: sets, now: view.now)
    if !deployment.isBeingDeleted {
      let hasOldPods = rollout.oldSets.contains { set in
        view.controlled(by: set, .pods).contains { !PodState($0).isFinished }
      }
      rollout.advance(hasOldPods: hasOldPods)
    }
    rollout.setStatus()
    return rollout.plan
  }

  /// The name suffix and label that tell a template's pods apart: FNV-1a of its JSON, in letters
  /// and digits that form no words.
  static func hash(of template: JSONValue, collisions: Int) -> String {
    var bytes = template.serializedBytes(.canonical)
    if collisions > 0 { bytes += String(collisions).utf8 }
    var hash: UInt32 = 2_166_136_261
    for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
    return String(String(hash).utf8.map { alphabet[Int($0) % alphabet.count] })
  }

  /// The template without the label that a ReplicaSet adds.
  static func comparable(_ template: JSONValue?) -> JSONValue {
    var template = template ?? [:]
    template["metadata"]?["labels"]?[hashLabel] = nil
    template["metadata"]?["creationTimestamp"] = nil
    return template.withoutEmptyMembers
  }
}
