import JSON
import Simulation
import Testing
import YAML
import Yams

@Suite struct YAMLRoundTripTests {
  /// Every value reads back exactly, byte for byte in its strings.
  @Test(arguments: 0..<8)
  func valuesReadBackAsTheSame(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let documents = (0..<Int.random(in: 1...3, using: &generator)).map { _ in generator.value() }
      for sorts in [false, true] {
        let text = YAML.emit(documents: documents, options: YAMLEmitOptions(sortsKeys: sorts))
        let result = YAML.parse(text, file: "x.yaml")
        #expect(result.errors.isEmpty, "\(text)")
        // A document that is null, and written so, is a document.
        #expect(
          result.documents.map { $0.value.exactText } == documents.map(\.exactText), "\(text)")
      }
    }
  }

  @Test func everyNastyStringReadsBackInEveryPlace() {
    let texts = NastyText.whole
    for text in texts {
      let string = JSONValue.string(text)
      for value in [
        string, [string], [[string]], ["k": string], ["k": [string, 1]], .object([text: 1]),
        .object([text: ["a": string]]), .object([text: [string]]), [["k": string, "l": 2]],
        [["k": ["m": string], "l": 2]], ["k": [["l": string], string]],
        [.object([text: [.object([text: string])]])],
      ] as [JSONValue] {
        let yaml = YAML.emit(value)
        let result = YAML.parse(yaml, file: "x.yaml")
        #expect(result.errors.isEmpty, "\(text.debugDescription) in \(yaml)")
        #expect(result.documents.first?.value.exactText == value.exactText, "\(yaml)")
      }
    }
  }

  /// Another YAML library, whose schema is YAML 1.1, reads what was written as the same value.
  @Test(arguments: 0..<4)
  func yamsReadsTheSame(seed: UInt64) throws {
    var generator = SeededGenerator(seed: 1000 + seed)
    for _ in 0..<60 {
      let value = generator.value().withoutLeadingMarks
      let text = YAML.emit(value)
      let node = try #require(try Yams.compose(yaml: text), "\(text)")
      #expect(node.json.exactText == value.exactText, "\(text)")
    }
  }

  @Test func yamsReadsEveryNastyString() throws {
    for text in NastyText.whole where text.unicodeScalars.first != "\u{feff}" {
      let value: JSONValue = .object([text: .string(text), "list": [.string(text)]])
      let node = try #require(try Yams.compose(yaml: YAML.emit(value)))
      #expect(node.json.exactText == value.exactText, "\(YAML.emit(value))")
    }
  }
}

extension JSONValue {
  /// Numbers, strings and names to the byte, which Swift's canonical equivalence does not compare.
  var exactText: ExactText { ExactText(bytes: serializedBytes(.canonical)) }
}

/// Text that is equal only when its bytes are.
struct ExactText: Equatable, CustomStringConvertible {
  var bytes: [UInt8]
  var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension JSONValue {
  /// Without byte order marks at the beginning of strings, which Yams 6 drops when it copies them.
  fileprivate var withoutLeadingMarks: JSONValue {
    switch self {
    case .string(let text): .string(Self.withoutLeadingMarks(text))
    case .array(let values): .array(values.map(\.withoutLeadingMarks))
    case .object(let object):
      .object(
        JSONObject(
          object.map { (Self.withoutLeadingMarks($0.key), $0.value.withoutLeadingMarks) }))
    default: self
    }
  }

  private static func withoutLeadingMarks(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.drop { $0 == "\u{feff}" }))
  }
}

extension Yams.Node {
  /// By the tags that Yams' resolver gives.
  fileprivate var json: JSONValue {
    switch self {
    case .scalar(let scalar):
      switch tag {
      case Tag(.str): return .string(scalar.string)
      case Tag(.null): return .null
      case Tag(.bool): return Bool.construct(from: scalar).map { .bool($0) } ?? "?"
      case Tag(.int): return Int64(scalar.string).map { .int($0) } ?? "?"
      case Tag(.float): return Double(scalar.string).map { .double($0) } ?? "?"
      default: return .string("? \(tag.description) \(scalar.string)")
      }
    case .sequence(let sequence): return .array(sequence.map(\.json))
    case .mapping(let mapping):
      var object = JSONObject()
      for (key, value) in mapping {
        guard case .string(let name) = key.json else { return "a key is no string" }
        object[name] = value.json
      }
      return .object(object)
    default: return "?"
    }
  }
}
