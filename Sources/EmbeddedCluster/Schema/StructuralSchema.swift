import JSON
import KubernetesAPI

extension TypeSchema {
  /// The schema of a custom resource's version, from `openAPIV3Schema` of its definition.
  ///
  /// `apiVersion`, `kind` and `metadata` are known at the root whatever the definition says.
  /// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
  ///
  /// - Parameter preservesUnknownFields: `spec.preserveUnknownFields` of the definition.
  static func structural(
    fromOpenAPI json: JSONValue, preservesUnknownFields: Bool = false
  ) -> TypeSchema {
    var fields = fieldsOfSchema(json)
    fields.type = .object
    addTypeAndObjectMeta(&fields)
    if preservesUnknownFields { fields.preservesUnknownFields = true }
    return TypeSchema(fields)
  }

  /// The schema of a part of a custom resource.
  static func embedded(fromOpenAPI json: JSONValue) -> TypeSchema { node(json) }

  private static func addTypeAndObjectMeta(_ fields: inout Fields) {
    var text = Fields()
    text.type = .string
    var meta = Fields()
    meta.type = .object
    meta.reference = "ObjectMeta"
    for (name, schema) in [("apiVersion", text), ("kind", text), ("metadata", meta)] {
      var schema = schema
      schema.description =
        fields.properties[name]?.site.description ?? BuiltInSchemas.rootDescriptions[name]
      fields.properties[name] = TypeSchema(schema)
      if !fields.propertyNames.contains(name) { fields.propertyNames.append(name) }
    }
  }

  private static func node(_ json: JSONValue) -> TypeSchema {
    var fields = fieldsOfSchema(json)
    if fields.isEmbeddedResource { addTypeAndObjectMeta(&fields) }
    return TypeSchema(fields)
  }

  private static func fieldsOfSchema(_ json: JSONValue) -> Fields {
    var fields = Fields()
    fields.description = json["description"]?.string
    if json["x-kubernetes-int-or-string"]?.bool == true {
      fields.type = .intOrString
    } else {
      fields.type = json["type"]?.string.flatMap(ValueType.init(rawValue:)) ?? .any
    }
    fields.format = json["format"]?.string
    if let properties = json["properties"]?.object {
      for (name, schema) in properties { fields.properties[name] = node(schema) }
      fields.propertyNames = properties.keys
    }
    if let additional = json["additionalProperties"] {
      if additional.object != nil { fields.additional = node(additional) }
      if additional.bool == true { fields.additional = .anything }
    }
    if let items = json["items"], items.object != nil { fields.items = node(items) }
    fields.required = json["required"]?.array?.compactMap(\.string) ?? []
    fields.enumeration = json["enum"]?.array ?? []
    if let value = json["default"], !value.isNull { fields.defaultValue = value }
    fields.isNullable = json["nullable"]?.bool ?? false
    fields.preservesUnknownFields = json["x-kubernetes-preserve-unknown-fields"]?.bool ?? false
    fields.isEmbeddedResource = json["x-kubernetes-embedded-resource"]?.bool ?? false
    fields.isAtomicMap = json["x-kubernetes-map-type"]?.string == "atomic"
    fields.listType =
      switch json["x-kubernetes-list-type"]?.string {
      case "set": .set
      case "map":
        .map(keys: json["x-kubernetes-list-map-keys"]?.array?.compactMap(\.string) ?? [])
      default: .atomic
      }
    fields.presence = .pointer
    fields.bounds = ValueBounds(json)
    fields.rules =
      json["x-kubernetes-validations"]?.array?.compactMap { ValidationRule($0) } ?? []
    fields.allOf = json["allOf"]?.array?.map(node) ?? []
    fields.anyOf = json["anyOf"]?.array?.map(node) ?? []
    fields.oneOf = json["oneOf"]?.array?.map(node) ?? []
    fields.not = json["not"].map(node)
    return fields
  }
}

extension ValueBounds {
  /// Nil when a schema sets no bound.
  init?(_ json: JSONValue) {
    minimum = json["minimum"]?.double
    maximum = json["maximum"]?.double
    isMinimumExclusive = json["exclusiveMinimum"]?.bool ?? false
    isMaximumExclusive = json["exclusiveMaximum"]?.bool ?? false
    multipleOf = json["multipleOf"]?.double
    minLength = json["minLength"]?.int
    maxLength = json["maxLength"]?.int
    pattern = json["pattern"]?.string
    minItems = json["minItems"]?.int
    maxItems = json["maxItems"]?.int
    minProperties = json["minProperties"]?.int
    maxProperties = json["maxProperties"]?.int
    hasUniqueItems = json["uniqueItems"]?.bool ?? false
    let isEmpty =
      minimum == nil && maximum == nil && multipleOf == nil && minLength == nil
      && maxLength == nil && pattern == nil && minItems == nil && maxItems == nil
      && minProperties == nil && maxProperties == nil && !hasUniqueItems
    if isEmpty { return nil }
  }
}
