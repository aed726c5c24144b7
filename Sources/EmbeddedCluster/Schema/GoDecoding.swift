import JSON
import KubernetesAPI

/// Why a body cannot be read as the kind it should be; the text is that of Go's JSON decoder.
struct DecodeFailure: Error, Sendable, Hashable {
  var message: String
}

/// Reads a value the way a typed API server does: into the Go structure of a built-in kind and
/// back.
///
/// Unknown fields are dropped; null is the zero value; zero values are written or left out as the
/// field's tags say; structures that are not pointers are always there; quantities and times take
/// their canonical form.
struct GoDecoding {
  /// The kind, or the embedded type that is decoded on its own; the root of names in messages.
  var root: String

  func decode(_ value: JSONValue, as schema: TypeSchema) throws(DecodeFailure) -> JSONValue {
    guard let object = value.object else {
      throw DecodeFailure(
        message: "json: cannot unmarshal \(Self.jsonKind(value)) into Go value of type v1.\(root)")
    }
    if let decoded = try? structure(object, schema, .untold) { return .object(decoded) }
    // Only messages need to know where they are.
    return .object(try structure(object, schema, Place(owner: root, path: "")))
  }

  private struct Place {
    /// The Go type that has the field.
    var owner: String
    /// Field names from the root, joined by dots, without positions.
    var path: String
    var isTold = true

    static let untold = Place(owner: "", path: "", isTold: false)

    func member(_ name: String) -> Place {
      isTold ? Place(owner: owner, path: path.isEmpty ? name : "\(path).\(name)") : self
    }
  }

  private func structure(
    _ object: JSONObject, _ schema: TypeSchema, _ place: Place
  ) throws(DecodeFailure) -> JSONObject {
    var result = JSONObject()
    let schema = schema.target
    var place = place
    if place.isTold, let name = schema.goType { place.owner = place.path.isEmpty ? root : name }
    // Members as they were sent first, so that what is shown keeps the author's order.
    for (name, value) in object {
      guard let field = schema.properties[name] else { continue }
      if let written = try written(value, field, place.member(name)) { result[name] = written }
    }
    for name in schema.propertyNames where object[name] == nil {
      guard let field = schema.properties[name] else { continue }
      if let zero = try zero(field, place.member(name)) { result[name] = zero }
    }
    return result
  }

  /// What is stored of a field that was not sent.
  private func zero(_ field: TypeSchema, _ place: Place) throws(DecodeFailure) -> JSONValue? {
    switch field.presence {
    case .pointer, .omittedWhenZeroValue: return nil
    case .omittedWhenZero:
      if Self.isStruct(field) {
        return .object(try structure([:], field, place))
      }
      // Structures with their own writer ignore omitempty too.
      guard field.type == .time || field.type == .microTime else { return nil }
      return .null
    case .alwaysPointer: return .null
    case .always:
      switch field.type {
      case .object where field.additional == nil && !field.properties.isEmpty:
        return .object(try structure([:], field, place))
      case .object, .array, .any, .time, .microTime, .bytes: return .null
      case .string: return ""
      case .integer, .number: return 0
      case .boolean: return false
      case .intOrString: return 0
      case .quantity: return "0"
      }
    }
  }

  private static func isStruct(_ field: TypeSchema) -> Bool {
    field.type == .object && field.additional == nil && field.isReference
  }

  private func written(
    _ value: JSONValue, _ field: TypeSchema, _ place: Place
  ) throws(DecodeFailure) -> JSONValue? {
    if value.isNull { return try zero(field, place) }
    let decoded = try self.value(value, field, place)
    switch field.presence {
    case .pointer, .always, .alwaysPointer: return decoded
    case .omittedWhenZeroValue:
      guard !decoded.isNull else { return nil }
      return decoded
    case .omittedWhenZero:
      // Raw JSON, such as a schema's default, is kept behind a pointer: `false` is a value.
      if field.type == .any { return decoded }
      switch decoded {
      case .string("") where field.type != .quantity: return nil
      case .int(0) where field.type != .intOrString, .double(0), .bool(false): return nil
      case .array(let elements) where elements.isEmpty: return nil
      case .object(let object) where object.isEmpty && !Self.isStruct(field): return nil
      default: return decoded
      }
    }
  }

  private func value(
    _ value: JSONValue, _ schema: TypeSchema, _ place: Place
  ) throws(DecodeFailure) -> JSONValue {
    func mismatch(_ goType: String) -> DecodeFailure {
      DecodeFailure(
        message: "json: cannot unmarshal \(Self.jsonKind(value)) into Go struct field "
          + "\(place.owner).\(place.path) of type \(goType)")
    }
    switch schema.type {
    case .any: return value
    case .string:
      guard value.string != nil else { throw mismatch("string") }
      return value
    case .boolean:
      guard value.bool != nil else { throw mismatch("bool") }
      return value
    case .integer:
      let type = schema.format ?? "int64"
      guard case .int(let number) = value else {
        if case .double(let number) = value {
          throw DecodeFailure(
            message: "json: cannot unmarshal number \(number) into Go struct field "
              + "\(place.owner).\(place.path) of type \(type)")
        }
        throw mismatch(type)
      }
      if type == "int32", Int32(exactly: number) == nil {
        throw DecodeFailure(
          message: "json: cannot unmarshal number \(number) into Go struct field "
            + "\(place.owner).\(place.path) of type int32")
      }
      return value
    case .number:
      guard value.double != nil else { throw mismatch("float64") }
      return value
    case .intOrString:
      switch value {
      case .int, .string: return value
      case .double(let number) where Int64(exactly: number) != nil:
        return .int(Int64(number))
      default:
        throw DecodeFailure(
          message: "json: cannot unmarshal \(Self.jsonKind(value)) into Go value of type string")
      }
    case .quantity: return try Self.quantity(value)
    case .time, .microTime: return try Self.time(value, schema.type)
    case .bytes:
      guard let text = value.string else { throw mismatch("[]uint8") }
      if let fault = Base64.faultOffset(text) {
        throw DecodeFailure(message: "illegal base64 data at input byte \(fault)")
      }
      return value
    case .array:
      guard let elements = value.array else { throw mismatch("[]\(Self.goName(schema.items))") }
      guard let items = schema.items else { return value }
      var decoded: [JSONValue] = []
      decoded.reserveCapacity(elements.count)
      for element in elements { decoded.append(try item(element, items, place)) }
      return .array(decoded)
    case .object:
      if let additional = schema.additional {
        guard let object = value.object else {
          throw mismatch("map[string]\(Self.goName(additional))")
        }
        var decoded = JSONObject()
        for (key, member) in object { decoded[key] = try item(member, additional, place) }
        return .object(decoded)
      }
      guard let object = value.object else { throw mismatch("v1.\(Self.goName(schema))") }
      return .object(try structure(object, schema, place))
    }
  }

  /// An element of a list or map, whose null is the zero value of its type.
  private func item(
    _ value: JSONValue, _ schema: TypeSchema, _ place: Place
  ) throws(DecodeFailure) -> JSONValue {
    guard value.isNull else { return try self.value(value, schema, place) }
    switch schema.type {
    case .string: return ""
    case .integer, .number: return 0
    case .boolean: return false
    case .quantity: return "0"
    case .object where schema.additional == nil && !schema.properties.isEmpty:
      return .object(try structure([:], schema, place))
    default: return .null
    }
  }

  private static func quantity(_ value: JSONValue) throws(DecodeFailure) -> JSONValue {
    switch value {
    case .int, .double, .string:
      do throws(QuantityError) {
        return .string(try Quantity(value).description)
      } catch {
        throw DecodeFailure(
          message: "quantities must match the regular expression "
            + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
      }
    default:
      throw DecodeFailure(
        message: "quantities must match the regular expression "
          + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    }
  }

  private static func time(
    _ value: JSONValue, _ type: TypeSchema.ValueType
  ) throws(DecodeFailure) -> JSONValue {
    guard let text = value.string else {
      throw DecodeFailure(
        message: "json: cannot unmarshal \(jsonKind(value)) into Go value of type string")
    }
    let layout =
      type == .time ? "2006-01-02T15:04:05Z07:00" : "2006-01-02T15:04:05.000000Z07:00"
    // A MicroTime must have its six digits.
    guard let time = KubernetesTime(text), type == .time || text.contains(".") else {
      let rest = type == .microTime && KubernetesTime(text) != nil ? "Z" : text
      let part = rest == "Z" ? ".000000" : "2006"
      throw DecodeFailure(
        message:
          "parsing time \"\(text)\" as \"\(layout)\": cannot parse \"\(rest)\" as \"\(part)\"")
    }
    return .string(type == .time ? time.secondsText : time.microsecondsText)
  }

  static func jsonKind(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool: "bool"
    case .int, .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  private static func goName(_ schema: TypeSchema?) -> String {
    guard let schema else { return "interface {}" }
    switch schema.type {
    case .string: return "string"
    case .boolean: return "bool"
    case .integer: return schema.format ?? "int64"
    case .number: return "float64"
    case .bytes: return "[]uint8"
    case .quantity: return "resource.Quantity"
    default: return schema.goType ?? "interface {}"
    }
  }
}
