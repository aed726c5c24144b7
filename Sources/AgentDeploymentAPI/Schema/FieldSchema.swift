public import JSON

/// One node of the API's description. The CRD's schema, offline validation and defaulting all come
/// from the same tree, so they cannot disagree about what a field is.
public struct FieldSchema: Sendable {
  public indirect enum Shape: Sendable {
    case string(StringBounds)
    case integer(ClosedRange<Int>)
    case boolean
    /// A whole number or a string (`x-kubernetes-int-or-string`).
    case intOrString(Pattern?)
    case array(items: FieldSchema, kind: ListKind, maxItems: Int)
    case map(values: FieldSchema, maxProperties: Int)
    case object([Field])
    /// An object that another API describes; kept as it is.
    case freeForm
    /// Described in the API's design but not built: declared so that it is refused by name even
    /// where unknown fields would be dropped.
    case unsupported(UnsupportedShape, hint: String)
  }

  public struct StringBounds: Sendable {
    public var minLength = 0
    /// In Unicode scalars, as the API server counts.
    public var maxLength: Int
    public var pattern: Pattern?
    /// `date-time`
    public var format: String?
    /// Not empty for an enumeration.
    public var values: [String] = []
    /// Values that the API's design has and this version has not.
    public var unsupportedValues: [String] = []
  }

  public enum ListKind: Sendable, Hashable {
    case atomic
    /// Scalars, each at most once.
    case set
    /// Objects told apart by these members.
    case map(keys: [String])
  }

  public enum UnsupportedShape: String, Sendable {
    case object, array, strings, string, boolean, integer
  }

  public var shape: Shape
  public var description: String
  public var defaultValue: JSONValue?
  public var rules: [FieldRule] = []
  /// What a change has to keep to. Only the API server sees the value before.
  public var transitions: [Transition] = []

  public struct Transition: Sendable {
    /// CEL over `self` and `oldSelf`.
    public var expression: String
    public var message: String

    init(_ expression: String, _ message: String) {
      self.expression = expression
      self.message = message
    }
  }

  public struct Field: Sendable {
    public var name: String
    public var isRequired: Bool
    public var schema: FieldSchema
  }

  /// The members of an object; empty for everything else.
  public var fields: [Field] {
    if case .object(let fields) = shape { fields } else { [] }
  }

  public func field(_ name: String) -> FieldSchema? { fields.first { $0.name == name }?.schema }

  public var isUnsupported: Bool {
    if case .unsupported = shape { true } else { false }
  }
}

// MARK: - Building

extension FieldSchema {
  static func object(
    _ description: String, rules: [FieldRule] = [], transitions: [Transition] = [],
    _ fields: [Field]
  ) -> FieldSchema {
    FieldSchema(
      shape: .object(fields), description: description, rules: rules, transitions: transitions)
  }

  /// - Parameter length: in Unicode scalars.
  static func string(
    _ description: String, length: ClosedRange<Int>, matching pattern: Pattern? = nil,
    format: String? = nil, default: String? = nil, rules: [FieldRule] = [],
    transitions: [Transition] = []
  ) -> FieldSchema {
    let bounds = StringBounds(
      minLength: length.lowerBound, maxLength: length.upperBound, pattern: pattern, format: format)
    return FieldSchema(
      shape: .string(bounds), description: description,
      defaultValue: `default`.map { .string($0) }, rules: rules, transitions: transitions)
  }

  static func enumeration<Value: RawRepresentable & CaseIterable>(
    _ description: String, _: Value.Type, default: Value? = nil, unsupported: [String] = []
  ) -> FieldSchema where Value.RawValue == String {
    enumeration(
      description, values: Value.allCases.map(\.rawValue), default: `default`?.rawValue,
      unsupported: unsupported)
  }

  static func enumeration(
    _ description: String, values: [String], default: String? = nil, unsupported: [String] = []
  ) -> FieldSchema {
    let longest = values.map(\.unicodeScalars.count).max() ?? 0
    let bounds = StringBounds(maxLength: longest, values: values, unsupportedValues: unsupported)
    return FieldSchema(
      shape: .string(bounds), description: description, defaultValue: `default`.map { .string($0) })
  }

  static func integer(_ description: String, _ range: ClosedRange<Int>, default: Int? = nil)
    -> FieldSchema
  {
    FieldSchema(
      shape: .integer(range), description: description,
      defaultValue: `default`.map { JSONValue($0) })
  }

  static func boolean(_ description: String, default: Bool? = nil) -> FieldSchema {
    FieldSchema(
      shape: .boolean, description: description, defaultValue: `default`.map { .bool($0) })
  }

  static func intOrString(
    _ description: String, matching pattern: Pattern? = nil, rules: [FieldRule] = []
  ) -> FieldSchema {
    FieldSchema(shape: .intOrString(pattern), description: description, rules: rules)
  }

  static func list(
    _ description: String, of items: FieldSchema, _ kind: ListKind = .atomic, max: Int,
    default: [String]? = nil, rules: [FieldRule] = []
  ) -> FieldSchema {
    FieldSchema(
      shape: .array(items: items, kind: kind, maxItems: max), description: description,
      defaultValue: `default`.map { JSONValue($0) }, rules: rules)
  }

  static func map(
    _ description: String, of values: FieldSchema, max: Int, rules: [FieldRule] = []
  ) -> FieldSchema {
    FieldSchema(
      shape: .map(values: values, maxProperties: max), description: description, rules: rules)
  }

  static func freeForm(_ description: String) -> FieldSchema {
    FieldSchema(shape: .freeForm, description: description)
  }
}

extension FieldSchema.Field {
  static func required(_ name: String, _ schema: FieldSchema) -> Self {
    Self(name: name, isRequired: true, schema: schema)
  }

  static func optional(_ name: String, _ schema: FieldSchema) -> Self {
    Self(name: name, isRequired: false, schema: schema)
  }

  /// - Parameter hint: what to do without it; a clause that ends the message.
  static func unsupported(
    _ name: String, _ shape: FieldSchema.UnsupportedShape, _ hint: String = "remove it"
  ) -> Self {
    Self(
      name: name, isRequired: false,
      schema: FieldSchema(
        shape: .unsupported(shape, hint: hint),
        description: "Not supported by this version: an object that sets it is refused."))
  }
}
