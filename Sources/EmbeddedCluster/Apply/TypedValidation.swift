import JSON

extension TypeSchema {
  /// Why a value cannot be applied: one text `path: fault` for each place that does not fit.
  ///
  /// The texts are those of structured-merge-diff, Go notation included, because clients show them.
  func applyFaults(in value: JSONValue) -> [String] {
    var faults: [String] = []
    check(value, "", &faults)
    return faults
  }

  private func check(_ value: JSONValue, _ path: String, _ faults: inout [String]) {
    func fault(_ text: String) { faults.append(path.isEmpty ? text : "\(path): \(text)") }
    if case .null = value { return }
    switch MergeShape(self, for: value) {
    case .scalar(let scalar):
      switch (scalar, value) {
      case (.numeric, .int), (.numeric, .double), (.string, .string), (.boolean, .bool),
        (.untyped, .int), (.untyped, .double), (.untyped, .string), (.untyped, .bool):
        break
      case (.numeric, _):
        fault("expected numeric (int or float), got \(GoNotation.typeName(value))")
      case (.string, _):
        fault(
          "expected string, got &value.valueUnstructured{Value:\(GoNotation.literal(value))}")
      case (.boolean, _): fault("expected boolean, got &{\(GoNotation.plain(value))}")
      case (.untyped, _): fault("expected any scalar, got &{\(GoNotation.plain(value))}")
      }
    case .list(let type):
      guard let elements = value.array else {
        fault("expected list, got &{\(GoNotation.plain(value))}")
        return
      }
      var seen: Set<PathElement> = []
      for (position, element) in elements.enumerated() {
        var step = PathElement.index(position)
        if type != .atomic {
          guard let found = pathElement(ofItem: element) else {
            fault("element \(position): \(itemFault(element))")
            return
          }
          step = found
          if !seen.insert(step).inserted { fault("duplicate entries for key \(step.path)") }
        }
        items?.check(element, path + step.path, &faults)
      }
    case .map:
      guard let object = value.object else {
        fault("expected map, got &{\(GoNotation.plain(value))}")
        return
      }
      for (key, member) in object {
        guard let schema = self.member(key) else {
          faults.append("\(path).\(key): field not declared in schema")
          return
        }
        schema.check(member, "\(path).\(key)", &faults)
      }
    }
  }

  private func itemFault(_ item: JSONValue) -> String {
    if case .map(let keys) = listType {
      if item.isNull { return "associative list with keys may not have a null element" }
      if item.object == nil {
        return "associative list with keys may not have non-map elements"
      }
      let names = keys.map { "\"\($0)\"" }.joined(separator: " ")
      return "associative list with keys has an element that omits all key fields [\(names)] "
        + "(and doesn't have default values for any key fields)"
    }
    switch item {
    case .object: return "associative list without keys has an element that's a map type"
    case .array: return "not supported: associative list with lists as elements"
    default: return "associative list without keys has an element that's an explicit null"
    }
  }
}

/// Values as Go's fmt verbs write them, for messages that clients know.
enum GoNotation {
  /// `%T`.
  static func typeName(_ value: JSONValue) -> String {
    switch value {
    case .null: "<nil>"
    case .bool: "bool"
    case .int: "int64"
    case .double: "float64"
    case .string: "string"
    case .array: "[]interface {}"
    case .object: "map[string]interface {}"
    }
  }

  /// `%#v`.
  static func literal(_ value: JSONValue) -> String {
    switch value {
    case .null: "interface {}(nil)"
    case .array(let elements):
      "[]interface {}{" + elements.map(literal).joined(separator: ", ") + "}"
    case .object(let object):
      "map[string]interface {}{"
        + object.sortedByKey().map { "\(JSONValue.string($0.key)):\(literal($0.value))" }
        .joined(separator: ", ") + "}"
    default: value.serialized()
    }
  }

  /// `%v`.
  static func plain(_ value: JSONValue) -> String {
    switch value {
    case .null: "<nil>"
    case .string(let text): text
    case .array(let elements): "[" + elements.map(plain).joined(separator: " ") + "]"
    case .object(let object):
      "map["
        + object.sortedByKey().map { "\($0.key):\(plain($0.value))" }.joined(separator: " ") + "]"
    default: value.serialized()
    }
  }
}
