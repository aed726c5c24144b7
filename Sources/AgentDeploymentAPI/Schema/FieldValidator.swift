import JSON
import KubernetesAPI

/// Finds everything that is wrong with a value against its schema.
///
/// Expects the value after defaulting. As in the API server, the rules of a value are checked only
/// when its structure is right, so that one mistake gives one error.
struct FieldValidator {
  /// Enough to put a manifest right; ten megabytes of garbage must not give as many errors.
  static let errorLimit = 100
  /// Of free-form fields; no pod needs a fifth of it. Less than what is read of an object
  /// (`KubernetesObject.readDepth`), so that nothing is rendered from a part of a field.
  static let maximumDepth = 100

  private(set) var errors: [FieldError] = []
  /// Where the fields of the document are, to tell where a misplaced one belongs.
  var index = FieldIndex.agentDeployment
  /// Told of each rule that was checked. For tests.
  var onRule: ((_ rule: FieldRule, _ path: FieldPath, _ holds: Bool) -> Void)?

  mutating func report(_ error: FieldError) {
    if errors.count < Self.errorLimit { errors.append(error) }
  }

  mutating func validate(_ value: JSONValue, against schema: FieldSchema, at path: FieldPath) {
    guard errors.count < Self.errorLimit else { return }
    let before = errors.count
    switch schema.shape {
    case .string(let bounds): validate(value, bounds, path)
    case .integer(let range): validate(value, range, path)
    case .boolean: if value.bool == nil { reportType(value, "boolean", path) }
    case .intOrString(let pattern): validate(value, pattern, path)
    case .array(let items, let kind, let maxItems):
      validate(value, items: items, kind, maxItems, path)
    case .map(let values, let maxProperties): validate(value, values: values, maxProperties, path)
    case .object(let fields): validate(value, fields, path)
    case .freeForm: validateFreeForm(value, path)
    case .unsupported(_, let hint):
      let message = "\(path) is not supported by this version: \(hint)"
      report(FieldError(path, .unsupportedByClass, message))
    }
    guard errors.count == before else { return }
    for rule in schema.rules {
      let holds = rule.holds(value)
      onRule?(rule, path, holds)
      if !holds {
        let place = rule.field.map { path.appending($0) } ?? path
        report(FieldError(place, rule.reason, rule.message))
      }
    }
  }

  // MARK: - Scalars

  private mutating func validate(
    _ value: JSONValue, _ bounds: FieldSchema.StringBounds, _ path: FieldPath
  ) {
    guard let text = value.string else {
      return reportType(value, "string", path, fix: Self.unitFix(value, bounds))
    }
    if !bounds.values.isEmpty {
      if !bounds.values.contains(text) { reportValue(text, bounds, path) }
      return
    }
    let length = text.unicodeScalars.count
    if length > bounds.maxLength {
      let message = "must have at most \(bounds.maxLength) characters, not \(length)"
      report(FieldError(path, .tooLong, message))
    } else if length < bounds.minLength {
      let message =
        text.isEmpty ? "must not be empty" : "must have at least \(bounds.minLength) characters"
      report(FieldError(path, .invalid, message))
    } else if let pattern = bounds.pattern, !pattern.matches(text) {
      report(FieldError(path, .invalid, "must be \(pattern.meaning), not \(Self.quoted(text))"))
    } else if bounds.format == "date-time", !Self.isDateTime(text) {
      let message =
        "must be a time such as 2026-12-01T12:00:00Z (RFC 3339), not \(Self.quoted(text))"
      report(FieldError(path, .invalid, message))
    }
  }

  /// RFC 3339 with the capital `T` between date and time, which the API server's parser asks for.
  private static func isDateTime(_ text: String) -> Bool {
    text.utf8.dropFirst(10).first == UInt8(ascii: "T") && KubernetesTime(text) != nil
  }

  private mutating func reportValue(
    _ text: String, _ bounds: FieldSchema.StringBounds, _ path: FieldPath
  ) {
    if bounds.unsupportedValues.contains(text) {
      let message =
        "\(text) is not supported by this version: use \(Self.alternatives(bounds.values))"
      report(FieldError(path, .unsupportedByClass, message))
      return
    }
    let message =
      "unsupported value \(Self.quoted(text)), must be \(Self.alternatives(bounds.values))"
    let nearest = NearestName.of(text, among: bounds.values)
    report(FieldError(path, .notSupported, message, fix: nearest.map { "did you mean \($0)?" }))
  }

  private mutating func validate(_ value: JSONValue, _ range: ClosedRange<Int>, _ path: FieldPath) {
    guard let number = value.int else {
      if value.double != nil {
        report(FieldError(path, .typeInvalid, "must be a whole number, not \(value.serialized())"))
      } else {
        reportType(value, "integer", path)
      }
      return
    }
    if !range.contains(number) {
      let message =
        "must be between \(range.lowerBound) and \(range.upperBound), not \(number)"
      report(FieldError(path, .invalid, message))
    }
  }

  private mutating func validate(_ value: JSONValue, _ pattern: Pattern?, _ path: FieldPath) {
    switch IntOrString(value) {
    case nil: reportType(value, "integer or string", path)
    case .int: break
    case .string(let text):
      if let pattern, !pattern.matches(text) {
        report(FieldError(path, .invalid, "must be \(pattern.meaning), not \(Self.quoted(text))"))
      }
    }
  }

  // MARK: - Containers

  private mutating func validate(
    _ value: JSONValue, items: FieldSchema, _ kind: FieldSchema.ListKind, _ maxItems: Int,
    _ path: FieldPath
  ) {
    guard let elements = value.array else { return reportType(value, "array", path) }
    if elements.count > maxItems {
      let message = "must have at most \(maxItems) items, not \(elements.count)"
      report(FieldError(path, .tooMany, message))
      return
    }
    var seen: Set<JSONValue> = []
    for (i, element) in elements.enumerated() {
      let place = path.appending(i)
      validate(element, against: items, at: place)
      switch kind {
      case .atomic: break
      case .set:
        if !seen.insert(element).inserted {
          report(FieldError(place, .duplicate, "duplicate value \(Self.shown(element))"))
        }
      case .map(let keys):
        guard element.object != nil else { continue }
        let identity = JSONValue.array(keys.map { element[$0] ?? .null })
        if !seen.insert(identity).inserted {
          let names = keys.map { "\($0) \(Self.shown(element[$0] ?? .null))" }
          report(FieldError(place, .duplicate, "duplicate " + names.joined(separator: ", ")))
        }
      }
    }
  }

  private mutating func validate(
    _ value: JSONValue, values: FieldSchema, _ maxProperties: Int, _ path: FieldPath
  ) {
    guard let members = value.object else { return reportType(value, "object", path) }
    if members.count > maxProperties {
      let message = "must have at most \(maxProperties) entries, not \(members.count)"
      report(FieldError(path, .tooMany, message))
      return
    }
    for (key, value) in members { validate(value, against: values, at: path.appending(key)) }
  }

  private mutating func validate(
    _ value: JSONValue, _ fields: [FieldSchema.Field], _ path: FieldPath
  ) {
    guard let members = value.object else { return reportType(value, "object", path) }
    for (key, value) in members {
      guard errors.count < Self.errorLimit else { return }
      if let field = fields.first(where: { $0.name == key }) {
        validate(value, against: field.schema, at: path.appending(key))
      } else {
        reportUnknown(key, fields, path)
      }
    }
    for field in fields where field.isRequired && members[field.name] == nil {
      report(FieldError(path.appending(field.name), .required, "is required"))
    }
  }

  private mutating func validateFreeForm(_ value: JSONValue, _ path: FieldPath) {
    if value.object == nil { return reportType(value, "object", path) }
    if value.isNested(deeperThan: Self.maximumDepth) {
      let message = "must not be nested deeper than \(Self.maximumDepth) levels"
      report(FieldError(path, .invalid, message))
    }
  }

  private mutating func reportUnknown(
    _ key: String, _ fields: [FieldSchema.Field], _ path: FieldPath
  ) {
    let supported = fields.filter { !$0.schema.isUnsupported }.map(\.name)
    var fix: String?
    if let nearest = NearestName.of(key, among: supported) {
      fix = "did you mean \(nearest)?"
    } else if let elsewhere = index.paths(named: key).first {
      fix = "it belongs at \(elsewhere)"
    } else if let elsewhere = index.nearest(to: key) {
      fix = "did you mean \(elsewhere)?"
    } else if supported.count <= 8, !supported.isEmpty {
      fix = "known fields: \(supported.joined(separator: ", "))"
    }
    let shown = key.unicodeScalars.count > 64 ? "\(key.prefix(64))..." : key
    report(
      FieldError(path.appending(shown), .unknownField, "unknown field \"\(shown)\"", fix: fix))
  }

  // MARK: - Words

  private mutating func reportType(
    _ value: JSONValue, _ expected: String, _ path: FieldPath, fix: String? = nil
  ) {
    let message = "must be of type \(expected), not \(value.typeName)"
    report(FieldError(path, .typeInvalid, message, fix: fix ?? Self.quotingFix(value, expected)))
  }

  /// A number for a duration lacks its unit: quotes alone would not help.
  private static func unitFix(_ value: JSONValue, _ bounds: FieldSchema.StringBounds) -> String? {
    guard let number = value.int, let pattern = bounds.pattern, !pattern.matches("\(number)")
    else { return nil }
    return pattern == .duration && pattern.matches("\(number)s")
      ? "write it with its unit: \(number)s" : "write \(pattern.meaning)"
  }

  /// Most wrong types are quotes that stand, or are missing, around a YAML scalar.
  private static func quotingFix(_ value: JSONValue, _ expected: String) -> String? {
    switch (value, expected) {
    case (.int, "string"), (.bool, "string"), (.double, "string"):
      return "write it in quotes: \"\(value.serialized())\""
    case (.string(let text), "integer") where Int(text) != nil,
      (.string(let text), "boolean") where text == "true" || text == "false":
      return "write it without quotes: \(text)"
    case (.object, "array"), (.string, "array"): return "write a list: [...]"
    default: return nil
    }
  }

  private static func alternatives(_ values: [String]) -> String {
    if values.count == 1 { return values[0] }
    return values.dropLast().joined(separator: ", ") + " or " + (values.last ?? "")
  }

  private static func shown(_ value: JSONValue) -> String {
    if let text = value.string { return quoted(text) }
    return value.object == nil && value.array == nil ? value.serialized() : value.typeName
  }

  private static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > 64 else { return JSONValue.string(text).serialized() }
    return JSONValue.string(String(String.UnicodeScalarView(scalars.prefix(64))) + "...")
      .serialized()
  }
}
