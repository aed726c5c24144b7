import JSON
import KubernetesAPI

/// Deletes what its owners left behind, and finishes foreground and orphaning deletions.
///
/// kubernetes `pkg/controller/garbagecollector/garbagecollector.go`.
struct GarbageCollector: SimulatedController {
  private static let foreground = "foregroundDeletion"
  private static let orphan = "orphan"

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    guard let object = change.new ?? change.old else { return [] }
    var items: [ControllerItem] = []
    if change.new != nil {
      if !object.ownerReferences.isEmpty || isWaiting(object) {
        items.append(ControllerItem(change.type, change.key))
      }
      if isWaiting(object), let uid = object.uid {
        items += view.allDependents(of: uid).map(\.0)
      }
    } else if let uid = object.uid {
      items += view.allDependents(of: uid).map(\.0)
    }
    // An owner that waits for its dependents looks again when one of them changes.
    for reference in Set(object.ownerReferences).union(change.old?.ownerReferences ?? []) {
      if let owner = ownerItem(reference, namespace: change.key.namespace, view),
        let found = view.get(owner.type, owner.key), isWaiting(found)
      {
        items.append(owner)
      }
    }
    return items
  }

  private func isWaiting(_ object: KubernetesObject) -> Bool {
    object.isBeingDeleted
      && (object.finalizers.contains(Self.foreground) || object.finalizers.contains(Self.orphan))
  }

  private func ownerItem(
    _ reference: OwnerReference, namespace: String?, _ view: any ClusterView
  ) -> ControllerItem? {
    guard let type = view.resource(of: reference.groupKind) else { return nil }
    let namespace = type.isNamespaced ? namespace : nil
    return ControllerItem(type, ObjectKey(namespace: namespace, name: reference.name))
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let object = view.get(item.type, item.key) else { return .nothing }
    if isWaiting(object) {
      let plan = finishDeletion(of: object, item, view)
      if !plan.actions.isEmpty { return inTime(plan, "release", object, view) }
    }
    // What is going anyway needs no second push, unless its owner waits for its dependents.
    guard !object.isBeingDeleted, !object.ownerReferences.isEmpty else { return .nothing }
    let plan = judge(object, item, view)
    if case .delete? = plan.actions.first { return inTime(plan, "collect", object, view) }
    return inTime(plan, "unlink", object, view)
  }

  // MARK: Time

  /// The plan once the object's own time has passed since there was first something to do.
  private func inTime(
    _ plan: ControllerPlan, _ stage: String, _ object: KubernetesObject, _ view: any ClusterView
  ) -> ControllerPlan {
    let longest = PodController.microseconds(view.configuration.garbageDelay)
    guard longest > 0, !plan.actions.isEmpty, let uid = object.uid else { return plan }
    let delay = Self.hash("\(stage) \(uid)", view.configuration.seed) % UInt64(longest)
    let due = view.beginning(of: stage, uid) + Int64(delay)
    guard due > view.now else { return plan }
    var later = ControllerPlan()
    later.lookAgain(at: due)
    return later
  }

  /// FNV-1a, and a last mix: its high bits say little of the last bytes. The same in every process.
  private static func hash(_ text: String, _ seed: UInt64) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ (seed &* 0x9E37_79B9_7F4A_7C15)
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    return hash ^ (hash >> 33)
  }

  // MARK: Owners

  private func finishDeletion(
    of object: KubernetesObject, _ item: ControllerItem, _ view: any ClusterView
  ) -> ControllerPlan {
    var plan = ControllerPlan()
    let dependents = view.allDependents(of: object.uid ?? "")
    if object.finalizers.contains(Self.orphan) {
      for (dependentItem, dependent) in dependents {
        plan.actions.append(remove([object.uid ?? ""], from: dependent, dependentItem.type))
      }
      plan.actions.append(removeFinalizer(Self.orphan, of: object, item.type))
      return plan
    }
    let isBlocked = dependents.contains { _, dependent in
      dependent.ownerReferences.contains { $0.uid == object.uid && $0.blocksOwnerDeletion }
    }
    if !isBlocked { plan.actions.append(removeFinalizer(Self.foreground, of: object, item.type)) }
    return plan
  }

  private func removeFinalizer(
    _ name: String, of object: KubernetesObject, _ type: ResourceType
  ) -> ControllerAction {
    var changed = object
    let rest = object.finalizers.filter { $0 != name }
    changed["metadata"]?["finalizers"] = rest.isEmpty ? nil : JSONValue(rest)
    return .update(type, changed, manager: ControllerManager.controllerManager)
  }

  private func remove(
    _ uids: Set<String>, from object: KubernetesObject, _ type: ResourceType
  ) -> ControllerAction {
    var changed = object
    let rest = (object.metadata["ownerReferences"]?.array ?? []).filter {
      !uids.contains($0["uid"]?.string ?? "")
    }
    changed["metadata"]?["ownerReferences"] = rest.isEmpty ? nil : .array(rest)
    return .update(type, changed, manager: ControllerManager.controllerManager)
  }

  // MARK: Dependents

  private enum OwnerState { case solid, gone, waitingForDependents }

  private func state(
    _ reference: OwnerReference, of object: KubernetesObject, _ view: any ClusterView
  ) -> OwnerState {
    // As the real one's cache of absent owners: a definition that went took its objects along.
    if view.isGone(reference.uid) { return .gone }
    // A kind that is not served may be served again: its objects are not known to be gone.
    guard let item = ownerItem(reference, namespace: object.namespace, view) else { return .solid }
    guard let owner = view.get(item.type, item.key), owner.uid == reference.uid else {
      return .gone
    }
    let isWaiting = owner.isBeingDeleted && owner.finalizers.contains(Self.foreground)
    return isWaiting ? .waitingForDependents : .solid
  }

  private func judge(
    _ object: KubernetesObject, _ item: ControllerItem, _ view: any ClusterView
  ) -> ControllerPlan {
    var plan = ControllerPlan()
    // The real one can never resolve such an owner, and lets the object be
    // (`namespacedOwnerOfClusterScopedObjectErr`).
    let hasUnresolvableOwner =
      object.namespace == nil
      && object.ownerReferences.contains {
        view.resource(of: $0.groupKind)?.isNamespaced == true
      }
    if hasUnresolvableOwner { return plan }
    var states: [OwnerState: Set<String>] = [:]
    for reference in object.ownerReferences {
      states[state(reference, of: object, view), default: []].insert(reference.uid)
    }
    let dead = (states[.gone] ?? []).union(states[.waitingForDependents] ?? [])
    if states[.solid] != nil {
      if !dead.isEmpty { plan.actions.append(remove(dead, from: object, item.type)) }
      return plan
    }
    var policy = "Background"
    if states[.waitingForDependents] != nil, !view.allDependents(of: object.uid ?? "").isEmpty {
      policy = "Foreground"
    } else if object.finalizers.contains(Self.orphan) {
      policy = "Orphan"
    } else if object.finalizers.contains(Self.foreground) {
      policy = "Foreground"
    }
    plan.actions.append(
      .delete(
        item.type, item.key, uid: object.uid, options: ["propagationPolicy": .string(policy)]))
    return plan
  }
}
