import JSON
import KubernetesAPI

/// `int(x)`, `string(x)` and the other conversions.
enum CELConversions {
  /// Nil when the name is no type to convert to.
  static func convert(_ value: CELValue, to name: String) throws(CELError) -> CELValue? {
    switch name {
    case "int": try int(value)
    case "uint": try uint(value)
    case "double": try double(value)
    case "string": try string(value)
    case "bool": try bool(value)
    case "bytes": try bytes(value)
    case "duration": try duration(value)
    case "timestamp": try timestamp(value)
    default: nil
    }
  }

  private static func failure(_ value: CELValue, _ type: String) -> CELError {
    CELError("type conversion error from '\(value.typeName)' to '\(type)'")
  }

  private static func int(_ value: CELValue) throws(CELError) -> CELValue {
    switch value {
    case .int: return value
    case .uint(let number):
      guard let result = Int64(exactly: number) else { throw .overflow }
      return .int(result)
    case .double(let number):
      // Exactly -2^63 is refused too, as cel-go does.
      guard number.isFinite, number > -0x1p63, number < 0x1p63 else { throw .overflow }
      return .int(Int64(number))
    case .string(let text):
      guard let result = Int64(text) else { throw failure(value, "int") }
      return .int(result)
    case .timestamp(let time): return .int(time.seconds)
    case .duration(let nanos): return .int(nanos)
    default: throw failure(value, "int")
    }
  }

  private static func uint(_ value: CELValue) throws(CELError) -> CELValue {
    switch value {
    case .uint: return value
    case .int(let number):
      guard let result = UInt64(exactly: number) else { throw .unsignedOverflow }
      return .uint(result)
    case .double(let number):
      guard number.isFinite, number >= 0, number < 0x1p64 else { throw .unsignedOverflow }
      return .uint(UInt64(number))
    case .string(let text):
      guard let result = UInt64(text), !text.hasPrefix("+") else { throw failure(value, "uint") }
      return .uint(result)
    default: throw failure(value, "uint")
    }
  }

  private static func double(_ value: CELValue) throws(CELError) -> CELValue {
    switch value {
    case .double: return value
    case .int(let number): return .double(Double(number))
    case .uint(let number): return .double(Double(number))
    case .string(let text):
      guard let result = Double(text) else { throw failure(value, "double") }
      return .double(result)
    default: throw failure(value, "double")
    }
  }

  private static func string(_ value: CELValue) throws(CELError) -> CELValue {
    switch value {
    case .string: return value
    case .bool(let value): return .string(value ? "true" : "false")
    case .int(let number): return .string(String(number))
    case .uint(let number): return .string(String(number))
    case .double(let number): return .string(CELText.shortest(number))
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw CELError("invalid UTF-8 in bytes, cannot convert to string")
      }
      return .string(text)
    case .duration(let nanos): return .string(CELDuration.text(nanos))
    case .timestamp(let time): return .string(time.text)
    case .address(let address): return .string(address.text)
    case .network(let network): return .string(network.text)
    case .quantity(let quantity): return .string(quantity.description)
    default: throw failure(value, "string")
    }
  }

  private static func bool(_ value: CELValue) throws(CELError) -> CELValue {
    switch value {
    case .bool: return value
    case .string(let text):
      switch text {
      case "1", "t", "true", "TRUE", "True", "T": return .bool(true)
      case "0", "f", "false", "FALSE", "False", "F": return .bool(false)
      default: throw failure(value, "bool")
      }
    default: throw failure(value, "bool")
    }
  }

  private static func bytes(_ value: CELValue) throws(CELError) -> CELValue {
    switch value {
    case .bytes: return value
    case .string(let text): return .bytes(Array(text.utf8))
    default: throw failure(value, "bytes")
    }
  }

  private static func duration(_ value: CELValue) throws(CELError) -> CELValue {
    switch value {
    case .duration: return value
    case .int(let nanos): return .duration(nanos)
    case .string(let text):
      guard let nanos = CELDuration.parse(text) else {
        throw failure(value, "google.protobuf.Duration")
      }
      return .duration(nanos)
    default: throw failure(value, "google.protobuf.Duration")
    }
  }

  private static func timestamp(_ value: CELValue) throws(CELError) -> CELValue {
    switch value {
    case .timestamp: return value
    case .int(let seconds):
      guard let time = CELTimestamp(seconds: seconds, nanos: 0) else { throw .overflow }
      return .timestamp(time)
    case .string(let text):
      guard let time = CELTimestamp(text) else {
        throw failure(value, "google.protobuf.Timestamp")
      }
      return .timestamp(time)
    default: throw failure(value, "google.protobuf.Timestamp")
    }
  }
}
