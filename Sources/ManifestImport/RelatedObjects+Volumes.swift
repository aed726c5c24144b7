import JSON
import KubernetesAPI

extension RelatedObjects {
  /// Gives volumes other names whose names the rendering has for volumes of its own: merged, a
  /// volume would have two sources, or the agent's files would be others.
  ///
  /// - Returns: what was renamed.
  mutating func renameVolumes(beside rendered: [KubernetesObject]) -> [ImportNote] {
    let counterpart = rendered.first { $0.kind == deployment.kind }
    let others = counterpart?[path: "spec", "template", "spec", "volumes"]?.array ?? []
    var pod = deployment[path: "spec", "template", "spec"] ?? [:]
    var volumes = pod["volumes"]?.array ?? []
    var taken = Set((volumes + others).compactMap { $0["name"]?.string })
    var names: [String: String] = [:]
    var notes: [ImportNote] = []
    for (position, volume) in volumes.enumerated() {
      guard let name = volume["name"]?.string,
        let other = others.first(where: { $0["name"]?.string == name }),
        Self.isOther(volume, than: other)
      else { continue }
      var new = "imported-\(name)"
      while !taken.insert(new).inserted { new = "imported-\(new)" }
      names[name] = new
      volumes[position]["name"] = .string(new)
      notes.append(
        ImportNote(
          deployment.title, "spec.template.spec.volumes[\(position)].name",
          "is now \(new), beside the agent's own"))
    }
    guard !names.isEmpty else { return [] }
    pod["volumes"] = .array(volumes)
    for list in ["containers", "initContainers"] {
      for uses in ["volumeMounts", "volumeDevices"] {
        Self.rename(&pod, list, uses, names)
      }
    }
    deployment["spec"]?["template"]?["spec"] = pod
    return notes
  }

  /// Two places for temporary files are one.
  private static func isOther(_ volume: JSONValue, than other: JSONValue) -> Bool {
    let isEmpty = volume["emptyDir"] != nil && other["emptyDir"] != nil
    return volume != other && !isEmpty
  }

  private static func rename(
    _ pod: inout JSONValue, _ list: String, _ uses: String, _ names: [String: String]
  ) {
    guard var containers = pod[list]?.array else { return }
    for position in containers.indices {
      guard let entries = containers[position][uses]?.array else { continue }
      containers[position][uses] = .array(
        entries.map { entry in
          guard let new = entry["name"]?.string.flatMap({ names[$0] }) else { return entry }
          var entry = entry
          entry["name"] = .string(new)
          return entry
        })
    }
    pod[list] = .array(containers)
  }
}
