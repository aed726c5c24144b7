import Foundation
import JSON
import KubernetesAPI
import ManifestRendering
import Simulation
import Testing
import YAML

@testable import AgentDeploymentAPI

/// A thousand generated agents: what is rendered of them is stable and valid.
@Suite struct GeneratedSpecTests {
  static let specs = GeneratedSpecs.make(1000, seed: 4)

  @Test func setEveryField() {
    let set = Set(Self.specs.flatMap(\.fields))
    #expect(set == Set(LeafCase.all.map(\.path)))
    let several = Self.specs.count { $0.fields.count >= 4 }
    #expect(several > 500, "\(several)")
  }

  @Test func orderOfMembersDoesNotMatter() throws {
    var generator = SeededGenerator(seed: 11)
    for spec in Self.specs {
      let expected = spec.agent.render(GeneratedSpecs.context)
      let shuffled = spec.manifest.shuffledMembers(using: &generator)
      let again = try Manifest.decode(shuffled).get().render(GeneratedSpecs.context)
      #expect(
        again.objects.map(\.object.json.description)
          == expected.objects.map(\.object.json.description))
    }
  }

  @Test func namesAreUnique() {
    for spec in Self.specs {
      let keys = spec.agent.render(GeneratedSpecs.context).objects.map {
        "\($0.resource) \($0.object.key)"
      }
      #expect(Set(keys).count == keys.count, "\(keys)")
    }
  }

  static let schemas = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/schemas").standardizedFileURL

  /// Kinds whose definitions are not among ../shared/schemas.
  static let withoutSchema = Set(
    ModelRoute.kinds.filter { $0.group != "gateway.networking.k8s.io" }.map(\.kind))

  /// The documents that differ in more than the agent's name.
  static func documents() -> [JSONValue] {
    var seen: Set<String> = []
    var documents: [JSONValue] = []
    for spec in specs {
      for rendered in spec.agent.render(GeneratedSpecs.context).objects
      where !withoutSchema.contains(rendered.resource.kind) {
        let name = spec.agent.name
        var told = rendered.object.json
        told["metadata"]?["annotations"]?[RenderHash.annotation] = nil
        let text = told.serialized(.canonical).replacing("\(name)-", with: "agent-")
          .replacing("\"\(name)\"", with: "\"agent\"").replacing("\(name).", with: "agent.")
        if seen.insert(text).inserted { documents.append(rendered.object.json) }
      }
    }
    return documents
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(
        atPath: Self.schemas.appending(path: "check-manifests").path),
      "needs ../shared/schemas"))
  func passUpstreamSchemas() throws {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "generated-\(ProcessInfo.processInfo.processIdentifier).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try YAML.emit(documents: Self.documents()).write(to: file, atomically: true, encoding: .utf8)
    let output = try RealAPIServer.run(
      Self.schemas.appending(path: "check-manifests").path, [file.path])
    // A Python without PyYAML or jsonschema says so; that is no fault of the manifests.
    if output.err.contains("ModuleNotFoundError") { return }
    #expect(output.status == 0, "\(output.out.prefix(4000)) \(output.err.prefix(1000))")
  }

  @Test(.enabled(if: RealAPIServer.isAvailable, "needs KUBEBUILDER_ASSETS or TEST_KUBECONFIG"))
  func passAStrictDryRun() throws {
    let server = try RealAPIServer()
    defer { server.stop() }
    let crds = try server.kubectl([
      "apply", "--server-side", "--recursive", "-f", Self.schemas.appending(path: "crds").path,
    ])
    try #require(crds.status == 0, "\(crds.err)")
    let established = try server.kubectl([
      "wait", "--for=condition=Established", "--timeout=120s", "crd", "--all",
    ])
    try #require(established.status == 0, "\(established.err)")
    try server.write("generated.yaml", YAML.emit(documents: Self.documents()))
    let output = try server.kubectl([
      "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f",
      server.path("generated.yaml"),
    ])
    #expect(output.status == 0, "\(output.err.prefix(4000))")
    let count = output.out.split(separator: "\n").count { $0.hasSuffix("(server dry run)") }
    #expect(count == Self.documents().count)
  }
}

extension JSONValue {
  /// Lists keep their order: it means something.
  fileprivate func shuffledMembers(using generator: inout SeededGenerator) -> JSONValue {
    switch self {
    case .object(let object):
      var members: [(key: String, value: JSONValue)] = []
      for (key, value) in object {
        members.append((key, value.shuffledMembers(using: &generator)))
      }
      members.shuffle(using: &generator)
      return .object(JSONObject(members))
    case .array(let elements):
      var shuffled: [JSONValue] = []
      for element in elements { shuffled.append(element.shuffledMembers(using: &generator)) }
      return .array(shuffled)
    default: return self
    }
  }
}
