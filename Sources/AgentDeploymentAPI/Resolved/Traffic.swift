public import KubernetesAPI

public struct Traffic: Sendable, Hashable {
  public enum Provider: String, Sendable, CaseIterable {
    case istio = "Istio", gatewayAPI = "GatewayAPI", none = "None"
  }
  public enum LoadBalancing: String, Sendable, CaseIterable {
    case leastRequest = "LeastRequest", roundRobin = "RoundRobin", random = "Random"
  }
  public enum Affinity: Sendable, Hashable {
    case none
    case header(name: String)
    case cookie(name: String, ttl: KubernetesDuration)
  }
  public struct GatewayReference: Sendable, Hashable {
    public var name: String
    /// Nil: the agent's own.
    public var namespace: String?
  }
  public struct Retries: Sendable, Hashable {
    public enum Condition: String, Sendable, CaseIterable {
      case connectFailure = "ConnectFailure", refusedStream = "RefusedStream",
        unavailable = "Unavailable", cancelled = "Cancelled", gatewayError = "GatewayError",
        reset = "Reset", retriable4xx = "Retriable4xx"
    }
    /// 0 turns retries off.
    public var attempts: Int
    public var on: [Condition]
  }
  public struct OutlierDetection: Sendable, Hashable {
    public var gatewayErrors: Int
    public var interval: KubernetesDuration
    public var ejection: KubernetesDuration
    public var maxEjectedPercent: Int
  }
  public struct FaultInjection: Sendable, Hashable {
    /// A decimal string, 0 < percent <= 100.
    public var percent: String
    /// Exactly one of the two is set.
    public var delay: KubernetesDuration?
    public var abortStatus: Int?
    /// RFC 3339.
    public var expiresAt: String
  }

  public var provider: Provider
  public var hosts: [String]
  public var gatewayRefs: [GatewayReference]
  public var paths: [String]
  /// Zero: none.
  public var timeout: KubernetesDuration
  public var streamIdleTimeout: KubernetesDuration
  public var retries: Retries
  public var loadBalancing: LoadBalancing
  public var affinity: Affinity
  /// Concurrent connections or requests one pod takes; pool sizes derive from it.
  public var connectionsPerPod: Int
  public var outlierDetection: OutlierDetection
  public var tools: [ToolRule]
  public var rateLimit: RateLimit?
  public var mirror: Mirror?
  public var faultInjection: FaultInjection?
}
