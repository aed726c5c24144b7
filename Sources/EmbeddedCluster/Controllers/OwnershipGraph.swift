import KubernetesAPI

/// Who depends on whom, by uid: kept from changes, so that nobody searches the whole cluster.
///
/// A hint: what it names may have changed since, so readers look at the object before they act.
struct OwnershipGraph {
  private var dependents: [String: Set<ControllerItem>] = [:]
  private var owners: [ControllerItem: Set<String>] = [:]

  mutating func record(_ type: ResourceType, _ key: ObjectKey, _ object: KubernetesObject?) {
    let item = ControllerItem(type, key)
    let new = Set(object?.ownerReferences.map(\.uid) ?? [])
    let old = owners[item] ?? []
    guard new != old else { return }
    for uid in old.subtracting(new) {
      dependents[uid]?.remove(item)
      if dependents[uid]?.isEmpty == true { dependents[uid] = nil }
    }
    for uid in new.subtracting(old) { dependents[uid, default: []].insert(item) }
    owners[item] = new.isEmpty ? nil : new
  }

  /// In the order of names.
  func dependents(of uid: String) -> [ControllerItem] {
    (dependents[uid] ?? []).sorted { ($0.type.description, $0.key) < ($1.type.description, $1.key) }
  }
}
