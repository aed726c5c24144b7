import EmbeddedCluster
import Foundation
import JSON
import KubernetesClient
import Testing
import YAML

/// Replays what a real kube-apiserver 1.36 answered, against the cluster in this process.
///
/// Scenarios with watches, hooks and pauses are left to `replay.py`, which needs a socket.
@Suite struct ApplyConformanceTests {
  static let folder =
    ProcessInfo.processInfo.environment["CONFORMANCE_SCENARIOS"]
    ?? "/work/shared/conformance/scenarios"

  static let scenarios: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let prefixes = ["ssa-", "crd-", "create-", "patch-", "put-", "errors-", "events", "leases"]
    let elsewhere = [
      "crd-lifecycle.yaml", "ssa-noop.yaml", "errors-forbidden.yaml", "errors-unauthorized.yaml",
    ]
    return files.sorted().filter { file in
      prefixes.contains { file.hasPrefix($0) } && !elsewhere.contains(file)
    }
  }()

  @Test(
    .enabled(if: !scenarios.isEmpty, "no recorded scenarios at \(folder)"), arguments: scenarios)
  func answersAsRecorded(_ file: String) async throws {
    var replay = try Replay(folder: Self.folder, file: file)
    try await replay.run()
    #expect(replay.checked > 0)
    for fault in replay.faults.prefix(5) { Issue.record("\(file) \(fault)") }
  }
}

/// One scenario against a cluster of its own.
private struct Replay {
  var faults: [String] = []
  var checked = 0
  private let folder: String
  private let scenario: JSONValue
  private let transport: any APITransport
  private var variables = ["ns": "conf-1"]
  private var bound: [String: String] = [:]

  init(folder: String, file: String) throws {
    self.folder = folder
    scenario = try Self.documents("\(folder)/\(file)")[0]
    transport =
      EmbeddedCluster(configuration: EmbeddedClusterConfiguration(simulatesControllers: false))
      .transport
  }

  private static func documents(_ path: String) throws -> [JSONValue] {
    // The recordings hold a bare y and n, which our parser refuses to guess about.
    let bare = try NSRegularExpression(pattern: "(?m)^( *(?:- )*)([yn])(: )|([:-] )([yn])$")
    let text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    var quoted = text
    for _ in 0..<2 {  // a line can have both a key and a value
      quoted = bare.stringByReplacingMatches(
        in: quoted, range: NSRange(quoted.startIndex..., in: quoted),
        withTemplate: "$1$4\"$2$5\"$3")
    }
    return try YAML.parse(Array(quoted.utf8), file: path).get().map(\.value)
  }

  mutating func run() async throws {
    try await create(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "${ns}"]])
    for entry in scenario["setup"]?.array ?? [] {
      if let file = entry.string {
        for manifest in try Self.documents("\(folder)/\(file)") { try await create(manifest) }
      } else {
        try await create(entry)
      }
    }
    for (number, step) in (scenario["steps"]?.array ?? []).enumerated() {
      guard let request = step["request"] else { continue }
      let response = try await send(request)
      check(step, response, step["name"]?.string ?? "step \(number + 1)")
      for (name, path) in step["capture"]?.object ?? [:] {
        variables[name] = Self.look(response["body"], path.string ?? "")?.string
      }
    }
  }

  private mutating func create(_ manifest: JSONValue) async throws {
    let kind = (manifest["kind"]?.string ?? "").lowercased()
    let plural =
      kind.hasSuffix("s")
      ? "\(kind)es" : kind.hasSuffix("y") ? "\(kind.dropLast())ies" : "\(kind)s"
    let version = manifest["apiVersion"]?.string ?? ""
    let isCluster = ["namespaces", "customresourcedefinitions"].contains(plural)
    let path =
      (version.contains("/") ? "/apis/" : "/api/") + version
      + (isCluster
        ? "" : "/namespaces/\(manifest[path: "metadata", "namespace"]?.string ?? "${ns}")")
      + "/" + plural
    let response = try await send(
      ["method": "POST", "path": .string(path), "body": manifest])
    let status = response["status"]?.int ?? 0
    if status != 201 { faults.append("setup \(kind): \(response)") }
  }

  private func fill(_ text: String) -> String {
    var text = text
    while let start = text.range(of: "${"), let end = text[start.upperBound...].firstIndex(of: "}")
    {
      let parts = text[start.upperBound..<end].split(separator: "*")
      let value =
        parts.count == 2
        ? String(repeating: String(parts[0]), count: Int(parts[1]) ?? 0)
        : variables[String(parts[0])] ?? "?"
      text.replaceSubrange(start.lowerBound...end, with: value)
    }
    return text
  }

  private func fill(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text): .string(fill(text))
    case .array(let elements): .array(elements.map { fill($0) })
    case .object(let object):
      .object(JSONObject(object.map { (key: fill($0.key), value: fill($0.value)) }))
    default: value
    }
  }

  private func send(_ request: JSONValue) async throws -> JSONValue {
    let request = fill(request)
    var headers: [(name: String, value: String)] = [
      ("user-agent", "conformance/1.0"), ("accept", "application/json"),
    ]
    for (name, value) in request["headers"]?.object ?? [:] {
      headers.removeAll { $0.name == name.lowercased() }
      if let text = value.string { headers.append((name.lowercased(), text)) }
    }
    var body: [UInt8]?
    if let value = request["body"] {
      body = Array((value.string ?? Self.spaced(value)).utf8)
      if !headers.contains(where: { $0.name == "content-type" }) {
        headers.append(("content-type", "application/json"))
      }
    }
    let query = (request["query"]?.object ?? [:]).map {
      (name: $0.key, value: $0.value.string ?? $0.value.serialized())
    }
    let response = try await transport.send(
      APIRequest(
        method: request["method"]?.string ?? "GET", path: request["path"]?.string ?? "",
        query: query, headers: headers, body: body))
    let parsed = try? JSONValue(parsing: response.body)
    return [
      "status": JSONValue(response.status),
      "body": parsed ?? .string(String(decoding: response.body, as: UTF8.self)),
    ]
  }

  /// As the recording client writes JSON: messages quote bodies.
  private static func spaced(_ value: JSONValue) -> String {
    switch value {
    case .array(let elements): "[" + elements.map(spaced).joined(separator: ", ") + "]"
    case .object(let object):
      "{"
        + object.map { "\(JSONValue.string($0.key).serialized()): \(spaced($0.value))" }
        .joined(separator: ", ") + "}"
    default: value.serialized()
    }
  }

  // MARK: - Comparing

  private mutating func check(_ step: JSONValue, _ response: JSONValue, _ label: String) {
    guard let expected = step["expect"] else { return }
    checked += 1
    var got = response
    for path in step["ignore"]?.array ?? [] {
      got = Self.without(got, Self.parts(path.string ?? "")[...])
    }
    let isSubset = step["only"] != nil
    for key in ["status", "body"] {
      guard let wanted = expected[key] else { continue }
      if wanted == "" && got[key] == "" { continue }
      compare(fill(wanted), got[key], "\(label): \(key)", isSubset)
    }
  }

  static func parts(_ path: String) -> [String] {
    path.replacingOccurrences(of: "\\.", with: "\u{0}").split(separator: ".")
      .map { $0.replacingOccurrences(of: "\u{0}", with: ".") }
  }

  static func look(_ value: JSONValue?, _ path: String) -> JSONValue? {
    var value = value
    for part in parts(path) {
      value = Int(part).flatMap { value?[$0] } ?? value?[part]
    }
    return value
  }

  private static func without(_ value: JSONValue, _ path: ArraySlice<String>) -> JSONValue {
    guard let first = path.first else { return value }
    switch value {
    case .object(var object):
      if path.count == 1 {
        object[first] = nil
      } else if let member = object[first] {
        object[first] = without(member, path.dropFirst())
      }
      return .object(object)
    case .array(let elements) where first == "*":
      return .array(elements.map { without($0, path.dropFirst()) })
    default: return value
    }
  }

  private mutating func compare(
    _ wanted: JSONValue?, _ got: JSONValue?, _ path: String, _ isSubset: Bool
  ) {
    if wanted == "<any>", got != nil { return }
    switch (wanted, got) {
    case (.object(let wanted)?, .object(let got)?):
      let wanted = Self.settled(wanted)
      let got = Self.settled(got)
      for (key, value) in wanted {
        let match =
          got[key] != nil
          ? key : got.keys.first { wanted[$0] == nil && key.contains("<") && matches(key, $0) }
        compare(value, match.flatMap { got[$0] }, "\(path).\(key)", isSubset)
      }
      guard !isSubset else { return }
      for (key, value) in got where wanted[key] == nil {
        if wanted.keys.contains(where: { $0.contains("<") && matches($0, key) }) { continue }
        compare(nil, value, "\(path).\(key)", false)
      }
    case (.array(let wanted)?, .array(let got)?):
      if isSubset {
        for value in wanted {
          let isThere = got.contains { element in
            var copy = self
            copy.faults = []
            copy.compare(value, element, "", true)
            return copy.faults.isEmpty
          }
          if !isThere { faults.append("\(path): expected \(value) among the elements") }
        }
        return
      }
      for position in 0..<max(wanted.count, got.count) {
        compare(
          wanted.indices.contains(position) ? wanted[position] : nil,
          got.indices.contains(position) ? got[position] : nil, "\(path)[\(position)]", false)
      }
    case (.string(let wanted)?, .string(let got)?):
      if !matches(wanted, got) { faults.append("\(path): expected \(wanted), got \(got)") }
    default:
      if wanted != got {
        let (a, b) = (wanted?.serialized() ?? "nothing", got?.serialized() ?? "nothing")
        faults.append("\(path): expected \(a), got \(b)")
      }
    }
  }

  private static let forms = [
    "uid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "rv": "[1-9][0-9]*",
    "time": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z",
    "microtime": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{6}Z", "token": "\\S+",
    "gen": "[a-z0-9]{5}", "ip": "[0-9]+(?:\\.[0-9]+){3}", "age": "(?:[0-9]+[smhdy])+|<invalid>",
    "any": "[\\s\\S]*",
  ]

  private mutating func matches(_ wanted: String, _ got: String) -> Bool {
    guard wanted.contains("<") else { return wanted == got }
    var pattern = ""
    var names: [String?] = []
    var rest = wanted[...]
    while let start = rest.firstIndex(of: "<") {
      pattern += NSRegularExpression.escapedPattern(for: String(rest[..<start]))
      rest = rest[start...]
      let close = rest.firstIndex(of: ">")
      let name = close.map { String(rest[rest.index(after: start)..<$0]) } ?? ""
      let kind = name.split(separator: ":").first.map(String.init) ?? ""
      guard let close, let form = Self.forms[kind] else {
        pattern += "<"
        rest = rest.dropFirst()
        continue
      }
      pattern += "(\(form))"
      names.append(name.contains(":") ? name : nil)
      rest = rest[rest.index(after: close)...]
    }
    pattern += NSRegularExpression.escapedPattern(for: String(rest))
    guard let expression = try? NSRegularExpression(pattern: "^(?:\(pattern))$"),
      let match = expression.firstMatch(in: got, range: NSRange(got.startIndex..., in: got))
    else { return false }
    for (position, name) in names.enumerated() {
      guard let name, let range = Range(match.range(at: position + 1), in: got) else { continue }
      let value = String(got[range])
      if let known = bound[name] {
        if known != value { return false }
      } else {
        bound[name] = value
      }
    }
    return true
  }

  /// What has no fixed order, sorted: causes, the words of a message with several, managedFields.
  private static func settled(_ object: JSONObject) -> JSONObject {
    var object = object
    if let causes = object["details"]?["causes"]?.array, causes.count > 1,
      object["kind"] == "Status"
    {
      let sorted = causes.sorted {
        ($0["field"]?.string ?? "", $0["message"]?.string ?? "")
          < ($1["field"]?.string ?? "", $1["message"]?.string ?? "")
      }
      object["details"]?["causes"] = .array(sorted)
      let words = (object["message"]?.string ?? "").split { " ,[]\n".contains($0) }.sorted()
      if object["message"] != nil { object["message"] = .string(words.joined(separator: " ")) }
    }
    if let entries = object["managedFields"]?.array {
      func key(_ entry: JSONValue) -> String {
        ["operation", "manager", "subresource", "apiVersion"].map { entry[$0]?.string ?? "" }
          .joined(separator: "|")
      }
      object["managedFields"] = .array(entries.sorted { key($0) < key($1) })
    }
    return object
  }
}
