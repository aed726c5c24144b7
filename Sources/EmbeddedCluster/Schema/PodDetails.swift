import JSON
import KubernetesAPI

/// What pods say of security, sources, volumes and placement
/// (`pkg/apis/core/validation` of Kubernetes 1.36).
enum PodDetails {
  private static func quoted(_ text: String) -> String { JSONValue.string(text).serialized() }

  static func spec(_ spec: JSONValue, _ path: String, _ causes: inout [FieldCause]) {
    if let context = spec["securityContext"] {
      security(context, "\(path).securityContext", ["fsGroup", "runAsUser", "runAsGroup"], &causes)
    }
    for (position, volume) in (spec["volumes"]?.array ?? []).enumerated() {
      self.volume(volume, "\(path).volumes[\(position)]", &causes)
    }
    for list in ["initContainers", "containers"] {
      for (position, value) in (spec[list]?.array ?? []).enumerated() {
        container(value, "\(path).\(list)[\(position)]", &causes)
      }
    }
    for (position, toleration) in (spec["tolerations"]?.array ?? []).enumerated() {
      self.toleration(toleration, "\(path).tolerations[\(position)]", &causes)
    }
    affinity(spec["affinity"] ?? [:], "\(path).affinity", &causes)
    var seen: Set<String> = []
    for (position, constraint) in (spec["topologySpreadConstraints"]?.array ?? []).enumerated() {
      let key = constraint["topologyKey"]?.string ?? ""
      let pair = "{\(key), \(constraint["whenUnsatisfiable"]?.string ?? "")}"
      guard !key.isEmpty, !seen.insert(pair).inserted else { continue }
      let at = "\(path).topologySpreadConstraints[\(position)]"
      causes.append(.duplicate("\(at).{topologyKey, whenUnsatisfiable}", quoted(pair)))
    }
    if spec["dnsPolicy"] == "None", spec["dnsConfig"] == nil {
      causes.append(
        .required(
          "\(path).dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None"))
    }
  }

  // MARK: Security

  private static func security(
    _ context: JSONValue, _ path: String, _ identities: [String], _ causes: inout [FieldCause]
  ) {
    for key in identities {
      guard let number = context[key]?.int, !(0...Int(Int32.max)).contains(number) else { continue }
      causes.append(
        .invalid(
          "\(path).\(key)", String(number), "must be between 0 and 2147483647, inclusive"))
    }
    guard let profile = context["seccompProfile"] else { return }
    let at = "\(path).seccompProfile"
    PodValidation.oneOf(
      profile["type"], ["Localhost", "RuntimeDefault", "Unconfined"], "\(at).type", &causes)
    let file = profile["localhostProfile"]?.string ?? ""
    if profile["type"] == "Localhost", file.isEmpty {
      causes.append(
        .required("\(at).localhostProfile", "must be set when seccomp type is Localhost"))
    } else if profile["type"] != "Localhost", !file.isEmpty {
      causes.append(
        FieldCause.invalid(
          "\(at).localhostProfile",
          "{\"Type\":\(quoted(profile["type"]?.string ?? "")),\"LocalhostProfile\":\(quoted(file))}",
          "can only be set when seccomp type is Localhost"))
    }
  }

  // MARK: Containers

  private static func container(
    _ container: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    if let context = container["securityContext"] {
      let at = "\(path).securityContext"
      security(context, at, ["runAsUser", "runAsGroup"], &causes)
      if context["privileged"] == true, context["allowPrivilegeEscalation"] == false {
        causes.append(
          .invalid(
            at, context.serialized(),
            "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"))
      }
      if context["capabilities"]?["add"]?.array?.contains("CAP_SYS_ADMIN") == true,
        context["allowPrivilegeEscalation"] == false
      {
        causes.append(
          .invalid(
            at, context.serialized(),
            "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"))
      }
    }
    for (position, variable) in (container["env"]?.array ?? []).enumerated() {
      if let source = variable["valueFrom"] {
        self.source(source, "\(path).env[\(position)].valueFrom", &causes)
      }
    }
    for (position, source) in (container["envFrom"]?.array ?? []).enumerated() {
      let kinds = ["configMapRef", "secretRef"].filter { source[$0] != nil }
      if kinds.isEmpty {
        causes.append(
          .invalid(
            "\(path).envFrom", "\"\"", "must specify one of: `configMapRef` or `secretRef`"))
      }
      for kind in kinds where source[kind]?["name"]?.string?.isEmpty != false {
        causes.append(.required("\(path).envFrom[\(position)].\(kind).name"))
      }
    }
    for mount in container["volumeMounts"]?.array ?? [] {
      if let part = mount["subPath"]?.string, !part.isEmpty, let fault = pathFault(part) {
        causes.append(.invalid("\(path).volumeMounts.subPath", quoted(part), fault))
      }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
      if let probe = container[name] { handlerPorts(probe, "\(path).\(name)", &causes) }
    }
    for name in ["postStart", "preStop"] {
      guard let hook = container["lifecycle"]?[name] else { continue }
      let at = "\(path).lifecycle.\(name)"
      PodValidation.oneHandler(hook, ["exec", "httpGet", "tcpSocket", "sleep"], at, &causes)
      handlerPorts(hook, at, &causes)
    }
    if let policy = container["terminationMessagePolicy"]?.string,
      !["File", "FallbackToLogsOnError"].contains(policy)
    {
      causes.append(
        .notSupported(
          "\(path).terminationMessagePolicy", quoted(policy),
          ["\"File\"", "\"FallbackToLogsOnError\""]))
    }
    resources(container["resources"] ?? [:], "\(path).resources", &causes)
  }

  private static func source(_ source: JSONValue, _ path: String, _ causes: inout [FieldCause]) {
    let kinds = [
      "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef",
    ].filter { source[$0] != nil }
    if kinds.isEmpty {
      causes.append(
        .invalid(
          path, "\"\"",
          "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        ))
    } else if kinds.count > 1 {
      causes.append(
        .invalid(path, "\"\"", "may not have more than one field specified at a time"))
    }
    for kind in ["configMapKeyRef", "secretKeyRef"] {
      guard let reference = source[kind] else { continue }
      let name = reference["name"]?.string ?? ""
      if let fault = NameMessages.subdomain(name) {
        causes.append(.invalid("\(path).\(kind).name", quoted(name), fault))
      }
      if reference["key"]?.string?.isEmpty != false {
        causes.append(.required("\(path).\(kind).key"))
      }
    }
  }

  private static func handlerPorts(
    _ handler: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    for kind in ["httpGet", "tcpSocket", "grpc"] {
      guard let port = handler[kind]?["port"], let number = port.int,
        !(1...65535).contains(number)
      else { continue }
      causes.append(.invalid("\(path).\(kind).port", String(number), NameMessages.portRange))
    }
  }

  /// Of Kubernetes itself, and not of a device plug-in or somebody else.
  private static func isNative(_ resource: String) -> Bool {
    !resource.contains("/") || resource.contains("kubernetes.io/")
  }

  /// Whether more of it may be promised than there is.
  static func mayBeOvercommitted(_ resource: String) -> Bool {
    isNative(resource) && !resource.hasPrefix("hugepages-")
  }

  private static let standardResources: Set<String> = ["cpu", "memory", "ephemeral-storage"]

  private static func resources(
    _ resources: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    let limits = resources["limits"]?.object ?? [:]
    let requests = resources["requests"]?.object ?? [:]
    for (list, values) in [("limits", limits), ("requests", requests)] {
      for (name, value) in values {
        let at = "\(path).\(list)[\(name)]"
        if name.contains("/") {
          // Why in billionths: thousandths of the largest amounts do not fit into 64 bits.
          if !isNative(name), let quantity = value.string.flatMap({ Quantity($0) }),
            quantity.nanos % 1_000_000_000 != 0
          {
            causes.append(.invalid(at, value.serialized(), "must be an integer"))
          }
        } else if !standardResources.contains(name), !name.hasPrefix("hugepages-") {
          for why in [
            "must be a standard resource type or fully qualified",
            "must be a standard resource for containers",
          ] {
            causes.append(.invalid(at, quoted(name), why))
          }
        }
      }
    }
    for name in requests.keys where !mayBeOvercommitted(name) && limits[name] == nil {
      causes.append(
        .required("\(path).limits", "Limit must be set for non overcommitable resources"))
    }
  }

  // MARK: Volumes

  private static func volume(_ volume: JSONValue, _ path: String, _ causes: inout [FieldCause]) {
    if let claim = volume["persistentVolumeClaim"],
      claim["claimName"]?.string?.isEmpty != false
    {
      causes.append(.required("\(path).persistentVolumeClaim.claimName"))
    }
    for kind in ["secret", "configMap"] {
      guard let source = volume[kind] else { continue }
      mode(source["defaultMode"], "\(path).\(kind).defaultMode", &causes)
      for (position, item) in (source["items"]?.array ?? []).enumerated() {
        let at = "\(path).\(kind).items[\(position)]"
        if item["key"]?.string?.isEmpty != false { causes.append(.required("\(at).key")) }
        let file = item["path"]?.string ?? ""
        if file.isEmpty {
          causes.append(.required("\(at).path"))
        } else if let fault = pathFault(file) {
          causes.append(.invalid("\(at).path", quoted(file), fault))
        }
        mode(item["mode"], "\(at).mode", &causes)
      }
    }
  }

  private static func mode(_ mode: JSONValue?, _ path: String, _ causes: inout [FieldCause]) {
    guard let mode = mode?.int, !(0...0o777).contains(mode) else { return }
    causes.append(
      .invalid(
        path, String(mode), "must be a number between 0 and 0777 (octal), both inclusive"))
  }

  /// Paths inside a volume do not leave it.
  private static func pathFault(_ path: String) -> String? {
    if path.hasPrefix("/") { return "must be a relative path" }
    return path.split(separator: "/").contains("..") ? "must not contain '..'" : nil
  }

  // MARK: Placement

  private static func toleration(
    _ toleration: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    let isExists = toleration["operator"] == "Exists"
    if toleration["key"]?.string?.isEmpty != false, !isExists {
      causes.append(
        .invalid(
          "\(path).operator", quoted(toleration["operator"]?.string ?? ""),
          "operator must be Exists when `key` is empty, which means \"match all values and all keys\""
        ))
    }
    if isExists, let value = toleration["value"]?.string, !value.isEmpty {
      causes.append(
        .invalid(
          "\(path).operator", quoted(value), "value must be empty when `operator` is 'Exists'"))
    }
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"]
    if let effect = toleration["effect"]?.string, !effect.isEmpty, !effects.contains(effect) {
      causes.append(
        .notSupported("\(path).effect", quoted(effect), effects.map(quoted)))
    }
    if toleration["tolerationSeconds"] != nil, toleration["effect"] != "NoExecute" {
      causes.append(
        .invalid(
          "\(path).effect", quoted(toleration["effect"]?.string ?? ""),
          "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
  }

  private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
  private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

  private static func affinity(
    _ affinity: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    let nodes = affinity["nodeAffinity"] ?? [:]
    let terms = nodes[required]?["nodeSelectorTerms"]?.array ?? []
    for (position, term) in terms.enumerated() {
      expressions(
        term, "\(path).nodeAffinity.\(required).nodeSelectorTerms[\(position)]", &causes)
    }
    for (position, term) in (nodes[preferred]?.array ?? []).enumerated() {
      let at = "\(path).nodeAffinity.\(preferred)[\(position)]"
      weight(term["weight"], at, &causes)
      expressions(term["preference"] ?? [:], "\(at).preference", &causes)
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
      for (position, term) in (affinity[kind]?[required]?.array ?? []).enumerated() {
        topology(term, "\(path).\(kind).\(required)[\(position)]", &causes)
      }
      for (position, term) in (affinity[kind]?[preferred]?.array ?? []).enumerated() {
        let at = "\(path).\(kind).\(preferred)[\(position)]"
        weight(term["weight"], at, &causes)
        topology(term["podAffinityTerm"] ?? [:], "\(at).podAffinityTerm", &causes)
      }
    }
  }

  private static func weight(_ weight: JSONValue?, _ path: String, _ causes: inout [FieldCause]) {
    let number = weight?.int ?? 0
    guard !(1...100).contains(number) else { return }
    causes.append(.invalid("\(path).weight", String(number), "must be in the range 1-100"))
  }

  private static func topology(_ term: JSONValue, _ path: String, _ causes: inout [FieldCause]) {
    let key = term["topologyKey"]?.string ?? ""
    if key.isEmpty { causes.append(.required("\(path).topologyKey", "can not be empty")) }
    for fault in NameMessages.qualifiedName(key) {
      causes.append(.invalid("\(path).topologyKey", quoted(key), fault))
    }
  }

  private static func expressions(
    _ term: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    for (position, expression) in (term["matchExpressions"]?.array ?? []).enumerated() {
      let at = "\(path).matchExpressions[\(position)]"
      let count = expression["values"]?.array?.count ?? 0
      switch expression["operator"]?.string ?? "" {
      case "In", "NotIn":
        guard count == 0 else { continue }
        causes.append(
          .required(
            "\(at).values", "must be specified when `operator` is 'In' or 'NotIn'"))
      case "Exists", "DoesNotExist":
        guard count > 0 else { continue }
        causes.append(
          .forbidden(
            "\(at).values",
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      case "Gt", "Lt":
        guard count != 1 else { continue }
        causes.append(
          .required(
            "\(at).values", "must be specified single value when `operator` is 'Lt' or 'Gt'"))
      case let other:
        causes.append(
          .invalid("\(at).operator", quoted(other), "not a valid selector operator"))
      }
    }
  }
}
