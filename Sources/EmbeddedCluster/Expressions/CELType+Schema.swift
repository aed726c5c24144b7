import JSON

extension CELType {
  /// The type of values under a structural schema; nil when rules cannot see them, because the
  /// schema does not say what they are.
  ///
  /// Of metadata, rules see `name` and `generateName`, whatever the schema says.
  /// Kubernetes `apiserver/pkg/cel/common/schemas.go`, `SchemaDeclType`.
  init?(_ schema: TypeSchema, name: String = "selfType") {
    switch schema.type {
    case .intOrString: self = .dyn
    case .array:
      guard let items = schema.items, let element = CELType(items, name: "\(name).@idx") else {
        return nil
      }
      self = .list(element, CELListKind(schema.listType))
    case .object:
      if let values = schema.additional {
        guard let value = CELType(values, name: "\(name).@elem") else { return nil }
        self = .map(.string, value)
        return
      }
      var fields: [String: CELType] = [:]
      if schema.site.reference == "ObjectMeta" {
        fields = ["name": .string, "generateName": .string]
      } else {
        for (key, property) in schema.properties {
          fields[key] = CELType(property, name: "\(name).\(key)")
        }
      }
      self = .object(CELObjectType(name: name, fields: fields))
    case .string:
      switch schema.format {
      case "byte": self = .bytes
      case "duration": self = .duration
      case "date", "date-time": self = .timestamp
      default: self = .string
      }
    case .boolean: self = .bool
    case .number: self = .double
    case .integer: self = .int
    case .quantity: self = .dyn
    case .time, .microTime: self = .timestamp
    case .bytes: self = .bytes
    case .any: return nil
    }
  }
}

extension CELListKind {
  init(_ type: TypeSchema.ListType) {
    switch type {
    case .atomic: self = .atomic
    case .set: self = .set
    case .map(let keys): self = .map(keys: keys)
    }
  }
}
