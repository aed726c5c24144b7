import JSON

/// The keywords of one node of a definition's schema, beside its structure
/// (apiextensions-apiserver `pkg/apis/apiextensions/validation` and `pkg/apiserver/schema`).
struct DefinitionKeywords {
  let schema: JSONValue
  let path: String
  /// Where the nearest list stands whose elements have no old values; nil outside of such lists.
  let uncorrelated: String?
  private(set) var causes: [FieldCause] = []

  init(_ schema: JSONValue, _ path: String, uncorrelated: String?) {
    self.schema = schema
    self.path = path
    self.uncorrelated = uncorrelated
  }

  private var type: String { schema["type"]?.string ?? "" }

  private static func quoted(_ text: String) -> String { JSONValue.string(text).serialized() }

  /// - Parameter types: the schema as values are checked by it.
  mutating func check(_ types: TypeSchema) {
    checkPattern()
    checkForbidden()
    checkExtensions()
    for list in ["anyOf", "allOf", "oneOf"] {
      for (position, junctor) in (schema[list]?.array ?? []).enumerated() {
        checkJunctor(junctor, "\(path).\(list)[\(position)]")
      }
    }
    if let not = schema["not"] { checkJunctor(not, "\(path).not") }
    checkDefault(types)
    checkRules(types)
  }

  private mutating func checkPattern() {
    guard let pattern = schema["pattern"]?.string,
      let fault = RegularExpression.fault(of: pattern)
    else { return }
    causes.append(
      .invalid(
        "\(path).pattern", Self.quoted(pattern),
        "must be a valid regular expression, but isn't: \(fault)"))
  }

  private mutating func checkForbidden() {
    for key in ["$ref", "patternProperties"] where schema[key] != nil {
      causes.append(.forbidden("\(path).\(key)", "\(key) is not supported"))
    }
    if schema["uniqueItems"] == true {
      causes.append(
        .forbidden(
          "\(path).uniqueItems",
          "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"))
    }
    if schema["items"]?.array != nil {
      causes.append(
        .forbidden("\(path).items", "items must be a schema object and not an array"))
    }
  }

  private mutating func checkExtensions() {
    if schema["x-kubernetes-preserve-unknown-fields"] == false {
      causes.append(
        .invalid(
          "\(path).x-kubernetes-preserve-unknown-fields", "false", "must be true or undefined"))
    }
    if schema["x-kubernetes-embedded-resource"] == true, type != "object" {
      causes.append(
        .invalid(
          "\(path).type", Self.quoted(type),
          "must be object if x-kubernetes-embedded-resource is true"))
    }
    if let mapType = schema["x-kubernetes-map-type"]?.string {
      PodValidation.oneOf(
        .string(mapType), ["atomic", "granular"], "\(path).x-kubernetes-map-type", &causes)
      if type != "object" {
        causes.append(
          .invalid(
            "\(path).type", Self.quoted(type),
            "must be object if x-kubernetes-map-type is specified"))
      }
    }
    let items = schema["items"]
    let itemType = items?["type"]?.string ?? ""
    switch schema["x-kubernetes-list-type"]?.string {
    case nil:
      if schema["x-kubernetes-list-map-keys"]?.array?.isEmpty == false {
        causes.append(
          .required(
            "\(path).x-kubernetes-list-type",
            "must be map if x-kubernetes-list-map-keys is non-empty"))
      }
    case _? where type != "array":
      causes.append(
        .invalid(
          "\(path).type", Self.quoted(type),
          "must be array if x-kubernetes-list-type is specified"))
    case "set"?:
      if itemType == "object", items?["x-kubernetes-map-type"] != "atomic" {
        causes.append(
          .invalid(
            "\(path).items.x-kubernetes-map-type",
            (items?["x-kubernetes-map-type"] ?? .null).serialized(),
            "must be atomic as item of a list with x-kubernetes-list-type=set"))
      }
    case "map"?:
      if itemType != "object" {
        causes.append(
          .invalid(
            "\(path).items.type", Self.quoted(itemType),
            "must be object if parent array's x-kubernetes-list-type is map"))
      }
    default: break
    }
  }

  /// Alternatives only restrict what the schema around them says; the two types of
  /// x-kubernetes-int-or-string are the exception.
  private mutating func checkJunctor(_ junctor: JSONValue, _ path: String) {
    let isIntOrString =
      schema["x-kubernetes-int-or-string"] == true
      && (junctor == ["type": "integer"] || junctor == ["type": "string"]
        || junctor["anyOf"] != nil)
    if junctor["type"]?.string?.isEmpty == false, !isIntOrString {
      causes.append(.forbidden("\(path).type", "must be empty to be structural"))
    }
    if junctor["default"] != nil {
      causes.append(.forbidden("\(path).default", "must be undefined to be structural"))
    }
    for (name, child) in junctor["properties"]?.object ?? [:] {
      checkJunctor(child, "\(path).properties[\(name)]")
    }
    if let items = junctor["items"] { checkJunctor(items, "\(path).items") }
  }

  /// A default must itself be allowed, whole: the defaults below it are not filled in first.
  private mutating func checkDefault(_ types: TypeSchema) {
    guard let value = schema["default"], !value.isNull, causes.isEmpty else { return }
    guard types.pruned(value) == value else {
      causes.append(
        .invalid("\(path).default", value.serialized(), "must not have unknown fields"))
      return
    }
    let rules: CELEvaluator? = types.hasRules ? CELEvaluator() : nil
    causes += types.validate(value, old: nil, rules: rules).map { cause in
      let below = cause.field.isEmpty || cause.field == "<nil>" ? "" : ".\(cause.field)"
      return FieldCause(
        reason: cause.reason, field: "\(path).default\(below)", message: cause.message)
    }
  }

  // MARK: Rules

  private mutating func checkRules(_ types: TypeSchema) {
    let evaluator = CELEvaluator()
    for (position, json) in (schema["x-kubernetes-validations"]?.array ?? []).enumerated() {
      guard let rule = ValidationRule(json) else { continue }
      checkRule(rule, json, "\(path).x-kubernetes-validations[\(position)]", evaluator, types)
    }
  }

  private mutating func checkRule(
    _ rule: ValidationRule, _ json: JSONValue, _ at: String, _ evaluator: CELEvaluator,
    _ types: TypeSchema
  ) {
    if let message = rule.message, !message.isEmpty {
      if message.trimmedOfSpaces.isEmpty {
        causes.append(
          .invalid("\(at).message", Self.quoted(message), "must be non-empty if specified"))
      } else if message.trimmedOfSpaces.contains(where: \.isNewline) {
        causes.append(
          .invalid("\(at).message", Self.quoted(message), "must not contain line breaks"))
      }
    } else if rule.rule.trimmedOfSpaces.contains(where: \.isNewline) {
      causes.append(
        .required("\(at).message", "message must be specified if rule contains line breaks"))
    }
    if let expression = rule.messageExpression, !expression.isEmpty {
      if expression.trimmedOfSpaces.isEmpty {
        causes.append(
          .required(
            "\(at).messageExpression", "messageExpression must be non-empty if specified"))
      } else if let error = evaluator.checkMessageExpression(rule: rule, schema: types) {
        causes.append(
          .invalid("\(at).messageExpression", DefinitionValidation.shown(rule, json), error))
      }
    }
    if let reason = rule.reason, !reason.isEmpty {
      PodValidation.oneOf(
        .string(reason),
        [
          "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired",
        ], "\(at).reason", &causes)
    }
    if let field = rule.fieldPath, !field.isEmpty, !Self.leads(field, in: schema) {
      causes.append(
        .invalid("\(at).fieldPath", Self.quoted(field), "must be a valid path"))
    }
    if let isOptional = json["optionalOldSelf"], !isOptional.isNull, !rule.isTransitionRule {
      causes.append(
        .invalid(
          "\(at).optionalOldSelf", isOptional.serialized(),
          "may not be set if oldSelf is not used in rule"))
    }
    if let uncorrelated, rule.isTransitionRule {
      causes.append(
        .invalid(
          "\(at).rule", Self.quoted(rule.rule),
          "oldSelf cannot be used on the uncorrelatable portion of the schema within \(uncorrelated)"
        ))
    }
  }

  /// Whether a path of member names, `.a.b` or `['a']`, leads to a field.
  static func leads(_ path: String, in schema: JSONValue) -> Bool {
    guard let names = names(in: path) else { return false }
    var place = schema
    for name in names {
      guard let next = place["properties"]?[name] ?? place["additionalProperties"],
        next.object != nil
      else { return false }
      place = next
    }
    return true
  }

  /// Nil for what is no such path.
  private static func names(in path: String) -> [String]? {
    var names: [String] = []
    var rest = path[...]
    while let first = rest.popFirst() {
      if first == "." {
        let name = rest.prefix { $0 != "." && $0 != "[" }
        guard !name.isEmpty else { return nil }
        names.append(String(name))
        rest = rest.dropFirst(name.count)
      } else {
        guard first == "[", rest.popFirst() == "'", let end = rest.firstRange(of: "']") else {
          return nil
        }
        names.append(String(rest[..<end.lowerBound]))
        rest = rest[end.upperBound...]
      }
    }
    return names.isEmpty ? nil : names
  }
}
