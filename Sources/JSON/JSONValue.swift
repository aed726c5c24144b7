/// A JSON document or a part of one (RFC 8259).
///
/// Whole numbers that fit 64 bits are `.int`; every other number is `.double`. Objects keep the
/// order of their members but compare without it.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue {
  public var isNull: Bool { self == .null }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// A whole number, also when it was written as `3.0`.
  public var int: Int? {
    switch self {
    case .int(let value): Int(value)
    case .double(let value): Int(exactly: value)
    default: nil
    }
  }

  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  public var array: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  public var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// The name of the value's JSON type as Kubernetes' messages use it.
  public var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .int: "integer"
    case .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  /// A member of an object; nil when this is no object or has no such member.
  ///
  /// Setting a member of anything but an object replaces it by an object; setting nil removes it.
  public subscript(key: String) -> JSONValue? {
    get {
      if case .object(let object) = self { object[key] } else { nil }
    }
    _modify {
      var object: JSONObject
      if case .object(let existing) = self { object = existing } else { object = JSONObject() }
      self = .null  // keeps the storage uniquely referenced while it changes
      defer { self = .object(object) }
      yield &object[key]
    }
  }

  /// An element of an array; nil when this is no array or the index is outside it.
  public subscript(index: Int) -> JSONValue? {
    if case .array(let array) = self, array.indices.contains(index) { array[index] } else { nil }
  }

  /// The value behind a chain of member names.
  public subscript(path first: String, _ rest: String...) -> JSONValue? {
    var value = self[first]
    for key in rest { value = value?[key] }
    return value
  }
}

extension JSONValue {
  /// Whether arrays and objects stand inside each other on more levels than these, this value's own
  /// included.
  public func isNested(deeperThan levels: Int) -> Bool {
    switch self {
    case .array(let elements):
      levels <= 0 || elements.contains { $0.isNested(deeperThan: levels - 1) }
    case .object(let members):
      levels <= 0 || members.contains { $0.value.isNested(deeperThan: levels - 1) }
    default: false
    }
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.lazy.map { (key: $0.0, value: $0.1) }))
  }
}

extension JSONValue {
  public init(_ value: Bool) { self = .bool(value) }
  public init(_ value: some BinaryInteger) { self = .int(Int64(value)) }
  public init(_ value: Double) { self = .double(value) }
  public init(_ value: String) { self = .string(value) }
  public init(_ value: [JSONValue]) { self = .array(value) }
  public init(_ value: [String]) { self = .array(value.map { .string($0) }) }
  public init(_ value: JSONObject) { self = .object(value) }
  /// Members sorted by name, so that the same dictionary always gives the same bytes.
  public init(_ value: [String: String]) {
    self = .object(JSONObject(value.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }
}
