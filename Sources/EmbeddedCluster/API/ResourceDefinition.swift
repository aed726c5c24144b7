import JSON
import KubernetesAPI

/// One resource in one version, as it is served.
final class ResourceDefinition: Sendable {
  struct Subresource: Sendable {
    var name: String
    /// The kind it reads and writes when that is not the resource's own.
    var kind: GroupVersionKind?
    var verbs: [String]
  }

  /// Where a custom resource keeps what `/scale` shows, as member names.
  struct Scale: Sendable, Equatable {
    var specReplicas: [String]
    var statusReplicas: [String]
    var labelSelector: [String]?

    /// `.spec.replicas`, as messages name it.
    var specText: String { "." + specReplicas.joined(separator: ".") }
    var statusText: String { "." + statusReplicas.joined(separator: ".") }
  }

  struct Column: Sendable {
    var name: String
    var type: String
    var format: String
    var priority: Int
    var path: String
  }

  let type: ResourceType
  let singular: String
  let listKind: String
  let shortNames: [String]
  let categories: [String]
  let verbs: [String]
  let subresources: [Subresource]
  let isCustom: Bool
  /// The same for all versions of a resource: `deployments.apps`.
  let storageKey: String
  let storageVersion: GroupVersionKind
  let rules: ResourceRules?
  /// Of the other versions of a definition, by apiVersion: who owns what may be recorded in them.
  let otherSchemas: [String: TypeSchema]
  let scale: Scale?
  /// Of a definition with `additionalPrinterColumns`; built-in kinds have their own.
  let columns: [Column]
  /// Field selectors of a definition (`selectableFields`), as `spec.color`.
  let selectableFields: [String]
  /// Told with every answer, of a definition's version that should no longer be used.
  let deprecationWarning: String?

  init(
    type: ResourceType, singular: String, listKind: String? = nil, shortNames: [String] = [],
    categories: [String] = [], verbs: [String], subresources: [Subresource] = [],
    isCustom: Bool = false, storageKey: String? = nil, storageVersion: GroupVersionKind? = nil,
    rules: ResourceRules?, otherSchemas: [String: TypeSchema] = [:], scale: Scale? = nil,
    columns: [Column] = [],
    selectableFields: [String] = [], deprecationWarning: String? = nil
  ) {
    self.type = type
    self.singular = singular
    self.listKind = listKind ?? type.kind + "List"
    self.shortNames = shortNames
    self.categories = categories
    self.verbs = verbs
    self.subresources = subresources
    self.isCustom = isCustom
    self.storageKey = storageKey ?? type.description
    self.storageVersion = storageVersion ?? type.gvk
    self.rules = rules
    self.otherSchemas = otherSchemas
    self.scale = scale
    self.columns = columns
    self.selectableFields = selectableFields
    self.deprecationWarning = deprecationWarning
  }

  /// `deployments.apps`, as messages name the resource.
  var qualifiedName: String { type.description }
  var gvk: GroupVersionKind { type.gvk }
  /// How 422 messages name the kind of an object: events are core events there, whatever group was
  /// asked, and custom resources what they say they are.
  func errorKind(of object: JSONValue) -> GroupKind {
    guard isCustom else { return storageVersion.groupKind }
    return GroupVersionKind(
      apiVersion: object["apiVersion"]?.string ?? "", kind: object["kind"]?.string ?? ""
    ).groupKind
  }

  func fieldManager(subresource: String?, now: String) -> FieldManager? {
    var manager = rules?.fieldManager(subresource: subresource, now: now)
    manager?.otherVersions = otherSchemas
    return manager
  }

  func hasSubresource(_ name: String) -> Bool { subresources.contains { $0.name == name } }

  func details(name: String) -> JSONValue {
    var details: JSONObject = ["name": .string(name)]
    if !type.group.isEmpty { details["group"] = .string(type.group) }
    details["kind"] = .string(type.plural)
    return .object(details)
  }
}

extension ResourceDefinition {
  /// PUT without a resourceVersion overwrites whatever is there (the strategies' AllowUnconditionalUpdate).
  var allowsUnconditionalUpdate: Bool {
    guard !isCustom else { return false }
    switch type.plural {
    case "leases", "poddisruptionbudgets", "customresourcedefinitions": return false
    default: return true
    }
  }

  /// PUT creates an object that is not there (the strategies' AllowCreateOnUpdate).
  var isCreatedByUpdate: Bool {
    guard !isCustom else { return false }
    return [
      "clusterrolebindings", "clusterroles", "endpoints", "events", "leases", "limitranges",
      "rolebindings", "roles", "services",
    ].contains(type.plural)
  }

  /// DELETE answers with the object rather than a Status (the stores' ReturnDeletedObject).
  var returnsDeletedObject: Bool {
    guard !isCustom else { return false }
    return [
      "pods", "services", "serviceaccounts", "persistentvolumeclaims", "persistentvolumes",
      "podtemplates", "resourcequotas",
    ].contains(type.plural)
  }

  /// The object as this version shows it.
  func presented(_ stored: JSONValue) -> JSONValue {
    guard gvk != storageVersion else { return stored }
    return VersionConversion.convert(stored, from: storageVersion, to: gvk)
  }

  func storageForm(_ presented: JSONValue) -> JSONValue {
    guard gvk != storageVersion else { return presented }
    return VersionConversion.convert(presented, from: gvk, to: storageVersion)
  }

  /// The object's bytes, `{}` included, reusing what the store keeps.
  func bytes(of object: StoredObject) -> [UInt8] {
    var bytes = Array(
      "{\"kind\":\"\(type.kind)\",\"apiVersion\":\"\(type.apiVersion)\",".utf8)
    bytes.append(contentsOf: tailBytes(of: object))
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  /// Items of built-in lists carry neither apiVersion nor kind, those of custom lists both.
  func itemBytes(of object: StoredObject) -> [UInt8] {
    guard !isCustom else { return bytes(of: object) }
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    bytes.append(contentsOf: tailBytes(of: object))
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private func tailBytes(of object: StoredObject) -> [UInt8] {
    gvk == storageVersion || isCustom
      ? object.tailBytes() : StoredObject.tailBytes(of: presented(object.json))
  }
}
