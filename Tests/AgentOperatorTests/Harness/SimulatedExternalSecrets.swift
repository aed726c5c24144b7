import JSON
import KubernetesAPI

@testable import EmbeddedCluster

/// What an operator sees of the External Secrets operator 2.9: a Secret for each ExternalSecret, with
/// the labels and annotations of that, and a status that says how the last try went.
///
/// There is no store but a ConfigMap, `simulated-store`: `value` is what it holds, and with `down` it
/// does not answer. ExternalSecrets of other stores are left to the tests themselves.
struct SimulatedExternalSecrets: SimulatedController {
  static let store = "simulated-store"
  private static let manager = "external-secrets"

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    switch change.type {
    case .externalSecrets, .secrets:
      let item = ControllerItem(.externalSecrets, change.key)
      return view.get(.externalSecrets, change.key) == nil ? [] : [item]
    case .configMaps where change.key.name == Self.store:
      return view.list(.externalSecrets, namespace: change.key.namespace).map {
        ControllerItem(.externalSecrets, $0.key)
      }
    default: return []
    }
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let external = view.get(item.type, item.key), !external.isBeingDeleted,
      external["spec"]?["secretStoreRef"]?["name"]?.string == Self.store
    else { return .nothing }
    var plan = ControllerPlan()
    let store = ObjectKey(namespace: item.key.namespace, name: Self.store)
    let data = view.get(.configMaps, store)?["data"]
    guard data?["down"] == nil else {
      setReady(
        "False", "SecretSyncedError", "could not get secret data from provider", external, view,
        &plan)
      return plan
    }
    let value = JSONValue.string(data?["value"]?.string ?? "djE=")
    if var secret = view.get(.secrets, item.key) {
      // Somebody else's is left alone; one of a predecessor goes by itself.
      guard secret.controllerReference?.uid == external.uid else { return .nothing }
      if secret["data"]?["token"] != value {
        secret["data"] = ["token": value]
        plan.actions.append(.update(.secrets, secret, manager: Self.manager))
      }
    } else {
      var secret = KubernetesObject(
        ResourceType.secrets.gvk, namespace: item.key.namespace, name: item.key.name)
      secret["metadata"]?["labels"] = external.metadata["labels"] ?? [:]
      secret["metadata"]?["labels"]?["reconcile.external-secrets.io/managed"] = "true"
      secret["metadata"]?["annotations"] = external.metadata["annotations"] ?? [:]
      secret["metadata"]?["ownerReferences"] = [external.ownerReference(.externalSecrets)]
      secret["data"] = ["token": value]
      plan.actions.append(.create(.secrets, secret, manager: Self.manager))
    }
    setReady("True", "SecretSynced", "secret synced", external, view, &plan)
    return plan
  }

  /// https://external-secrets.io/latest/api/externalsecret/
  private func setReady(
    _ status: String, _ reason: String, _ message: String, _ external: KubernetesObject,
    _ view: any ClusterView, _ plan: inout ControllerPlan
  ) {
    let known = external["status"]?["conditions"]?[0]
    let since = known?["status"]?.string == status ? known?["lastTransitionTime"] : nil
    plan.setStatus(
      [
        "conditions": [
          [
            "type": "Ready", "status": .string(status), "reason": .string(reason),
            "message": .string(message), "lastTransitionTime": since ?? .string(view.nowText),
          ]
        ]
      ], of: external, .externalSecrets, manager: Self.manager)
  }
}
