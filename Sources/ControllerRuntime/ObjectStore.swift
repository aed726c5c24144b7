public import JSON
public import KubernetesAPI
import Synchronization

/// What a reflector has seen of one resource, for reading without a request.
///
/// Reads are consistent snapshots of single objects; `isSynced` tells whether the first list is in.
/// A write's answer goes in through `recordWrite`, so a reader never sees an older state of an object
/// than the one it wrote itself (correctness rule 21).
public final class ObjectStore: Sendable {
  /// A difference between what was known and what is.
  public struct Change: Sendable, Equatable {
    public var key: ObjectKey
    /// Nil: it is new.
    public var old: KubernetesObject?
    /// Nil: it is gone.
    public var new: KubernetesObject?
    /// Part of a list, not of a live watch.
    public var isInitial: Bool

    public init(key: ObjectKey, old: KubernetesObject?, new: KubernetesObject?, isInitial: Bool) {
      self.key = key
      self.old = old
      self.new = new
      self.isInitial = isInitial
    }
  }

  fileprivate struct State {
    var objects: [ObjectKey: KubernetesObject] = [:]
    /// Versions of own writes and deletes that the watch has not shown yet.
    var written: [ObjectKey: ResourceVersion] = [:]
    var keysByOwner: [String: Set<ObjectKey>] = [:]
    var isSynced = false
  }

  public let resource: ResourceType
  private let transform: @Sendable (KubernetesObject) -> KubernetesObject
  private let state = Mutex(State())

  /// - Parameter transform: drops what nobody reads before an object is kept.
  public init(
    _ resource: ResourceType,
    transform: @escaping @Sendable (KubernetesObject) -> KubernetesObject =
      ObjectStore.withoutManagedFields
  ) {
    self.resource = resource
    self.transform = transform
  }

  /// Drops the managed fields and kubectl's copy of the last applied configuration: often half of an
  /// object, and read by nobody here.
  public static let withoutManagedFields: @Sendable (KubernetesObject) -> KubernetesObject = { object in
    var object = object
    object["metadata"]?["managedFields"] = nil
    object["metadata"]?["annotations"]?["kubectl.kubernetes.io/last-applied-configuration"] = nil
    return object
  }

  public var isSynced: Bool { state.withLock { $0.isSynced } }
  public var count: Int { state.withLock { $0.objects.count } }

  public func get(_ key: ObjectKey) -> KubernetesObject? { state.withLock { $0.objects[key] } }

  /// In the order of their keys.
  public func all() -> [KubernetesObject] {
    state.withLock { $0.objects.sorted { $0.key < $1.key }.map(\.value) }
  }

  public func keys() -> [ObjectKey] { state.withLock { $0.objects.keys.sorted() } }

  /// The objects that name this owner, in the order of their keys.
  public func owned(by uid: String) -> [KubernetesObject] {
    state.withLock { state in
      (state.keysByOwner[uid] ?? []).sorted().compactMap { state.objects[$0] }
    }
  }

  /// Takes in one event of a watch. Nil when it tells nothing new.
  public func apply(_ event: WatchEvent) -> Change? {
    switch event {
    case .added(let object), .modified(let object): upsert(object, isInitial: false)
    case .deleted(let object): remove(object)
    case .bookmark, .error: nil
    }
  }

  /// Takes in the answer to an own write.
  public func recordWrite(_ object: KubernetesObject) -> Change? {
    guard let change = upsert(object, isInitial: false) else { return nil }
    if let version = object.resourceVersion.flatMap(ResourceVersion.init) {
      state.withLock { $0.written[object.key] = version }
    }
    return change
  }

  private func upsert(_ object: KubernetesObject, isInitial: Bool) -> Change? {
    let key = object.key
    let kept = transform(object)
    return state.withLock { state in
      let old = state.objects[key]
      if let old, isOlder(object, than: old) { return nil }
      if let old, old.uid == object.uid, old.resourceVersion == object.resourceVersion { return nil }
      if let written = state.written[key],
        let version = object.resourceVersion.flatMap(ResourceVersion.init)
      {
        if version < written { return nil }
        state.written[key] = nil
      }
      state.set(key, kept)
      return Change(key: key, old: old, new: kept, isInitial: isInitial)
    }
  }

  private func remove(_ object: KubernetesObject) -> Change? {
    let key = object.key
    return state.withLock { state in
      // A delete older than what we wrote since concerns the object before it.
      guard let old = state.objects[key], !isOlder(object, than: old) else { return nil }
      state.written[key] = nil
      state.set(key, nil)
      return Change(key: key, old: old, new: nil, isInitial: false)
    }
  }

  /// Replaces everything by a complete list, in one step: readers never see a half-loaded world
  /// (correctness rule 5). Objects that the list lacks are reported as deleted; an object of the same
  /// name with another UID is reported as deleted and added.
  ///
  /// - Parameter scope: the part of the resource that the list covers.
  public func replace(
    with objects: [KubernetesObject], version: String, inScope scope: (ObjectKey) -> Bool = { _ in true }
  ) -> [Change] {
    let kept = objects.map(transform)
    let listVersion = ResourceVersion(version)
    return state.withLock { state in
      var changes: [Change] = []
      var seen = Set<ObjectKey>()
      seen.reserveCapacity(kept.count)
      for object in kept {
        let key = object.key
        seen.insert(key)
        let old = state.objects[key]
        if let old, old.uid == object.uid {
          if old.resourceVersion == object.resourceVersion || isOlder(object, than: old) { continue }
        } else if let old {
          changes.append(Change(key: key, old: old, new: nil, isInitial: true))
        }
        state.set(key, object)
        changes.append(
          Change(
            key: key, old: old?.uid == object.uid ? old : nil, new: object, isInitial: true))
      }
      for (key, old) in state.objects where !seen.contains(key) && scope(key) {
        // Written after the list was made: it is missing there because it is newer.
        if let written = state.written[key], let listVersion, listVersion < written { continue }
        state.set(key, nil)
        state.written[key] = nil
        changes.append(Change(key: key, old: old, new: nil, isInitial: true))
      }
      state.isSynced = true
      return changes
    }
  }

  /// Forgets everything: the resource is not served any more.
  public func reset() {
    state.withLock { $0 = State() }
  }

  private func isOlder(_ object: KubernetesObject, than known: KubernetesObject) -> Bool {
    guard let a = object.resourceVersion.flatMap(ResourceVersion.init),
      let b = known.resourceVersion.flatMap(ResourceVersion.init)
    else { return false }
    return a < b
  }
}

extension ObjectStore.State {
  fileprivate mutating func set(_ key: ObjectKey, _ object: KubernetesObject?) {
    for owner in objects[key]?.ownerReferences ?? [] {
      keysByOwner[owner.uid]?.remove(key)
      if keysByOwner[owner.uid]?.isEmpty == true { keysByOwner[owner.uid] = nil }
    }
    objects[key] = object
    for owner in object?.ownerReferences ?? [] { keysByOwner[owner.uid, default: []].insert(key) }
  }
}
