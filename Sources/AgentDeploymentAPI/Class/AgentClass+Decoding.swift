public import JSON
import KubernetesAPI

extension AgentClass {
  /// Reads and checks one object. What the class leaves out of its capabilities is as it is without a
  /// cluster to look at.
  ///
  /// - Returns: the class, or everything that is wrong with it.
  public static func decode(_ json: JSONValue) -> Result<AgentClass, FieldErrors> {
    var checker = DocumentChecker(.agentClass)
    guard let spec = checker.check(json) else { return .failure(FieldErrors(checker.errors)) }
    return .success(AgentClass(object: KubernetesObject(json), resolving: spec))
  }

  /// - Parameter spec: valid.
  init(object: KubernetesObject?, resolving spec: JSONValue) {
    let quota = spec["quota"]
    self.init(
      object: object,
      capabilities: Capabilities(resolving: spec.section("capabilities")),
      defaults: spec.members("defaults"),
      guardRails: GuardRails(resolving: spec.section("guardRails")),
      namespaces: Namespaces(resolving: spec.section("namespaces")),
      endpoints: Endpoints(
        prometheus: spec.section("endpoints").text("prometheus"),
        otlp: spec.section("endpoints").text("otlp"),
        runbooks: spec.section("endpoints").text("runbooks"),
        apiServer: APIServer(resolving: spec.section("endpoints").section("apiServer")),
        aiGateway: spec[path: "endpoints", "aiGateway"].map(ModelGateway.init(resolving:))),
      accelerators: Self.accelerators(spec.members("accelerators")),
      stateImage: spec.section("state").text("image"),
      reloadImage: spec.section("reload").text("image"),
      quota: quota.map(Quota.init(resolving:)))
  }

  /// What an agent of the class gets that says nothing about resources.
  public var defaultResources: Resources {
    Resources(resolving: effectiveDefaults["resources"] ?? [:])
  }

  static func accelerators(_ members: JSONObject) -> [String: Accelerator] {
    var accelerators: [String: Accelerator] = [:]
    for (name, json) in members {
      accelerators[name] = Accelerator(
        nodeSelector: json.textMap("nodeSelector"), tolerations: json.items("tolerations"))
    }
    return accelerators
  }
}

extension Capabilities {
  init(resolving json: JSONValue) {
    var declared: [Capability: Bool] = [:]
    for capability in Capability.allCases {
      declared[capability] = json[capability.rawValue]?.bool
    }
    self.init(declared: declared)
  }
}

extension AgentClass.GuardRails {
  init(resolving json: JSONValue) {
    self.init(
      maxReplicas: json.number("maxReplicas"), maxGrace: json.duration("maxGrace"),
      requireDigest: json["requireDigest"]?.bool ?? false,
      allowedRegistries: json.texts("allowedRegistries"),
      podSecurity: json.choice("podSecurity") ?? .baseline,
      namesPodSecurity: json.has("podSecurity"))
  }
}

extension AgentClass.Namespaces {
  /// A list that is given replaces the default one, also with nothing.
  init(resolving json: JSONValue) {
    self.init()
    if json.has("monitoring") { monitoring = json.texts("monitoring") }
    if json.has("gateway") { gateway = json.texts("gateway") }
    if json.has("mesh") { mesh = json.texts("mesh") }
    let dns = json.section("dns")
    if dns.has("peers") {
      self.dns.peers = dns.items("peers").map {
        AgentClass.DNS.Peer(namespace: $0.text("namespace") ?? "", labels: $0.textMap("labels"))
      }
    }
    if dns.has("ports") { self.dns.ports = dns.items("ports").compactMap(\.int) }
  }
}

extension AgentClass.APIServer {
  init(resolving json: JSONValue) {
    self.init(cidrs: json.texts("cidrs"))
    if json.has("ports") { ports = json.items("ports").compactMap(\.int) }
  }
}

extension ModelGateway {
  init(resolving json: JSONValue) {
    var url = json.text("url") ?? ""
    while url.hasSuffix("/") { url.removeLast() }
    self.init(
      url: url, name: json.section("gatewayRef").text("name") ?? "",
      namespace: json.section("gatewayRef").text("namespace") ?? "")
  }
}

extension AgentClass.Quota {
  init(resolving json: JSONValue) {
    var hard: [String: String] = [:]
    for (name, value) in json.members("hard") { hard[name] = (try? Quantity(value))?.description }
    self.init(
      hard: hard, limitRange: json["limitRange"]?.bool ?? false,
      podSecurity: json.choice("podSecurity"))
  }
}
