import JSON
import KubernetesAPI

/// The contents of an `ObjectStore`, as a value: what is taken in and what is too old.
struct ObjectStoreState {
  typealias Change = ObjectStore.Change

  private struct Tombstone {
    var uid: ObjectUID
    /// Of the object as it was last known.
    var version: ResourceVersion?
    /// A list that was under way when the object was deleted may still hold it; the next one not.
    var hasSeenList = false
  }

  /// An object of a list, packed until the list is complete.
  struct ListItem: Sendable {
    var key: ObjectKey
    var object: PackedObject
  }

  /// An object that has come, and what is to be kept of it.
  enum Incoming {
    /// Only what is kept.
    case object(KubernetesObject)
    case text(ObjectText, members: [String]?, omittedAnnotations: [String])

    var key: ObjectKey {
      switch self {
      case .object(let object): object.key
      case .text(let text, _, _): text.key
      }
    }
    var resourceVersion: String? {
      switch self {
      case .object(let object): object.resourceVersion
      case .text(let text, _, _): text.resourceVersion
      }
    }
    var uid: ObjectUID? {
      switch self {
      case .object(let object): object.uid.map { ObjectUID($0) }
      case .text(let text, _, _): text.uid.map { ObjectUID($0) }
      }
    }
    var version: ResourceVersion? { resourceVersion.flatMap { ResourceVersion($0) } }
  }

  private(set) var objects: [ObjectKey: PackedObject] = [:]
  /// Few keys each, so an array is smaller than a set.
  private(set) var keysByOwner: [ObjectUID: [ObjectKey]] = [:]
  private var packer = ObjectPacker()
  /// Versions of the lists, by scope: the namespace, or "" for all of them.
  private(set) var lists: [String: ResourceVersion?] = [:]
  /// How far the watch has come in each namespace ("" for cluster-scoped objects).
  private var positions: [String: ResourceVersion] = [:]
  /// Versions of own writes that neither the watch nor a list has shown yet.
  private var written: [ObjectKey: ResourceVersion] = [:]
  /// Own deletes that the watch has not shown yet.
  private var tombstones: [ObjectKey: Tombstone] = [:]

  /// What is known in that very version is shared: a list of what has not changed takes neither time
  /// nor room.
  ///
  /// - Throws: when a text is no JSON after all.
  mutating func pack(_ incoming: Incoming) throws(JSONParseError) -> ListItem {
    if let known = objects[incoming.key], known.isSame(as: incoming) {
      return ListItem(key: incoming.key, object: known)
    }
    switch incoming {
    case .object(let object): return ListItem(key: object.key, object: packer.pack(object))
    case .text(let text, let members, let omittedAnnotations):
      let excerpt = try text.excerpt(keeping: members, omittingAnnotations: omittedAnnotations)
      return ListItem(
        key: text.key,
        object: packer.pack(
          excerpt.bytes, resourceVersion: text.resourceVersion, uid: text.uid,
          owners: excerpt.owners))
    }
  }

  mutating func upsert(_ incoming: Incoming) throws(JSONParseError) -> Change? {
    let key = incoming.key
    let version = incoming.version
    advance(key, to: version)
    if isDeleted(key, incoming.uid, version) { return nil }
    // It has come as far as the own write.
    if let version, let own = written[key], own <= version { written[key] = nil }
    let old = objects[key]
    if let old {
      if let version, let known = old.version, version < known { return nil }
      if old.isSame(as: incoming) { return nil }
    }
    let new = try pack(incoming).object
    set(key, new)
    return Change(key: key, before: old, after: new, isInitial: false)
  }

  mutating func remove(_ object: KubernetesObject) -> Change? {
    let key = object.key
    let version = object.version
    advance(key, to: version)
    if let tombstone = tombstones[key], tombstone.uid == object.uid.map({ ObjectUID($0) }) {
      tombstones[key] = nil
    }
    guard let old = objects[key] else { return nil }
    // The object before the one that was written since.
    if let version, let known = old.version, version < known { return nil }
    written[key] = nil
    set(key, nil)
    return Change(key: key, before: old, after: nil, isInitial: false)
  }

  mutating func recordWrite(_ incoming: Incoming) throws(JSONParseError) -> Change? {
    let key = incoming.key
    let version = incoming.version
    let old = objects[key]
    if isDeleted(key, incoming.uid, version) { return nil }
    if let old {
      if let version, let known = old.version, version < known { return nil }
      if old.isSame(as: incoming) { return nil }
    } else if let version, let seen = seen(key), version <= seen {
      // The watch is past this write and the object is not there: it was deleted since.
      return nil
    }
    let new = try pack(incoming).object
    written[key] = version
    set(key, new)
    return Change(key: key, before: old, after: new, isInitial: false)
  }

  mutating func recordDelete(_ key: ObjectKey, uid: ObjectUID) -> Change? {
    guard let old = objects[key], old.uid == uid else { return nil }
    tombstones[key] = Tombstone(uid: uid, version: old.version)
    written[key] = nil
    set(key, nil)
    return Change(key: key, before: old, after: nil, isInitial: false)
  }

  mutating func replace(
    with list: [ListItem], version: String, namespace: String?
  ) -> [Change] {
    let version = ResourceVersion(version)
    if let version { forgetFuture(after: version, namespace) }
    var changes: [Change] = []
    var listed = Set<ObjectKey>(minimumCapacity: list.count)
    for item in list {
      let key = item.key
      let new = item.object
      if isNewer(key, than: version) {
        listed.insert(key)
        continue
      }
      if isDeleted(key, new.uid, new.version) { continue }
      listed.insert(key)
      let old = objects[key]
      if let old, old.uid == new.uid {
        if old.resourceVersion == new.resourceVersion { continue }
        changes.append(Change(key: key, before: old, after: new, isInitial: true))
      } else {
        if let old { changes.append(Change(key: key, before: old, after: nil, isInitial: true)) }
        changes.append(Change(key: key, before: nil, after: new, isInitial: true))
      }
      set(key, new)
    }
    let gone = objects.keys.filter { key in
      covers(namespace, key) && !listed.contains(key) && !isNewer(key, than: version)
    }
    for key in gone.sorted() {
      guard let old = objects[key] else { continue }
      set(key, nil)
      changes.append(Change(key: key, before: old, after: nil, isInitial: true))
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
  private func isDeleted(
    _ key: ObjectKey, _ uid: ObjectUID?, _ version: ResourceVersion?
  ) -> Bool {
    guard let tombstone = tombstones[key] else { return false }
    if tombstone.uid == uid { return true }
    guard let last = tombstone.version, let version else { return false }
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

  private mutating func set(_ key: ObjectKey, _ object: PackedObject?) {
    let before = objects[key]?.owners ?? .none
    let after = object?.owners ?? .none
    objects[key] = object
    guard before != after else { return }
    for owner in before.all {
      keysByOwner[owner]?.removeAll { $0 == key }
      if keysByOwner[owner]?.isEmpty == true { keysByOwner[owner] = nil }
    }
    for owner in after.all where keysByOwner[owner]?.contains(key) != true {
      keysByOwner[owner, default: []].append(key)
    }
  }
}

extension PackedObject {
  fileprivate func isSame(as incoming: ObjectStoreState.Incoming) -> Bool {
    resourceVersion == incoming.resourceVersion && uid == incoming.uid
  }
}

extension KubernetesObject {
  fileprivate var version: ResourceVersion? { resourceVersion.flatMap(ResourceVersion.init) }
}
