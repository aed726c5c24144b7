import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The container's environment: what every agent is told, then its configuration, its credentials,
/// and last the user's own variables, which win over the others.
struct EnvironmentBuilder {
  let builder: ManifestBuilder

  private var spec: AgentDeploymentSpec { builder.spec }
  private var names: ObjectNames { builder.names }

  /// Of the container: `envFrom`, which is all of the configuration in one entry. An entry for each
  /// variable would make the Deployment twice as big, and its server-side apply half as dear again.
  var sources: [JSONValue] {
    isListed ? [] : [["configMapRef": ["name": .string(names.configMap)]]]
  }

  /// Of the container: `env`, which wins over `envFrom`.
  func variables() -> [JSONValue] {
    var variables = OrderedVariables()
    variables.add("POD_NAME", ["fieldRef": ["fieldPath": "metadata.name"]])
    variables.add("POD_NAMESPACE", ["fieldRef": ["fieldPath": "metadata.namespace"]])
    let configured = configured
    for name in isListed ? configured.keys.sorted() : namedInValues.sorted()
    where configured[name] != nil {
      variables.add(
        name, ["configMapKeyRef": ["name": .string(names.configMap), "key": .string(name)]])
    }
    for secret in spec.secrets where secret.expose == .env {
      for (key, name) in secret.keys.sorted(by: { $0.value < $1.value }) {
        // There is no previous value before the first rotation.
        let isOptional = secret.generation != nil && key == SecretRotation.previousKey
        variables.add(
          name, ["secretKeyRef": Self.keyReference(names.secret(secret), key, isOptional)])
      }
    }
    for variable in spec.env { variables.replace(variable.name, Self.json(variable)) }
    return variables.list
  }

  /// The variables of the revision's ConfigMap: what every agent is told, and its configuration.
  var configured: [String: String] {
    var variables = standard
    for (key, value) in spec.config { variables[ConfigVariable.name(forKey: key)] = value }
    return variables
  }

  /// What the user's own pod says of the agent's container.
  private var patches: [JSONValue] {
    let containers = spec.podTemplate?.spec["containers"]?.array ?? []
    return containers.filter { $0["name"]?.string == PodTemplateBuilder.containerName }
  }

  /// Whether each variable has an entry, so that the user's own pod can take one out.
  private var isListed: Bool {
    patches.contains { ($0["env"]?.array ?? []).contains { $0["$patch"] != nil } }
  }

  /// Names that the user's values mention as `$(NAME)`: the kubelet looks for them among `env` only
  /// (https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/).
  private var namedInValues: Set<String> {
    var names: Set<String> = []
    func add(_ value: String) {
      for part in value.split(separator: "$(", omittingEmptySubsequences: false).dropFirst() {
        if let end = part.firstIndex(of: ")") { names.insert(String(part[..<end])) }
      }
    }
    for case .value(let value) in spec.env.map(\.source) { add(value) }
    for variable in patches.flatMap({ $0["env"]?.array ?? [] }) {
      if let value = variable["value"]?.string { add(value) }
    }
    return names
  }

  /// What every agent is told, by variable name. Part of the revision's ConfigMap.
  var standard: [String: String] {
    var standard = [
      "AGENT_NAME": names.agent,
      "AGENT_PROTOCOL": spec.protocol.rawValue,
      "PORT": String(spec.port),
      "METRICS_PORT": String(spec.observability.metricsPort),
      "LOG_FORMAT": "json",
      "LOG_LEVEL": spec.observability.logLevel.rawValue.lowercased(),
      "OTEL_SERVICE_NAME": names.agent,
      "OTEL_RESOURCE_ATTRIBUTES": "service.namespace=\(names.namespace)",
    ]
    if let state = StateConnection(builder.agent, names) {
      standard.merge(state.variables) { $1 }
    }
    standard.merge(ModelFiles(builder.agent, builder.context).variables) { $1 }
    if let telemetry = TelemetryEnvironment(builder.agent) {
      standard.merge(telemetry.variables) { $1 }
    }
    return standard
  }

  /// A percentage as a fraction of one, by moving the decimal point: no floating point, so no noise.
  static func ratio(ofPercent percent: String) -> String {
    let parts = percent.split(separator: ".", maxSplits: 1)
    let whole = String(parts.first ?? "0")
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    let padded = String(repeating: "0", count: max(0, 3 - whole.utf8.count)) + whole
    var digits = String(padded.suffix(2)) + fraction
    while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
    let integer = String(Int(padded.dropLast(2)) ?? 0)
    return digits.isEmpty ? integer : "\(integer).\(digits)"
  }

  /// As corev1.EnvVar.
  static func json(_ variable: EnvironmentVariable) -> JSONValue {
    let name = JSONValue.string(variable.name)
    switch variable.source {
    // The API server drops an empty one: sent, it would look like drift for ever.
    case .value(let value):
      return value.isEmpty ? ["name": name] : ["name": name, "value": .string(value)]
    case .secretKey(let secret, let key, let isOptional):
      return ["name": name, "valueFrom": ["secretKeyRef": keyReference(secret, key, isOptional)]]
    case .configMapKey(let map, let key, let isOptional):
      return ["name": name, "valueFrom": ["configMapKeyRef": keyReference(map, key, isOptional)]]
    case .field(let path):
      return ["name": name, "valueFrom": ["fieldRef": ["fieldPath": .string(path)]]]
    case .resource(let resource, let divisor):
      var reference: JSONValue = ["resource": .string(resource)]
      if let divisor { reference["divisor"] = .string(divisor) }
      return ["name": name, "valueFrom": ["resourceFieldRef": reference]]
    }
  }

  private static func keyReference(_ name: String, _ key: String, _ isOptional: Bool) -> JSONValue {
    var reference: JSONValue = ["name": .string(name), "key": .string(key)]
    if isOptional { reference["optional"] = true }
    return reference
  }
}

/// Variables in order, each name once: server-side apply refuses a name that stands twice.
private struct OrderedVariables {
  private(set) var list: [JSONValue] = []
  private var names: Set<String> = []

  mutating func add(_ name: String, _ source: JSONValue) {
    replace(name, ["name": .string(name), "valueFrom": source])
  }

  /// Keeps the place, before whatever mentions the variable. One that mentions others itself takes the
  /// last place, after them.
  mutating func replace(_ name: String, _ variable: JSONValue) {
    guard !names.insert(name).inserted,
      let position = list.firstIndex(where: { $0["name"]?.string == name })
    else { return list.append(variable) }
    if variable["value"]?.string?.contains("$(") == true {
      list.remove(at: position)
      list.append(variable)
    } else {
      list[position] = variable
    }
  }
}
