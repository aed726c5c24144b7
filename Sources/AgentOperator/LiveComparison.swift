import JSON
package import KubernetesAPI
import ManifestRendering

/// Where a live object differs from the rendered one, looking only at what is rendered: defaults,
/// injected containers and other managers' fields are no drift (correctness rules 27, 28).
package enum LiveComparison {
  /// Paths of the rendered fields whose live value is another; at most `limit` of them.
  package static func drift(
    rendered: KubernetesObject, live: KubernetesObject, metadataOnly: Bool, limit: Int = 5
  ) -> [FieldPath] {
    var comparison = Comparison(limit: limit, isBuiltIn: rendered.gvk.isBuiltIn)
    for (key, value) in rendered.json.object ?? [:] {
      switch key {
      case "apiVersion", "kind": continue
      case "metadata":
        for part in ["labels", "annotations", "ownerReferences"] {
          guard var value = value[part] else { continue }
          // Not in the cache; the hash covers it.
          if value[AppliedRendering.annotation] != nil { value[AppliedRendering.annotation] = nil }
          comparison.compare(value, live.metadata[part], ["metadata", .key(part)])
        }
      default:
        if !metadataOnly { comparison.compare(value, live[key], [.key(key)]) }
      }
    }
    return comparison.differences
  }
}

private struct Comparison {
  let limit: Int
  let isBuiltIn: Bool
  var differences: [FieldPath] = []

  mutating func compare(_ rendered: JSONValue, _ live: JSONValue?, _ path: FieldPath) {
    guard differences.count < limit else { return }
    guard let live, !live.isNull else {
      if !isEmpty(rendered) { differences.append(path) }
      return
    }
    switch (rendered, live) {
    case (.object(let rendered), .object(let live)):
      for (key, value) in rendered { compare(value, live[key], path.appending(key)) }
      guard isBuiltIn, AtomicMaps.contain(path) else { return }
      for key in live.keys where rendered[key] == nil {
        differences.append(path.appending(key))
      }
    case (.array(let rendered), .array(let live)):
      if let keys = ListKeys.keys(for: path) {
        compare(rendered, live, by: keys, path)
      } else if rendered.count != live.count {
        differences.append(path)
      } else {
        for i in rendered.indices { compare(rendered[i], live[i], path.appending(i)) }
      }
    default:
      if !isSame(rendered, live, path) { differences.append(path) }
    }
  }

  /// A list whose entries have names: ours must be there, others may be too.
  private mutating func compare(
    _ rendered: [JSONValue], _ live: [JSONValue], by keys: [String], _ path: FieldPath
  ) {
    for (i, item) in rendered.enumerated() {
      let found = live.first { candidate in
        keys.allSatisfy { key in
          // `protocol` is defaulted, so its absence means TCP on both sides.
          (candidate[key] ?? (key == "protocol" ? "TCP" : nil))
            == (item[key] ?? (key == "protocol" ? "TCP" : nil))
        }
      }
      compare(item, found ?? .null, path.appending(i))
    }
  }

  private func isEmpty(_ value: JSONValue) -> Bool {
    switch value {
    case .null: true
    case .array(let array): array.isEmpty
    case .object(let object): object.allSatisfy { isEmpty($0.value) }
    default: false
    }
  }

  private func isSame(_ a: JSONValue, _ b: JSONValue, _ path: FieldPath) -> Bool {
    if a == b { return true }
    if let x = a.double, let y = b.double { return x == y }
    guard QuantityFields.contains(path) else { return false }
    guard let x = Quantity(json: a), let y = Quantity(json: b) else { return false }
    return x == y
  }
}

extension Quantity {
  fileprivate init?(json: JSONValue) {
    switch json {
    case .string(let text): self.init(text)
    case .int(let value): self.init(String(value))
    case .double(let value): self.init(value.description)
    default: return nil
    }
  }
}

/// Fields that hold quantities, where `1000m` is `1`.
private enum QuantityFields {
  private static let names: Set<String> = ["averageValue", "sizeLimit", "divisor", "storage"]
  private static let maps: Set<String> = ["requests", "limits", "hard"]

  static func contains(_ path: FieldPath) -> Bool {
    guard case .key(let last)? = path.components.last else { return false }
    if names.contains(last) { return true }
    guard case .key(let parent)? = path.components.dropLast().last else { return false }
    return maps.contains(parent)
  }
}

/// Maps among what is rendered that have one owner as a whole, so that an entry of somebody else's is
/// drift: it would narrow a selector (`x-kubernetes-map-type: atomic` of Kubernetes' OpenAPI).
///
/// Custom resources' selectors are not atomic: nobody's apply would remove such an entry.
private enum AtomicMaps {
  private static let selectors: Set<String> = [
    "selector", "labelSelector", "podSelector", "namespaceSelector", "nodeSelector",
  ]

  static func contain(_ path: FieldPath) -> Bool {
    path.components.suffix(2).contains {
      if case .key(let name) = $0 { selectors.contains(name) } else { false }
    }
  }
}

extension GroupVersionKind {
  fileprivate var isBuiltIn: Bool { !group.contains(".") || group.hasSuffix(".k8s.io") }
}

/// The keys of list maps among what is rendered (`x-kubernetes-list-map-keys` of Kubernetes' OpenAPI).
private enum ListKeys {
  static func keys(for path: FieldPath) -> [String]? {
    guard case .key(let field)? = path.components.last else { return nil }
    switch field {
    case "containers", "initContainers", "env", "volumes", "imagePullSecrets", "resourceClaims":
      return ["name"]
    case "volumeMounts": return ["mountPath"]
    case "topologySpreadConstraints": return ["topologyKey", "whenUnsatisfiable"]
    case "ownerReferences": return ["uid"]
    case "hostAliases": return ["ip"]
    case "ports":
      if path.components.contains("containers") || path.components.contains("initContainers") {
        return ["containerPort", "protocol"]
      }
      return path.components.first == "spec" && path.components.count == 2
        ? ["port", "protocol"] : nil
    default: return nil
    }
  }
}
