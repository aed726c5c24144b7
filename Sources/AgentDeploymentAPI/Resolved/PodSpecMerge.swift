import JSON

/// The strategic merge of a user's pod spec onto the rendered one: maps merge, the lists that
/// Kubernetes keys merge by their key, `envFrom` is joined, other lists are replaced, null removes.
/// `$patch: delete` empties a map and removes an element of a keyed list, `$patch: replace` puts the
/// patch in place of the map or the list, and `$retainKeys` removes what it does not name
/// (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md).
enum PodSpecMerge {
  static let directive = "$patch"
  static let retainKeys = "$retainKeys"

  /// Patch merge keys of the lists in a PodSpec, by the list's field name.
  static let mergeKeys: [String: String] = [
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name",
    "volumes": "name", "env": "name", "imagePullSecrets": "name", "ports": "containerPort",
    "volumeMounts": "mountPath", "volumeDevices": "devicePath", "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey", "resourceClaims": "name",
  ]

  /// - Parameter patch: one that `PodTemplateChecks` has nothing against.
  static func merge(_ base: JSONValue, with patch: JSONValue, field: String = "") -> JSONValue {
    switch (base, patch) {
    case (_, .object(let changes)): return .object(merge(base.object ?? [:], with: changes))
    case (_, .array(let changes)):
      let items = base.array ?? []
      // Of two sources the last wins: what every agent is told is not for the user's ConfigMaps.
      if field == "envFrom" { return .array(changes + items) }
      guard let mergeKey = mergeKeys[field] else { return patch }
      return .array(merge(items, with: changes, by: mergeKey))
    default:
      return patch
    }
  }

  private static func merge(_ base: JSONObject, with patch: JSONObject) -> JSONObject {
    if patch[directive] == "delete" { return [:] }
    var object = patch[directive] == "replace" ? [:] : base
    if let kept = patch[retainKeys]?.array {
      for key in object.keys where !kept.contains(.string(key)) { object.removeValue(forKey: key) }
    }
    for (key, change) in patch where key != directive && key != retainKeys {
      if change.isNull {
        object.removeValue(forKey: key)
      } else {
        // What is new has directives and nulls of its own.
        object[key] = merge(object[key] ?? .null, with: change, field: key)
      }
    }
    return object
  }

  private static func merge(
    _ items: [JSONValue], with changes: [JSONValue], by mergeKey: String
  ) -> [JSONValue] {
    let isReplaced = changes.contains { $0[directive] == "replace" }
    var items = isReplaced ? [] : items
    for change in changes where change[directive] != "replace" {
      let position = change[mergeKey].flatMap { key in items.firstIndex { $0[mergeKey] == key } }
      if change[directive] == "delete" {
        if let position { items.remove(at: position) }
      } else if let position {
        items[position] = merge(items[position], with: change)
      } else {
        items.append(merge(.null, with: change))
      }
    }
    return items
  }
}
