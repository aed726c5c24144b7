import JSON
import KubernetesAPI

/// The functions of the language, on evaluated arguments.
enum CELFunctions {
  /// - Parameter isMethod: the first argument stood before the dot.
  static func call(
    _ name: String, isMethod: Bool, _ arguments: [CELValue]
  ) throws(CELError) -> CELValue {
    if !isMethod {
      if arguments.count == 1, let result = try unary(name, arguments[0]) { return result }
      if arguments.count == 2, let result = try binary(name, arguments[0], arguments[1]) {
        return result
      }
      if let result = try library(name, arguments) { return result }
      throw .noSuchOverload
    }
    guard let target = arguments.first else { throw .noSuchOverload }
    let rest = Array(arguments.dropFirst())
    switch target {
    case .string(let text): return try method(name, text, rest)
    case .list(let elements, _): return try method(name, elements, rest)
    case .timestamp(let time):
      if rest.isEmpty { return .int(try time.field(name, zone: nil)) }
      guard case .string(let zone) = rest[0] else { throw .noSuchOverload }
      return .int(try time.field(name, zone: zone))
    case .duration(let nanos): return try method(name, duration: nanos)
    case .optional(let value): return try method(name, optional: value, rest)
    case .bytes, .map:
      guard name == "size", rest.isEmpty else { throw .noSuchOverload }
      return try size(target)
    default: return try libraryMethod(name, target, rest)
    }
  }

  static func size(_ value: CELValue) throws(CELError) -> CELValue {
    switch value {
    case .string(let text): .int(Int64(text.unicodeScalars.count))
    case .bytes(let bytes): .int(Int64(bytes.count))
    case .list(let elements, _): .int(Int64(elements.count))
    case .map(let map): .int(Int64(map.count))
    case .object(let object, _): .int(Int64(object.count))
    default: throw .noSuchOverload
    }
  }

  private static func method(_ name: String, duration nanos: Int64) throws(CELError) -> CELValue {
    switch name {
    case "getHours": .int(nanos / 3_600_000_000_000)
    case "getMinutes": .int(nanos / 60_000_000_000)
    case "getSeconds": .int(nanos / 1_000_000_000)
    case "getMilliseconds": .int(nanos / 1_000_000)
    default: throw .noSuchOverload
    }
  }

  private static func method(
    _ name: String, optional value: CELValue?, _ rest: [CELValue]
  ) throws(CELError) -> CELValue {
    switch (name, rest.count) {
    case ("hasValue", 0): return .bool(value != nil)
    case ("value", 0):
      guard let value else { throw CELError("optional.none() dereference") }
      return value
    case ("or", 1): return value.map { .optional($0) } ?? rest[0]
    case ("orValue", 1): return value ?? rest[0]
    default: throw .noSuchOverload
    }
  }

  // MARK: Operators

  private static func unary(_ name: String, _ value: CELValue) throws(CELError) -> CELValue? {
    switch (name, value) {
    case ("!_", .bool(let value)): return .bool(!value)
    case ("-_", .int(let value)):
      guard value != .min else { throw .overflow }
      return .int(-value)
    case ("-_", .double(let value)): return .double(-value)
    case ("size", _): return try size(value)
    case ("dyn", _): return value
    case ("type", _): return .type(value.typeName)
    default: return try CELConversions.convert(value, to: name)
    }
  }

  private static func binary(
    _ name: String, _ a: CELValue, _ b: CELValue
  ) throws(CELError) -> CELValue? {
    switch name {
    case "_+_", "_-_", "_*_", "_/_", "_%_": return try CELArithmetic.apply(name, a, b)
    case "_<_": return .bool(try CELValue.order(a, b) == .less)
    case "_>_": return .bool(try CELValue.order(a, b) == .greater)
    case "_<=_":
      let order = try CELValue.order(a, b)
      return .bool(order == .less || order == .equal)
    case "_>=_":
      let order = try CELValue.order(a, b)
      return .bool(order == .greater || order == .equal)
    case "@in": return .bool(try contains(b, a))
    case "_[_]": return try element(of: a, at: b)
    case "_[?_]": return .optional(try optionalElement(of: a, at: b))
    case "matches":
      guard case .string(let text) = a, case .string(let pattern) = b else {
        throw .noSuchOverload
      }
      return .bool(try expression(pattern).matches(text))
    default: return nil
    }
  }

  private static func contains(_ container: CELValue, _ value: CELValue) throws(CELError) -> Bool {
    switch container {
    case .list(let elements, _): elements.contains(value)
    case .map(let map): try map.value(for: value) != nil
    default: throw .noSuchOverload
    }
  }

  private static func element(
    of container: CELValue, at index: CELValue
  ) throws(CELError) -> CELValue {
    if case .optional(let wrapped) = container {
      guard let wrapped else { return .optional(nil) }
      return .optional(try optionalElement(of: wrapped, at: index))
    }
    if let found = try optionalElement(of: container, at: index) { return found }
    if case .list = container, let position = integer(index) { throw .indexOutOfBounds(position) }
    throw .noSuchKey(CELText.display(index))
  }

  private static func optionalElement(
    of container: CELValue, at index: CELValue
  ) throws(CELError) -> CELValue? {
    switch container {
    case .list(let elements, _):
      guard let position = integer(index) else {
        throw CELError("unsupported index type '\(index.typeName)' in list")
      }
      guard let i = Int(exactly: position), elements.indices.contains(i) else { return nil }
      return elements[i]
    case .map(let map): return try map.value(for: index)
    case .object(let object, let type):
      guard case .string(let name) = index, let json = object[name], let field = type.fields[name]
      else { return nil }
      return try CELValue(json, field)
    case .optional(let wrapped):
      guard let wrapped else { return nil }
      return try optionalElement(of: wrapped, at: index)
    default: throw .noSuchOverload
    }
  }

  private static func integer(_ value: CELValue) -> Int64? {
    switch value {
    case .int(let value): value
    case .uint(let value): Int64(exactly: value)
    case .double(let value): Int64(exactly: value)
    default: nil
    }
  }

  static func expression(_ pattern: String) throws(CELError) -> RegularExpression {
    do { return try RegularExpression.cached(pattern) } catch { throw CELError(error.message) }
  }
}
