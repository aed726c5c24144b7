import JSON
import KubernetesAPI

extension Traffic {
  init(
    resolving json: JSONValue, _ agentProtocol: AgentDeploymentSpec.AgentProtocol,
    _ scaling: Scaling, _ capabilities: Capabilities
  ) {
    // A conversation with an agent takes longer than a plain request.
    let standard = KubernetesDuration(seconds: agentProtocol == .http ? 120 : 300)
    let timeout = json.duration("timeout") ?? standard
    let paths = json.texts("paths")
    self.init(
      provider: json.choice("provider") ?? (capabilities.istio ? .istio : .none),
      hosts: json.texts("hosts"),
      gatewayRefs: json.items("gatewayRefs").map {
        GatewayReference(name: $0.text("name") ?? "", namespace: $0.text("namespace"))
      },
      paths: paths.isEmpty ? ["/"] : paths,
      timeout: timeout,
      streamIdleTimeout: json.duration("streamIdleTimeout") ?? timeout,
      retries: Retries(resolving: json.section("retries")),
      loadBalancing: json.choice("loadBalancing") ?? .leastRequest,
      affinity: Affinity(resolving: json.section("affinity")),
      connectionsPerPod: json.section("connections").number("perPod")
        ?? scaling.metrics.lazy.compactMap(\.connectionsPerPod).first ?? 100,
      outlierDetection: OutlierDetection(resolving: json.section("outlierDetection")),
      faultInjection: json["faultInjection"].map(FaultInjection.init(resolving:)))
  }
}

extension Scaling.Metric {
  /// Twice the work that a pod is meant to have at a time, rounded up.
  fileprivate var connectionsPerPod: Int? {
    guard type == .activeWork, let target = DecimalString(target) else { return nil }
    return Int((target.tenThousandths * 2 + 9999) / 10_000)
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

extension Traffic.FaultInjection {
  init(resolving json: JSONValue) {
    self.init(
      percent: json.text("percent") ?? "0", delay: json.duration("delay"),
      abortStatus: json.number("abortStatus"), expiresAt: json.text("expiresAt") ?? "")
  }
}
