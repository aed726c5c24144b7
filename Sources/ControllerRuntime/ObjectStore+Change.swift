public import KubernetesAPI

extension ObjectStore {
  /// A difference between what was known and what is.
  ///
  /// When `old` and `new` have different UIDs, the old object was deleted and another one of its name
  /// made in between.
  public struct Change: Sendable {
    enum Content: Sendable {
      case object(KubernetesObject)
      /// Unpacked when it is looked at: a list may bring thousands.
      case packed(PackedObject)

      var object: KubernetesObject {
        switch self {
        case .object(let object): object
        case .packed(let packed): packed.object
        }
      }
    }

    public let key: ObjectKey
    /// Part of a list, not of a live watch.
    public let isInitial: Bool
    let before: Content?
    let after: Content?

    init(key: ObjectKey, before: PackedObject?, after: PackedObject?, isInitial: Bool) {
      self.key = key
      self.before = before.map { .packed($0) }
      self.after = after.map { .packed($0) }
      self.isInitial = isInitial
    }

    public init(key: ObjectKey, old: KubernetesObject?, new: KubernetesObject?, isInitial: Bool) {
      self.key = key
      before = old.map { .object($0) }
      after = new.map { .object($0) }
      self.isInitial = isInitial
    }

    /// Nil: it is new.
    public var old: KubernetesObject? { before?.object }
    /// Nil: it is gone.
    public var new: KubernetesObject? { after?.object }
    public var isNew: Bool { before == nil }
    public var isGone: Bool { after == nil }

    /// Of the new object.
    public var newVersion: String? {
      switch after {
      case .object(let object): object.resourceVersion
      case .packed(let packed): packed.resourceVersion
      case nil: nil
      }
    }

    /// Of the new object.
    var owners: ObjectOwners {
      switch after {
      case .object(let object):
        ObjectOwners(object.ownerReferences.map { ObjectUID($0.uid) })
      case .packed(let packed): packed.owners
      case nil: .none
      }
    }
  }

  /// Whether the object of this name is the only owner of the new object of a change elsewhere.
  public func isOwner(_ key: ObjectKey, of change: Change) -> Bool {
    guard let uid = uid(of: key) else { return false }
    return change.owners == .one(uid)
  }
}

extension ObjectStore.Change: Equatable {
  public static func == (a: Self, b: Self) -> Bool {
    a.key == b.key && a.isInitial == b.isInitial && a.old == b.old && a.new == b.new
  }
}
