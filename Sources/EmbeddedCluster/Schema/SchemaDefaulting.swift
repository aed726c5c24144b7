import JSON

extension TypeSchema {
  /// The value with the schema's defaults filled in, and with nulls dropped where a default or the
  /// absence of `nullable` says so.
  ///
  /// A null that is not allowed is removed before defaults apply; other nulls stay for validation.
  /// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable
  func defaulted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(var object):
      for name in propertyNames {
        guard let schema = properties[name] else { continue }
        if let present = object[name] {
          if present.isNull, !schema.isNullable, let filled = schema.defaultValue {
            object[name] = filled
          }
        } else if let filled = schema.defaultValue {
          object[name] = filled
        }
      }
      for (key, present) in object {
        guard let schema = properties[key] ?? additional else { continue }
        object[key] = schema.defaulted(present)
      }
      return .object(object)
    case .array(let elements):
      guard let items else { return value }
      return .array(
        elements.map { element in
          if element.isNull, !items.isNullable, let filled = items.defaultValue {
            return items.defaulted(filled)
          }
          return items.defaulted(element)
        })
    default: return value
    }
  }

  /// The value without nulls at places that are not nullable, inside objects only.
  ///
  /// What a create or update of a custom resource does; a server-side apply does not.
  func withoutForbiddenNulls(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      var result = JSONObject()
      for (key, member) in object {
        let schema = properties[key] ?? additional
        if let schema {
          if member.isNull, !schema.isNullable, schema.type != .any { continue }
          result[key] = schema.withoutForbiddenNulls(member)
        } else {
          result[key] = member
        }
      }
      return .object(result)
    case .array(let elements):
      guard let items else { return value }
      return .array(elements.map { items.withoutForbiddenNulls($0) })
    default: return value
    }
  }
}
