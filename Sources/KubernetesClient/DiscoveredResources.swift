public import KubernetesAPI

/// One resource that a server offers.
public struct DiscoveredResource: Sendable, Hashable {
  public var type: ResourceType
  public var singular: String
  public var shortNames: [String]
  public var verbs: [String]
  /// For example `all`.
  public var categories: [String]
  /// For example `status`, `scale`.
  public var subresources: [String]

  public init(
    type: ResourceType, singular: String = "", shortNames: [String] = [], verbs: [String] = [],
    categories: [String] = [], subresources: [String] = []
  ) {
    self.type = type
    self.singular = singular
    self.shortNames = shortNames
    self.verbs = verbs
    self.categories = categories
    self.subresources = subresources
  }
}

/// What a server offers, in its order of preference.
public struct DiscoveredResources: Sendable, Hashable {
  /// Within a group, the resources of its preferred version come first.
  public var resources: [DiscoveredResource]
  /// Group versions whose resources are not known now, usually because an aggregated API server is
  /// down, with the reason. Nothing may be concluded from the absence of their kinds.
  public var unavailable: [String: String]

  public init(resources: [DiscoveredResource] = [], unavailable: [String: String] = [:]) {
    self.resources = resources
    self.unavailable = unavailable
  }

  /// The kind in the version that the server prefers; nil when it is not installed.
  public func resource(for kind: GroupKind) -> DiscoveredResource? {
    resources.first { $0.type.groupKind == kind }
  }

  public func resource(for kind: GroupVersionKind) -> DiscoveredResource? {
    resources.first { $0.type.gvk == kind }
  }

  public func contains(_ resource: ResourceType) -> Bool {
    resources.contains {
      $0.type.plural == resource.plural && $0.type.group == resource.group
        && $0.type.version == resource.version
    }
  }

  /// False when the kind is missing only because its group could not be asked.
  public func isConclusive(for group: String) -> Bool {
    !unavailable.keys.contains { $0 == group || $0.hasPrefix("\(group)/") }
  }

  /// Finds what a person typed, as kubectl does: plural, singular, short name or kind, optionally
  /// with the group (`deployments.apps`) or version and group (`deployments.v1.apps`).
  public func resource(named text: String) -> DiscoveredResource? {
    let text = text.lowercased()
    if let found = resources.first(where: { $0.isCalled(text) }) { return found }
    let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    let named = resources.filter { $0.isCalled(parts[0]) }
    if let found = named.first(where: { $0.type.group == parts[1] }) { return found }
    return named.first {
      let type = $0.type
      return parts[1] == (type.group.isEmpty ? type.version : "\(type.version).\(type.group)")
    }
  }
}

extension DiscoveredResource {
  fileprivate func isCalled(_ lowercased: String) -> Bool {
    // Why not empty: servers may leave the singular out.
    !lowercased.isEmpty
      && (type.plural == lowercased || singular == lowercased || shortNames.contains(lowercased)
        || type.kind.lowercased() == lowercased)
  }
}
