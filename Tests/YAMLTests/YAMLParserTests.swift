import JSON
import Testing
import YAML

@Suite struct YAMLParserTests {
  static func value(_ text: String) throws -> JSONValue {
    try #require(try YAML.parse(text, file: "x.yaml").get().first).value
  }

  static func errors(_ text: String) -> [String] {
    YAML.parse(text, file: "x.yaml").errors.map(\.description)
  }

  @Test(
    arguments: [
      ("~", .null), ("null", .null), ("a:", ["a": nil]), ("true", true), ("FALSE", false), ("0", 0),
      ("-0", 0),
      ("12", 12), ("+12", 12), ("-12", -12), ("0o17", 15), ("0x1F", 31), ("00", 0), ("09", 9),
      ("1.5", 1.5),
      ("-.5", -0.5), ("5.", 5.0), ("1e3", 1000.0), ("1E+3", 1000.0),
      ("9223372036854775807", .int(.max)),
      ("-9223372036854775808", .int(.min)),
      ("9223372036854775808", .double(9_223_372_036_854_775_808)),
      ("1:30", "1:30"), ("2024-01-01", "2024-01-01"),
      ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
      ("1.2.3", "1.2.3"), ("10m", "10m"), ("nUll", "nUll"), ("yEs", "yEs"), ("<<", "<<"),
      ("=", "="), ("'1'", "1"),
      ("\"yes\"", "yes"), ("'no'", "no"), ("\"012\"", "012"), ("!!str 12", "12"), ("! 12", "12"),
      ("!!str", ""),
      ("!!int \"12\"", 12), ("!!float 1", 1.0), ("!!bool 'true'", true), ("!!null ''", .null),
      ("!!map {a: 1}", ["a": 1]), ("!!seq [1]", [1]), ("|\n a\n b\n", "a\nb\n"),
      (">-\n a\n b\n", "a b"),
      ("\"\\x41\\u00e9\\U0001F600\\t\\0\"", "Aé😀\t\u{0}"),
      ("{a: 1, b: [x, {c: d}]}", ["a": 1, "b": ["x", ["c": "d"]]]),
      ("a: &x [1]\nb: *x\n", ["a": [1], "b": [1]]), ("&k a: 1\nb: *k\n", ["a": 1, "b": "a"]),
      ("true: 1\n5: 2\n1.5: 3\n", ["true": 1, "5": 2, "1.5": 3]), ("? a\n: b\n", ["a": "b"]),
      ("a: \u{1F600}\r\nb: 2\r\n", ["a": "😀", "b": 2]), ("%YAML 1.1\n---\na: 1\n", ["a": 1]),
    ] as [(String, JSONValue)])
  func readsTheCoreSchema(text: String, expected: JSONValue) throws {
    #expect(try Self.value(text) == expected)
  }

  @Test(arguments: [
    ("yes", "true"), ("On", "true"), ("y", "true"), ("N", "false"), ("no", "false"),
    ("OFF", "false"),
    ("012", "10"), ("-012", "-10"), ("1_000", "1000"), ("0b11", "3"), ("0O17", "15"),
    ("-0x1f", "-31"),
    ("1e400", "the string"), ("0_1", "1"),
  ])
  func refusesWhatReadersDisagreeOn(text: String, kubectl: String) throws {
    let error = try #require(YAML.parse("a:\n- \(text)\n", file: "x.yaml").errors.first)
    #expect(error.description.hasPrefix("x.yaml:2:3: a[0]: \(text) without quotes is read as "))
    #expect(error.message.contains(kubectl))
    #expect(error.hint?.hasPrefix("write \"\(text)\"") == true)
    #expect(try Self.value("a:\n- \"\(text)\"\n") == ["a": [.string(text)]])
    #expect(Self.errors("\(text): 1\n").count == 1)
    #expect(try Self.value("'\(text)': 1\n") == .object([text: 1]))
  }

  @Test func readsDialects() throws {
    let text = "v: [yes, n, 012, 1_000, 0b11, 0O17, 1e400, 1:30]\nyes: 1\n012: 2\n"
    func value(_ dialect: YAMLDialect) throws -> JSONValue? {
      try YAML.parse(text, file: "x.yaml", dialect: dialect).get().first?.value
    }
    #expect(
      try value(.kubectl) == [
        "v": [true, false, 10, 1000, 3, 15, "1e400", "1:30"], "true": 1, "10": 2,
      ])
    #expect(
      try value(.core) == [
        "v": ["yes", "n", 12, "1_000", "0b11", "0O17", "1e400", "1:30"], "yes": 1, "12": 2,
      ])
    #expect(throws: YAMLFailure.self) { try value(.strict) }
  }

  @Test func doesNotQuoteTheValuesOfSecrets() {
    for field in ["data", "stringData"] {
      let errors = Self.errors("kind: Secret\n\(field):\n  password: 0123456\n  pin: !!int 99x\n")
      #expect(errors.count == 2)
      #expect(
        errors.allSatisfy {
          !$0.contains("0123456") && !$0.contains("99x") && $0.contains("\(field).p")
        })
    }
  }

  @Test(arguments: [
    (".inf", "x.yaml:1:1: .inf is no value of JSON"),
    ("a: .NaN", "x.yaml:1:4: a: .NaN is no value of JSON"),
    ("!!binary aGk=", "x.yaml:1:1: the tag !!binary is not supported"),
    ("a: !foo {}", "x.yaml:1:4: a: the tag !foo is not"),
    ("a: !!timestamp 2024-01-01", "x.yaml:1:4: a: the tag !!timestamp is not"),
    ("!!set {a}", "x.yaml:1:1: the tag !!set"),
    ("!!map [1]", "x.yaml:1:1: the tag !!map"),
    ("!!int a", "x.yaml:1:1: \"a\" does not fit its tag; expected an integer"),
    ("!!bool yes", "x.yaml:1:1: \"yes\" does not fit its tag; expected true or false"),
    ("!!float x", "x.yaml:1:1: \"x\" does not fit"), ("!!null x", "x.yaml:1:1: \"x\" does not fit"),
    ("{[a]: 1}", "x.yaml:1:2: a key must be a string"),
    ("? {a: 1}\n: 2", "x.yaml:1:3: a key must be a string"),
    ("a: {~: 1}", "x.yaml:1:5: a: the key is null"),
    ("1.0: 1", "x.yaml:1:1: the key 1.0 without quotes"),
    ("0x1F: 1", "x.yaml:1:1: the key 0x1F without quotes is read as 31 by kubectl"),
    ("True: 1", "x.yaml:1:1: the key True without quotes is read as true"),
    ("y: 1", "x.yaml:1:1: the key y without quotes is read as true by kubectl (write \"y\")"),
    ("a: *b", "x.yaml:1:4: a: the alias *b has no anchor"),
    ("a: &b [*b]", "x.yaml:1:8: a[0]: the alias *b stands inside"),
    ("a: &x 1\n---\nb: *x", "x.yaml:3:4: b: the alias *x has no anchor"),
    ("a: &x [1]\n*x : 1", "x.yaml:2:1: the alias *x is no string"),
    ("a: 1\nb: 2\na: 3", "x.yaml:3:1: a: duplicate key; the first is at 1:1 (remove one of them)"),
    ("x:\n  - b: {c: 1, \"c\": 2}", "x.yaml:2:15: x[0].b.c: duplicate key; the first is at 2:9"),
    ("<<: {a: 1}\n<<: {b: 1}", "x.yaml:2:1: duplicate merge key <<; the first is at 1:1"),
    ("<<: 3", "x.yaml:1:1: the merge key << needs a mapping"),
    ("<<: [1]", "x.yaml:1:1: the merge key << needs"),
    ("a: 1\n<<: {a: 2}", "x.yaml:2:1: << brings another value for \"a\""),
    (
      "metadata:\n  labels:\n    a.b/c: no",
      "x.yaml:3:12: metadata.labels[a.b/c]: no without quotes"
    ),
    ("a:\n\tb: 1", "x.yaml:2:1: a: not valid YAML: found character that cannot start any token"),
    ("a: b: c", "x.yaml:1:5: not valid YAML: mapping values are not allowed in this context"),
    ("a: @x", "x.yaml:1:4: a: not valid YAML: found character that cannot start any token"),
    ("a: [1, 2", "x.yaml:2:1: a: not valid YAML: did not find expected ',' or ']'"),
    ("a: 'x", "x.yaml:1:6: a: not valid YAML: found unexpected end"),
    ("a: \"\\ud83d\\ude00\"", "x.yaml:1:7: a: not valid YAML"),
    ("host: *.example.com", "x.yaml:1:8: host: not valid YAML"),
    ("a: x\u{0}y", "x.yaml:1:5: the character U+0000 is not allowed"),
    ("\u{1b}", "x.yaml:1:1: the character U+001B"),
    ("a: 1\n  b: 2", "x.yaml:2:4: not valid YAML"), ("%FOO\n", "x.yaml:"),
    ("a: !e!x 1", "x.yaml:1:4: a: not valid YAML"),
  ])
  func reportsFaults(text: String, start: String) throws {
    let error = try #require(Self.errors(text).first)
    #expect(error.hasPrefix(start), "\(error)")
  }

  @Test func reportsAllFaultsAtOnce() {
    let errors = Self.errors(
      """
      a: yes
      b: {c: 1, c: 2}
      d: *none
      e: !x 1
      ---
      f: [.inf, 012]
      ? [x]
      : 1
      g: 1
      """)
    #expect(
      errors.map { String($0.prefix { $0 != " " }) } == [
        "x.yaml:1:4:", "x.yaml:2:11:", "x.yaml:3:4:", "x.yaml:4:4:", "x.yaml:6:5:", "x.yaml:6:11:",
        "x.yaml:7:3:",
      ])
    let result = YAML.parse("a: yes\n---\nb: 1\n", file: "x.yaml")
    #expect(result.documents.map(\.isFaulty) == [true, false])
    #expect(throws: YAMLFailure.self) { try result.get() }
  }

  @Test func separatesDocuments() {
    func documents(_ text: String) -> [JSONValue] {
      YAML.parse(text, file: "x.yaml").documents.map(\.value)
    }
    #expect(documents("") == [])
    #expect(documents("\n# only a comment\n") == [])
    #expect(documents("---\n# nothing\n---\n---\na: 1\n---\n...\n") == [["a": 1]])
    #expect(documents("a: 1\n---\nb: 2\n...\n---\nc: 3") == [["a": 1], ["b": 2], ["c": 3]])
    #expect(documents("\u{feff}a: 1\n---\n\u{feff}b: 2\n") == [["a": 1], ["b": 2]])
    #expect(documents("--- |\n a\n--- 'x'\n--- null\n") == ["a\n", "x", .null])
    let parsed = YAML.parse("# c\n\na: 1\n---\n\nb: 2", file: "x.yaml").documents
    #expect(parsed.map(\.index) == [0, 1])
    #expect(parsed.map(\.line) == [3, 6])
    #expect(parsed.map(\.file) == ["x.yaml", "x.yaml"])
  }

  @Test func mergesMappings() throws {
    let value = try Self.value(
      """
      base: &base {a: 1, b: {c: 2}}
      more: &more {a: 9, d: 4}
      one: {<<: *base, e: 5}
      two: {<<: [*base, *more], b: 7}
      three: {a: 1, <<: *base}
      quoted: {"<<": *base}
      inline:
        <<: {x1: 1, x2: 2}
        x2: 3
      """)
    #expect(value["one"] == ["e": 5, "a": 1, "b": ["c": 2]])
    #expect(value["two"] == ["b": 7, "a": 1, "d": 4])
    #expect(value["three"] == ["a": 1, "b": ["c": 2]])
    #expect(value["quoted"] == ["<<": ["a": 1, "b": ["c": 2]]])
    #expect(value["inline"] == ["x2": 3, "x1": 1])
  }

  @Test func readsOtherEncodings() {
    let text = "a: é😀\nb: [1]\n"
    var little: [UInt8] = [0xFF, 0xFE]
    var big: [UInt8] = [0xFE, 0xFF]
    for unit in text.utf16 {
      little += [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      big += [UInt8(unit >> 8), UInt8(unit & 0xFF)]
    }
    for bytes in [little, big, [0xEF, 0xBB, 0xBF] + Array(text.utf8)] {
      let result = YAML.parse(bytes, file: "x.yaml")
      #expect(result.errors.isEmpty)
      #expect(result.documents.map(\.value) == [["a": "é😀", "b": [1]]])
    }
    let broken = YAML.parse(Array("a: 1\nb: é".utf8) + [0xFF, 0x0A], file: "x.yaml")
    #expect(broken.errors.map { $0.description.prefix(27) } == ["x.yaml:2:5: not valid UTF-8"])
    #expect(YAML.parse([0xFF, 0xFE, 0x00, 0xD8], file: "x.yaml").errors.count == 1)
  }

  @Test func readsJSON() {
    func result(_ text: String, _ file: String = "x.yaml") -> YAMLParseResult {
      YAML.parse(text, file: file)
    }
    #expect(
      result(" {\"a\":\t[1, \"\\ud83d\\ude00\"]}\n{\"b\": 2}").documents.map(\.value) == [
        ["a": [1, "😀"]], ["b": 2],
      ])
    #expect(result("{\"a\": 1}\n---\n{b: 2}\n").documents.map(\.value) == [["a": 1], ["b": 2]])
    #expect(result("{a: 1, b: [c]}").documents.map(\.value) == [["a": 1, "b": ["c"]]])
    #expect(result("[1, 2]\n").documents.map(\.value) == [[1, 2]])
    #expect(
      result("{\"a\": 1,\n \"a\": 2}").errors.map(\.description) == [
        "x.yaml:2:2: a: duplicate key; the first is at 1:2 (remove one of them)"
      ])
    #expect(
      result("{\"a\": 1,\n \"b\": }").errors.map(\.description).first?.hasPrefix("x.yaml:2:7: ")
        == nil)
    #expect(
      result("{\"a\": 1,\n \"b\" 2}").errors.map(\.description) == [
        "x.yaml:2:6: expected \":\" after the member name"
      ])
    #expect(result("a: 1", "x.json").errors.map(\.description) == ["x.json:1:1: expected a value"])
    #expect(result("{a: 1}", "x.json").errors.count == 1)
    #expect(result("", "x.json").documents.isEmpty)
  }
}
