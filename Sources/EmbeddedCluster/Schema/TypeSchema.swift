import JSON
import KubernetesAPI
import Synchronization

/// What the API server knows of the values at one place of a kind: their type, how they are merged,
/// defaulted and validated.
///
/// A tree that is cheap to copy. Built-in kinds share definitions (a `PodSpec` is there once), so a
/// place may be a reference; the structural accessors look through it, while what belongs to the
/// place (default, list type, description) is its own.
struct TypeSchema: Sendable {
  enum ValueType: String, Sendable {
    case object, array, string, integer, number, boolean
    /// `x-kubernetes-int-or-string`.
    case intOrString
    /// A number with a suffix, stored in canonical form.
    case quantity
    /// RFC 3339, whole seconds.
    case time
    /// RFC 3339, microseconds.
    case microTime
    /// Base64.
    case bytes
    /// Anything: its type follows from the value.
    case any
  }

  /// How lists are merged: `x-kubernetes-list-type`.
  enum ListType: Sendable, Hashable {
    case atomic
    case set
    case map(keys: [String])
  }

  /// How the Go type of a built-in kind writes a field, which decides what is stored of it.
  enum Presence: Sendable {
    /// A value with `omitempty`: left out when zero; a structure is always there.
    case omittedWhenZero
    /// A pointer: there when it was given and not null.
    case pointer
    /// No `omitempty`: always there, with its zero value when it was not given.
    case always
    /// A pointer without `omitempty`: null when it was not given.
    case alwaysPointer
    /// `omitzero`: left out when zero, structures too.
    case omittedWhenZeroValue
  }

  struct Fields: Sendable {
    var type = ValueType.any
    var format: String?
    /// The name of a built-in definition that this place refers to.
    var reference: String?
    var properties: [String: TypeSchema] = [:]
    /// The names of `properties` in the order in which messages and documents list them.
    var propertyNames: [String] = []
    /// Values of a map with free keys.
    var additional: TypeSchema?
    var items: TypeSchema?
    var required: [String] = []
    var enumeration: [JSONValue] = []
    var defaultValue: JSONValue?
    var listType = ListType.atomic
    var isAtomicMap = false
    var isNullable = false
    var preservesUnknownFields = false
    var isEmbeddedResource = false
    var patchMergeKey: String?
    var isPatchMerged = false
    var retainsKeys = false
    var presence = Presence.omittedWhenZero
    var bounds: ValueBounds?
    var rules: [ValidationRule] = []
    var allOf: [TypeSchema] = []
    var anyOf: [TypeSchema] = []
    var oneOf: [TypeSchema] = []
    var not: TypeSchema?
    var description: String?
    /// The kind's version, on definitions of built-in kinds.
    var gvk: GroupVersionKind?
    /// The field's number in protobuf messages, after those of the messages it is inside; empty
    /// when it has none.
    var protobufPath: [Int] = []
    /// The full name of a built-in definition, `io.k8s.api.apps.v1.Deployment`.
    var definitionName: String? {
      didSet { goType = definitionName?.split(separator: ".").last.map(String.init) }
    }
    /// The last part of that name.
    private(set) var goType: String?
  }

  private final class Storage: Sendable {
    let fields: Fields
    /// What the reference refers to, once somebody has asked: definitions refer to each other in
    /// circles, so it cannot be there from the start.
    private let referred = AtomicLazyReference<Storage>()

    init(_ fields: Fields) { self.fields = fields }

    var target: Storage {
      guard let name = fields.reference else { return self }
      if let referred = referred.load() { return referred }
      guard let definition = BuiltInSchemas.definition(name) else { return self }
      return referred.storeIfNil(definition.storage)
    }
  }

  private let storage: Storage

  init(_ fields: Fields) { self.init(storage: Storage(fields)) }

  private init(storage: Storage) { self.storage = storage }

  /// The same for copies of one place of a tree, as long as any of them lives.
  var identity: ObjectIdentifier { ObjectIdentifier(storage) }

  /// What is said at this place itself, references not followed.
  var site: Fields { storage.fields }

  /// The schema that says what is inside: the referred definition, or this one.
  var target: TypeSchema { TypeSchema(storage: storage.target) }

  /// Whether this place refers to a definition.
  var isReference: Bool { storage.fields.reference != nil }
  /// The last part of a built-in definition's name, `Deployment`: its Go type. Nil elsewhere.
  var goType: String? { storage.target.fields.goType }

  var type: ValueType { storage.target.fields.type }
  var format: String? { storage.target.fields.format }
  var properties: [String: TypeSchema] { storage.target.fields.properties }
  var propertyNames: [String] { storage.target.fields.propertyNames }
  var additional: TypeSchema? { storage.target.fields.additional }
  var items: TypeSchema? { storage.target.fields.items }
  var required: [String] { storage.target.fields.required }
  var preservesUnknownFields: Bool { storage.target.fields.preservesUnknownFields }
  var isAtomicMap: Bool { storage.fields.isAtomicMap || storage.target.fields.isAtomicMap }
  var isEmbeddedResource: Bool { storage.target.fields.isEmbeddedResource }

  var enumeration: [JSONValue] { storage.fields.enumeration }
  var defaultValue: JSONValue? { storage.fields.defaultValue }
  var listType: ListType { storage.fields.listType }
  var isNullable: Bool { storage.fields.isNullable }
  var patchMergeKey: String? { storage.fields.patchMergeKey }
  var isPatchMerged: Bool { storage.fields.isPatchMerged }
  var retainsKeys: Bool { storage.fields.retainsKeys }
  var presence: Presence { storage.fields.presence }
  var bounds: ValueBounds? { storage.fields.bounds }
  var rules: [ValidationRule] { storage.fields.rules }
  var description: String? { storage.fields.description ?? storage.target.fields.description }

  /// Whether objects here have a fixed set of fields, like a Go structure, rather than free keys.
  var isStructure: Bool { type == .object && additional == nil && !properties.isEmpty }

  /// The schema of a member of an object, nil when objects here have no such member.
  func member(_ name: String) -> TypeSchema? {
    let fields = storage.target.fields
    if let property = fields.properties[name] { return property }
    if let additional = fields.additional { return additional }
    return fields.type == .any || fields.preservesUnknownFields ? Self.anything : nil
  }

  /// Anything goes, and nothing is known of it.
  static let anything = TypeSchema(
    {
      var fields = Fields()
      fields.preservesUnknownFields = true
      return fields
    }())
}

/// Bounds that values of one place must keep, as in a definition's OpenAPI schema.
struct ValueBounds: Sendable {
  var minimum: Double?
  var maximum: Double?
  var isMinimumExclusive = false
  var isMaximumExclusive = false
  var multipleOf: Double?
  var minLength: Int?
  var maxLength: Int?
  var pattern: String?
  var minItems: Int?
  var maxItems: Int?
  var minProperties: Int?
  var maxProperties: Int?
  var hasUniqueItems = false
}
