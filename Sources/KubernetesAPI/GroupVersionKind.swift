/// What an object is: its API group, version and kind.
public struct GroupVersionKind: Sendable, Hashable, CustomStringConvertible {
  /// Empty for the core group.
  public var group: String
  public var version: String
  public var kind: String

  public init(group: String, version: String, kind: String) {
    self.group = group
    self.version = version
    self.kind = kind
  }

  /// - Parameter apiVersion: `v1` or `apps/v1`.
  public init(apiVersion: String, kind: String) {
    if let slash = apiVersion.firstIndex(of: "/") {
      group = String(apiVersion[..<slash])
      version = String(apiVersion[apiVersion.index(after: slash)...])
    } else {
      group = ""
      version = apiVersion
    }
    self.kind = kind
  }

  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
  public var groupKind: GroupKind { GroupKind(group: group, kind: kind) }
  public var description: String { "\(apiVersion) \(kind)" }
}

/// A kind whatever its version: owner references match on this.
public struct GroupKind: Sendable, Hashable, CustomStringConvertible {
  public var group: String
  public var kind: String

  public init(group: String, kind: String) {
    self.group = group
    self.kind = kind
  }

  public var description: String { group.isEmpty ? kind : "\(kind).\(group)" }
}

/// A resource as it is addressed in URLs, with the kind of its objects.
public struct ResourceType: Sendable, Hashable, CustomStringConvertible {
  public var group: String
  public var version: String
  /// In lower case, as in the URL: `deployments`.
  public var plural: String
  public var kind: String
  public var isNamespaced: Bool

  public init(
    group: String, version: String, plural: String, kind: String, isNamespaced: Bool = true
  ) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
    self.isNamespaced = isNamespaced
  }

  /// These nearly always decide.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(plural)
    hasher.combine(group)
  }

  public var gvk: GroupVersionKind { GroupVersionKind(group: group, version: version, kind: kind) }
  public var groupKind: GroupKind { GroupKind(group: group, kind: kind) }
  public var apiVersion: String { gvk.apiVersion }
  /// `deployments.apps`, as kubectl writes it.
  public var description: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The URL path of the collection, or of one object in it.
  ///
  /// - Parameter namespace: ignored for cluster-scoped resources; nil means all namespaces.
  public func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil)
    -> String
  {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if isNamespaced, let namespace { path += "/namespaces/\(namespace)" }
    path += "/\(plural)"
    if let name { path += "/\(name)" }
    if let subresource { path += "/\(subresource)" }
    return path
  }
}
