import JSON
import Simulation
import Testing
import YAML

@Suite struct YAMLLocationTests {
  static let yaml = """
    # comment
    a: 1
    list:
    - x: é
      "y": [10, {z: "é", w: 3}]
    - |
      text
    base: &base {k: 1, m: {q: 2}}
    use: *base
    merged:
      <<: *base
      own: 5
    """

  static let json =
    "\n{\"a\": 1,\n  \"list\": [{\"x\": \"é\\\"\", \"y\":[10, {\"z\" :\"é\",\"w\":3}]},\n\"text\"], \"e\": {}}"

  private func text(_ document: YAMLDocument, _ pointer: String) throws -> String {
    guard let location = document.location(of: try JSONPointer(pointer)) else { return "-" }
    return "\(location.key.map { "\($0) " } ?? "")\(location.value)"
  }

  @Test(arguments: [
    ("", "2:1"), ("/a", "2:1 2:4"), ("/list", "3:1 4:1"), ("/list/0", "4:3"),
    ("/list/0/x", "4:3 4:6"),
    ("/list/0/y", "5:3 5:8"), ("/list/0/y/0", "5:9"), ("/list/0/y/1", "5:13"),
    ("/list/0/y/1/z", "5:14 5:17"),
    ("/list/0/y/1/w", "5:22 5:25"), ("/list/1", "6:3"), ("/base/m/q", "8:24 8:27"),
    ("/use", "9:1 9:6"),
    ("/use/m/q", "8:24 8:27"), ("/merged/own", "12:3 12:8"), ("/merged/k", "8:14 8:17"),
    ("/merged/m/q", "8:24 8:27"), ("/none", "-"), ("/list/2", "-"), ("/a/b", "-"),
  ])
  func findsValuesInYAML(pointer: String, expected: String) throws {
    let document = try #require(try YAML.parse(Self.yaml, file: "x.yaml").get().first)
    #expect(try text(document, pointer) == expected)
  }

  @Test(arguments: [
    ("", "2:1"), ("/a", "2:2 2:7"), ("/list", "3:3 3:11"), ("/list/0/x", "3:13 3:18"),
    ("/list/0/y/1/z", "3:35 3:40"),
    ("/list/0/y/1/w", "3:44 3:48"), ("/list/1", "4:1"), ("/e", "4:10 4:15"), ("/list/0/y/2", "-"),
  ])
  func findsValuesInJSON(pointer: String, expected: String) throws {
    let document = try #require(try YAML.parse(Self.json, file: "x.json").get().first)
    #expect(try text(document, pointer) == expected)
  }

  /// The JSON reader's places agree with libyaml's for the same text.
  @Test(arguments: 0..<4)
  func bothReadersAgree(seed: UInt64) throws {
    var generator = SeededGenerator(seed: 77 + seed)
    for _ in 0..<50 {
      var value = generator.value()
      value = ["v": value]
      let text = value.serialized([.prettyPrinted])
      // libyaml counts these as line breaks, and refuses what JSON allows inside strings.
      guard text.unicodeScalars.allSatisfy({ $0.value < 0x7F || 0xA1...0x2000 ~= $0.value }) else {
        continue
      }
      let fast = try #require(try YAML.parse(text, file: "x.json").get().first)
      // A comment makes the text YAML.
      let slow = YAML.parse("#\n" + text, file: "x.yaml")
      guard slow.errors.isEmpty, let slow = slow.documents.first else { continue }
      for pointer in value.allPointers {
        let a = try #require(fast.location(of: pointer))
        let b = try #require(slow.location(of: pointer))
        #expect(
          a.value.line + 1 == b.value.line && a.value.column == b.value.column,
          "\(pointer)\n\(text)")
        #expect(a.key?.column == b.key?.column && a.key.map { $0.line + 1 } == b.key?.line)
      }
    }
  }

  @Test func errorsNameThePlace() throws {
    let document = try #require(try YAML.parse(Self.yaml, file: "x.yaml").get().first)
    let pointer = try JSONPointer("/list/0/y/1/w")
    #expect(
      document.error(at: pointer, message: "m", hint: "h").description
        == "x.yaml:5:25: list[0].y[1].w: m (h)")
    #expect(
      document.error(at: pointer, atKey: true, message: "m").description
        == "x.yaml:5:22: list[0].y[1].w: m")
    // What is missing is reported where it should be.
    let missing = try JSONPointer("/list/0/none/deep")
    #expect(
      document.error(at: missing, atKey: true, message: "required").description
        == "x.yaml:4:3: list[0].none.deep: required")
    #expect(
      document.nearestLocation(of: try JSONPointer("/zzz")).value
        == YAMLPosition(line: 2, column: 1))
  }

  @Test func placesStayWhenTheValueChanges() throws {
    var document = try #require(try YAML.parse("a: 1\nb: 2\n", file: "x.yaml").get().first)
    document.value["a"] = nil
    document.value["c"] = 3
    #expect(document.location(of: try JSONPointer("/b"))?.value.line == 2)
  }

  @Test func placesAfterFaultsAreRight() throws {
    let text = "a: {k: 1, k: {z: 2}}\n? [x, y]\n: {deep: 1}\nb: {c: 3}\n"
    let result = YAML.parse(text, file: "x.yaml")
    #expect(result.errors.count == 3, "\(result.errors)")
    let document = try #require(result.documents.first)
    #expect(try self.text(document, "/b/c") == "4:5 4:8")
    #expect(try self.text(document, "/a/k") == "1:5 1:8")
  }
}

extension JSONValue {
  fileprivate var allPointers: [JSONPointer] {
    var pointers: [JSONPointer] = [JSONPointer()]
    switch self {
    case .object(let object):
      for (key, value) in object {
        pointers += value.allPointers.map { JSONPointer(tokens: [key] + $0.tokens) }
      }
    case .array(let values):
      for (i, value) in values.enumerated() {
        pointers += value.allPointers.map { JSONPointer(tokens: [String(i)] + $0.tokens) }
      }
    default: break
    }
    return pointers
  }
}
