import JSON
import KubernetesAPI

/// Members of a section that has been checked: what is missing is a default's business.
extension JSONValue {
  func text(_ key: String) -> String? { self[key]?.string }
  func number(_ key: String) -> Int? { self[key]?.int }
  func duration(_ key: String) -> KubernetesDuration? {
    self[key]?.string.flatMap { KubernetesDuration($0) }
  }
  func choice<Value: RawRepresentable>(_ key: String) -> Value? where Value.RawValue == String {
    self[key]?.string.flatMap { Value(rawValue: $0) }
  }
  func texts(_ key: String) -> [String] { items(key).compactMap(\.string) }
  func textMap(_ key: String) -> [String: String] {
    var map: [String: String] = [:]
    for (key, value) in members(key) { map[key] = value.string }
    return map
  }
  /// An empty object when the section is absent.
  func section(_ key: String) -> JSONValue { self[key] ?? [:] }
}

extension AgentDeploymentSpec {
  /// - Parameters:
  ///   - spec: valid, the schema's and the class's defaults filled in.
  ///   - capabilities: what the remaining defaults may rely on.
  ///   - gateway: the class's, for models; used by agents that want one.
  init(resolving spec: JSONValue, _ capabilities: Capabilities, models gateway: ModelGateway?) {
    let agentProtocol: AgentProtocol = spec.choice("protocol") ?? .http
    let port = spec.number("port") ?? 8080
    let version: MCPVersion? =
      agentProtocol == .mcp ? spec.choice("protocolVersion") ?? .newest : nil
    let scaling = Scaling(resolving: spec.section("scaling"))
    let secrets = spec.items("secrets").map(SecretSource.init(resolving:))
    let routing: ModelRouting = spec.choice("modelRouting") ?? .direct
    self.init(
      className: spec.text("className"),
      protocol: agentProtocol,
      mcpVersion: version,
      image: spec.text("image") ?? "",
      imagePullSecrets: spec.items("imagePullSecrets").compactMap { $0.text("name") },
      command: spec.texts("command"),
      args: spec.texts("args"),
      port: port,
      extraPorts: spec.items("extraPorts").map(ExtraPort.init(resolving:)),
      env: spec.items("env").map(EnvironmentVariable.init(resolving:)),
      resources: Resources(resolving: spec.section("resources")),
      health: Health(resolving: spec.section("health"), agentProtocol),
      config: spec.textMap("config"),
      configFrom: spec.items("configFrom").map(ConfigSource.init(resolving:)),
      secrets: secrets,
      state: StateStore(resolving: spec.section("state"), secrets),
      models: spec.items("models").map { ModelReference(resolving: $0, secrets, routing) },
      modelGateway: routing == .gateway ? gateway : nil,
      tools: spec.items("tools").map { ToolReference(resolving: $0, secrets) },
      scaling: scaling,
      traffic: Traffic(
        resolving: spec.section("traffic"), agentProtocol, version, scaling, capabilities),
      rollout: Rollout(type: spec.section("rollout").choice("type") ?? .rollingUpdate),
      availability: Availability(resolving: spec.section("availability")),
      security: Security(resolving: spec.section("security")),
      observability: Observability(resolving: spec.section("observability"), port: port),
      slos: spec.items("slos").map(ServiceLevelObjective.init(resolving:)),
      paused: spec["paused"]?.bool ?? false,
      deletionPolicy: DeletionPolicy(
        state: spec.section("deletionPolicy").choice("state") ?? .retain),
      podTemplate: spec["podTemplate"].map(PodTemplate.init(resolving:)),
      overrides: spec.items("overrides").map(Override.init(resolving:)))
  }
}
