import Foundation
import JSON
import Simulation
import Testing
import YAML

/// What the real `kubectl` reads, without a cluster: `patch --local` prints its input as JSON.
private enum Kubectl {
  static let path = ["/usr/bin/kubectl", "/usr/local/bin/kubectl", "/opt/homebrew/bin/kubectl"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static func spec(_ yaml: String) throws -> JSONValue {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "yaml-kubectl-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = folder.appendingPathComponent("input.yaml")
    try Data(yaml.utf8).write(to: input)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "")
    process.arguments = [
      "patch", "--local", "-f", input.path, "--type=merge", "-p", "{}", "-o", "json",
    ]
    process.environment = ["HOME": folder.path, "KUBECONFIG": "/dev/null", "PATH": "/usr/bin:/bin"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "kubectl refused:\n\(yaml.prefix(2000))")
    return try #require(try JSONValue(parsing: Array(data))["spec"])
  }

  static let head = "apiVersion: example.com/v1\nkind: Sample\nmetadata:\n  name: sample\n"
}

@Suite(.enabled(if: Kubectl.path != nil, "skipped: kubectl is not installed"))
struct KubectlTests {
  @Test func readsWhatWasEmittedAsTheSameValue() throws {
    var generator = SeededGenerator(seed: 42)
    let values = (0..<300).map { _ in generator.value() }
    let strings = NastyText.whole + (0..<2000).map { _ in generator.string() }
    var keys = JSONObject()
    for text in strings { keys[text] = .string(text) }
    let spec: JSONValue = [
      "values": .array(values), "strings": JSONValue(strings), "keys": .object(keys),
    ]
    let object: JSONValue = [
      "apiVersion": "example.com/v1", "kind": "Sample", "metadata": ["name": "sample"],
      "spec": spec,
    ]
    let read = try Kubectl.spec(YAML.emit(object))
    let readStrings = read["strings"]?.array?.map { $0.string ?? "\($0)" } ?? []
    #expect(readStrings.count == strings.count)
    for (a, b) in zip(readStrings, strings) { #expect(Array(a.utf8) == Array(b.utf8)) }
    #expect(read["keys"]?.isEquivalent(to: .object(keys)) == true)
    let readValues = read["values"]?.array ?? []
    #expect(readValues.count == values.count)
    for (a, b) in zip(readValues, values) { #expect(a.kubectlEquals(b), "\(b) became \(a)") }
  }

  /// Where no error is reported, `kubectl` reads the same from plain scalars of all sorts.
  @Test func agreesOnPlainScalars() throws {
    var generator = SeededGenerator(seed: 43)
    var texts: [String] = NastyText.whole.filter { !$0.contains("\n") }
    texts += (0..<6000).map { _ in generator.numberLike() }
    // What is no scalar at all is another test's business.
    let lines = texts.filter {
      let result = YAML.parse("- \($0)\n", file: "x.yaml", limits: YAMLLimits())
      guard case .array(let values)? = result.documents.first?.value, values.count == 1 else {
        return false
      }
      guard result.errors.isEmpty else { return false }
      if case .array = values[0] { return false }
      if case .object = values[0] { return false }
      return true
    }
    #expect(lines.count > 2000)
    let yaml = Kubectl.head + "spec:\n" + lines.map { "- \($0)\n" }.joined()
    let ours = try YAML.parse(yaml, file: "x.yaml").get().first?.value["spec"]?.array ?? []
    let theirs = try Kubectl.spec(yaml).array ?? []
    #expect(ours.count == lines.count && theirs.count == lines.count)
    for (line, (a, b)) in zip(lines, zip(ours, theirs)) {
      #expect(b.kubectlEquals(a), "\(line): ours \(a), kubectl \(b)")
    }
  }

  /// In its dialect every plain scalar is read as the real one does, also the ambiguous ones.
  @Test func theDialectIsThatOfTheRealOne() throws {
    var generator = SeededGenerator(seed: 45)
    let texts =
      NastyText.whole.filter { !$0.contains("\n") }
      + (0..<6000).map { _ in generator.numberLike() }
    func isScalar(_ value: JSONValue) -> Bool { value.array == nil && value.object == nil }
    let lines = texts.filter {
      let result = YAML.parse("- \($0)\n", file: "x.yaml", dialect: .kubectl)
      let values = result.documents.first?.value.array ?? []
      return result.errors.isEmpty && values.count == 1 && values.allSatisfy(isScalar)
    }
    #expect(lines.count > 3000)
    let yaml = Kubectl.head + "spec:\n" + lines.map { "- \($0)\n" }.joined()
    let ours =
      try YAML.parse(yaml, file: "x.yaml", dialect: .kubectl).get().first?.value["spec"]?.array
      ?? []
    let theirs = try Kubectl.spec(yaml).array ?? []
    #expect(ours.count == lines.count && theirs.count == lines.count)
    for (line, (a, b)) in zip(lines, zip(ours, theirs)) {
      #expect(b.kubectlEquals(a), "\(line): ours \(a), kubectl \(b)")
    }
  }

  @Test func agreesOnPlainKeys() throws {
    var generator = SeededGenerator(seed: 44)
    let texts = Set(
      ["1.5", "5", "true", "0", "-1"] + (0..<3000).map { _ in generator.numberLike() }
    ).sorted()
    let lines = texts.filter {
      YAML.parse("\($0): 1\n", file: "x.yaml").errors.isEmpty && !$0.contains(":")
    }
    #expect(lines.count > 200)
    let yaml = Kubectl.head + "spec:\n" + lines.map { "  \($0): \"\($0)\"\n" }.joined()
    let ours = try YAML.parse(yaml, file: "x.yaml").get().first?.value["spec"]
    #expect(ours == (try Kubectl.spec(yaml)))
  }

  @Test func agreesOnAnchorsTagsAndMergeKeys() throws {
    let yaml =
      Kubectl.head + """
        spec:
          a: &a {x: 1, u: [1, 2]}
          "b": *a
          c: {<<: *a, x: 2, z: 3}
          d: {<<: [*a, {x: 5, w: 6}], v: 1}
          e: !!str 12
          f: !!int "12"
          g: !!float 1
          h: ! 12
          i: !!null ""
          j: !!bool "true"
          "<<": {k: 1}
          k: |2
              a
             b
          l: >-
            folded
            text

            more
          m: "a\\x41\\u00e9\\U0001F600\\
            b"
          o: 'it''s'
          p:
          q: &empty
          r: *empty

        """
    let ours = try YAML.parse(yaml, file: "x.yaml").get().first?.value["spec"]
    let theirs = try Kubectl.spec(yaml)
    // A merge patch, which the command goes through, keeps null members.
    #expect(ours.map { theirs.isEquivalent(to: $0) } == true, "\(ours as Any)\n\(theirs)")
  }
}

extension JSONValue {
  /// Equal, with numbers as Go has them after its own conversion to floats and back.
  fileprivate func kubectlEquals(_ other: JSONValue) -> Bool {
    switch (self, other) {
    case (.array(let a), .array(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.kubectlEquals($1) }
    case (.object(let a), .object(let b)):
      a.count == b.count
        && a.allSatisfy { key, value in b[key].map { value.kubectlEquals($0) } ?? false }
    case (.int(let a), .int(let b)): a == b
    default:
      if let a = self.double, let b = other.double { a == b } else { self == other }
    }
  }
}
