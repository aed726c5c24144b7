import JSON
import KubernetesAPI

/// Reads the protobuf form of built-in kinds, which kubectl's `create` subcommands and typed
/// clients send.
///
/// Only what the schemas know is read; other fields are skipped. Answers need no protobuf, because
/// such clients accept JSON as well.
/// https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
enum ProtobufDecoding {
  struct Failure: Error, Sendable, Hashable {
    var message: String
  }

  /// The object as JSON, with `apiVersion` and `kind` from the envelope.
  static func object(from bytes: [UInt8], _ schema: TypeSchema) throws(Failure) -> JSONValue {
    guard bytes.starts(with: Array("k8s\0".utf8)) else {
      throw Failure(message: "provided data does not appear to be a protobuf message")
    }
    var apiVersion = ""
    var kind = ""
    var raw: ArraySlice<UInt8> = []
    for field in try fields(bytes[4...]) {
      switch (field.number, field.value) {
      case (1, .bytes(let type)):
        for part in try fields(type) {
          if part.number == 1 { apiVersion = part.text }
          if part.number == 2 { kind = part.text }
        }
      case (2, .bytes(let content)): raw = content
      default: break
      }
    }
    var object = try message(raw, schema, prefix: [], depth: 0)
    object["apiVersion"] = .string(apiVersion)
    object["kind"] = .string(kind)
    return .object(object)
  }

  private struct Field {
    enum Value {
      case varint(UInt64)
      case fixed64(UInt64)
      case fixed32(UInt32)
      case bytes(ArraySlice<UInt8>)
    }

    var number: Int
    var value: Value

    var text: String {
      if case .bytes(let bytes) = value { String(decoding: bytes, as: UTF8.self) } else { "" }
    }

    var integer: Int64 {
      switch value {
      case .varint(let bits), .fixed64(let bits): Int64(bitPattern: bits)
      case .fixed32(let bits): Int64(Int32(bitPattern: bits))
      case .bytes: 0
      }
    }
  }

  /// The wire format: https://protobuf.dev/programming-guides/encoding/
  private static func fields(_ bytes: ArraySlice<UInt8>) throws(Failure) -> [Field] {
    var result: [Field] = []
    var rest = bytes
    func truncated() -> Failure { Failure(message: "proto: unexpected end of the message") }
    func varint() throws(Failure) -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 7) {
        guard let byte = rest.popFirst() else { throw truncated() }
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
      }
      throw Failure(message: "proto: integer overflow")
    }
    func fixed(_ count: Int) throws(Failure) -> UInt64 {
      guard rest.count >= count else { throw truncated() }
      var value: UInt64 = 0
      for (position, byte) in rest.prefix(count).enumerated() {
        value |= UInt64(byte) << UInt64(8 * position)
      }
      rest = rest.dropFirst(count)
      return value
    }
    while !rest.isEmpty {
      let key = try varint()
      let number = Int(truncatingIfNeeded: key >> 3)
      switch key & 7 {
      case 0: result.append(Field(number: number, value: .varint(try varint())))
      case 1: result.append(Field(number: number, value: .fixed64(try fixed(8))))
      case 2:
        let count = try varint()
        guard count <= UInt64(rest.count) else { throw truncated() }
        result.append(Field(number: number, value: .bytes(rest.prefix(Int(count)))))
        rest = rest.dropFirst(Int(count))
      case 5:
        result.append(
          Field(number: number, value: .fixed32(UInt32(truncatingIfNeeded: try fixed(4)))))
      default: throw Failure(message: "proto: illegal wireType \(key & 7)")
      }
    }
    return result
  }

  /// Deeper than any kind nests.
  private static let maximumDepth = 64

  /// - Parameter prefix: numbers of the messages that are folded into this structure.
  private static func message(
    _ bytes: ArraySlice<UInt8>, _ schema: TypeSchema, prefix: [Int], depth: Int
  ) throws(Failure) -> JSONObject {
    guard depth < maximumDepth else { throw Failure(message: "proto: nested too deep") }
    var result = JSONObject()
    for field in try fields(bytes) {
      let path = prefix + [field.number]
      var isFolded = false
      for name in schema.propertyNames {
        guard let property = schema.properties[name],
          property.site.protobufPath.starts(with: path)
        else { continue }
        if property.site.protobufPath.count > path.count {
          isFolded = true
          continue
        }
        try add(field, property, &result[name], depth)
        isFolded = false
        break
      }
      if isFolded, case .bytes(let inner) = field.value {
        for (name, value) in try message(inner, schema, prefix: path, depth: depth + 1) {
          result[name] = value
        }
      }
    }
    return result
  }

  private static func add(
    _ field: Field, _ schema: TypeSchema, _ target: inout JSONValue?, _ depth: Int
  ) throws(Failure) {
    switch schema.type {
    case .array:
      guard let items = schema.items else { return }
      var elements = target?.array ?? []
      if case .bytes(let packed) = field.value, items.type == .integer {
        var rest = packed
        while !rest.isEmpty {
          var value: UInt64 = 0
          var shift: UInt64 = 0
          while let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7F) << min(shift, 63)
            shift += 7
            if byte < 0x80 { break }
          }
          elements.append(.int(Int64(bitPattern: value)))
        }
      } else {
        elements.append(try value(field, items, depth))
      }
      target = .array(elements)
    case .object where schema.additional != nil:
      guard let additional = schema.additional, case .bytes(let entry) = field.value else { return }
      var key = ""
      var member: JSONValue?
      for part in try fields(entry) {
        if part.number == 1 { key = part.text }
        if part.number == 2 { member = try value(part, additional, depth) }
      }
      var object = target?.object ?? [:]
      let isText = additional.type == .string || additional.type == .bytes
      object[key] = member ?? (isText ? "" : .null)
      target = .object(object)
    default: target = try value(field, schema, depth)
    }
  }

  private static func value(
    _ field: Field, _ schema: TypeSchema, _ depth: Int
  ) throws(Failure) -> JSONValue {
    var content: ArraySlice<UInt8> = []
    if case .bytes(let bytes) = field.value { content = bytes }
    switch schema.type {
    case .string: return .string(field.text)
    case .boolean: return .bool(field.integer != 0)
    case .integer: return .int(field.integer)
    case .number:
      if case .fixed64(let bits) = field.value { return .double(Double(bitPattern: bits)) }
      return .int(field.integer)
    case .bytes: return .string(Base64.encoded(content))
    case .quantity:
      return .string(try fields(content).first { $0.number == 1 }?.text ?? "0")
    case .intOrString:
      var isText = false
      var number: Int64 = 0
      var text = ""
      for part in try fields(content) {
        switch part.number {
        case 1: isText = part.integer == 1
        case 2: number = part.integer
        default: text = part.text
        }
      }
      return isText ? .string(text) : .int(number)
    case .time, .microTime:
      let parts = try fields(content)
      guard !parts.isEmpty else { return .null }
      let seconds = parts.first { $0.number == 1 }?.integer ?? 0
      let nanos = parts.first { $0.number == 2 }?.integer ?? 0
      // The year 9999 is the last that RFC 3339 can write.
      guard (0...253_402_300_799).contains(seconds), (0..<1_000_000_000).contains(nanos) else {
        return .null
      }
      let time = KubernetesTime(unixMicroseconds: seconds * 1_000_000 + nanos / 1000)
      return .string(schema.type == .time ? time.secondsText : time.microsecondsText)
    case .any:
      guard let raw = try fields(content).first(where: { $0.number == 1 }),
        case .bytes(let json) = raw.value
      else { return .null }
      return (try? JSONValue(parsing: json)) ?? .null
    case .object:
      return .object(try message(content, schema, prefix: [], depth: depth + 1))
    case .array: return .null
    }
  }
}
