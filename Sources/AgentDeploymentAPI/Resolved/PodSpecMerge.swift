import JSON

/// The strategic merge of a user's pod spec onto the rendered one: maps merge, the lists that
/// Kubernetes keys merge by their key, `envFrom` is joined, other lists are replaced, null removes, and
/// an entry with `$patch: delete` removes the rendered one
/// (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md).
enum PodSpecMerge {
  /// Patch merge keys of the lists in a PodSpec, by the list's field name.
  private static let mergeKeys: [String: String] = [
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name",
    "volumes": "name", "env": "name", "imagePullSecrets": "name", "ports": "containerPort",
    "volumeMounts": "mountPath", "volumeDevices": "devicePath", "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey", "resourceClaims": "name",
  ]

  static func merge(_ base: JSONValue, with patch: JSONValue, field: String = "") -> JSONValue {
    switch (base, patch) {
    case (.object(var object), .object(let changes)):
      for (key, change) in changes {
        if change.isNull {
          object.removeValue(forKey: key)
        } else if let existing = object[key] {
          object[key] = merge(existing, with: change, field: key)
        } else {
          object[key] = change
        }
      }
      return .object(object)
    case (.array(let items), .array(let changes)):
      // Of two sources the last wins: what every agent is told is not for the user's ConfigMaps.
      if field == "envFrom" { return .array(changes + items) }
      guard let mergeKey = mergeKeys[field] else { return patch }
      return .array(merge(items, with: changes, by: mergeKey))
    default:
      return patch
    }
  }

  private static func merge(
    _ items: [JSONValue], with changes: [JSONValue], by mergeKey: String
  ) -> [JSONValue] {
    var items = items
    for change in changes {
      let position = change[mergeKey].flatMap { key in items.firstIndex { $0[mergeKey] == key } }
      if change["$patch"] == "delete" {
        if let position { items.remove(at: position) }
      } else if let position {
        items[position] = merge(items[position], with: change)
      } else {
        items.append(change)
      }
    }
    return items
  }
}
