import JSON
package import KubernetesAPI
import ManifestRendering

/// Where a live object differs from the rendered one, looking only at what is rendered: defaults,
/// injected containers and other managers' fields are no drift (correctness rules 27, 28).
package enum LiveComparison {
  /// Paths of the rendered fields whose live value is another; at most `limit` of them.
  ///
  /// - Parameter unkept: where a zero that is not there is as good as there.
  package static func drift(
    rendered: KubernetesObject, live: KubernetesObject, metadataOnly: Bool,
    unkept: Set<FieldPath> = [], limit: Int = 5
  ) -> [FieldPath] {
    var comparison = Comparison(
      limit: limit, isBuiltIn: rendered.gvk.isBuiltIn, unkept: unkept)
    for (key, value) in rendered.json.object ?? [:] {
      switch key {
      case "apiVersion", "kind": continue
      case "metadata":
        for part in ["labels", "annotations", "ownerReferences"] {
          guard let value = value[part] else { continue }
          comparison.compare(value, live.metadata[part], at: ["metadata", .key(part)])
        }
      default:
        if !metadataOnly { comparison.compare(value, live[key], at: [.key(key)]) }
      }
    }
    return comparison.differences
  }
}

private struct Comparison {
  let limit: Int
  let isBuiltIn: Bool
  let unkept: Set<FieldPath>
  var differences: [FieldPath] = []
  /// Where the comparison is. One for all of it: nearly everything is the same.
  private var path = FieldPath()

  init(limit: Int, isBuiltIn: Bool, unkept: Set<FieldPath>) {
    self.limit = limit
    self.isBuiltIn = isBuiltIn
    self.unkept = unkept
  }

  mutating func compare(_ rendered: JSONValue, _ live: JSONValue?, at path: FieldPath) {
    self.path = path
    compare(rendered, live)
  }

  private mutating func compare(
    _ rendered: JSONValue, _ live: JSONValue?, _ component: FieldPath.Component
  ) {
    path.components.append(component)
    compare(rendered, live)
    path.components.removeLast()
  }

  private mutating func compare(_ rendered: JSONValue, _ live: JSONValue?) {
    guard differences.count < limit else { return }
    guard let live, !live.isNull else {
      if isEmpty(rendered) || (isZero(rendered) && unkept.contains(path)) { return }
      differences.append(path)
      return
    }
    switch (rendered, live) {
    case (.object(let rendered), .object(let live)):
      var found = 0
      for (key, value) in rendered {
        let other = live[key]
        if other != nil { found += 1 }
        if let other, isSameScalar(value, other) { continue }
        compare(value, other, .key(key))
      }
      guard isBuiltIn, found < live.count, AtomicMaps.contain(path) else { return }
      for key in live.keys where rendered[key] == nil {
        differences.append(path.appending(key))
      }
    case (.array(let rendered), .array(let live)):
      if let keys = ListKeys.keys(for: path) {
        compare(rendered, live, by: keys)
      } else if rendered.count != live.count {
        differences.append(path)
      } else {
        for i in rendered.indices { compare(rendered[i], live[i], .index(i)) }
      }
    default:
      if !isSame(rendered, live) { differences.append(path) }
    }
  }

  /// A list whose entries have names: ours must be there, others may be too.
  private mutating func compare(_ rendered: [JSONValue], _ live: [JSONValue], by keys: [String]) {
    for (i, item) in rendered.enumerated() {
      let found =
        live.indices.contains(i) && Self.isNamed(live[i], like: item, keys)
        ? live[i] : live.first { Self.isNamed($0, like: item, keys) }
      compare(item, found ?? .null, .index(i))
    }
  }

  private static func isNamed(
    _ candidate: JSONValue, like item: JSONValue, _ keys: [String]
  ) -> Bool {
    keys.allSatisfy { key in
      // `protocol` is defaulted, so its absence means TCP on both sides.
      (candidate[key] ?? (key == "protocol" ? "TCP" : nil))
        == (item[key] ?? (key == "protocol" ? "TCP" : nil))
    }
  }

  /// The common case, for which no path is needed.
  private func isSameScalar(_ a: JSONValue, _ b: JSONValue) -> Bool {
    switch (a, b) {
    case (.string(let a), .string(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.bool(let a), .bool(let b)): a == b
    default: false
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

  private func isZero(_ value: JSONValue) -> Bool {
    value == "" || value == .bool(false) || value == .int(0)
  }

  private func isSame(_ a: JSONValue, _ b: JSONValue) -> Bool {
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
