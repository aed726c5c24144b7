import JSON

extension FieldSchema {
  /// The structural schema of a CRD (apiextensions.k8s.io/v1 JSONSchemaProps).
  ///
  /// - Parameter path: of the field itself, for the messages of what is refused by name.
  func openAPI(path: String) -> JSONValue {
    var json: JSONValue = ["description": .string(description)]
    if let defaultValue { json["default"] = defaultValue }
    switch shape {
    case .string(let bounds): Self.describe(bounds, in: &json)
    case .integer(let range):
      json["type"] = "integer"
      json["format"] = range.upperBound > Int(Int32.max) ? "int64" : "int32"
      json["minimum"] = JSONValue(range.lowerBound)
      if range.upperBound < Int.max { json["maximum"] = JSONValue(range.upperBound) }
    case .boolean: json["type"] = "boolean"
    case .intOrString(let pattern):
      json["anyOf"] = [["type": "integer"], ["type": "string"]]
      if let pattern { json["pattern"] = .string(pattern.text) }
      json["x-kubernetes-int-or-string"] = true
    case .array(let items, let kind, let maxItems):
      json["type"] = "array"
      json["maxItems"] = JSONValue(maxItems)
      switch kind {
      case .atomic: json["x-kubernetes-list-type"] = "atomic"
      case .set: json["x-kubernetes-list-type"] = "set"
      case .map(let keys):
        json["x-kubernetes-list-type"] = "map"
        json["x-kubernetes-list-map-keys"] = JSONValue(keys)
      }
      json["items"] = items.openAPI(path: path + "[]")
    case .map(let values, let maxProperties):
      json["type"] = "object"
      json["maxProperties"] = JSONValue(maxProperties)
      json["additionalProperties"] = values.openAPI(path: path + "[]")
    case .object(let fields):
      json["type"] = "object"
      let required = fields.filter(\.isRequired).map(\.name)
      if !required.isEmpty { json["required"] = JSONValue(required) }
      var properties = JSONObject()
      for field in fields {
        properties[field.name] = field.schema.openAPI(path: "\(path).\(field.name)")
      }
      json["properties"] = .object(properties)
    case .freeForm:
      json["type"] = "object"
      json["x-kubernetes-preserve-unknown-fields"] = true
    case .unsupported(let shape, let hint):
      Self.describe(shape, in: &json)
      let message = Self.unsupportedMessage(path: path, hint: hint)
      json["x-kubernetes-validations"] = [
        ["rule": "false", "message": .string(message), "reason": "FieldValueForbidden"]
      ]
    }
    let checks =
      rules.map(\.openAPI)
      + transitions.map { ["rule": .string($0.expression), "message": .string($0.message)] }
    if !checks.isEmpty { json["x-kubernetes-validations"] = .array(checks) }
    return json
  }

  static func unsupportedMessage(path: String, hint: String) -> String {
    "\(path) is not supported by this version: \(hint)"
  }

  private static func describe(_ bounds: StringBounds, in json: inout JSONValue) {
    json["type"] = "string"
    if let format = bounds.format { json["format"] = .string(format) }
    if bounds.values.isEmpty {
      if bounds.minLength > 0 { json["minLength"] = JSONValue(bounds.minLength) }
      json["maxLength"] = JSONValue(bounds.maxLength)
    } else {
      json["enum"] = JSONValue(bounds.values)
    }
    if let pattern = bounds.pattern { json["pattern"] = .string(pattern.text) }
  }

  /// Any value of the right type passes the schema, so that the rule gets to say what is wrong.
  private static func describe(_ shape: UnsupportedShape, in json: inout JSONValue) {
    switch shape {
    case .object:
      json["type"] = "object"
      json["x-kubernetes-preserve-unknown-fields"] = true
    case .array:
      json["type"] = "array"
      json["x-kubernetes-list-type"] = "atomic"
      json["items"] = ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
    case .strings:
      json["type"] = "array"
      json["x-kubernetes-list-type"] = "atomic"
      json["items"] = ["type": "string"]
    case .string, .boolean, .integer: json["type"] = .string(shape.rawValue)
    }
  }
}

extension FieldRule {
  var openAPI: JSONValue {
    var json: JSONValue = ["rule": .string(expression), "message": .string(message)]
    if let reason = kubernetesReason { json["reason"] = .string(reason) }
    if let field { json["fieldPath"] = .string(".\(field)") }
    return json
  }
}
