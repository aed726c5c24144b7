import JSON
import KubernetesAPI
import YAML

/// Two sets of objects, side by side, as people compare them.
struct ObjectDifference {
  private(set) var lines: [String] = []

  var isEmpty: Bool { lines.isEmpty }

  /// - Parameters:
  ///   - old, new: matched by kind, namespace and name.
  ///   - ignoresMissing: objects that only the old side has are none of the question.
  init(
    from old: [KubernetesObject], to new: [KubernetesObject], oldName: String, newName: String,
    ignoresMissing: Bool = false
  ) {
    func index(_ objects: [KubernetesObject]) -> [String: KubernetesObject] {
      Dictionary(objects.map { (Self.title($0), $0) }, uniquingKeysWith: { $1 })
    }
    let (before, after) = (index(old), index(new))
    let order = new.map(Self.title) + old.map(Self.title).filter { after[$0] == nil }
    for title in order where !(ignoresMissing && after[title] == nil) {
      let (a, b) = Self.masked(before[title], after[title])
      lines += UnifiedDiff.lines(
        a.map(Self.text) ?? "", b.map(Self.text) ?? "", oldName: "\(oldName) \(title)",
        newName: "\(newName) \(title)")
    }
  }

  static func title(_ object: KubernetesObject) -> String { "\(object.kind) \(object.key)" }

  /// Coloured on a terminal only.
  var text: String {
    lines.map { line in
      if line.hasPrefix("---") || line.hasPrefix("+++") { return Terminal.styled(line, .bold) }
      if line.hasPrefix("@@") { return Terminal.styled(line, .cyan) }
      if line.hasPrefix("-") { return Terminal.styled(line, .red) }
      return line.hasPrefix("+") ? Terminal.styled(line, .green) : line
    }.map { $0 + "\n" }.joined()
  }

  // MARK: What is compared

  private static let volatile = [
    "managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink",
    "ownerReferences",
  ]

  private static func text(_ object: KubernetesObject) -> String {
    var json = object.json
    json["status"] = nil
    for key in volatile { json["metadata"]?[key] = nil }
    json["metadata"]?["annotations"]?["kubectl.kubernetes.io/last-applied-configuration"] = nil
    return YAML.emit(documents: [sorted(json)])
  }

  /// Servers and files order members differently.
  private static func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      .object(JSONObject(object.sortedByKey().map { (key: $0.key, value: sorted($0.value)) }))
    case .array(let array): .array(array.map(sorted))
    default: value
    }
  }

  /// Values of Secrets never show; whether they differ does.
  private static func masked(
    _ old: KubernetesObject?, _ new: KubernetesObject?
  ) -> (KubernetesObject?, KubernetesObject?) {
    guard old?.kind == "Secret" || new?.kind == "Secret" else { return (old, new) }
    var (old, new) = (old, new)
    for map in ["data", "stringData"] {
      let (before, after) = (old?[map], new?[map])
      for key in Set((before?.object?.keys ?? []) + (after?.object?.keys ?? [])) {
        let isSame = before?[key] == after?[key]
        if before?[key] != nil { old?[map]?[key] = isSame ? "***" : "*** (before)" }
        if after?[key] != nil { new?[map]?[key] = isSame ? "***" : "*** (after)" }
      }
    }
    return (old, new)
  }
}
