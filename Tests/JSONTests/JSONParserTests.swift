import JSON
import Testing

@Suite struct JSONParserTests {
  static let sample = """
    {"apiVersion":"v1","kind":"List","items":[{"metadata":{"name":"ä \\ud83d\\ude00 \\n","labels":{}},
    "spec":{"replicas":3,"ratio":-0.5e+2,"on":true,"off":false,"none":null,"list":[1,[],[2,3]]}}]}
    """

  /// Nothing is made of it, but it is checked.
  private static func isPassedOver(_ bytes: some Sequence<UInt8>) -> Bool {
    let limits = JSONParseLimits(maximumDepth: 0, cutsDeeperValues: true)
    return (try? JSONValue(parsing: bytes, limits: limits)) != nil
  }

  private static func isRead(_ bytes: [UInt8]) -> Bool {
    (try? JSONValue(parsing: bytes, limits: JSONParseLimits(allowsDuplicateKeys: true))) != nil
  }

  /// Nothing but the whole text is a document, and every fault has a place inside it.
  @Test func everyTruncationIsAnError() throws {
    let bytes = Array(Self.sample.utf8)
    _ = try JSONValue(parsing: bytes)
    for length in 0..<bytes.count {
      #expect(!Self.isPassedOver(bytes.prefix(length)))
      let error = #expect(throws: JSONParseError.self) {
        _ = try JSONValue(parsing: bytes.prefix(length))
      }
      #expect(0...length ~= (error?.offset ?? -1))
      #expect((error?.line ?? 0) >= 1 && (error?.column ?? 0) >= 1)
    }
  }

  /// A replaced byte either gives an error or a value that can be written and read again.
  @Test func everyReplacedByteIsHandled() throws {
    let bytes = Array(Self.sample.utf8)
    var refused = 0
    for position in bytes.indices {
      for byte: UInt8 in [0x00, 0x20, 0x22, 0x2C, 0x5C, 0x7B, 0x7D, 0x5D, 0x30, 0x80, 0xC3, 0xFF] {
        var changed = bytes
        changed[position] = byte
        #expect(Self.isPassedOver(changed) == Self.isRead(changed))
        do throws(JSONParseError) {
          let value = try JSONValue(parsing: changed)
          #expect(try JSONValue(parsing: value.serializedBytes()) == value)
        } catch {
          refused += 1
          #expect(0...bytes.count ~= error.offset)
        }
      }
    }
    #expect(refused > 1000)
  }

  @Test(arguments: [
    "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}",
    "{\"a\":1,}",
    "{,}", "{a:1}", "{'a':1}", "{1:2}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "[1]]",
    "1 2",
    "tru", "True", "TRUE", "nul", "nulll", "none", "NaN", "Infinity", "-Infinity", "-", "+1", ".5",
    "5.", "1.e3", "1e", "1e+", "1E-", "01", "-01", "00", "0x10", "1_000", "1,000", "--1", "1e5.5",
    "1e400", "-1e400", "'a'", "\"", "\"a", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12G4\"",
    "\"\\U0041\"",
    "\"\\", "\"\\u\"", "\"a\nb\"", "\"a\tb\"", "\"\u{0}\"", "// c\n1", "/* c */1", "1 // c",
    "# c\n1",
    "[1,,2]", "{\"a\":1,,\"b\":2}", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":1}}", "\u{a0}1",
    "\u{feff}\u{feff}1",
    "[\"a\",\n4\n,1,", "[\"a\u{2028}\", x]", "undefined", "[-]", "[1e1e1]", "{\"a\":tru}", "\u{b}1",
    "\u{c}1",
  ])
  func refusesWhatIsNotJSON(text: String) {
    #expect(throws: JSONParseError.self) { _ = try JSONValue(parsing: text) }
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0xAF, 0x22],
      [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22], [0x22, 0x80, 0x22],
      [0x22, 0x5C, 0x6E, 0xFF, 0x22], [0xFF, 0xFE, 0x31, 0x00],
    ] as [[UInt8]])
  func refusesInvalidUTF8(bytes: [UInt8]) {
    #expect(throws: JSONParseError.self) { _ = try JSONValue(parsing: bytes) }
  }

  @Test func readsEscapesAndSurrogates() throws {
    let text = #""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00""#
    #expect(try JSONValue(parsing: text) == "\"\\/\u{8}\u{c}\n\r\tAé€😀")
    // As Go does: a half of a pair becomes the replacement character.
    #expect(try JSONValue(parsing: #""\ud83d""#) == "\u{fffd}")
    #expect(try JSONValue(parsing: #""\ude00x""#) == "\u{fffd}x")
    #expect(try JSONValue(parsing: #""\ud83d\u0041""#) == "\u{fffd}A")
    #expect(try JSONValue(parsing: #""\ud83d\ud83d\ude00""#) == "\u{fffd}😀")
  }

  @Test(
    arguments: [
      ("0", .int(0)), ("-0", .double(-0.0)), ("9223372036854775807", .int(.max)),
      ("-9223372036854775808", .int(.min)),
      ("9223372036854775808", .double(9_223_372_036_854_775_808)),
      ("-9223372036854775809", .double(-9_223_372_036_854_775_809)), ("1.0", .double(1)),
      ("1e2", .double(100)), ("1E+2", .double(100)),
      ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)),
      ("5e-324", .double(.leastNonzeroMagnitude)), ("1e-400", .double(0)), ("0.1", .double(0.1)),
    ] as [(String, JSONValue)])
  func readsNumbersAtTheLimits(text: String, expected: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == expected)
    #expect(try JSONValue(parsing: "[\(text)]") == [expected])
  }

  @Test func boundsDepth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(parsing: nested(200))
    let error = #expect(throws: JSONParseError.self) { _ = try JSONValue(parsing: nested(201)) }
    #expect(error?.message == "nested deeper than 200 levels")
    #expect(throws: JSONParseError.self) { _ = try JSONValue(parsing: nested(1_000_000)) }
    #expect(throws: JSONParseError.self) {
      _ = try JSONValue(parsing: String(repeating: #"{"a":"#, count: 1_000_000))
    }
  }

  /// Also of the depth that API servers take, on a small stack.
  @Test func cutsWhatLiesTooDeep() throws {
    let limits = JSONParseLimits(maximumDepth: 3, cutsDeeperValues: true)
    let text = #"{"a":[{"b":{"c":[]},"d":[[1,"]"],{}],"e":[],"f":4}],"g":{"h":{}},"i":[[[]]]}"#
    #expect(
      try JSONValue(parsing: text, limits: limits)
        == [
          "a": [["b": nil, "d": nil, "e": nil, "f": 4]], "g": ["h": [:]], "i": [[nil]],
        ])
    for wrong in ["{", "[", "1 2", "[1,]", "{1:2}", #"{"a"}"#, #"{"a":}"#, "{]", "[}", "[[]}"] {
      #expect(throws: JSONParseError.self) {
        _ = try JSONValue(parsing: "[[[[\(wrong)]]]]", limits: limits)
      }
    }
    for (open, close) in [("[", "]"), (#"{"a":"#, "}"), (#"[{"":"#, "}]")] {
      @Sendable func nested(_ levels: Int) -> String {
        let inner = String(repeating: open, count: levels) + "1"
        return inner + String(repeating: close, count: levels)
      }
      let isCut = try onSmallStack {
        let limits = JSONParseLimits(cutsDeeperValues: true)
        let value = try JSONValue(parsing: nested(9000), limits: limits)
        let copy = value
        return value == copy && value.isNested(deeperThan: 199) && !value.isNested(deeperThan: 200)
          && value.serialized().contains("null")
      }
      #expect(isCut)
      #expect(throws: JSONParseError.self) {
        _ = try JSONValue(parsing: nested(1_000_000), limits: limits)
      }
      #expect(throws: JSONParseError.self) {
        _ = try JSONValue(parsing: String(nested(9000).dropLast()), limits: limits)
      }
    }
  }

  /// RFC 8259 section 8.3, and Go: what looks the same is not the same name.
  @Test(arguments: [1, 100]) func namesAreComparedByTheirBytes(count: Int) throws {
    let others = (1...count).map { ",\"k\($0)\":0" }.joined()
    let value = try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2,\"\u{212b}\":3\(others)}")
    #expect(value.object?.count == count + 3)
    #expect(value["\u{e9}"] == 1 && value["e\u{301}"] == 2)
    #expect(value["\u{212b}"] == 3 && value["A\u{30a}"] == nil && value["\u{c5}"] == nil)
    var changed = value
    changed["e\u{301}"] = nil
    changed["\u{c5}"] = 3
    #expect(changed["\u{e9}"] == 1 && changed.object?.count == count + 3)
    #expect(JSONValue.object(["\u{e9}": 1]) != .object(["e\u{301}": 1]))
    #expect(throws: JSONParseError.self) {
      try JSONValue(parsing: "{\"\u{e9}\":1,\"\\u00e9\":2\(others)}")
    }
  }

  @Test func duplicateNames() throws {
    let error = #expect(throws: JSONParseError.self) {
      _ = try JSONValue(parsing: "{\"a\":1,\n \"b\":2, \"a\":3}")
    }
    #expect(error?.line == 2)
    #expect(error?.column == 9)
    let limits = JSONParseLimits(allowsDuplicateKeys: true)
    #expect(try JSONValue(parsing: #"{"a":1,"a":2}"#, limits: limits) == ["a": 2])
    // Also in objects large enough for an index.
    let many = (0..<100).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    #expect(throws: JSONParseError.self) { _ = try JSONValue(parsing: "{\(many),\"k7\":0}") }
    #expect(try JSONValue(parsing: "{\(many)}").object?.count == 100)
  }

  @Test func leavesOutAMember() throws {
    let limits = JSONParseLimits(omittedMember: ["items", "metadata", "managed"])
    let text = #"""
      {"metadata":{"managed":1},"items":[{"metadata":{"a":1,"managed":[{"}":"\"]"},[1,{}]],"b":2},
      "spec":{"metadata":{"managed":2}},"managed":3},{"metadata":{"managed":"x"}},
      {"metadata":{"managed" : {}, "c":[{"managed":4}]}}],"managed":5}
      """#
    let expected = #"""
      {"metadata":{"managed":1},"items":[{"metadata":{"a":1,"b":2},
      "spec":{"metadata":{"managed":2}},"managed":3},{"metadata":{}},
      {"metadata":{"c":[{"managed":4}]}}],"managed":5}
      """#
    #expect(try JSONValue(parsing: text, limits: limits) == JSONValue(parsing: expected))
    let short = JSONParseLimits(omittedMember: ["a"])
    #expect(try JSONValue(parsing: #"{"a":[1,2],"b":3}"#, limits: short) == ["b": 3])
    let refused = [
      #"{"a":"#, #"{"a":["#, #"{"a":"x"#, #"{"a":[""#, #"{"a":{"x"#, #"{"a":1"#, #"{"a":}"#,
    ]
    for text in refused {
      #expect(throws: JSONParseError.self) { _ = try JSONValue(parsing: text, limits: short) }
    }
  }

  @Test func readsSequencesOfDocuments() throws {
    let documents = try JSONValue.parseSequence(Array("\u{feff} {\"a\":1}\n{\"b\":2} 3".utf8))
    #expect(documents.map(\.value) == [["a": 1], ["b": 2], 3])
    #expect(documents.map(\.offset) == [4, 12, 20])
    #expect(try JSONValue.parseSequence([]).isEmpty)
    #expect(throws: JSONParseError.self) { _ = try JSONValue.parseSequence(Array("{} ]".utf8)) }
  }
}
