import Foundation
import JSON
import Testing
import YAML

@testable import AgentDeploymentAPI

@Suite struct CRDTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("crds")

  static let definitions = [
    "agentdeployments": AgentDeploymentCRD.json, "agentclasses": AgentClassCRD.json,
  ]
  static let names = definitions.keys.sorted()

  static func emitted(_ name: String) -> String {
    "# Generated from Sources/AgentDeploymentAPI: UPDATE_GOLDEN=1 swift test --filter CRDTests\n"
      + YAML.emit(definitions[name] ?? .null)
  }
  static let emitted = emitted("agentdeployments")

  @Test(arguments: names) func theCommittedFileIsWhatTheTypesSay(_ name: String) throws {
    let file = Self.folder.appendingPathComponent("\(name).yaml")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
      try Data(Self.emitted(name).utf8).write(to: file)
    }
    let committed = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    #expect(
      committed == Self.emitted(name),
      "crds/\(name).yaml is stale; run UPDATE_GOLDEN=1 swift test --filter CRDTests")
  }

  @Test(arguments: names) func theFileReadsBackAsTheSameTree(_ name: String) throws {
    let result = YAML.parse(Array(Self.emitted(name).utf8), file: "crds/\(name).yaml")
    #expect(result.errors.isEmpty)
    #expect(result.documents.map(\.value) == [Self.definitions[name]])
  }

  /// The API server refuses a schema without: every rule's cost is estimated from the bounds.
  @Test func everyListMapAndTextIsBounded() {
    func visit(_ schema: JSONValue, _ path: String) {
      if schema["type"] == "array", schema["x-kubernetes-validations"]?[0]?["rule"] != "false" {
        #expect(schema["maxItems"] != nil, "\(path)")
        #expect(schema["x-kubernetes-list-type"] != nil, "\(path)")
      }
      if schema["type"] == "string", schema["enum"] == nil, !path.hasSuffix("items"),
        schema["x-kubernetes-validations"]?[0]?["rule"] != "false"
      {
        #expect(schema["maxLength"] != nil, "\(path)")
      }
      if schema["additionalProperties"] != nil {
        #expect(schema["maxProperties"] != nil, "\(path)")
      }
      for (name, property) in schema["properties"]?.object ?? [:] {
        #expect(property["description"] != nil, "\(path).\(name)")
        visit(property, "\(path).\(name)")
      }
      if let items = schema["items"] { visit(items, path + ".items") }
      if let values = schema["additionalProperties"] { visit(values, path + ".values") }
    }
    visit(AgentDeploymentSpec.schema.openAPI(path: "spec"), "spec")
    visit(AgentClassSpec.schema.openAPI(path: "spec"), "class.spec")
    visit(AgentDeploymentStatus.schema.openAPI(path: "status"), "status")
  }
}
