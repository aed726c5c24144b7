import Foundation
import JSON
import Testing
import YAML

@testable import AgentDeploymentAPI

@Suite struct CRDTests {
  private static let file = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("crds/agentdeployments.yaml")

  static let emitted =
    "# Generated from Sources/AgentDeploymentAPI: UPDATE_GOLDEN=1 swift test --filter CRDTests\n"
    + YAML.emit(AgentDeploymentCRD.json)

  @Test func theCommittedFileIsWhatTheTypesSay() throws {
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(
        at: Self.file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(Self.emitted.utf8).write(to: Self.file)
    }
    let committed = String(decoding: try Data(contentsOf: Self.file), as: UTF8.self)
    #expect(
      committed == Self.emitted,
      "crds/agentdeployments.yaml is stale; run UPDATE_GOLDEN=1 swift test --filter CRDTests")
  }

  @Test func theFileReadsBackAsTheSameTree() throws {
    let result = YAML.parse(Array(Self.emitted.utf8), file: "crds/agentdeployments.yaml")
    #expect(result.errors.isEmpty)
    #expect(result.documents.map(\.value) == [AgentDeploymentCRD.json])
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
    visit(AgentDeploymentStatus.schema.openAPI(path: "status"), "status")
  }
}
