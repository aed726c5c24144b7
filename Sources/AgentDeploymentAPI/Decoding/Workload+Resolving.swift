import JSON
import KubernetesAPI

extension ExtraPort {
  init(resolving json: JSONValue) {
    self.init(
      name: json.text("name") ?? "", port: json.number("port") ?? 0,
      appProtocol: json.text("appProtocol"))
  }
}

extension EnvironmentVariable {
  init(resolving json: JSONValue) {
    self.init(
      name: json.text("name") ?? "",
      source: json["valueFrom"].flatMap { Source(resolving: $0) }
        ?? .value(json.text("value") ?? ""))
  }
}

extension EnvironmentVariable.Source {
  init?(resolving json: JSONValue) {
    if let reference = json["secretKeyRef"] {
      self = .secretKey(
        name: reference.text("name") ?? "", key: reference.text("key") ?? "",
        isOptional: reference["optional"]?.bool ?? false)
    } else if let reference = json["configMapKeyRef"] {
      self = .configMapKey(
        name: reference.text("name") ?? "", key: reference.text("key") ?? "",
        isOptional: reference["optional"]?.bool ?? false)
    } else if let path = json["fieldRef"]?.text("fieldPath") {
      self = .field(path: path)
    } else if let reference = json["resourceFieldRef"], let name = reference.text("resource") {
      let divisor = reference["divisor"].flatMap { try? Quantity($0) }
      self = .resource(name: name, divisor: divisor?.description)
    } else {
      return nil
    }
  }
}

extension Resources {
  /// Requests of it have to equal its limits (core validation): extended resources and huge pages.
  static func isNotOvercommitted(_ name: String) -> Bool {
    if name.hasPrefix("hugepages-") { return true }
    guard let slash = name.firstIndex(of: "/") else { return false }
    let domain = name[..<slash]
    return domain != "kubernetes.io" && !domain.hasSuffix(".kubernetes.io")
  }

  /// What a container gets that says nothing else.
  struct Defaults {
    var cpuRequest: Quantity
    var memoryRequest: Quantity
    var memoryLimit: Quantity

    static let agent = Defaults(
      cpuRequest: Quantity(milli: 250), memoryRequest: Quantity(512 << 20, format: .binarySI),
      memoryLimit: Quantity(1 << 30, format: .binarySI))
  }

  /// What is given stands; a default gives way to it: the memory limit rises to a higher request,
  /// a default request falls to a lower limit.
  init(resolving json: JSONValue, _ defaults: Defaults = .agent) {
    var requests = Self.quantities(json.members("requests"))
    var limits = Self.quantities(json.members("limits"))
    let memoryRequest = requests["memory"]
    let memoryLimit =
      limits["memory"] ?? max(defaults.memoryLimit, memoryRequest ?? defaults.memoryLimit)
    limits["memory"] = memoryLimit
    requests["memory"] = memoryRequest ?? min(defaults.memoryRequest, memoryLimit)
    if requests["cpu"] == nil {
      requests["cpu"] = min(defaults.cpuRequest, limits["cpu"] ?? defaults.cpuRequest)
    }
    for name in limits.keys where Self.isNotOvercommitted(name) { requests[name] = limits[name] }
    for name in requests.keys where Self.isNotOvercommitted(name) { limits[name] = requests[name] }
    self.init(
      requests: requests.mapValues(\.description), limits: limits.mapValues(\.description))
  }

  private static func quantities(_ members: JSONObject) -> [String: Quantity] {
    var quantities: [String: Quantity] = [:]
    for (name, value) in members { quantities[name] = try? Quantity(value) }
    return quantities
  }
}

extension Health {
  /// A path makes a check HTTP whatever the protocol; MCP's endpoint takes POST only and A2A has no
  /// health path, so a TCP connection is what is safe to ask of them.
  init(resolving json: JSONValue, _ agentProtocol: AgentDeploymentSpec.AgentProtocol) {
    let live: Check
    let ready: Check
    switch agentProtocol {
    case .http, .adk: (live, ready) = (.http(path: "/health"), .http(path: "/ready"))
    case .a2a: (live, ready) = (.tcp, .http(path: "/.well-known/agent-card.json"))
    case .mcp: (live, ready) = (.tcp, .tcp)
    }
    self.init(
      live: json.text("livePath").map { .http(path: $0) } ?? live,
      ready: json.text("readyPath").map { .http(path: $0) } ?? ready,
      startupTimeout: json.duration("startupTimeout") ?? KubernetesDuration(seconds: 120),
      livePeriod: json.duration("livePeriod") ?? KubernetesDuration(seconds: 30),
      readyPeriod: json.duration("readyPeriod") ?? KubernetesDuration(seconds: 10),
      probeTimeout: json.duration("probeTimeout") ?? KubernetesDuration(seconds: 5),
      reloadPath: json.text("reloadPath"))
  }
}

extension ConfigSource {
  init(resolving json: JSONValue) {
    self.init(
      name: json.text("name") ?? "", configMapName: json["configMapRef"]?.text("name") ?? "",
      mountPath: json.text("mountPath") ?? "", onChange: json.choice("onChange") ?? .rollout)
  }
}
