import JSON
import KubernetesAPI

/// Validation of CustomResourceDefinitions: names, versions, and that schemas are structural and
/// their rules compile (apiextensions-apiserver `pkg/apis/apiextensions/validation`).
enum DefinitionValidation {
  static func check(_ object: JSONValue, _ causes: inout [FieldCause]) {
    let spec = object["spec"] ?? [:]
    names(object, spec, &causes)
    DefinitionServing.check(spec, &causes)
    let versions = spec["versions"]?.array ?? []
    if versions.filter({ $0["storage"] == true }).count != 1 {
      causes.append(
        .invalid(
          "spec.versions", versionsText(versions),
          "must have exactly one version marked as storage version"))
    }
    if object[path: "status", "storedVersions"]?.array?.isEmpty != false {
      causes.append(
        .invalid("status.storedVersions", "null", "must have at least one stored version"))
    }
    var seen: Set<String> = []
    for (position, version) in versions.enumerated() {
      let at = "spec.versions[\(position)]"
      let name = version["name"]?.string ?? ""
      if let fault = NameMessages.label1035(name) {
        causes.append(.invalid("\(at).name", JSONValue.string(name).serialized(), fault))
      } else if !seen.insert(name).inserted {
        causes.append(
          .invalid("spec.versions", versionsText(versions), "must contain unique version names"))
      }
      if version[path: "schema", "openAPIV3Schema"] == nil {
        causes.append(.required("\(at).schema.openAPIV3Schema"))
      }
    }
    // A schema that all versions share is validated once, under an older name.
    let schemas = versions.map { $0[path: "schema", "openAPIV3Schema"] }
    if let first = schemas.first, schemas.allSatisfy({ $0 == first }) {
      if let first { root(first, "spec.validation.openAPIV3Schema", &causes) }
    } else {
      for (position, schema) in schemas.enumerated() {
        guard let schema else { continue }
        root(schema, "spec.versions[\(position)].schema.openAPIV3Schema", &causes)
      }
    }
  }

  private static func names(
    _ object: JSONValue, _ spec: JSONValue, _ causes: inout [FieldCause]
  ) {
    let names = spec["names"] ?? [:]
    let group = spec["group"]?.string ?? ""
    let plural = names["plural"]?.string ?? ""
    let name = object[path: "metadata", "name"]?.string ?? ""
    if name != "\(plural).\(group)" {
      causes.append(
        .invalid(
          "metadata.name", JSONValue.string(name).serialized(),
          "must be spec.names.plural+\".\"+spec.group"))
    }
    if group.isEmpty {
      causes.append(.required("spec.group"))
    } else if let fault = NameMessages.subdomain(group) {
      causes.append(.invalid("spec.group", JSONValue.string(group).serialized(), fault))
    } else if !group.contains(".") {
      causes.append(
        .invalid(
          "spec.group", "\"\(group)\"", "should be a domain with at least one dot"))
    }
    PodValidation.oneOf(spec["scope"], ["Cluster", "Namespaced"], "spec.scope", &causes)
    for (key, isMixedCase) in [
      ("plural", false), ("singular", false), ("kind", true), ("listKind", true),
    ] {
      let text = names[key]?.string ?? ""
      if text.isEmpty {
        causes.append(.required("spec.names.\(key)"))
      } else if let fault = NameMessages.label1035(isMixedCase ? text.lowercased() : text) {
        causes.append(
          .invalid(
            "spec.names.\(key)", JSONValue.string(text).serialized(),
            isMixedCase ? "may have mixed case, but should otherwise match: \(fault)" : fault))
      }
    }
    for list in ["shortNames", "categories"] {
      for (position, short) in (names[list]?.array ?? []).enumerated() {
        if let text = short.string, let fault = NameMessages.label1035(text) {
          causes.append(.invalid("spec.names.\(list)[\(position)]", "\"\(text)\"", fault))
        }
      }
    }
  }

  /// As the internal structure is written.
  private static func versionsText(_ versions: [JSONValue]) -> String {
    let isShared = Set(versions.map { $0["schema"] }).count <= 1
    return JSONValue.array(
      versions.map { version in
        [
          "Name": version["name"] ?? "", "Served": version["served"] ?? false,
          "Storage": version["storage"] ?? false, "Deprecated": version["deprecated"] ?? false,
          "DeprecationWarning": version["deprecationWarning"] ?? .null,
          "Schema": isShared ? .null : version["schema"] ?? .null, "Subresources": .null,
          "AdditionalPrinterColumns": .null, "SelectableFields": .null,
        ]
      }
    ).serialized()
  }

  private static func root(
    _ schema: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    let type = schema["type"]?.string ?? ""
    if type.isEmpty {
      causes.append(.required("\(path).type", "must not be empty at the root"))
    } else if type != "object" {
      causes.append(.invalid("\(path).type", "\"\(type)\"", "must be object at the root"))
    }
    structure(schema, path, isRoot: true, uncorrelated: nil, &causes)
  }

  private static func structure(
    _ schema: JSONValue, _ path: String, isRoot: Bool, uncorrelated: String?,
    _ causes: inout [FieldCause]
  ) {
    let types: TypeSchema =
      isRoot ? .structural(fromOpenAPI: schema) : .embedded(fromOpenAPI: schema)
    rules(schema, path, types, &causes)
    var keywords = DefinitionKeywords(schema, path, uncorrelated: uncorrelated)
    keywords.check(types)
    causes += keywords.causes
    for (name, property) in schema["properties"]?.object ?? [:] {
      child(
        property, "\(path).properties[\(name)]", "specified object fields",
        uncorrelated: uncorrelated, &causes)
    }
    if let additional = schema["additionalProperties"], additional.object != nil {
      child(
        additional, "\(path).additionalProperties", "specified object fields",
        uncorrelated: uncorrelated, &causes)
      if schema["properties"]?.object?.isEmpty == false {
        causes.append(
          .forbidden(
            "\(path).additionalProperties",
            "additionalProperties and properties are mutual exclusive"))
      }
    }
    if let items = schema["items"], items.object != nil {
      let isMap = schema["x-kubernetes-list-type"] == "map"
      child(
        items, "\(path).items", "specified array items",
        uncorrelated: uncorrelated ?? (isMap ? nil : path), &causes)
    } else if schema["type"] == "array", schema["items"]?.array == nil {
      causes.append(.required("\(path).items", "must be specified"))
    }
    listType(schema, path, &causes)
  }

  private static func child(
    _ schema: JSONValue, _ path: String, _ what: String, uncorrelated: String?,
    _ causes: inout [FieldCause]
  ) {
    let isOpen =
      schema["x-kubernetes-int-or-string"] == true
      || schema["x-kubernetes-preserve-unknown-fields"] == true
    let type = schema["type"]?.string ?? ""
    if type.isEmpty, !isOpen {
      causes.append(.required("\(path).type", "must not be empty for \(what)"))
    } else if !type.isEmpty,
      !["object", "array", "string", "integer", "number", "boolean"].contains(type)
    {
      causes.append(
        .notSupported(
          "\(path).type", "\"\(type)\"",
          ["array", "boolean", "integer", "number", "object", "string"].map { "\"\($0)\"" }))
    }
    structure(schema, path, isRoot: false, uncorrelated: uncorrelated, &causes)
  }

  private static func listType(
    _ schema: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    guard let type = schema["x-kubernetes-list-type"]?.string else { return }
    let keys = schema["x-kubernetes-list-map-keys"]?.array ?? []
    switch type {
    case "atomic", "set": break
    case "map":
      if keys.isEmpty {
        causes.append(
          .required(
            "\(path).x-kubernetes-list-map-keys",
            "must not be empty if x-kubernetes-list-type is map"))
      }
      let items = schema["items"]
      for (position, key) in keys.enumerated() {
        guard let name = key.string else { continue }
        let property = items?[path: "properties", name]
        if property == nil {
          causes.append(
            .invalid(
              "\(path).x-kubernetes-list-map-keys[\(position)]", "\"\(name)\"",
              "entries must all be names of item properties"))
        } else if property?["default"] == nil,
          items?["required"]?.array?.contains(key) != true
        {
          causes.append(
            .required(
              "\(path).items.properties[\(name)].default",
              "this property is in x-kubernetes-list-map-keys, so it must have a default or be a "
                + "required property"))
        }
      }
    default:
      causes.append(
        .notSupported(
          "\(path).x-kubernetes-list-type", "\"\(type)\"", ["\"atomic\"", "\"map\"", "\"set\""]))
    }
  }

  private static func rules(
    _ schema: JSONValue, _ path: String, _ types: TypeSchema, _ causes: inout [FieldCause]
  ) {
    guard let list = schema["x-kubernetes-validations"]?.array, !list.isEmpty else { return }
    let evaluator = CELEvaluator()
    for (position, json) in list.enumerated() {
      let at = "\(path).x-kubernetes-validations[\(position)].rule"
      guard let rule = ValidationRule(json), !rule.rule.trimmedOfSpaces.isEmpty else {
        causes.append(.required(at, "rule is not specified"))
        continue
      }
      guard let error = evaluator.check(rule: rule, schema: types) else { continue }
      causes.append(.invalid(at, shown(rule, json), error))
    }
  }

  /// A rule as the internal structure is written.
  static func shown(_ rule: ValidationRule, _ json: JSONValue) -> String {
    let shown: JSONValue = [
      "Rule": .string(rule.rule), "Message": .string(rule.message ?? ""),
      "MessageExpression": .string(rule.messageExpression ?? ""),
      "Reason": rule.reason.map { .string($0) } ?? .null,
      "FieldPath": .string(rule.fieldPath ?? ""),
      "OptionalOldSelf": json["optionalOldSelf"] ?? .null,
    ]
    return goEscaped(shown.serialized())
  }

  /// Go writes the characters that matter in HTML as escapes.
  private static func goEscaped(_ json: String) -> String {
    var text = ""
    for character in json {
      switch character {
      case "<": text += "\\u003c"
      case ">": text += "\\u003e"
      case "&": text += "\\u0026"
      default: text.append(character)
      }
    }
    return text
  }
}
