import KubernetesAPI

/// The contents of an `ObjectStore`, as a value: what is taken in and what is too old.
struct ObjectStoreState {
  typealias Change = ObjectStore.Change

  private struct Tombstone {
    var uid: String
    /// Of the object as it was last known.
    var version: ResourceVersion?
    /// A list that was under way when the object was deleted may still hold it; the next one not.
    var hasSeenList = false
  }

  private(set) var objects: [ObjectKey: KubernetesObject] = [:]
  private(set) var keysByOwner: [String: Set<ObjectKey>] = [:]
  /// Versions of the lists, by scope: the namespace, or "" for all of them.
  private(set) var lists: [String: ResourceVersion?] = [:]
  /// How far the watch has come in each namespace ("" for cluster-scoped objects).
  private var positions: [String: ResourceVersion] = [:]
  /// Versions of own writes that neither the watch nor a list has shown yet.
  private var written: [ObjectKey: ResourceVersion] = [:]
  /// Own deletes that the watch has not shown yet.
  private var tombstones: [ObjectKey: Tombstone] = [:]

  mutating func upsert(_ object: KubernetesObject) -> Change? {
    let key = object.key
    let version = object.version
    advance(key, to: version)
    if isDeleted(object) { return nil }
    // It has come as far as the own write.
    if let version, let own = written[key], own <= version { written[key] = nil }
    let old = objects[key]
    if let old {
      if let version, let known = old.version, version < known { return nil }
      if old.uid == object.uid, old.resourceVersion == object.resourceVersion { return nil }
    }
    set(key, object)
    return Change(key: key, old: old, new: object, isInitial: false)
  }

  mutating func remove(_ object: KubernetesObject) -> Change? {
    let key = object.key
    let version = object.version
    advance(key, to: version)
    if tombstones[key]?.uid == object.uid { tombstones[key] = nil }
    guard let old = objects[key] else { return nil }
    // The object before the one that was written since.
    if let version, let known = old.version, version < known { return nil }
    written[key] = nil
    set(key, nil)
    return Change(key: key, old: old, new: nil, isInitial: false)
  }

  mutating func recordWrite(_ object: KubernetesObject) -> Change? {
    let key = object.key
    let version = object.version
    let old = objects[key]
    if isDeleted(object) { return nil }
    guard let old else {
      // The watch is past this write and the object is not there: it was deleted since.
      if let version, let seen = seen(key), version <= seen { return nil }
      written[key] = version
      set(key, object)
      return Change(key: key, old: nil, new: object, isInitial: false)
    }
    if let version, let known = old.version, version < known { return nil }
    if old.uid == object.uid, old.resourceVersion == object.resourceVersion { return nil }
    written[key] = version
    set(key, object)
    return Change(key: key, old: old, new: object, isInitial: false)
  }

  mutating func recordDelete(_ key: ObjectKey, uid: String) -> Change? {
    guard let old = objects[key], old.uid == uid else { return nil }
    tombstones[key] = Tombstone(uid: uid, version: old.version)
    written[key] = nil
    set(key, nil)
    return Change(key: key, old: old, new: nil, isInitial: false)
  }

  mutating func replace(
    with list: [KubernetesObject], version: String, namespace: String?
  ) -> [Change] {
    let version = ResourceVersion(version)
    if let version { forgetFuture(after: version, namespace) }
    var changes: [Change] = []
    var listed = Set<ObjectKey>(minimumCapacity: list.count)
    for object in list {
      let key = object.key
      if isNewer(key, than: version) {
        listed.insert(key)
        continue
      }
      if isDeleted(object) { continue }
      listed.insert(key)
      let old = objects[key]
      if let old, old.uid == object.uid {
        if old.resourceVersion == object.resourceVersion { continue }
        set(key, object)
        changes.append(Change(key: key, old: old, new: object, isInitial: true))
      } else {
        if let old { changes.append(Change(key: key, old: old, new: nil, isInitial: true)) }
        set(key, object)
        changes.append(Change(key: key, old: nil, new: object, isInitial: true))
      }
    }
    let gone = objects.keys.filter { key in
      covers(namespace, key) && !listed.contains(key) && !isNewer(key, than: version)
    }
    for key in gone.sorted() {
      guard let old = objects[key] else { continue }
      set(key, nil)
      changes.append(Change(key: key, old: old, new: nil, isInitial: true))
    }
    written = written.filter { key, own in
      !covers(namespace, key) || version.map { own > $0 } ?? false
    }
    tombstones = tombstones.filter { key, tombstone in
      !covers(namespace, key) || !tombstone.hasSeenList
    }
    for key in tombstones.keys where covers(namespace, key) {
      tombstones[key]?.hasSeenList = true
    }
    lists[namespace ?? ""] = .some(version)
    return changes
  }

  /// Written here after the list was made: what the list says about it is older.
  private func isNewer(_ key: ObjectKey, than list: ResourceVersion?) -> Bool {
    guard let list, let own = written[key] else { return false }
    return list < own
  }

  /// It, or what had its name after it, was deleted here.
  private func isDeleted(_ object: KubernetesObject) -> Bool {
    guard let tombstone = tombstones[object.key] else { return false }
    if tombstone.uid == object.uid { return true }
    guard let last = tombstone.version, let version = object.version else { return false }
    return version < last
  }

  /// A list is never older than what the watch told, unless the server's data was lost or restored
  /// from a backup. Then what was known of its future is void.
  private mutating func forgetFuture(after version: ResourceVersion, _ namespace: String?) {
    let last = lists[namespace ?? ""].flatMap { $0 }
    let isBack =
      last.map { version < $0 } ?? false
      || positions.contains { (namespace == nil || $0.key == namespace) && version < $0.value }
    guard isBack else { return }
    written = written.filter { !covers(namespace, $0.key) }
    tombstones = tombstones.filter { !covers(namespace, $0.key) }
    positions = positions.filter { namespace != nil && $0.key != namespace }
  }

  private mutating func advance(_ key: ObjectKey, to version: ResourceVersion?) {
    guard let version else { return }
    let namespace = key.namespace ?? ""
    if let known = positions[namespace], version <= known { return }
    positions[namespace] = version
  }

  /// How far the watch, or the list before it, has told of what happened to this object.
  private func seen(_ key: ObjectKey) -> ResourceVersion? {
    let namespace = key.namespace ?? ""
    let list = lists[namespace].flatMap { $0 } ?? lists[""].flatMap { $0 }
    return [list, positions[namespace]].compactMap { $0 }.max()
  }

  private func covers(_ namespace: String?, _ key: ObjectKey) -> Bool {
    namespace == nil || key.namespace == namespace
  }

  private mutating func set(_ key: ObjectKey, _ object: KubernetesObject?) {
    let before = objects[key]?.ownerReferences.map(\.uid) ?? []
    let after = object?.ownerReferences.map(\.uid) ?? []
    objects[key] = object
    guard before != after else { return }
    for owner in before {
      keysByOwner[owner]?.remove(key)
      if keysByOwner[owner]?.isEmpty == true { keysByOwner[owner] = nil }
    }
    for owner in after { keysByOwner[owner, default: []].insert(key) }
  }
}

extension KubernetesObject {
  fileprivate var version: ResourceVersion? { resourceVersion.flatMap(ResourceVersion.init) }
}
