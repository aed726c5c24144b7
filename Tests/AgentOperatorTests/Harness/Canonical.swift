import JSON
import KubernetesAPI
import ManifestRendering

/// Objects without what two equal histories may differ in.
enum Canonical {
  static func form(of object: KubernetesObject) -> JSONValue {
    var json = object.json
    var metadata: JSONValue = [:]
    for key in ["name", "labels", "finalizers"] { metadata[key] = json["metadata"]?[key] }
    metadata["annotations"] = json["metadata"]?["annotations"]
    metadata["annotations"]?["deployment.kubernetes.io/revision"] = nil
    metadata["owners"] = .array(
      object.ownerReferences.map { .string("\($0.kind) \($0.name)") })
    json["metadata"] = metadata
    if object.kind == "Secret" { json["data"] = json["data"].map { _ in "random" } }
    if object.kind == "Service" {
      json["spec"]?["clusterIP"] = nil
      json["spec"]?["clusterIPs"] = nil
    }
    if object.kind == "AgentDeployment" {
      json["status"]?["observedGeneration"] = nil
    } else {
      json["status"] = nil
    }
    return scrubbed(json)
  }

  /// What is different in objects that both have, as `Service a: spec.type: "x", was "y"`.
  static func differences(
    _ before: [String: JSONValue], _ after: [String: JSONValue]
  ) -> [String] {
    before.sorted { $0.key < $1.key }.flatMap { name, old -> [String] in
      guard let new = after[name] else { return [] }
      var found: [String] = []
      compare(old, new, "", &found)
      return found.map { "\(name): \($0)" }
    }
  }

  private static func compare(
    _ old: JSONValue?, _ new: JSONValue?, _ path: String, _ found: inout [String]
  ) {
    if old == new { return }
    guard let a = old?.object, let b = new?.object else {
      let text = { (value: JSONValue?) in String((value?.serialized() ?? "absent").prefix(200)) }
      return found.append("\(path): \(text(new)), was \(text(old))")
    }
    for key in Set(a.keys).union(b.keys).sorted() {
      compare(a[key], b[key], path.isEmpty ? key : "\(path).\(key)", &found)
    }
  }

  private static let differing: Set<String> = [
    "lastTransitionTime", "observedGeneration", Rendering.secretsHashAnnotation,
    SecretRotation.annotation,
  ]

  private static func scrubbed(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      var result: JSONObject = [:]
      for (key, value) in object
      where !Self.differing.contains(key) {
        result[key] = scrubbed(value)
      }
      return .object(result)
    case .array(let array): return .array(array.map(scrubbed))
    default: return value
    }
  }
}
