import KubernetesAPI

/// What is served: built-in resources and those of established definitions.
struct ResourceRegistry: Sendable {
  struct Group: Sendable {
    var name: String
    /// The preferred one first.
    var versions: [String]
    var isCustom: Bool
  }

  private struct Key: Hashable {
    var group: String
    var version: String
    var plural: String
  }

  private var definitions: [Key: ResourceDefinition] = [:]
  private var order: [Key] = []
  private var storedTypes: [String: ResourceType] = [:]
  /// The core group (empty name) first, then in the order kube-apiserver lists them.
  private(set) var groups: [Group]

  init(builtIn: [ResourceDefinition], groups: [Group]) {
    self.groups = groups
    for definition in builtIn { insert(definition) }
  }

  private mutating func insert(_ definition: ResourceDefinition) {
    let type = definition.type
    let key = Key(group: type.group, version: type.version, plural: type.plural)
    if definitions.updateValue(definition, forKey: key) == nil { order.append(key) }
    if definition.gvk == definition.storageVersion || storedTypes[definition.storageKey] == nil {
      storedTypes[definition.storageKey] = type
    }
  }

  subscript(group: String, version: String, plural: String) -> ResourceDefinition? {
    definitions[Key(group: group, version: version, plural: plural)]
  }

  func group(_ name: String) -> Group? { groups.first { $0.name == name } }

  /// Of one group version, by name.
  func resources(group: String, version: String) -> [ResourceDefinition] {
    order.filter { $0.group == group && $0.version == version }
      .sorted { $0.plural < $1.plural }.compactMap { definitions[$0] }
  }

  /// All of them, in the version that each is stored in, for those who walk over the whole cluster.
  var stored: [ResourceDefinition] {
    order.compactMap { definitions[$0] }.filter { $0.gvk == $0.storageVersion }
  }

  func storedType(of storageKey: String) -> ResourceType? { storedTypes[storageKey] }

  var all: [ResourceDefinition] { order.compactMap { definitions[$0] } }

  func definition(kind: GroupVersionKind) -> ResourceDefinition? {
    order.lazy.compactMap { definitions[$0] }.first { $0.gvk == kind }
  }

  func knows(kind: GroupVersionKind) -> Bool { definition(kind: kind) != nil }

  /// Puts the served versions of one definition in the place of what it served before.
  mutating func setCustom(group: String, plural: String, _ served: [ResourceDefinition]) {
    order.removeAll { $0.group == group && $0.plural == plural }
    definitions = definitions.filter { $0.key.group != group || $0.key.plural != plural }
    storedTypes["\(plural).\(group)"] = nil
    for definition in served { insert(definition) }
    let versions = Set(order.filter { $0.group == group }.map(\.version))
      .sorted(by: VersionOrder.precedes)
    groups.removeAll { $0.name == group && $0.isCustom }
    if !versions.isEmpty {
      groups.append(Group(name: group, versions: versions, isCustom: true))
    }
  }
}

/// `v2`, `v1`, `v2beta1`, `v1alpha1`, then anything else by name (apimachinery `pkg/version`).
enum VersionOrder {
  static func precedes(_ a: String, _ b: String) -> Bool {
    switch (parse(a), parse(b)) {
    case (let a?, let b?): return a > b
    case (.some, nil): return true
    case (nil, .some): return false
    case (nil, nil): return a < b
    }
  }

  private static func parse(_ version: String) -> (Int, Int, Int)? {
    guard version.first == "v" else { return nil }
    let major = version.dropFirst().prefix { $0.isNumber }
    guard let majorNumber = Int(major) else { return nil }
    let rest = version.dropFirst(1 + major.count)
    if rest.isEmpty { return (3, majorNumber, 0) }
    for (stage, rank) in [("beta", 2), ("alpha", 1)] where rest.hasPrefix(stage) {
      guard let minor = Int(rest.dropFirst(stage.count)) else { return nil }
      return (rank, majorNumber, minor)
    }
    return nil
  }
}
