import Foundation
import JSON
import KubernetesAPI
import ManifestAnalysis
import ManifestRendering
import Testing

@testable import AgentDeploymentAPI

/// Acto's consistency oracle (shared/design/testing.md): changing one field changes exactly the paths
/// that it is about. The record is `Golden/field-effects.txt`; after a wanted change:
/// `UPDATE_GOLDEN=1 swift test --filter FieldEffectTests`, and read the difference.
@Suite struct FieldEffectTests {
  static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden/field-effects.txt")

  /// What works outside the objects of one agent, and where that is tested.
  static let withoutObjects: Set<String> = [
    "spec.className",  // ClassSemanticsTests
    "spec.paused",  // AgentOperatorTests
    "spec.security.compliance[0]",  // ReportCommandTests
    "spec.availability.regions.primary",  // RegionTests
    "spec.rollout.type", "spec.traffic.mirror.to",  // have one value
    "spec.secrets[0].expose",  // the other value needs another field too
    "spec.slos[0].indicator.type",  // the other value needs another field too
  ]

  @Test func everyFieldChangesWhatIsRecorded() throws {
    var text = ""
    for leaf in LeafCase.all {
      let effect = try Self.effect(of: leaf)
      #expect(
        effect.isEmpty == Self.withoutObjects.contains(leaf.path),
        "\(leaf.path) changes \(effect.count) lines of what is rendered")
      text += leaf.path + "\n" + effect.map { "  \($0)\n" }.joined()
    }
    try Self.expect(text, recordedIn: Self.file)
  }

  /// - Parameter text: a line for each field, and under it, indented, what it changes.
  static func expect(_ text: String, recordedIn file: URL) throws {
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let recorded = try String(contentsOf: file, encoding: .utf8)
    let (new, old) = (blocks(text), blocks(recorded))
    for path in Set(new.keys).union(old.keys).sorted() {
      #expect(new[path] == old[path], "\(path): run with UPDATE_GOLDEN=1 and read the difference")
    }
  }

  /// Lines such as `Deployment agent: spec.replicas`, with `+` for what appears and `-` for what goes;
  /// what comes or goes as a whole is one line.
  static func effect(of leaf: LeafCase) throws -> [String] {
    effect(from: try rendering(leaf.without), to: try rendering(leaf.with))
  }

  static func effect(from before: Rendering, to after: Rendering) -> [String] {
    let (old, new) = (facts(before), facts(after))
    let (oldParts, newParts) = (Set(old.keys.flatMap(parts)), Set(new.keys.flatMap(parts)))
    var lines: Set<String> = []
    for (path, value) in new where old[path] != value {
      let part = parts(of: path).first { !oldParts.contains($0) }
      lines.insert(part.map { "+ " + $0 } ?? "  " + path)
    }
    for path in old.keys where new[path] == nil {
      if let part = parts(of: path).first(where: { !newParts.contains($0) }) {
        lines.insert("- " + part)
      }
    }
    if before.validUntil != after.validUntil { lines.insert("  valid until") }
    if before.revision != after.revision { lines.insert("  a new revision") }
    return lines.sorted { ($0.dropFirst(2), $0) < ($1.dropFirst(2), $1) }
  }

  /// `Deployment agent`, `Deployment agent: spec`, … and the path itself.
  private static func parts(of path: String) -> [String] {
    guard let colon = path.firstRange(of: ": ") else { return [path] }
    var parts = [String(path[..<colon.lowerBound])]
    for i in path[colon.upperBound...].indices where path[i] == "." || path[i] == "[" {
      // Names in brackets may hold points.
      let isInName =
        path[i] == "."
        && path[..<i].lastIndex(of: "[").map {
          !path[$0..<i].contains("]")
        } ?? false
      if !isInName { parts.append(String(path[..<i])) }
    }
    return parts + [path]
  }

  private static func rendering(_ manifest: JSONValue) throws -> Rendering {
    try Manifest.decode(manifest).get().render(GeneratedSpecs.context)
  }

  /// What an object is made of, by `KIND NAME: PATH`.
  private static func facts(_ rendering: Rendering) -> [String: String] {
    let lines = RenderedLines(rendering.objects.map(\.object), revision: rendering.revision).lines
    var facts: [String: String] = [:]
    for line in lines {
      facts["\(line.object): \(line.path)"] = line.value
    }
    for object in rendering.objects {
      let name = "\(object.object.kind) \(object.object.name)"
        .replacing(rendering.revision, with: "REVISION")
      for (key, length) in object.generatedKeys { facts["\(name): generated \(key)"] = "\(length)" }
      if let rotation = object.rotation {
        facts["\(name): rotated every"] = rotation.every?.description
        facts["\(name): keeps the value before"] = "\(rotation.keepsPrevious)"
      }
      if object.isRetained { facts["\(name): retained"] = "" }
    }
    return facts
  }

  private static func blocks(_ text: String) -> [String: [Substring]] {
    var blocks: [String: [Substring]] = [:]
    var path = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix(" ") {
        blocks[path, default: []].append(line)
      } else {
        path = String(line)
        blocks[path] = []
      }
    }
    return blocks
  }
}
