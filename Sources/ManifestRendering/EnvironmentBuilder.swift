import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The container's environment: what every agent is told, then its configuration, its credentials,
/// and last the user's own variables, which win over the others.
struct EnvironmentBuilder {
  let builder: ManifestBuilder

  private var spec: AgentDeploymentSpec { builder.spec }
  private var names: ObjectNames { builder.names }

  func variables() -> [JSONValue] {
    var variables = OrderedVariables()
    variables.add("POD_NAME", ["fieldRef": ["fieldPath": "metadata.name"]])
    variables.add("POD_NAMESPACE", ["fieldRef": ["fieldPath": "metadata.namespace"]])
    for (name, _) in standard.sorted(by: { $0.key < $1.key }) {
      variables.add(name, configReference(key: name))
    }
    for key in spec.config.keys.sorted() {
      variables.add(Self.variableName(configKey: key), configReference(key: key))
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

  private func configReference(key: String) -> JSONValue {
    ["configMapKeyRef": ["name": .string(names.configMap), "key": .string(key)]]
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

  /// `agent.max_concurrent_workflows` -> `AGENT_MAX_CONCURRENT_WORKFLOWS`.
  static func variableName(configKey: String) -> String {
    ConfigVariable.name(forKey: configKey)
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
    case .value(let value): return ["name": name, "value": .string(value)]
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
  private var positions: [String: Int] = [:]

  mutating func add(_ name: String, _ source: JSONValue) {
    replace(name, ["name": .string(name), "valueFrom": source])
  }

  mutating func replace(_ name: String, _ variable: JSONValue) {
    if let position = positions[name] {
      list[position] = variable
    } else {
      positions[name] = list.count
      list.append(variable)
    }
  }
}
