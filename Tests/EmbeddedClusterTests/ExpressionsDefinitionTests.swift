import Foundation
import JSON
import Testing
import YAML

@testable import EmbeddedCluster

/// All rules of the definitions in ../shared, written for the real API server.
@Suite struct ExpressionsDefinitionTests {
  static let definitions: String? = {
    let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appendingPathComponent("../shared/schemas/crds").standardizedFileURL.path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  @Test(.enabled(if: definitions != nil, "../shared is not there"))
  func allRulesCompile() throws {
    let root = try #require(Self.definitions)
    let evaluator = CELEvaluator()
    var count = 0
    for name in try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
    where name.hasSuffix(".yaml") {
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(name)")))
      // A quick look first: most of these files are large and have no rules.
      guard String(decoding: bytes, as: UTF8.self).contains("x-kubernetes-validations") else {
        continue
      }
      for document in try YAML.parse(bytes, file: name).get() {
        for version in document.value[path: "spec", "versions"]?.array ?? [] {
          guard let schema = version[path: "schema", "openAPIV3Schema"] else { continue }
          Self.walk(TypeSchema.structural(fromOpenAPI: schema), name, evaluator, &count)
        }
      }
    }
    #expect(count > 800)
  }

  @Test func ownDefinitionsCompile() throws {
    let path = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("crds/agentdeployments.yaml").path
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let evaluator = CELEvaluator()
    var count = 0
    for document in try YAML.parse(bytes, file: path).get() {
      for version in document.value[path: "spec", "versions"]?.array ?? [] {
        guard let schema = version[path: "schema", "openAPIV3Schema"] else { continue }
        Self.walk(TypeSchema.structural(fromOpenAPI: schema), "", evaluator, &count)
      }
    }
    #expect(count > 50)
  }

  static func walk(
    _ schema: TypeSchema, _ path: String, _ evaluator: CELEvaluator, _ count: inout Int
  ) {
    for rule in schema.rules {
      count += 1
      #expect(evaluator.check(rule: rule, schema: schema) == nil, "\(path): \(rule.rule)")
      #expect(evaluator.checkMessageExpression(rule: rule, schema: schema) == nil, "\(path)")
    }
    for (name, property) in schema.properties {
      walk(property, "\(path).\(name)", evaluator, &count)
    }
    if let items = schema.items { walk(items, path + "[]", evaluator, &count) }
    if let values = schema.additional, values.type != .any {
      walk(values, path + "{}", evaluator, &count)
    }
  }

  /// The rules of AgentDeployment (../shared/design/api.md section 5), on what they are about.
  @Test func agentDeploymentRules() {
    typealias Rules = ExpressionsRuleTests
    let scaling = Rules.object([
      "minReplicas": ["type": "integer"], "maxReplicas": ["type": "integer"],
      "idle": ["type": "object", "properties": ["after": ["type": "string"]]],
      "metrics": [
        "type": "array",
        "items": [
          "type": "object",
          "properties": [
            "type": ["type": "string"], "trigger": ["type": "object"], "metric": ["type": "string"],
          ],
        ],
      ],
    ])
    let cases: [(String, JSONValue, Bool)] = [
      ("self.minReplicas <= self.maxReplicas", ["minReplicas": 3, "maxReplicas": 2], false),
      ("self.minReplicas > 0 || has(self.idle)", ["minReplicas": 0], false),
      ("self.minReplicas > 0 || has(self.idle)", ["minReplicas": 0, "idle": [:]], true),
      ("!has(self.idle) || self.minReplicas == 0", ["minReplicas": 1, "idle": [:]], false),
      (
        "self.metrics.all(m, (m.type == 'Queue') == has(m.trigger))",
        ["metrics": [["type": "Queue"]]], false
      ),
      (
        "self.metrics.all(m, m.type != 'ActiveWork' || has(m.metric))",
        ["metrics": [["type": "ActiveWork", "metric": "x"]]], true
      ),
    ]
    for (rule, value, holds) in cases {
      #expect((Rules.outcome(rule, value, scaling) == .holds) == holds, "\(rule)")
    }
    let steps = Rules.object([
      "steps": [
        "type": "array",
        "items": ["type": "object", "properties": ["weight": ["type": "integer"]]],
      ]
    ])
    let sorted =
      "self.steps.map(s, s.weight).isSorted() && "
      + "self.steps.all(s, s.weight >= 1 && s.weight <= 99)"
    #expect(Rules.outcome(sorted, ["steps": [["weight": 5], ["weight": 50]]], steps) == .holds)
    #expect(Rules.outcome(sorted, ["steps": [["weight": 50], ["weight": 5]]], steps) != .holds)
    #expect(Rules.outcome(sorted, ["steps": [["weight": 100]]], steps) != .holds)
    let state = Rules.object(["storage": ["type": "string"]])
    let grows = "quantity(self.storage).compareTo(quantity(oldSelf.storage)) >= 0"
    #expect(Rules.outcome(grows, ["storage": "2Gi"], old: ["storage": "1Gi"], state) == .holds)
    #expect(Rules.outcome(grows, ["storage": "1G"], old: ["storage": "1Gi"], state) != .holds)
    let duration = Rules.schema(["type": "string"])
    #expect(Rules.outcome("duration(self) >= duration('1s')", "999ms", duration) != .holds)
    #expect(Rules.outcome("duration(self) >= duration('1s')", "1h30m", duration) == .holds)
    let secret = Rules.object([
      "secretRef": ["type": "object"], "externalSecret": ["type": "object"],
      "generate": ["type": "object"],
    ])
    let oneOf =
      "(has(self.secretRef)?1:0) + (has(self.externalSecret)?1:0) + (has(self.generate)?1:0) == 1"
    #expect(Rules.outcome(oneOf, ["generate": [:]], secret) == .holds)
    #expect(Rules.outcome(oneOf, ["generate": [:], "secretRef": [:]], secret) != .holds)
    let spec = Rules.object([
      "models": [
        "type": "array",
        "items": ["type": "object", "properties": ["credential": ["type": "string"]]],
      ],
      "secrets": [
        "type": "array", "items": ["type": "object", "properties": ["name": ["type": "string"]]],
      ],
    ])
    let references =
      "!has(self.models) || self.models.all(m, !has(m.credential) || (has(self.secrets) && "
      + "self.secrets.exists(s, s.name == m.credential)))"
    #expect(Rules.outcome(references, ["models": [["credential": "k"]]], spec) != .holds)
    #expect(
      Rules.outcome(
        references, ["models": [["credential": "k"]], "secrets": [["name": "k"]]], spec) == .holds)
  }
}
