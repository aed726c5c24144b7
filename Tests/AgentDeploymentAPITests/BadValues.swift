import JSON

@testable import AgentDeploymentAPI

/// Wrong values for a leaf, made from its schema alone.
enum BadValues {
  static let garbage = String(repeating: "x\u{1F9E8}", count: 200_000)

  static func of(_ schema: FieldSchema) -> [JSONValue] {
    wrongTypes(schema) + outOfBounds(schema)
  }

  private static func wrongTypes(_ schema: FieldSchema) -> [JSONValue] {
    let all: [JSONValue] = [true, 1, 1.5, "text", [], [1], ["a": 1]]
    switch schema.shape {
    case .string: return all.filter { $0.string == nil }
    case .integer: return all.filter { $0.int == nil }
    case .boolean: return all.filter { $0.bool == nil }
    case .intOrString: return all.filter { $0.string == nil && $0.int == nil }
    case .freeForm: return all.filter { $0.object == nil }
    default: return []
    }
  }

  private static func outOfBounds(_ schema: FieldSchema) -> [JSONValue] {
    switch schema.shape {
    case .integer(let range):
      return [
        JSONValue(range.lowerBound - 1), JSONValue(range.upperBound + 1), -1, .int(.min),
        .int(.max),
      ]
    case .intOrString: return ["", "-1", "1e400", "9Zi", "\u{0}", .string(garbage)]
    case .string(let bounds):
      if let first = bounds.values.first {
        let bad = ["", "nonsense", first + " ", first.lowercased(), garbage]
        return bad.filter { $0 != first }.map { .string($0) }
      }
      var bad: [JSONValue] = [
        .string(String(repeating: "a", count: bounds.maxLength + 1)), .string(garbage + garbage),
      ]
      if bounds.minLength > 0 { bad.append("") }
      if bounds.pattern != nil || bounds.format != nil {
        bad += ["\u{202E}txt", "a\nb", " ", "\u{0}", "日本語"]
      }
      if bounds.format == "date-time" {
        bad += ["2026-02-30T00:00:00Z", "2026-12-01", "tomorrow, at noon please"]
      }
      return bad
    default: return []
    }
  }
}
