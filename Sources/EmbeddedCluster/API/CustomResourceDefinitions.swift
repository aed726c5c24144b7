import JSON
import KubernetesAPI

/// The life of definitions: their names, when they are served, and what goes with them.
///
/// Does at once, within the write, what the real server's controllers do shortly after it.
enum CustomResourceDefinitions {
  static let storageKey = ResourceType.customResourceDefinitions.description
  static let cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io"

  static func markTerminating(_ object: inout JSONValue, now: String) {
    var finalizers = object["metadata"]?["finalizers"]?.array?.compactMap(\.string) ?? []
    if !finalizers.contains(cleanupFinalizer) { finalizers.append(cleanupFinalizer) }
    object["metadata"]?["deletionTimestamp"] = .string(now)
    object["metadata"]?["finalizers"] = JSONValue(finalizers)
    setCondition(
      "Terminating", "True", "InstanceDeletionPending",
      "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
      in: &object, now: now)
  }

  static func setCondition(
    _ type: String, _ status: String, _ reason: String, _ message: String,
    in object: inout JSONValue, now: String
  ) {
    var conditions = object["status"]?["conditions"]?.array ?? []
    var condition: JSONValue = [
      "type": .string(type), "status": .string(status), "lastTransitionTime": .string(now),
      "reason": .string(reason), "message": .string(message),
    ]
    if let i = conditions.firstIndex(where: { $0["type"]?.string == type }) {
      if conditions[i]["status"] == condition["status"] {
        condition["lastTransitionTime"] = conditions[i]["lastTransitionTime"]
      }
      conditions[i] = condition
    } else {
      conditions.append(condition)
    }
    if object["status"]?.object == nil { object["status"] = [:] }
    object["status"]?["conditions"] = .array(conditions)
  }

  static func hasCondition(_ object: JSONValue, _ type: String) -> Bool {
    (object["status"]?["conditions"]?.array ?? []).contains {
      $0["type"]?.string == type && $0["status"]?.string == "True"
    }
  }

  /// The first name that another resource of the group has already, in the order the real
  /// controller checks them: the last conflict found is the one that is told.
  static func nameConflict(
    _ names: JSONValue, group: String, others: [ResourceDefinition], own plural: String
  ) -> (reason: String, message: String, accepted: JSONObject)? {
    let taken = others.filter { $0.type.group == group && $0.type.plural != plural }
    let resourceNames = Set(taken.flatMap { [$0.type.plural, $0.singular] + $0.shortNames })
    let kinds = Set(taken.flatMap { [$0.type.kind, $0.listKind] })
    var conflict: (String, String)?
    var accepted: JSONObject = ["plural": "", "kind": ""]
    func check(_ key: String, _ used: Set<String>, _ reason: String) {
      guard let name = names[key]?.string, !name.isEmpty else { return }
      if used.contains(name) {
        conflict = (reason, "\"\(name)\" is already in use")
      } else {
        accepted[key] = .string(name)
      }
    }
    check("plural", resourceNames, "PluralConflict")
    check("singular", resourceNames, "SingularConflict")
    let short = names["shortNames"]?.array?.compactMap(\.string) ?? []
    if let used = short.first(where: resourceNames.contains) {
      conflict = ("ShortNamesConflict", "\"\(used)\" is already in use")
    } else if !short.isEmpty {
      accepted["shortNames"] = JSONValue(short)
    }
    check("kind", kinds, "KindConflict")
    check("listKind", kinds, "ListKindConflict")
    return conflict.map { ($0.0, $0.1, accepted) }
  }

  /// What a definition serves, one value per served version.
  static func definitions(
    of object: JSONValue, evaluator: (any RuleEvaluator)?
  ) -> [ResourceDefinition] {
    let spec = object["spec"] ?? [:]
    let names = object["status"]?["acceptedNames"] ?? [:]
    let group = spec["group"]?.string ?? ""
    let plural = names["plural"]?.string ?? ""
    let kind = names["kind"]?.string ?? ""
    let versions = spec["versions"]?.array ?? []
    let storageVersion =
      versions.first { $0["storage"]?.bool == true }?["name"]?.string ?? "v1"
    let storage = GroupVersionKind(group: group, version: storageVersion, kind: kind)
    let isNamespaced = spec["scope"]?.string == "Namespaced"
    let served = versions.filter { $0["served"]?.bool == true }
    var schemas: [String: TypeSchema] = [:]
    for version in versions {
      let name = version["name"]?.string ?? ""
      schemas[GroupVersionKind(group: group, version: name, kind: kind).apiVersion] =
        TypeSchema.structural(fromOpenAPI: version["schema"]?["openAPIV3Schema"] ?? [:])
    }
    return served.map { version in
      let type = ResourceType(
        group: group, version: version["name"]?.string ?? "", plural: plural, kind: kind,
        isNamespaced: isNamespaced)
      let subresources = version["subresources"]
      let hasStatus = subresources?["status"] != nil
      let scale = subresources?["scale"].flatMap(scale)
      var found: [ResourceDefinition.Subresource] = []
      let verbs = ["get", "patch", "update"]
      if hasStatus { found.append(.init(name: "status", kind: nil, verbs: verbs)) }
      if scale != nil {
        found.append(
          .init(
            name: "scale",
            kind: GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale"),
            verbs: verbs))
      }
      let schema = schemas[type.apiVersion] ?? TypeSchema.structural(fromOpenAPI: [:])
      let others = schemas.filter { $0.key != type.apiVersion }
      return ResourceDefinition(
        type: type, singular: names["singular"]?.string ?? kind.lowercased(),
        listKind: names["listKind"]?.string,
        shortNames: names["shortNames"]?.array?.compactMap(\.string) ?? [],
        categories: names["categories"]?.array?.compactMap(\.string) ?? [],
        verbs: [
          "delete", "deletecollection", "get", "list", "patch", "create", "update", "watch",
        ], subresources: found, isCustom: true, storageKey: "\(plural).\(group)",
        storageVersion: storage,
        rules: ResourceRules(
          custom: type.gvk, schema: schema, hasStatus: hasStatus, evaluator: evaluator,
          scale: scale),
        otherSchemas: others, scale: scale, columns: columns(version["additionalPrinterColumns"]),
        selectableFields: version["selectableFields"]?.array?.compactMap {
          $0["jsonPath"]?.string.map { String($0.drop { $0 == "." }) }
        } ?? [],
        deprecationWarning: deprecationWarning(version, type, served))
    }
  }

  /// As apiextensions-apiserver `customresource_handler.go`, `defaultDeprecationWarning`.
  private static func deprecationWarning(
    _ version: JSONValue, _ type: ResourceType, _ served: [JSONValue]
  ) -> String? {
    guard version["deprecated"] == true else { return nil }
    if let own = version["deprecationWarning"]?.string { return own }
    let newest = served.filter { $0["deprecated"] != true }
      .compactMap { $0["name"]?.string }
      .filter { VersionOrder.precedes($0, type.version) }
      .min(by: VersionOrder.precedes)
    let instead = newest.map { "; use \(type.group)/\($0) \(type.kind)" } ?? ""
    return "\(type.apiVersion) \(type.kind) is deprecated\(instead)"
  }

  private static func scale(_ json: JSONValue) -> ResourceDefinition.Scale? {
    func path(_ key: String) -> [String]? {
      json[key]?.string?.split(separator: ".").map(String.init)
    }
    guard let spec = path("specReplicasPath"), let status = path("statusReplicasPath") else {
      return nil
    }
    return .init(
      specReplicas: spec, statusReplicas: status, labelSelector: path("labelSelectorPath"))
  }

  private static func columns(_ json: JSONValue?) -> [ResourceDefinition.Column] {
    let columns = (json?.array ?? []).map {
      ResourceDefinition.Column(
        name: $0["name"]?.string ?? "", type: $0["type"]?.string ?? "string",
        format: $0["format"]?.string ?? "", priority: $0["priority"]?.int ?? 0,
        path: $0["jsonPath"]?.string ?? "")
    }
    return columns.isEmpty
      ? [
        .init(
          name: "Age", type: "date", format: "", priority: 0,
          path: ".metadata.creationTimestamp")
      ] : columns
  }
}

/// What follows from a write, at once.
extension APIServer {
  func didWrite(_ definition: ResourceDefinition, path: String) {
    if definition.storageKey == CustomResourceDefinitions.storageKey {
      reconcileDefinition(path)
    } else if definition.isCustom, store.get(definition.storageKey, path) == nil,
      let owner = store.get(CustomResourceDefinitions.storageKey, definition.storageKey),
      owner.isBeingDeleted
    {
      reconcileDefinition(definition.storageKey)
    }
  }

  /// Accepts the names of a definition, serves what it says, and cleans up when it goes.
  func reconcileDefinition(_ name: String) {
    let key = CustomResourceDefinitions.storageKey
    while true {
      guard let stored = store.get(key, name) else { return stopServing(name) }
      if stored.isBeingDeleted {
        guard finishDefinition(stored) else { continue }
        return
      }
      var object = stored.json
      let spec = object["spec"] ?? [:]
      let names = spec["names"] ?? [:]
      let group = spec["group"]?.string ?? ""
      let plural = names["plural"]?.string ?? ""
      let conflict = CustomResourceDefinitions.nameConflict(
        names, group: group, others: registry.all, own: plural)
      setNames(&object, names, conflict: conflict)
      if object != stored.json {
        object = owned(object, old: stored.json)
        guard case .done = store.commit(key, path: name, expected: stored, object) else { continue }
      }
      if CustomResourceDefinitions.hasCondition(object, "Established") { serve(object, name) }
      return
    }
  }

  /// The status belongs to the server, as the real one records it.
  private func owned(_ object: JSONValue, old: JSONValue) -> JSONValue {
    let type = ResourceType.customResourceDefinitions
    return registry[type.group, type.version, type.plural]?
      .fieldManager(subresource: "status", now: now)?
      .update(old: old, new: object, manager: "kube-apiserver") ?? object
  }

  private func setNames(
    _ object: inout JSONValue, _ names: JSONValue,
    conflict: (reason: String, message: String, accepted: JSONObject)?
  ) {
    func set(_ type: String, _ status: String, _ reason: String, _ message: String) {
      CustomResourceDefinitions.setCondition(
        type, status, reason, message, in: &object, now: now)
    }
    if object["status"]?.object == nil { object["status"] = [:] }
    if let conflict {
      object["status"]?["acceptedNames"] = .object(conflict.accepted)
      set("NamesAccepted", "False", conflict.reason, conflict.message)
      guard !CustomResourceDefinitions.hasCondition(object, "Established") else { return }
      set("Established", "False", "NotAccepted", "not all names are accepted")
      return
    }
    object["status"]?["acceptedNames"] = names
    set("NamesAccepted", "True", "NoConflicts", "no conflicts found")
    guard !CustomResourceDefinitions.hasCondition(object, "Established") else { return }
    set(
      "Established", "True", "InitialNamesAccepted", "the initial names have been accepted")
  }

  private func serve(_ object: JSONValue, _ name: String) {
    let definitions = CustomResourceDefinitions.definitions(of: object, evaluator: evaluator)
    let isNew = !registry.all.contains { $0.storageKey == name }
    if isNew { store.open(name) }
    let group = object["spec"]?["group"]?.string ?? ""
    let plural = object["status"]?["acceptedNames"]?["plural"]?.string ?? ""
    changeRegistry { $0.setCustom(group: group, plural: plural, definitions) }
    guard !isNew, let shown = definitions.first, let rules = shown.rules else { return }
    // A new schema shows its defaults on objects that were stored before it, without a write.
    store.replaceObjects(of: name) { stored in
      var presented = stored.json
      presented["apiVersion"] = .string(shown.gvk.apiVersion)
      guard var decoded = try? rules.decode(presented) else { return stored }
      decoded["apiVersion"] = .string(shown.storageVersion.apiVersion)
      guard decoded != stored.json else { return stored }
      return StoredObject(decoded, path: stored.path, version: stored.version)
    }
  }

  private func stopServing(_ name: String) {
    guard let dot = name.firstIndex(of: ".") else { return }
    let plural = String(name[..<dot])
    let group = String(name[name.index(after: dot)...])
    changeRegistry { $0.setCustom(group: group, plural: plural, []) }
    store.close(name)
    // Others may have waited for its names.
    for other in store.snapshot(CustomResourceDefinitions.storageKey).objects
    where other.json["spec"]?["group"]?.string == group
      && !CustomResourceDefinitions.hasCondition(other.json, "NamesAccepted")
    {
      reconcileDefinition(other.name)
    }
  }

  /// Deletes the objects of a definition that goes, then the definition; false to look again.
  private func finishDefinition(_ stored: StoredObject) -> Bool {
    let name = stored.name
    if let definition = registry.all.first(where: { $0.storageKey == name }) {
      for object in store.snapshot(name).objects where !object.isBeingDeleted {
        _ = try? delete(definition, path: object.path, name: object.name, DeleteOptions())
      }
      // Objects with finalizers hold the definition; the last one to go comes back here.
      if !store.snapshot(name).objects.isEmpty { return true }
    }
    let key = CustomResourceDefinitions.storageKey
    guard let current = store.get(key, name) else {
      stopServing(name)
      return true
    }
    var object = current.json
    let left = (object["metadata"]?["finalizers"]?.array ?? []).filter {
      $0.string != CustomResourceDefinitions.cleanupFinalizer
    }
    object["metadata"]?["finalizers"] = left.isEmpty ? JSONValue?.none : .array(left)
    let replacement = left.isEmpty ? JSONValue?.none : object
    if replacement == current.json { return true }
    guard case .done = store.commit(key, path: name, expected: current, replacement) else {
      return false
    }
    if replacement == nil { stopServing(name) }
    return true
  }
}
