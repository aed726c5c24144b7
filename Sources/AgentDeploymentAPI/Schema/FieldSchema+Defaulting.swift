public import JSON

extension FieldSchema {
  /// Fills in defaults as the API server does before it validates: a null or absent member of an
  /// object takes its default, a null without one is dropped (also from a map), and what a default brings in is
  /// defaulted in turn. Lists and maps are defaulted element by element.
  ///
  /// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable
  public func defaulted(_ value: JSONValue) -> JSONValue {
    switch (shape, value) {
    case (.object(let fields), .object(var object)):
      for field in fields {
        let given = object[field.name]
        if let given, !given.isNull {
          object[field.name] = field.schema.defaulted(given)
        } else if let fallback = field.schema.defaultValue {
          object[field.name] = field.schema.defaulted(fallback)
        } else if given != nil {
          object.removeValue(forKey: field.name)
        }
      }
      return .object(object)
    case (.array(let items, _, _), .array(let elements)):
      return .array(elements.map { items.defaulted($0) })
    case (.map(let values, _), .object(let members)):
      var kept = JSONObject(minimumCapacity: members.count)
      for (key, value) in members where !value.isNull { kept[key] = values.defaulted(value) }
      return .object(kept)
    default:
      return value
    }
  }

  /// The other way round: without the members that defaulting would bring in as they are.
  func withoutDefaults(_ value: JSONValue) -> JSONValue {
    switch (shape, value) {
    case (.object(let fields), .object(var object)):
      for field in fields {
        guard let given = object[field.name] else { continue }
        if given.isNull || given == field.schema.defaultValue {
          object.removeValue(forKey: field.name)
        } else {
          object[field.name] = field.schema.withoutDefaults(given)
        }
      }
      return .object(object)
    case (.array(let items, _, _), .array(let elements)):
      return .array(elements.map { items.withoutDefaults($0) })
    default:
      return value
    }
  }
}
