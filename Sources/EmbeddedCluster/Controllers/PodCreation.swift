import JSON
import KubernetesAPI

/// Pods from templates, as the workload controllers make them.
enum PodCreation {
  /// - Parameter name: nil lets the API server choose one after the owner's.
  static func pod(
    from template: JSONValue, owner: KubernetesObject, _ type: ResourceType, name: String? = nil
  ) -> KubernetesObject {
    var pod = KubernetesObject(["apiVersion": "v1", "kind": "Pod", "metadata": [:]])
    if let name {
      pod["metadata"]?["name"] = .string(name)
    } else {
      pod["metadata"]?["generateName"] = .string(owner.name + "-")
    }
    pod["metadata"]?["namespace"] = .string(owner.namespace ?? "default")
    for key in ["labels", "annotations"] {
      if let value = template["metadata"]?[key], value.object?.isEmpty == false {
        pod["metadata"]?[key] = value
      }
    }
    pod["metadata"]?["ownerReferences"] = [owner.ownerReference(type)]
    pod["spec"] = template["spec"] ?? [:]
    return pod
  }

  /// Why admission refuses pods of a template; nil when it does not.
  static func refusal(
    of template: JSONValue, owner: KubernetesObject, _ view: any ClusterView
  ) -> String? {
    let named = template["spec"]?["serviceAccountName"]?.string ?? ""
    let name = named.isEmpty ? "default" : named
    let namespace = owner.namespace ?? "default"
    let key = ObjectKey(namespace: namespace, name: name)
    guard view.get(.serviceAccounts, key) == nil else { return nil }
    return "pods \"\(owner.name)-\" is forbidden: error looking up service account "
      + "\(namespace)/\(name): serviceaccount \"\(name)\" not found"
  }

  /// The workloads of a kind in a namespace: a change of a ServiceAccount may concern all of them.
  static func waiting(
    for change: ClusterChange, _ type: ResourceType, _ view: any ClusterView
  ) -> [ControllerItem] {
    guard change.type == .serviceAccounts, change.old == nil else { return [] }
    return view.list(type, namespace: change.key.namespace).map { ControllerItem(type, $0.key) }
  }

  /// The controller of a changed object, if it is of this type.
  static func controller(_ change: ClusterChange, _ type: ResourceType) -> [ControllerItem] {
    let references = [change.old, change.new].compactMap { $0?.controllerReference }
    return references.filter { $0.groupKind == type.groupKind }.map {
      ControllerItem(type, ObjectKey(namespace: change.key.namespace, name: $0.name))
    }
  }
}
