import JSON
import KubernetesAPI

/// What is wrong with a definition (apiextensions-apiserver `pkg/apis/apiextensions/validation`).
enum CustomResourceDefinitionValidation {
  static func causes(
    _ object: JSONValue, old: JSONValue?, evaluator: (any RuleEvaluator)?
  ) -> [FieldCause] {
    let spec = object["spec"] ?? [:]
    var causes: [FieldCause] = []
    let names = spec["names"] ?? [:]
    let group = spec["group"]?.string ?? ""
    let name = object["metadata"]?["name"]?.string ?? ""
    if name != "\(names["plural"]?.string ?? "").\(group)" {
      causes.append(
        .invalid("metadata.name", quoted(name), "must be spec.names.plural+\".\"+spec.group"))
    }
    if group.isEmpty {
      causes.append(.required("spec.group"))
    } else if !group.contains(".") {
      causes.append(
        .invalid("spec.group", quoted(group), "should be a domain with at least one dot"))
    }
    let scope = spec["scope"]?.string ?? ""
    if scope.isEmpty {
      causes.append(.required("spec.scope"))
    } else if scope != "Cluster", scope != "Namespaced" {
      causes.append(.notSupported("spec.scope", quoted(scope), ["\"Cluster\"", "\"Namespaced\""]))
    }
    let versions = spec["versions"]?.array ?? []
    causes += versionCauses(versions, evaluator)
    causes += nameCauses(names)
    if let old { causes += immutableCauses(spec, old["spec"] ?? [:]) }
    if old != nil {
      let names = versions.compactMap { $0["name"]?.string }
      for (i, stored) in (object["status"]?["storedVersions"]?.array ?? []).enumerated() {
        guard let name = stored.string, !names.contains(name) else { continue }
        causes.append(
          .invalid(
            "status.storedVersions[\(i)]", quoted(name),
            "missing from spec.versions; \(name) was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in \(name) and removes \(name) from status.storedVersions"
          ))
      }
    }
    if (object["status"]?["storedVersions"]?.array ?? []).isEmpty {
      causes.append(
        .invalid("status.storedVersions", "null", "must have at least one stored version"))
    }
    return causes
  }

  private static func versionCauses(
    _ versions: [JSONValue], _ evaluator: (any RuleEvaluator)?
  ) -> [FieldCause] {
    var causes: [FieldCause] = []
    let schemas = versions.map { $0["schema"]?["openAPIV3Schema"] }
    // The real server moves what all versions share to the top of the definition.
    let isShared = schemas.allSatisfy { $0 == schemas.first }
    if versions.filter({ $0["storage"]?.bool == true }).count != 1 {
      causes.append(
        .invalid(
          "spec.versions", GoStruct.versions(versions, showsSchema: !isShared),
          "must have exactly one version marked as storage version"))
    }
    var seen: Set<String> = []
    for (i, version) in versions.enumerated() {
      let name = version["name"]?.string ?? ""
      if !seen.insert(name).inserted {
        causes.append(.duplicate("spec.versions[\(i)].name", quoted(name)))
      }
      if let problem = dnsLabelProblem(name) {
        causes.append(.invalid("spec.versions[\(i)].name", quoted(name), problem))
      }
      guard let schema = schemas[i] else {
        causes.append(.required("spec.versions[\(i)].schema.openAPIV3Schema"))
        continue
      }
      if isShared, i > 0 { continue }
      let path =
        isShared
        ? "spec.validation.openAPIV3Schema" : "spec.versions[\(i)].schema.openAPIV3Schema"
      causes += StructuralSchemaCheck.causes(schema, path: path)
      if causes.isEmpty { causes += ruleCauses(schema, path, evaluator) }
    }
    return causes
  }

  /// The rules that do not compile.
  private static func ruleCauses(
    _ schema: JSONValue, _ path: String, _ evaluator: (any RuleEvaluator)?
  ) -> [FieldCause] {
    guard let evaluator else { return [] }
    var causes: [FieldCause] = []
    func walk(_ node: JSONValue, _ path: String, _ type: TypeSchema) {
      for (i, json) in (node["x-kubernetes-validations"]?.array ?? []).enumerated() {
        guard let rule = ValidationRule(json),
          let problem = evaluator.check(rule: rule, schema: type)
        else { continue }
        causes.append(
          .invalid("\(path).x-kubernetes-validations[\(i)].rule", GoStruct.rule(json), problem))
      }
      for child in StructuralSchemaCheck.children(of: node, path) {
        guard let childType = child.type(in: type) else { continue }
        walk(child.schema, child.path, childType)
      }
    }
    walk(schema, path, TypeSchema.structural(fromOpenAPI: schema))
    return causes
  }

  private static func nameCauses(_ names: JSONValue) -> [FieldCause] {
    var causes: [FieldCause] = []
    func check(_ key: String, mayHaveCapitals: Bool) {
      let name = names[key]?.string ?? ""
      guard !name.isEmpty else {
        causes.append(.required("spec.names.\(key)"))
        return
      }
      guard let problem = dnsLabelProblem(mayHaveCapitals ? name.lowercased() : name) else {
        return
      }
      let prefix = mayHaveCapitals ? "may have mixed case, but should otherwise match: " : ""
      causes.append(.invalid("spec.names.\(key)", quoted(name), prefix + problem))
    }
    check("plural", mayHaveCapitals: false)
    check("singular", mayHaveCapitals: false)
    check("kind", mayHaveCapitals: true)
    check("listKind", mayHaveCapitals: true)
    for (i, name) in (names["shortNames"]?.array ?? []).enumerated() {
      guard let text = name.string, let problem = dnsLabelProblem(text) else { continue }
      causes.append(.invalid("spec.names.shortNames[\(i)]", quoted(text), problem))
    }
    return causes
  }

  private static func immutableCauses(_ new: JSONValue, _ old: JSONValue) -> [FieldCause] {
    [["group"], ["scope"], ["names", "plural"], ["names", "kind"]].compactMap { path in
      let value = path.reduce(Optional(new)) { $0?[$1] }
      guard value != path.reduce(Optional(old), { $0?[$1] }) else { return nil }
      return .invalid(
        "spec." + path.joined(separator: "."), quoted(value?.string ?? ""), "field is immutable")
    }
  }

  private static func quoted(_ text: String) -> String { JSONValue.string(text).serialized() }

  private static func dnsLabelProblem(_ text: String) -> String? {
    guard !NameFormat.dns1035Label.accepts(text) else { return nil }
    return
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
  }
}

/// The rules of structural schemas
/// (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema).
enum StructuralSchemaCheck {
  static func causes(_ schema: JSONValue, path: String) -> [FieldCause] {
    var causes: [FieldCause] = []
    check(schema, path, place: .root, &causes)
    return causes
  }

  private enum Place { case root, field, item }

  private static func check(
    _ schema: JSONValue, _ path: String, place: Place, _ causes: inout [FieldCause]
  ) {
    for child in children(of: schema, path) {
      check(child.schema, child.path, place: child.isItem ? .item : .field, &causes)
    }
    let type = schema["type"]?.string ?? ""
    let isOpen =
      schema["x-kubernetes-int-or-string"]?.bool == true
      || schema["x-kubernetes-preserve-unknown-fields"]?.bool == true
    switch place {
    case .root where type.isEmpty:
      causes.append(.required("\(path).type", "must not be empty at the root"))
    case .root where type != "object":
      causes.append(
        .invalid("\(path).type", JSONValue.string(type).serialized(), "must be object at the root"))
    case .field where type.isEmpty && !isOpen:
      causes.append(
        .required("\(path).type", "must not be empty for specified object fields"))
    case .item where type.isEmpty && !isOpen:
      causes.append(
        .required("\(path).type", "must not be empty for specified array items"))
    default: break
    }
    if type == "array", schema["items"] == nil {
      causes.append(.required("\(path).items", "must be specified"))
    }
  }

  struct Child {
    var schema: JSONValue
    var path: String
    /// Nil for items and for the values of maps.
    var name: String?
    var isItem: Bool

    func type(in parent: TypeSchema) -> TypeSchema? {
      if let name { return parent.properties[name] }
      return isItem ? parent.items : parent.additional
    }
  }

  static func children(of schema: JSONValue, _ path: String) -> [Child] {
    var children: [Child] = []
    for (name, child) in schema["properties"]?.object?.sortedByKey() ?? [] {
      children.append(
        Child(schema: child, path: "\(path).properties[\(name)]", name: name, isItem: false))
    }
    if let items = schema["items"], items.object != nil {
      children.append(Child(schema: items, path: "\(path).items", isItem: true))
    }
    if let more = schema["additionalProperties"], more.object != nil {
      children.append(
        Child(schema: more, path: "\(path).additionalProperties", isItem: false))
    }
    return children
  }
}

/// Go structs as messages show them in JSON.
private enum GoStruct {
  static func versions(_ versions: [JSONValue], showsSchema: Bool) -> String {
    let values = versions.map { version -> JSONValue in
      [
        "Name": version["name"] ?? "", "Served": version["served"] ?? false,
        "Storage": version["storage"] ?? false, "Deprecated": version["deprecated"] ?? false,
        "DeprecationWarning": version["deprecationWarning"] ?? nil,
        "Schema": showsSchema ? version["schema"] ?? nil : nil, "Subresources": nil,
        "AdditionalPrinterColumns": nil, "SelectableFields": nil,
      ]
    }
    return escaped(JSONValue.array(values).serialized())
  }

  static func rule(_ rule: JSONValue) -> String {
    let json: JSONValue = [
      "Rule": rule["rule"] ?? "", "Message": rule["message"] ?? "",
      "MessageExpression": rule["messageExpression"] ?? "", "Reason": rule["reason"] ?? nil,
      "FieldPath": rule["fieldPath"] ?? "", "OptionalOldSelf": rule["optionalOldSelf"] ?? nil,
    ]
    return escaped(json.serialized())
  }

  /// As Go's encoder does for HTML's sake.
  private static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "<": "\\u003c"
      case ">": "\\u003e"
      case "&": "\\u0026"
      default: String(character)
      }
    }.joined()
  }
}
