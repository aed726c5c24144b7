import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// Puts single fields that a spec has no words for into the escape hatches: pods' into
/// `podTemplate`, all others into `overrides`.
struct Residue {
  /// Adds one field of an object to a spec; the rest of what stands there is kept.
  ///
  /// - Parameters:
  ///   - expected: the object that the path belongs to.
  ///   - rendered: its counterpart, whose list entries an override keeps.
  static func add(
    _ path: FieldPath, of expected: KubernetesObject, over rendered: KubernetesObject,
    to spec: JSONValue
  ) -> JSONValue? {
    let components = path.components
    if expected.kind == "Deployment", components.starts(with: ["spec", "template"]) {
      let rest = Array(components.dropFirst(2))
      guard let template = expected[path: "spec", "template"],
        let patch = podPatch(rest, template, rendered[path: "spec", "template"] ?? [:])
      else { return nil }
      var spec = spec
      spec["podTemplate"] = withoutContradiction(
        merged(spec["podTemplate"] ?? [:], patch), in: template)
      return spec
    }
    guard
      let patch = mergePatch(components, expected.json, rendered.json).map({
        withoutContradiction($0, of: expected.kind)
      })
    else { return nil }
    var overrides = spec["overrides"]?.array ?? []
    if let index = overrides.firstIndex(where: { $0["kind"]?.string == expected.kind }) {
      overrides[index]["patch"] = merged(overrides[index]["patch"] ?? [:], patch)
    } else {
      overrides.append(["kind": .string(expected.kind), "patch": patch])
    }
    var spec = spec
    spec["overrides"] = .array(overrides)
    return spec
  }

  // MARK: Strategic merge

  private static let mergeKeys: [String: String] = [
    "containers": "name", "initContainers": "name", "volumes": "name", "env": "name",
    "imagePullSecrets": "name", "ports": "containerPort", "volumeMounts": "mountPath",
    "hostAliases": "ip", "topologySpreadConstraints": "topologyKey",
  ]

  /// Whether two elements of a list are one. Two protocols may have the same port.
  private static func isSame(_ a: JSONValue, _ b: JSONValue, in list: String) -> Bool {
    guard let mergeKey = mergeKeys[list], a[mergeKey] == b[mergeKey] else { return false }
    return list != "ports" || a["protocol"] ?? "TCP" == b["protocol"] ?? "TCP"
  }

  /// Of probes and of lifecycle hooks.
  private static let handlers: Set<String> = ["httpGet", "tcpSocket", "exec", "grpc", "sleep"]

  private static func podPatch(
    _ path: [FieldPath.Component], _ value: JSONValue, _ rendered: JSONValue
  ) -> JSONValue? {
    guard let first = path.first else { return value }
    guard case .key(let key) = first, let member = value[key] else { return nil }
    // Joined with what is rendered.
    if key == "envFrom", let sources = member.array {
      let others = rendered[key]?.array ?? []
      let own = sources.filter { !others.contains($0) }
      return .object(JSONObject([(key: key, value: .array(own))]))
    }
    var rest = Array(path.dropFirst())
    guard case .index(let index)? = rest.first else {
      guard let inner = podPatch(rest, member, rendered[key] ?? [:]) else { return nil }
      var patch: JSONValue = .object(JSONObject([(key: key, value: inner)]))
      // One probe has one handler, one hook too.
      if handlers.contains(key) {
        for other in handlers.sorted() where other != key && rendered[other] != nil {
          patch[other] = .null
        }
      }
      return patch
    }
    if key == "topologySpreadConstraints", let all = modeChanged(member, rendered[key]) {
      return .object(JSONObject([(key: key, value: all)]))
    }
    guard let mergeKey = mergeKeys[key], let element = member[index], let name = element[mergeKey]
    else { return .object(JSONObject([(key: key, value: member)])) }
    rest.removeFirst()
    let counterpart = rendered[key]?.array?.first { isSame($0, element, in: key) }
    guard let inner = podPatch(rest, element, counterpart ?? [:]) else { return nil }
    var entry: JSONValue = .object(JSONObject([(key: mergeKey, value: name)]))
    if key == "ports", let own = element["protocol"] { entry["protocol"] = own }
    for (key, value) in inner.object ?? [:] { entry[key] = value }
    return .object(JSONObject([(key: key, value: .array([entry]))]))
  }

  /// All constraints in place of the rendered ones, where one is hard that is rendered soft or the other
  /// way round: it would come beside the rendered one, and select no pods.
  private static func modeChanged(_ constraints: JSONValue, _ rendered: JSONValue?) -> JSONValue? {
    func isPair(_ a: JSONValue, _ b: JSONValue) -> Bool { a["topologyKey"] == b["topologyKey"] }
    let (own, others) = (constraints.array ?? [], rendered?.array ?? [])
    let counterparts = own.map { constraint in others.first { isPair($0, constraint) } }
    let isChanged = zip(own, counterparts).contains { constraint, other in
      other.map { $0["whenUnsatisfiable"] != constraint["whenUnsatisfiable"] } ?? false
    }
    guard isChanged else { return nil }
    let kept = others.filter { other in !own.contains { isPair($0, other) } }
    let completed = zip(own, counterparts).map { merged($1 ?? [:], $0) }
    return .array([["$patch": "replace"]] + completed + kept)
  }

  // MARK: Merge patch

  /// Lists are replaced as a whole, ports of a Service but added to.
  private static func mergePatch(
    _ path: [FieldPath.Component], _ value: JSONValue, _ rendered: JSONValue
  ) -> JSONValue? {
    guard let first = path.first else { return value }
    guard case .key(let key) = first, let member = value[key] else { return nil }
    if let items = member.array {
      guard key == "ports", let others = rendered[key]?.array else {
        return .object(JSONObject([(key: key, value: member)]))
      }
      let added = items.filter { item in !others.contains { $0["port"] == item["port"] } }
      return .object(JSONObject([(key: key, value: .array(others + added))]))
    }
    guard let inner = mergePatch(Array(path.dropFirst()), member, rendered[key] ?? [:]) else {
      return nil
    }
    return .object(JSONObject([(key: key, value: inner)]))
  }

  /// Takes out what is rendered and may not stand beside what the patch sets: the API server would
  /// refuse the two together.
  private static func withoutContradiction(_ patch: JSONValue, of kind: String) -> JSONValue {
    var patch = patch
    if kind == "PodDisruptionBudget", let spec = patch["spec"], spec["minAvailable"] != nil {
      patch["spec"]?["maxUnavailable"] = .null
    }
    if kind == "Deployment", patch["spec"]?["strategy"]?["type"] == "Recreate" {
      patch["spec"]?["strategy"]?["rollingUpdate"] = .null
    }
    return patch
  }

  /// Who may do everything may gain it, too: a server refuses a container that is privileged, or has
  /// the capability SYS_ADMIN, and may not escalate its privileges.
  ///
  /// - Parameter template: the input's, which may say so itself.
  private static func withoutContradiction(_ patch: JSONValue, in template: JSONValue) -> JSONValue
  {
    var patch = patch
    for list in ["containers", "initContainers"] {
      guard var containers = patch["spec"]?[list]?.array else { continue }
      for (position, container) in containers.enumerated() {
        let added = container["securityContext"]?["capabilities"]?["add"]?.array ?? []
        guard
          container["securityContext"]?["privileged"] == true
            || added.contains(where: { $0 == "SYS_ADMIN" || $0 == "CAP_SYS_ADMIN" })
        else { continue }
        let own = template["spec"]?[list]?.array?.first { $0["name"] == container["name"] }
        guard own?["securityContext"]?["allowPrivilegeEscalation"] == nil else { continue }
        containers[position]["securityContext"]?["allowPrivilegeEscalation"] = .null
      }
      patch["spec"]?[list] = .array(containers)
    }
    return patch
  }

  /// Objects merge, lists of named entries by their names, everything else is replaced.
  private static func merged(_ a: JSONValue, _ b: JSONValue, field: String = "") -> JSONValue {
    switch (a, b) {
    case (.object(var object), .object(let others)):
      for (key, value) in others {
        object[key] = object[key].map { merged($0, value, field: key) } ?? value
      }
      return .object(object)
    case (.array(var items), .array(let others)):
      guard let mergeKey = mergeKeys[field], items.allSatisfy({ $0[mergeKey] != nil }) else {
        return b
      }
      for other in others {
        if let index = items.firstIndex(where: { isSame($0, other, in: field) }) {
          items[index] = merged(items[index], other)
        } else {
          items.append(other)
        }
      }
      return .array(items)
    default: return b
    }
  }
}
