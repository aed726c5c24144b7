import JSON
import KubernetesAPI

/// A value while an expression is evaluated.
indirect enum CELValue: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case string(String)
  case bytes([UInt8])
  /// In nanoseconds.
  case duration(Int64)
  case timestamp(CELTimestamp)
  case list([CELValue], CELListKind = .atomic)
  case map(CELMap)
  /// An object with declared fields; members become values when they are selected.
  case object(JSONObject, CELObjectType)
  case type(String)
  case optional(CELValue?)
  case quantity(Quantity)
  case url(CELURL)
  case address(CELAddress)
  case network(CELNetwork)
  case format(CELFormat)
  case semver(CELSemanticVersion)
}

/// A map: data with one type for all values, or the result of an expression.
struct CELMap: Sendable {
  enum Storage: Sendable {
    case json(JSONObject, CELType)
    case entries([(key: CELValue, value: CELValue)])
  }

  var storage: Storage

  var count: Int {
    switch storage {
    case .json(let object, _): object.count
    case .entries(let entries): entries.count
    }
  }

  var keys: [CELValue] {
    switch storage {
    case .json(let object, _): object.keys.map { .string($0) }
    case .entries(let entries): entries.map(\.key)
    }
  }

  func value(for key: CELValue) throws(CELError) -> CELValue? {
    switch (storage, key) {
    case (.json(let object, let type), .string(let name)):
      guard let value = object[name] else { return nil }
      return try CELValue(value, type)
    case (.json, _): return nil
    case (.entries(let entries), _):
      for entry in entries where entry.key == key { return entry.value }
      return nil
    }
  }
}

extension CELValue {
  /// Data as its schema says it is.
  ///
  /// - Throws: when the data is not what the schema says.
  init(_ json: JSONValue, _ type: CELType) throws(CELError) {
    switch (type, json) {
    case (_, .null): self = .null
    case (.bool, .bool(let value)), (.dyn, .bool(let value)): self = .bool(value)
    case (.int, _):
      guard let value = json.int else { throw Self.mismatch(json, "int") }
      self = .int(Int64(value))
    case (.double, _):
      guard let value = json.double else { throw Self.mismatch(json, "double") }
      self = .double(value)
    case (.string, .string(let text)), (.dyn, .string(let text)): self = .string(text)
    case (.bytes, .string(let text)):
      guard let bytes = Base64.decoded(text) else { throw Self.mismatch(json, "bytes") }
      self = .bytes(bytes)
    case (.duration, .string(let text)):
      guard let nanos = CELDuration.parse(text) else { throw Self.mismatch(json, "duration") }
      self = .duration(nanos)
    case (.timestamp, .string(let text)):
      guard let time = CELTimestamp(text) ?? CELTimestamp(text + "T00:00:00Z") else {
        throw Self.mismatch(json, "timestamp")
      }
      self = .timestamp(time)
    case (.list(let element, let kind), .array(let values)):
      self = .list(try Self.elements(values, element), kind)
    case (.map(_, let value), .object(let object)):
      self = .map(CELMap(storage: .json(object, value)))
    case (.object(let type), .object(let object)): self = .object(object, type)
    case (.dyn, .int(let value)): self = .int(value)
    case (.dyn, .double(let value)): self = .double(value)
    case (.dyn, .array(let values)): self = .list(try Self.elements(values, .dyn))
    case (.dyn, .object(let object)): self = .map(CELMap(storage: .json(object, .dyn)))
    default: throw Self.mismatch(json, "\(type)")
    }
  }

  private static func elements(
    _ values: [JSONValue], _ type: CELType
  ) throws(CELError) -> [CELValue] {
    var elements: [CELValue] = []
    elements.reserveCapacity(values.count)
    for value in values { elements.append(try CELValue(value, type)) }
    return elements
  }

  private static func mismatch(_ json: JSONValue, _ type: String) -> CELError {
    CELError("invalid data, expected \(type), got \(json.typeName)")
  }

  /// What `type(value)` gives.
  var typeName: String {
    switch self {
    case .null: "null_type"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .duration: "google.protobuf.Duration"
    case .timestamp: "google.protobuf.Timestamp"
    case .list: "list"
    case .map: "map"
    case .object(_, let type): type.name
    case .type: "type"
    case .optional: "optional_type"
    case .quantity: "kubernetes.Quantity"
    case .url: "kubernetes.URL"
    case .address: "net.IP"
    case .network: "net.CIDR"
    case .format: "kubernetes.NamedFormat"
    case .semver: "kubernetes.Semver"
    }
  }

  /// Roughly how much there is to look at, for the budget.
  var weight: Int {
    switch self {
    case .string(let text): text.utf8.count / 10
    case .bytes(let bytes): bytes.count / 10
    case .list(let elements, _): elements.count
    case .map(let map): map.count
    case .object(let object, _): object.count
    default: 0
    }
  }
}
