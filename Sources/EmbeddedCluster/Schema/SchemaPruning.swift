import JSON

extension TypeSchema {
  /// The value without the fields that the schema does not know.
  func pruned(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      if type == .any && properties.isEmpty && additional == nil { return value }
      var result = JSONObject()
      for (key, member) in object {
        if let schema = declaredMember(key) {
          result[key] = schema.pruned(member)
        } else if preservesUnknownFields {
          result[key] = member
        }
      }
      return .object(result)
    case .array(let elements):
      guard let items else { return value }
      return .array(elements.map { items.pruned($0) })
    default: return value
    }
  }

  /// Paths of the fields that the schema does not know, `spec.list[0].bar`.
  ///
  /// In the order a server reports them: a built-in kind's as they stand in the body; a custom
  /// resource's those of metadata first, then the rest by path.
  func unknownFields(in value: JSONValue) -> [String] {
    var found: [String] = []
    collectUnknown(value, "", &found)
    return found
  }

  private func collectUnknown(_ value: JSONValue, _ path: String, _ found: inout [String]) {
    switch value {
    case .object(let object):
      if type == .any && properties.isEmpty && additional == nil { return }
      for (key, member) in object {
        let memberPath = path.isEmpty ? key : "\(path).\(key)"
        if let schema = declaredMember(key) {
          schema.collectUnknown(member, memberPath, &found)
        } else if !preservesUnknownFields {
          found.append(memberPath)
        }
      }
    case .array(let elements):
      guard let items else { return }
      for (position, element) in elements.enumerated() {
        items.collectUnknown(element, "\(path)[\(position)]", &found)
      }
    default: break
    }
  }

  /// The schema of a declared member; unlike `member(_:)` nil for members that are merely
  /// preserved.
  private func declaredMember(_ name: String) -> TypeSchema? {
    properties[name] ?? additional
  }
}
