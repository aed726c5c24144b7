import JSON

extension TypeSchema {
  /// Why a custom resource does not fit its schema and rules; the causes' texts are the server's.
  ///
  /// What an update leaves as it was is not looked at again (validation ratcheting).
  ///
  /// - Parameters:
  ///   - old: the object that is replaced, for transition rules.
  ///   - isBlocked: whether another fault already keeps rules from being evaluated.
  func validate(
    _ value: JSONValue, old: JSONValue?, rules: (any RuleEvaluator)?, isBlocked: Bool = false
  ) -> [FieldCause] {
    var causes: [FieldCause] = []
    checkStructure(value, old: old, path: "", &causes)
    guard let rules, hasRules else { return causes }
    if isBlocked || causes.contains(where: { FieldCause.blocking.contains($0.reason) }) {
      causes.append(
        .invalid(
          "<nil>", "null",
          "some validation rules were not checked because the object was invalid; correct the "
            + "existing errors to complete validation"))
    } else {
      checkRules(value, old: old, path: "", rules, &causes)
    }
    return causes
  }

  /// Whether the schema or a part of it has validation rules.
  var hasRules: Bool {
    !rules.isEmpty
      || site.reference == nil
        && (properties.values.contains { $0.hasRules } || additional?.hasRules == true
          || items?.hasRules == true)
  }

  private func checkStructure(
    _ value: JSONValue, old: JSONValue?, path: String, _ causes: inout [FieldCause]
  ) {
    if let old, old == value { return }
    // Metadata has its own validation.
    if site.reference != nil { return }
    if value.isNull && isNullable { return }
    checkType(value, path, &causes)
    checkEnumeration(value, path, &causes)
    if let bounds { checkBounds(value, bounds, path, &causes) }
    checkCombinations(value, path, &causes)
    switch value {
    case .object(let object):
      guard type == .object || type == .any else { return }
      for name in required where object[name] == nil {
        causes.append(.required(Self.join(path, name)))
      }
      for (key, member) in object {
        (properties[key] ?? additional)?
          .checkStructure(member, old: old?[key], path: Self.join(path, key), &causes)
      }
    case .array(let elements):
      guard type == .array else { return }
      let olds = oldItems(old)
      for (position, element) in elements.enumerated() {
        let old = pathElement(ofItem: element).flatMap { olds[$0] }
        items?.checkStructure(element, old: old, path: "\(path)[\(position)]", &causes)
      }
      checkListType(elements, path, &causes)
    default: break
    }
  }

  static func join(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  /// Old elements of a list map by key; elements of other lists have no identity.
  private func oldItems(_ old: JSONValue?) -> [PathElement: JSONValue] {
    guard case .map = listType, let elements = old?.array else { return [:] }
    return Dictionary(
      elements.compactMap { element in pathElement(ofItem: element).map { ($0, element) } },
      uniquingKeysWith: { first, _ in first })
  }

  private func checkListType(
    _ elements: [JSONValue], _ path: String, _ causes: inout [FieldCause]
  ) {
    guard listType != .atomic else { return }
    var seen: Set<PathElement> = []
    for (position, element) in elements.enumerated() {
      guard let step = pathElement(ofItem: element), !seen.insert(step).inserted else { continue }
      let text: String
      switch step {
      case .key(let fields):
        text = JSONValue.object(JSONObject(fields.map { (key: $0.name, value: $0.value) }))
          .serialized()
      default: text = element.serialized()
      }
      causes.append(.duplicate("\(path)[\(position)]", text))
    }
  }

  /// - Parameter isInUnchanged: whether something around the value is left as it was: elements of
  ///   lists that are no maps have no old value of their own.
  private func checkRules(
    _ value: JSONValue, old: JSONValue?, isInUnchanged: Bool = false, path: String,
    _ evaluator: any RuleEvaluator, _ causes: inout [FieldCause]
  ) {
    guard hasRules, !value.isNull else { return }
    let isUnchanged = isInUnchanged || old == value
    for rule in rules {
      if rule.isTransitionRule {
        if old == nil && !rule.optionalOldSelf { continue }
      } else if isUnchanged {
        continue
      }
      switch evaluator.evaluate(rule: rule, self: value, old: old, schema: self) {
      case .holds: continue
      case .fails(let message): causes.append(cause(of: rule, message, value, path))
      case .error(let error):
        causes.append(
          .invalid(path.isEmpty ? "<nil>" : path, "\"\(type.rawValue)\"", error))
      }
    }
    switch value {
    case .object(let object):
      for (key, member) in object {
        guard let schema = properties[key] ?? additional else { continue }
        schema.checkRules(
          member, old: old?[key], isInUnchanged: isUnchanged, path: Self.join(path, key),
          evaluator, &causes)
      }
    case .array(let elements):
      guard let items else { return }
      let olds = oldItems(old)
      for (position, element) in elements.enumerated() {
        let old = pathElement(ofItem: element).flatMap { olds[$0] }
        items.checkRules(
          element, old: old, isInUnchanged: isUnchanged, path: "\(path)[\(position)]", evaluator,
          &causes)
      }
    default: break
    }
  }

  private func cause(
    of rule: ValidationRule, _ message: String, _ value: JSONValue, _ path: String
  ) -> FieldCause {
    let message = message.isEmpty ? "failed rule: \(rule.rule)" : message
    var field = path
    if let below = rule.fieldPath, !below.isEmpty {
      field = path.isEmpty && below.hasPrefix(".") ? String(below.dropFirst()) : path + below
    }
    if field.isEmpty { field = "<nil>" }
    switch rule.reason {
    case "FieldValueForbidden": return .forbidden(field, message)
    case "FieldValueRequired": return .required(field, message)
    case "FieldValueDuplicate":
      return .duplicate(field, value.serialized())
    default:
      switch value {
      case .object, .array:
        // Large values are left out.
        return FieldCause(
          reason: "FieldValueInvalid", field: field, message: "Invalid value: \(message)")
      default: return .invalid(field, value.serialized(), message)
      }
    }
  }
}

extension FieldCause {
  /// Reasons after which rules are not evaluated: their expressions could meet what they exclude.
  static let blocking: Set<String> = [
    "FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany",
    "FieldValueTypeInvalid",
  ]
}
