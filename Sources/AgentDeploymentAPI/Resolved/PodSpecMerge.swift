import JSON

/// The strategic merge of a user's pod spec onto the rendered one: maps merge, the lists that
/// Kubernetes keys merge by their keys, `envFrom` is joined, other lists are replaced, null removes.
/// `$patch: delete` empties a map and removes an element of a keyed list, `$patch: replace` puts the
/// patch in place of the map or the list, and `$retainKeys` removes what it does not name
/// (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md).
enum PodSpecMerge {
  static let directive = "$patch"
  static let retainKeys = "$retainKeys"

  /// What tells the elements of a list apart.
  struct MergeKey: ExpressibleByStringLiteral {
    /// Kubernetes' patch merge key.
    var field: String
    /// Where that is not enough to be one element: what the API server keys the list by, too.
    var second: (field: String, default: JSONValue?)?

    init(stringLiteral field: String) { self.field = field }

    init(_ field: String, and second: String, default: JSONValue? = nil) {
      self.field = field
      self.second = (second, `default`)
    }

    /// Nil for an element without the first field. One without the second is told by the first alone.
    func value(of element: JSONValue) -> [JSONValue]? {
      guard let first = element[field] else { return nil }
      guard let second, let value = element.member(second.field) ?? second.default else {
        return [first]
      }
      return [first, value]
    }
  }

  /// Of the lists in a PodSpec, by the list's field name.
  static let mergeKeys: [String: MergeKey] = [
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name",
    "volumes": "name", "env": "name", "imagePullSecrets": "name",
    "ports": MergeKey("containerPort", and: "protocol", default: "TCP"),
    "volumeMounts": "mountPath", "volumeDevices": "devicePath", "hostAliases": "ip",
    "topologySpreadConstraints": MergeKey("topologyKey", and: "whenUnsatisfiable"),
    "resourceClaims": "name",
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

  /// A change finds its partner among what was there before. Of two changes that are the same element
  /// to the merge neither is lost: new sidecars have what the API server takes, DNS over UDP and TCP.
  private static func merge(
    _ items: [JSONValue], with changes: [JSONValue], by mergeKey: MergeKey
  ) -> [JSONValue] {
    let isReplaced = changes.contains { $0[directive] == "replace" }
    var merged: [JSONValue?] = isReplaced ? [] : items
    var positions: [[JSONValue]: Int] = [:]
    for (i, item) in merged.enumerated() {
      guard let item, let key = mergeKey.value(of: item) else { continue }
      for key in [key, Array(key.prefix(1))] where positions[key] == nil { positions[key] = i }
    }
    for change in changes where change[directive] != "replace" {
      let position = mergeKey.value(of: change).flatMap { positions[$0] }
      let partner = position.flatMap { merged[$0] }
      if change[directive] == "delete" {
        if let position { merged[position] = nil }
      } else if let position, let partner {
        merged[position] = merge(partner, with: change)
      } else {
        merged.append(merge(.null, with: change))
      }
    }
    return merged.compactMap { $0 }
  }
}

extension JSONValue {
  /// One that is there and not null.
  fileprivate func member(_ key: String) -> JSONValue? { has(key) ? self[key] : nil }
}
