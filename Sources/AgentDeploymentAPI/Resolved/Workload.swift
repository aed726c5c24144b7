public import KubernetesAPI

public struct ExtraPort: Sendable, Hashable {
  /// A port name (IANA service name: at most 15 characters).
  public var name: String
  public var port: Int
  /// `http`, `http2`, `grpc`, `https`, `tcp` ...: the Service's appProtocol.
  public var appProtocol: String?
}

/// corev1.EnvVar: a literal value or one reference.
public struct EnvironmentVariable: Sendable, Hashable {
  public enum Source: Sendable, Hashable {
    case value(String)
    case secretKey(name: String, key: String, isOptional: Bool)
    case configMapKey(name: String, key: String, isOptional: Bool)
    case field(path: String)
    /// Of the agent's container.
    case resource(name: String, divisor: String?)
  }
  public var name: String
  public var source: Source
}

public struct Resources: Sendable, Hashable {
  /// Canonical quantities by resource name.
  public var requests: [String: String]
  public var limits: [String: String]
}

public struct Health: Sendable, Hashable {
  /// How a probe asks.
  public enum Check: Sendable, Hashable {
    case http(path: String)
    case tcp
  }
  public var live: Check
  public var ready: Check
  public var startupTimeout: KubernetesDuration
  public var livePeriod: KubernetesDuration
  public var readyPeriod: KubernetesDuration
  /// For one probe of any kind.
  public var probeTimeout: KubernetesDuration
  /// Where the agent is asked to read its files again; nil when nobody asks.
  public var reloadPath: String?
}
