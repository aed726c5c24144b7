public import JSON
public import KubernetesAPI
import Synchronization

/// What a reflector has seen of one resource, for reading without a request.
///
/// Reads are consistent snapshots of single objects; `isSynced` tells whether the first list is in.
/// The answers to own writes go in through `recordWrite` and `recordDelete`, so a reader never sees
/// an older state of an object than the one it wrote itself (correctness rule 21): what the watch
/// and lists tell is taken in only where it is newer.
public final class ObjectStore: Sendable {
  public let resource: ResourceType
  /// Nil where `members` tells all.
  private let transform: (@Sendable (KubernetesObject) -> KubernetesObject)?
  private let members: [String]?
  private let omittedAnnotations: [String]
  private let state = Mutex(ObjectStoreState())
  private let scopeCount: Int

  /// - Parameters:
  ///   - scopes: how many lists make it complete: one for each namespace that is followed.
  ///   - members: what is kept of an object beside its metadata; nil is all of it. Managed fields and
  ///     kubectl's copy of the last applied configuration, often half of an object, never are.
  ///   - omittedAnnotations: annotations that are not kept either.
  public init(
    _ resource: ResourceType, scopes: Int = 1, members: [String]? = nil,
    omittingAnnotations omittedAnnotations: [String] = []
  ) {
    self.resource = resource
    scopeCount = scopes
    self.members = members
    self.omittedAnnotations = omittedAnnotations
    transform = nil
  }

  /// - Parameter transform: drops what nobody reads before an object is kept; it must keep the name,
  ///   the namespace, the UID, the resource version and the owner references. See
  ///   `withoutManagedFields` and `keeping`.
  public init(
    _ resource: ResourceType, scopes: Int = 1,
    transform: @escaping @Sendable (KubernetesObject) -> KubernetesObject
  ) {
    self.resource = resource
    scopeCount = scopes
    members = nil
    omittedAnnotations = []
    self.transform = transform
  }

  private func incoming(_ object: KubernetesObject) -> ObjectStoreState.Incoming {
    if let transform { return .object(transform(object)) }
    var kept = members.map { Self.keeping($0)(object) } ?? Self.withoutManagedFields(object)
    for name in omittedAnnotations where kept.annotation(name) != nil {
      kept["metadata"]?["annotations"]?[name] = nil
    }
    return .object(kept)
  }

  private func incoming(_ text: ObjectText) throws(JSONParseError) -> ObjectStoreState.Incoming {
    guard let transform else {
      return .text(text, members: members, omittedAnnotations: omittedAnnotations)
    }
    return .object(transform(try text.object()))
  }

  /// Objects are JSON already, so only texts may turn out not to be.
  private func sure<Result>(_ body: () throws(JSONParseError) -> Result) -> Result? {
    try? body()
  }

  /// The first list of every scope is in.
  public var isSynced: Bool { state.withLock { $0.lists.count >= scopeCount } }
  /// A list of this scope is in.
  func hasList(of namespace: String?) -> Bool {
    state.withLock { $0.lists[namespace ?? ""] != nil }
  }
  public var count: Int { state.withLock { $0.objects.count } }

  public func get(_ key: ObjectKey) -> KubernetesObject? {
    state.withLock { $0.objects[key] }?.object
  }

  public func uid(of key: ObjectKey) -> ObjectUID? { state.withLock { $0.objects[key]?.uid } }
  public func resourceVersion(of key: ObjectKey) -> String? {
    state.withLock { $0.objects[key]?.resourceVersion }
  }
  public func contains(_ key: ObjectKey) -> Bool { state.withLock { $0.objects[key] != nil } }

  /// In the order of their keys.
  public func all() -> [KubernetesObject] {
    state.withLock { $0.objects }.sorted { $0.key < $1.key }.map(\.value.object)
  }

  /// Which objects there are.
  public func uids() -> [ObjectKey: ObjectUID] {
    state.withLock { $0.objects }.compactMapValues(\.uid)
  }

  public func keys() -> [ObjectKey] { state.withLock { Array($0.objects.keys) }.sorted() }

  /// The objects that name this owner, in the order of their keys.
  public func owned(by uid: String) -> [KubernetesObject] {
    let owned = state.withLock { state in
      (state.keysByOwner[ObjectUID(uid)] ?? []).sorted().compactMap { state.objects[$0] }
    }
    return owned.map(\.object)
  }

  /// Takes in one event of a watch. Nil when it tells nothing new.
  public func apply(_ event: WatchEvent) -> Change? {
    switch event {
    case .added(let object), .modified(let object):
      let incoming = incoming(object)
      return state.withLock { state in
        sure { () throws(JSONParseError) in try state.upsert(incoming) } ?? nil
      }
    case .deleted(let object): return state.withLock { $0.remove(object) }
    case .bookmark, .error: return nil
    }
  }

  /// Takes in the answer to an own write.
  ///
  /// - Returns: nil when it tells nothing new; also when the answer comes after the watch or a list
  ///   has told that the object is gone again.
  public func recordWrite(_ object: KubernetesObject) -> Change? {
    let incoming = incoming(object)
    return state.withLock { state in
      sure { () throws(JSONParseError) in try state.recordWrite(incoming) } ?? nil
    }
  }

  /// Like `apply` and `recordWrite`, without reading more of the object than has to be.
  ///
  /// - Throws: when the text is no JSON.
  public func apply(_ text: ObjectText) throws(JSONParseError) -> Change? {
    try attempt(text) { state, incoming throws(JSONParseError) in try state.upsert(incoming) }
  }

  public func recordWrite(_ text: ObjectText) throws(JSONParseError) -> Change? {
    try attempt(text) { state, incoming throws(JSONParseError) in try state.recordWrite(incoming) }
  }

  private func attempt<Outcome: Sendable>(
    _ text: ObjectText,
    _ body: (inout ObjectStoreState, ObjectStoreState.Incoming) throws(JSONParseError) -> Outcome
  ) throws(JSONParseError) -> Outcome {
    let incoming = try incoming(text)
    return try state.withLock { state throws(JSONParseError) in try body(&state, incoming) }
  }

  /// Takes in that an own delete was done: the server answered that the object is gone. When it
  /// answered with the object instead, because of finalizers or a grace period, that is a write:
  /// `recordWrite`.
  ///
  /// What the watch still tells about the object's last days is ignored then. Another object of the
  /// same name is not touched.
  public func recordDelete(_ key: ObjectKey, uid: ObjectUID) -> Change? {
    state.withLock { $0.recordDelete(key, uid: uid) }
  }

  /// Replaces everything by a complete list, in one step: readers never see a half-loaded world
  /// (correctness rule 5). Objects that the list lacks are reported as deleted; an object of the same
  /// name with another UID is reported as deleted and added.
  ///
  /// The list decides, except about objects that were written here after it was made. When it is
  /// older than what the watch told before, the server has lost data, and the list decides alone.
  ///
  /// - Parameter namespace: the part of the resource that the list covers; nil is all of it.
  public func replace(
    with objects: [KubernetesObject], version: String, namespace: String? = nil
  ) -> [Change] {
    replace(withPacked: objects.compactMap { pack($0) }, version: version, namespace: namespace)
  }

  /// An object of a list that is not complete yet.
  func pack(_ object: KubernetesObject) -> ObjectStoreState.ListItem? {
    let incoming = incoming(object)
    return state.withLock { state in sure { () throws(JSONParseError) in try state.pack(incoming) }
    }
  }

  func pack(_ text: ObjectText) throws(JSONParseError) -> ObjectStoreState.ListItem {
    try attempt(text) { state, incoming throws(JSONParseError) in try state.pack(incoming) }
  }

  func replace(
    withPacked items: [ObjectStoreState.ListItem], version: String, namespace: String?
  ) -> [Change] {
    state.withLock { $0.replace(with: items, version: version, namespace: namespace) }
  }

  /// Forgets everything: the resource is not served any more.
  public func reset() {
    state.withLock { $0 = ObjectStoreState() }
  }
}
