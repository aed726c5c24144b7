public import JSON

/// The name of an object within its resource.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Nil for cluster-scoped objects.
  public var namespace: String?
  public var name: String

  public init(namespace: String?, name: String) {
    self.namespace = namespace
    self.name = name
  }

  public var description: String { namespace.map { "\($0)/\(name)" } ?? name }

  public static func < (a: ObjectKey, b: ObjectKey) -> Bool {
    (a.namespace ?? "", a.name) < (b.namespace ?? "", b.name)
  }
}

/// One Kubernetes object as a JSON tree, with typed access to what all objects have.
public struct KubernetesObject: Sendable, Hashable {
  /// How many arrays and objects inside each other are read of what an API server sends; those that
  /// lie deeper are null.
  ///
  /// Why: API servers take 10,000 in fields whose schema is free, and a tree of such depth would end
  /// the stack of any thread. Refusing the object would hide all others of its list.
  public static let readDepth = 200

  public var json: JSONValue

  public init(_ json: JSONValue) { self.json = json }

  public init(_ gvk: GroupVersionKind, namespace: String?, name: String) {
    json = ["apiVersion": .string(gvk.apiVersion), "kind": .string(gvk.kind)]
    json["metadata"] = ["name": .string(name)]
    if let namespace { json["metadata"]?["namespace"] = .string(namespace) }
  }

  public var apiVersion: String { json["apiVersion"]?.string ?? "" }
  public var kind: String { json["kind"]?.string ?? "" }
  public var gvk: GroupVersionKind { GroupVersionKind(apiVersion: apiVersion, kind: kind) }
  public var metadata: JSONValue { json["metadata"] ?? .null }
  public var name: String { metadata["name"]?.string ?? "" }
  public var namespace: String? { metadata["namespace"]?.string }
  public var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
  public var uid: String? { metadata["uid"]?.string }
  public var resourceVersion: String? { metadata["resourceVersion"]?.string }
  public var generation: Int? { metadata["generation"]?.int }
  /// RFC 3339, set once the object is being deleted.
  public var deletionTimestamp: String? { metadata["deletionTimestamp"]?.string }
  public var finalizers: [String] { metadata["finalizers"]?.array?.compactMap(\.string) ?? [] }
  public var labels: [String: String] { Self.strings(metadata["labels"]) }
  public var annotations: [String: String] { Self.strings(metadata["annotations"]) }
  /// One of them, without gathering all.
  public func label(_ name: String) -> String? { metadata["labels"]?[name]?.string }
  public func annotation(_ name: String) -> String? { metadata["annotations"]?[name]?.string }
  public var ownerReferences: [OwnerReference] {
    metadata["ownerReferences"]?.array?.compactMap(OwnerReference.init) ?? []
  }
  /// The owner that manages this object, if it has one.
  public var controllerReference: OwnerReference? {
    for reference in metadata["ownerReferences"]?.array ?? []
    where reference["controller"]?.bool == true {
      if let owner = OwnerReference(reference) { return owner }
    }
    return nil
  }

  public subscript(key: String) -> JSONValue? {
    get { json[key] }
    _modify { yield &json[key] }
  }

  private static func strings(_ value: JSONValue?) -> [String: String] {
    guard let object = value?.object else { return [:] }
    return Dictionary(
      object.lazy.compactMap { key, value in value.string.map { (key, $0) } },
      uniquingKeysWith: { _, last in last })
  }
}

extension KubernetesObject {
  /// Whether something of it may have been left out for `readDepth`, or would be when it is read.
  public var isTooDeep: Bool { json.isNested(deeperThan: Self.readDepth - 1) }
}

extension JSONParseLimits {
  /// For what an API server sends.
  ///
  /// - Parameters:
  ///   - levels: how many arrays and objects are around each object.
  ///   - omittedMember: see `JSONParseLimits.omittedMember`.
  package static func objects(
    inside levels: Int, omittedMember: [String] = []
  ) -> JSONParseLimits {
    JSONParseLimits(
      maximumDepth: KubernetesObject.readDepth + levels, cutsDeeperValues: true,
      omittedMember: omittedMember)
  }
}

/// `metadata.ownerReferences[]`: the garbage collector deletes an object whose owners are all gone.
public struct OwnerReference: Sendable, Hashable {
  public var apiVersion: String
  public var kind: String
  public var name: String
  public var uid: String
  public var isController: Bool
  public var blocksOwnerDeletion: Bool

  public init(
    apiVersion: String, kind: String, name: String, uid: String, isController: Bool = true,
    blocksOwnerDeletion: Bool = true
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.uid = uid
    self.isController = isController
    self.blocksOwnerDeletion = blocksOwnerDeletion
  }

  public init?(_ json: JSONValue) {
    guard let apiVersion = json["apiVersion"]?.string, let kind = json["kind"]?.string,
      let name = json["name"]?.string, let uid = json["uid"]?.string
    else { return nil }
    self.init(
      apiVersion: apiVersion, kind: kind, name: name, uid: uid,
      isController: json["controller"]?.bool ?? false,
      blocksOwnerDeletion: json["blockOwnerDeletion"]?.bool ?? false)
  }

  public var groupKind: GroupKind { GroupVersionKind(apiVersion: apiVersion, kind: kind).groupKind }

  public var json: JSONValue {
    [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name),
      "uid": .string(uid), "controller": .bool(isController),
      "blockOwnerDeletion": .bool(blocksOwnerDeletion),
    ]
  }
}
