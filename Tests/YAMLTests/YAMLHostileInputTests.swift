import JSON
import Simulation
import Testing
import YAML

/// Input that is broken, or made to cost time and memory.
@Suite struct YAMLHostileInputTests {
  static let sample = """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: "sämple", labels: {a.b/c: 'x'}}
    spec: &spec
      env:
      - name: A
        value: |
          line
           more
      - {name: B, value: "\\u00e9\\n"}
      ratio: -1.5e3  # comment
      other: &o [1, null, ~, true]
      again: *o
    ---
    <<: *x
    """.replacingSuffix("<<: *x", "- >-\n  folded\n  text\n- ? k\n  : v\n")

  /// Whatever is cut off or replaced: an error with a place in the file, or documents that can be
  /// written and read again.
  private func check(_ bytes: [UInt8]) {
    let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 2
    let result = YAML.parse(bytes, file: "x.yaml")
    for error in result.errors {
      #expect(!error.message.isEmpty)
      #expect(1...lines ~= error.line ?? 0, "\(error)")
    }
    for document in result.documents {
      let back = YAML.parse(YAML.emit(document.value), file: "back.yaml")
      #expect(back.errors.isEmpty)
      #expect(back.documents.first?.value == document.value)
    }
  }

  @Test func everyTruncationIsHandled() throws {
    let bytes = Array(Self.sample.utf8)
    #expect(try YAML.parse(bytes, file: "x.yaml").get().count == 2)
    for length in 0..<bytes.count { check(Array(bytes.prefix(length))) }
  }

  @Test func everyReplacedByteIsHandled() {
    let bytes = Array(Self.sample.utf8)
    var refused = 0
    for position in bytes.indices {
      for byte: UInt8 in [
        0x00, 0x09, 0x0A, 0x20, 0x22, 0x26, 0x2A, 0x2D, 0x3A, 0x7B, 0x5D, 0xC3, 0xFF,
      ] {
        var changed = bytes
        changed[position] = byte
        check(changed)
        if !YAML.parse(changed, file: "x.yaml").errors.isEmpty { refused += 1 }
      }
    }
    #expect(refused > 1000)
  }

  @Test func randomBytesAreHandled() {
    var generator = SeededGenerator(seed: 5)
    let alphabet = Array("abc:-[]{}\"'|>&*!#%@ \n\t,?0159~<=.\r\\".utf8)
    for _ in 0..<2000 {
      let count = Int.random(in: 1...60, using: &generator)
      check((0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0x20 })
    }
  }

  @Test func aliasBombsEndFast() throws {
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for i in 1...20 {
      bomb +=
        "a\(i): &a\(i) [" + Array(repeating: "*a\(i - 1)", count: 10).joined(separator: ", ")
        + "]\n"
    }
    let error = try #require(YAML.parse(bomb, file: "x.yaml").errors.first)
    #expect(error.message.hasPrefix("aliases and merge keys repeat more than"))
    #expect(error.line == 5)

    var mappings = "a0: &a0 {k: 1}\n"
    for i in 1...60 {
      mappings += "a\(i): &a\(i) {<<: *a\(i - 1), l\(i): *a\(i - 1), r\(i): *a\(i - 1)}\n"
    }
    #expect(YAML.parse(mappings, file: "x.yaml").errors.first?.message.hasPrefix("aliases") == true)

    let long =
      "a: &a \(String(repeating: "x", count: 1_000_000))\nb:\n"
      + String(repeating: "- *a\n", count: 1000)
    #expect(YAML.parse(long, file: "x.yaml").errors.first?.message.hasPrefix("aliases") == true)

    // An honest use stays allowed.
    let honest = "a: &a {x: [1, 2, 3]}\nb:\n" + String(repeating: "- *a\n", count: 5000)
    #expect(YAML.parse(honest, file: "x.yaml").errors.isEmpty)
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "[[{a: ["])
  func deepNestingEndsFast(piece: String) {
    let result = YAML.parse(String(repeating: piece, count: 200_000), file: "x.yaml")
    #expect(!result.errors.isEmpty)
    #expect(result.errors.allSatisfy { $0.description.utf8.count < 2000 })
  }

  @Test func depthIsBounded() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(YAML.parse("# yaml\n" + nested(200), file: "x.yaml").errors.isEmpty)
    #expect(YAML.parse(nested(200), file: "x.yaml").errors.isEmpty)
    for text in ["# yaml\n" + nested(201), nested(201)] {
      let error = try #require(YAML.parse(text, file: "x.yaml").errors.first)
      #expect(error.message == "nested deeper than 200 levels")
    }
  }

  @Test func errorsAreBounded() throws {
    let text = String(repeating: "a: yes\n", count: 10_000)
    let errors = YAML.parse(text, file: "x.yaml").errors
    #expect(errors.count == 101)
    #expect(errors.last?.message == "too many errors; the rest of the file was not read")
  }

  @Test(arguments: ["[]\n", "--- a\n"])
  func documentsAreBounded(document: String) {
    let limits = YAMLLimits(maximumDocuments: 10)
    let ten = String(repeating: document, count: 10)
    #expect(YAML.parse(ten, file: "x", limits: limits).documents.count == 10)
    #expect(YAML.parse(ten, file: "x", limits: limits).errors.isEmpty)
    let errors = YAML.parse(ten + document, file: "x", limits: limits).errors
    #expect(errors.map(\.message) == ["holds more than 10 documents, the limit"])
  }

  @Test func sizeIsBounded() {
    let limits = YAMLLimits(maximumBytes: 1 << 20)
    let errors = YAML.parse(
      [UInt8](repeating: 0x20, count: 1 << 20 + 1), file: "big.yaml", limits: limits
    ).errors
    #expect(errors.isEmpty == false)
    #expect(
      YAML.parse([UInt8](repeating: 0x20, count: 1 << 20), file: "x", limits: limits).errors.isEmpty
    )
  }

  /// Ten megabytes of each; the whole takes a second or two even in a debug build.
  @Test(arguments: [
    "random", "printable", "letters", "{", "\"", "\t", "#", " ", "é", "[a, ", "- *a\n", "'", "|\n",
  ])
  func tenMegabytesOfGarbageEndFast(kind: String) {
    let size = 10_000_000
    var generator = SeededGenerator(seed: 6)
    let block: [UInt8]
    switch kind {
    case "random": block = (0..<65_536).map { _ in UInt8.random(in: 0...255, using: &generator) }
    case "printable":
      block = (0..<65_536).map { _ in UInt8.random(in: 0x20...0x7E, using: &generator) }
    case "letters":
      block = (0..<65_536).map { _ in UInt8.random(in: 0x61...0x7A, using: &generator) }
    default: block = Array(String(repeating: kind, count: 65_536 / kind.utf8.count).utf8)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + block.count)
    while bytes.count < size { bytes += block }
    let clock = ContinuousClock()
    let duration = clock.measure {
      let result = YAML.parse(bytes, file: "x.yaml")
      #expect(result.documents.count <= 1)
      #expect(result.errors.count <= 101)
    }
    #expect(duration < .seconds(20))
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, _ replacement: String) -> String {
    hasSuffix(suffix) ? dropLast(suffix.count) + replacement : self
  }
}
