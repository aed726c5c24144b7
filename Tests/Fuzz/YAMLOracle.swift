import JSON
import YAML

/// What is read without errors is written as YAML that reads back the same by every dialect, and
/// JSON means the same as YAML.
enum YAMLOracle {
  private static let dialects: [YAMLDialect] = [.strict, .kubectl, .core]
  /// Small, so that an input which grows by aliases shows as an error and not as a slow run.
  private static let limits = YAMLLimits(maximumBytes: 1 << 16, maximumAliasedNodes: 10_000)

  static func check(_ bytes: [UInt8]) {
    for dialect in dialects {
      let result = YAML.parse(bytes, file: "input", dialect: dialect, limits: limits)
      for error in result.errors {
        require(!error.description.isEmpty, "an error without a message")
        if let line = error.line { require(line >= 1, "an error in line \(line)") }
      }
      guard result.errors.isEmpty else { continue }
      let values = result.documents.map(\.value)
      checkEmitted(values)
      if dialect == .core { checkJSON(bytes, values) }
    }
  }

  private static func checkEmitted(_ values: [JSONValue]) {
    guard !values.isEmpty else { return }
    // Positions are computed by the document; all of them must exist.
    for sortsKeys in [false, true] {
      let text = YAML.emitBytes(
        documents: values, options: YAMLEmitOptions(sortsKeys: sortsKeys))
      for dialect in dialects {
        let again = YAML.parse(text, file: "emitted", dialect: dialect)
        require(
          again.errors.isEmpty && same(again.documents.map(\.value), values),
          """
          by \(dialect), \(values) is written as
          \(String(decoding: text, as: UTF8.self))
          which reads as \(again.documents.map(\.value)) \(again.errors)
          """)
      }
    }
  }

  /// Empty documents are left out by the parser.
  private static func same(_ a: [JSONValue], _ b: [JSONValue]) -> Bool {
    a.filter { !$0.isNull } == b.filter { !$0.isNull }
  }

  /// Duplicate names are refused by both, so that what JSON accepts has one meaning only.
  private static func checkJSON(_ bytes: [UInt8], _ values: [JSONValue]) {
    guard let json = try? JSONValue(parsing: bytes), !json.isNull else { return }
    require(
      values.map(withoutSignedZero) == [withoutSignedZero(json)],
      "as JSON \(json), as YAML \(values)")
  }

  /// `-0` is a floating-point number in JSON and the integer 0 in YAML; nothing depends on it.
  private static func withoutSignedZero(_ json: JSONValue) -> JSONValue {
    switch json {
    case .double(let value) where value == 0 && value.sign == .minus: 0
    case .array(let values): .array(values.map(withoutSignedZero))
    case .object(let object): .object(object.mapValues(withoutSignedZero))
    default: json
    }
  }
}
