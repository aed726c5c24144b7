import JSON
import KubernetesAPI

extension Traffic {
  init(
    resolving json: JSONValue, _ agentProtocol: AgentDeploymentSpec.AgentProtocol,
    _ version: MCPVersion?, _ scaling: Scaling, _ capabilities: Capabilities
  ) {
    // A conversation with an agent takes longer than a plain request.
    let standard = KubernetesDuration(seconds: agentProtocol == .http ? 120 : 300)
    let timeout = json.duration("timeout") ?? standard
    let paths = json.texts("paths")
    let provider = json.choice("provider") ?? Provider(capabilities, json)
    self.init(
      provider: provider,
      hosts: json.texts("hosts"),
      gatewayRefs: json.items("gatewayRefs").map {
        GatewayReference(name: $0.text("name") ?? "", namespace: $0.text("namespace"))
      },
      paths: paths.isEmpty ? ["/"] : paths,
      timeout: timeout,
      streamIdleTimeout: json.duration("streamIdleTimeout") ?? timeout,
      retries: Retries(resolving: json.section("retries")),
      loadBalancing: json.choice("loadBalancing") ?? .leastRequest,
      affinity: json["affinity"].map(Affinity.init(resolving:))
        ?? Affinity(version, provider, isFree: !json.has("loadBalancing")),
      connectionsPerPod: json.section("connections").number("perPod")
        ?? scaling.metrics.lazy.compactMap(\.connectionsPerPod).first ?? 100,
      outlierDetection: OutlierDetection(resolving: json.section("outlierDetection")),
      tools: json.items("tools").map(ToolRule.init(resolving:)),
      rateLimit: json["rateLimit"].map(RateLimit.init(resolving:)),
      mirror: json["mirror"].map(Mirror.init(resolving:)),
      faultInjection: json["faultInjection"].map(FaultInjection.init(resolving:)))
  }
}

extension Traffic.Provider {
  /// The one for an agent that names none. The Gateway API has nothing to route without gateways.
  init(_ capabilities: Capabilities, _ traffic: JSONValue) {
    if capabilities.istio {
      self = .istio
    } else if capabilities.gatewayAPI, !traffic.items("gatewayRefs").isEmpty {
      self = .gatewayAPI
    } else {
      self = .none
    }
  }
}

extension Scaling.Metric {
  /// Twice the work that a pod is meant to have at a time, rounded up, and no more than a user may say:
  /// with all replicas it has to fit what a DestinationRule takes, 32 bits.
  fileprivate var connectionsPerPod: Int? {
    guard type == .activeWork, let target = DecimalString(target) else { return nil }
    return min(
      Int((target.tenThousandths * 2 + 9999) / 10_000), TrafficFields.maxConnectionsPerPod)
  }
}

extension Traffic.Retries {
  init(resolving json: JSONValue) {
    let conditions = json.texts("on").compactMap(Condition.init(rawValue:))
    self.init(
      attempts: json.number("attempts") ?? 2,
      on: conditions.isEmpty ? [.connectFailure, .refusedStream] : conditions)
  }
}

extension Traffic.Affinity {
  /// For an agent that names none: an older MCP server finds its sessions by this header.
  ///
  /// - Parameter isFree: nobody has chosen another load balancing.
  init(_ version: MCPVersion?, _ provider: Traffic.Provider, isFree: Bool) {
    let hasSessions = version?.hasSessions == true && provider == .istio
    self = hasSessions && isFree ? .header(name: "Mcp-Session-Id") : .none
  }

  init(resolving json: JSONValue) {
    switch json.text("type") {
    case "Header": self = .header(name: json.text("name") ?? "")
    case "Cookie":
      self = .cookie(
        name: json.text("name") ?? "",
        ttl: json.duration("ttl") ?? KubernetesDuration(milliseconds: 0))
    default: self = .none
    }
  }
}

extension Traffic.OutlierDetection {
  init(resolving json: JSONValue) {
    self.init(
      gatewayErrors: json.number("gatewayErrors") ?? 5,
      interval: json.duration("interval") ?? KubernetesDuration(seconds: 30),
      ejection: json.duration("ejection") ?? KubernetesDuration(seconds: 30),
      maxEjectedPercent: json.number("maxEjectedPercent") ?? 50)
  }
}

extension Traffic.ToolRule {
  init(resolving json: JSONValue) {
    self.init(
      names: json.texts("names"), timeout: json.duration("timeout"),
      retries: json["retries"].map(Traffic.Retries.init(resolving:)))
  }
}

extension Traffic.Mirror {
  init(resolving json: JSONValue) {
    self.init(
      percent: json.text("percent").flatMap { DecimalString($0) }
        ?? DecimalString(tenThousandths: 0),
      agent: json.section("agentRef").text("name") ?? "",
      readOnlyTools: json.texts("readOnlyTools"))
  }
}

extension Traffic.RateLimit {
  init(resolving json: JSONValue) {
    self.init(requests: json.number("requests") ?? 1, per: json.choice("per") ?? .second)
  }
}

extension Traffic.FaultInjection {
  init(resolving json: JSONValue) {
    self.init(
      percent: json.text("percent") ?? "0", delay: json.duration("delay"),
      abortStatus: json.number("abortStatus"), expiresAt: json.text("expiresAt") ?? "")
  }
}
