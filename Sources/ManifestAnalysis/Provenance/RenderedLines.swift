import JSON
public import KubernetesAPI

/// Rendered objects as lines, one for each value, that can be told apart whatever stands around them.
public struct RenderedLines: Sendable {
  public struct Line: Sendable, Hashable {
    /// `Deployment support`
    public var object: String
    /// `spec.template.spec.containers[agent].image`
    public var path: String
    /// The same with numbers for all entries of lists: `spec.template.spec.containers[0].image`.
    public var numberedPath: String
    public var value: String
  }

  public private(set) var lines: [Line] = []
  private(set) var values: [String: String] = [:]

  /// - Parameter revision: its hash, which is in names everywhere, is taken for a word of its own.
  public init(_ objects: [KubernetesObject], revision: String) {
    for object in objects {
      let title = "\(object.kind) \(object.name)".replacing(revision, with: "REVISION")
      var json = object.json
      for key in ["agentdeploy.dev/rendered-hash", "agentdeploy.dev/pod-input"] {
        json["metadata"]?["annotations"]?[key] = nil
      }
      for part in ["apiVersion", "kind"] { json[part] = nil }
      add(json, title, "", "", revision)
    }
  }

  private mutating func add(
    _ value: JSONValue, _ object: String, _ path: String, _ numbered: String, _ revision: String
  ) {
    switch value {
    case .object(let members) where !members.isEmpty:
      for (key, member) in members {
        let isPlain = key.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        let step = isPlain ? (path.isEmpty ? key : ".\(key)") : "[\(key)]"
        add(member, object, path + step, numbered + step, revision)
      }
    case .array(let items) where !items.isEmpty:
      for (i, item) in items.enumerated() {
        add(
          item, object, "\(path)[\(item["name"]?.string ?? String(i))]", "\(numbered)[\(i)]",
          revision)
      }
    default:
      let text = (value.string ?? value.serialized()).replacing(revision, with: "REVISION")
      lines.append(Line(object: object, path: path, numberedPath: numbered, value: text))
      values["\(object) \(path)"] = text
    }
  }

  /// With another name in the objects' and the fields' names, but not in the values.
  func renamed(from name: String, to other: String) -> RenderedLines {
    var renamed = self
    renamed.values = Dictionary(
      values.map { ($0.key.replacing(name, with: other), $0.value) }, uniquingKeysWith: { $1 })
    return renamed
  }

  /// The lines that the other rendering lacks or has with another value.
  func differences(from other: RenderedLines) -> Set<String> {
    Set(values.filter { other.values[$0.key] != $0.value }.keys)
  }
}
