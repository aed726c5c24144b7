import JSON
import KubernetesAPI

/// Gives namespaces what each has, and empties those that are deleted.
///
/// kubernetes `pkg/controller/{namespace,serviceaccount}` and `certificates/rootcacertpublisher`.
struct NamespaceController: SimulatedController {
  private static let rootConfigMap = "kube-root-ca.crt"

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    if change.type == .namespaces { return [ControllerItem(.namespaces, change.key)] }
    guard let namespace = change.key.namespace else { return [] }
    let item = ControllerItem(.namespaces, ObjectKey(namespace: nil, name: namespace))
    let isOwn =
      (change.type == .serviceAccounts && change.key.name == "default")
      || (change.type == .configMaps && change.key.name == Self.rootConfigMap)
    if isOwn { return [item] }
    // What is left of a namespace that goes.
    guard change.new == nil, view.get(.namespaces, item.key)?.isBeingDeleted ?? false else {
      return []
    }
    return [item]
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let namespace = view.get(.namespaces, item.key) else { return .nothing }
    return namespace.isBeingDeleted ? empty(namespace, view) : furnish(namespace, view)
  }

  private func furnish(_ namespace: KubernetesObject, _ view: any ClusterView) -> ControllerPlan {
    var plan = ControllerPlan()
    let manager = ControllerManager.controllerManager
    if view.get(.serviceAccounts, ObjectKey(namespace: namespace.name, name: "default")) == nil {
      let account = KubernetesObject(
        ResourceType.serviceAccounts.gvk, namespace: namespace.name, name: "default")
      plan.actions.append(.create(.serviceAccounts, account, manager: manager))
    }
    let key = ObjectKey(namespace: namespace.name, name: Self.rootConfigMap)
    if view.get(.configMaps, key) == nil {
      var map = KubernetesObject(
        ResourceType.configMaps.gvk, namespace: namespace.name, name: Self.rootConfigMap)
      map["metadata"]?["annotations"] = [
        "kubernetes.io/description":
          "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
      ]
      map["data"] = ["ca.crt": .string("# \(SeedObjects.simulationNote)\n")]
      plan.actions.append(.create(.configMaps, map, manager: manager))
    }
    return plan
  }

  private func empty(_ namespace: KubernetesObject, _ view: any ClusterView) -> ControllerPlan {
    var plan = ControllerPlan()
    var isEmpty = true
    for type in view.served() where type.isNamespaced {
      for object in view.list(type, namespace: namespace.name) {
        isEmpty = false
        guard !object.isBeingDeleted else { continue }
        plan.actions.append(
          .delete(
            type, object.key, uid: object.uid, options: ["propagationPolicy": "Background"]))
      }
    }
    guard isEmpty else {
      // Deletions that nothing holds leave the namespace empty: look again when they are done.
      if !plan.actions.isEmpty { plan.lookAgain(at: view.now) }
      return plan
    }
    let rest = (namespace[path: "spec", "finalizers"]?.array ?? []).filter { $0 != "kubernetes" }
    var finished = namespace
    if finished["spec"]?.object == nil { finished["spec"] = [:] }
    finished["spec"]?["finalizers"] = .array(rest)
    plan.actions.append(
      .update(
        .namespaces, finished, subresource: "finalize",
        manager: ControllerManager.controllerManager))
    return plan
  }
}
