import AgentDeploymentAPI
import Foundation
import JSON
import KubernetesAPI
import ManifestAnalysis
import ManifestRendering
import Testing
import YAML

/// Places of this checkout, and short ways to lint.
enum Fixtures {
  static let checkout = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Beside the checkout when the project's shared folder is there.
  static let seedManifests: URL? = {
    let places = [
      checkout.deletingLastPathComponent().appending(path: "shared"), URL(filePath: "/work/shared"),
    ]
    return places.map { $0.appending(path: "requirements/seed-manifests") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }()

  static func documents(_ text: String, file: String = "test.yaml") throws -> [YAMLDocument] {
    try YAML.parse(text, file: file).get()
  }

  static func documents(in folder: URL) throws -> [YAMLDocument] {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return try files.filter { $0.hasSuffix(".yaml") }.flatMap { file in
      try documents(
        String(contentsOf: folder.appending(path: file), encoding: .utf8), file: file)
    }
  }

  static func lint(
    _ text: String, _ configuration: LintConfiguration = LintConfiguration()
  ) throws -> [Finding] {
    let comments = YAML.comments(in: Array(text.utf8), file: "test.yaml")
    return try Linter.lint(
      ManifestSet(documents(text), comments: comments, interpret: interpret), configuration)
  }

  /// As the operator does, with the built-in class.
  static func interpret(_ json: JSONValue) -> AgentMeaning { interpret(json, .builtIn) }

  static func interpret(_ json: JSONValue, _ agentClass: AgentClass) -> AgentMeaning {
    switch AgentDeployment.decode(json, agentClass: agentClass) {
    case .success(let agent):
      .accepted(
        agent.render(RenderingContext(now: 1_780_000_000, agentClass: agentClass)).objects
          .map(\.object))
    case .failure(let failure): .refused(failure.errors)
    }
  }

  static func rendered(_ name: String) throws -> [YAMLDocument] {
    let file = checkout.appending(path: "Tests/ManifestRenderingTests/Golden/\(name).yaml")
    return try documents(String(contentsOf: file, encoding: .utf8), file: "\(name).yaml")
  }
}
