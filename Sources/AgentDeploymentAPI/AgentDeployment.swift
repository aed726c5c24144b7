public import JSON
public import KubernetesAPI

/// One agent as its owner describes it: decoded, defaulted and valid.
///
/// Every optional section is present with its defaults resolved, so what is rendered from it needs
/// no second look at what the user left out. Made by `AgentDeployment.decode`.
public struct AgentDeployment: Sendable, Hashable {
  /// The object as it was read: what status, owner references and events refer to.
  public var object: KubernetesObject
  public var spec: AgentDeploymentSpec

  public init(object: KubernetesObject, spec: AgentDeploymentSpec) {
    self.object = object
    self.spec = spec
  }

  public var name: String { object.name }
  /// `default` when the manifest names none, as kubectl would apply it.
  public var namespace: String { object.namespace ?? "default" }
}

/// The desired state (`spec`).
public struct AgentDeploymentSpec: Sendable, Hashable {
  public enum AgentProtocol: String, Sendable, CaseIterable { case a2a = "A2A", mcp = "MCP", adk = "ADK", http = "HTTP" }

  public var `protocol`: AgentProtocol
  public var image: String
  /// Names of Secrets of type kubernetes.io/dockerconfigjson.
  public var imagePullSecrets: [String]
  public var command: [String]
  public var args: [String]
  public var port: Int
  public var extraPorts: [ExtraPort]
  /// corev1.EnvVar objects, in the user's order.
  public var env: [EnvironmentVariable]
  /// Resource name to quantity, canonical form; defaults filled in.
  public var resources: Resources
  public var health: Health
  public var config: [String: String]
  public var configFrom: [ConfigSource]
  public var secrets: [SecretSource]
  public var scaling: Scaling
  public var traffic: Traffic
  public var rollout: Rollout
  public var availability: Availability
  public var security: Security
  public var observability: Observability
  public var paused: Bool
  public var deletionPolicy: DeletionPolicy
  public var podTemplate: PodTemplate?
  public var overrides: [Override]
}

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
}

/// `configFrom[]`: a ConfigMap of the user's, mounted as files.
public struct ConfigSource: Sendable, Hashable {
  public enum OnChange: String, Sendable, CaseIterable {
    /// The content is copied into each revision; a change is a new revision.
    case rollout = "Rollout"
    /// Mounted as it is; a change reaches running pods without a restart.
    case live = "Live"
  }
  public var name: String
  public var configMapName: String
  public var mountPath: String
  public var onChange: OnChange
}

/// `secrets[]`: credentials from exactly one source.
public struct SecretSource: Sendable, Hashable {
  public enum Source: Sendable, Hashable {
    /// An existing Secret.
    case reference(secretName: String)
    /// Made and kept by the operator: `length` random characters under the key `value`.
    case generate(length: Int)
  }
  public enum Exposure: String, Sendable, CaseIterable { case env = "Env", files = "Files" }
  public enum OnChange: String, Sendable, CaseIterable { case restart = "Restart", ignore = "Ignore" }

  public var name: String
  public var source: Source
  public var expose: Exposure
  /// Secret key to environment variable name; used with `Env`.
  public var keys: [String: String]
  public var onChange: OnChange
}

public struct Scaling: Sendable, Hashable {
  public struct Metric: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable { case cpu = "CPU", memory = "Memory", activeWork = "ActiveWork" }
    public var type: Kind
    /// CPU, Memory: percent of the request. ActiveWork: average per pod. A decimal string.
    public var target: String
    /// The pods' metric, for ActiveWork.
    public var metric: String?
  }
  /// How fast the number of replicas may change.
  public struct Policy: Sendable, Hashable {
    /// Stabilisation window.
    public var window: KubernetesDuration
    public var percentPerMinute: Int?
    public var podsPerMinute: Int?
  }

  public var minReplicas: Int
  public var maxReplicas: Int
  /// Never empty when a scaler is rendered (`minReplicas < maxReplicas`): CPU 70 by default.
  public var metrics: [Metric]
  public var scaleUp: Policy
  public var scaleDown: Policy

  /// Equal bounds mean a fixed number of replicas.
  public var hasScaler: Bool { minReplicas < maxReplicas }
}

public struct Traffic: Sendable, Hashable {
  public enum Provider: String, Sendable, CaseIterable { case istio = "Istio", none = "None" }
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
  public var faultInjection: FaultInjection?
}

public struct Rollout: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable { case rollingUpdate = "RollingUpdate" }
  public var type: Kind
}

public struct Availability: Sendable, Hashable {
  public enum Spread: String, Sendable, CaseIterable { case none = "None", host = "Host", zone = "Zone" }
  public var maxUnavailable: IntOrString
  public var spread: Spread
  public var drainTimeout: KubernetesDuration
  public var priorityClassName: String?
}

public struct Security: Sendable, Hashable {
  public enum PodSecurity: String, Sendable, CaseIterable { case restricted = "Restricted", baseline = "Baseline" }
  public enum MutualTLS: String, Sendable, CaseIterable {
    case strict = "Strict", permissive = "Permissive", disabled = "Disabled"
  }
  public enum ServiceAccount: Sendable, Hashable {
    /// Rendered with the agent's name.
    case managed(annotations: [String: String])
    /// The user's own.
    case existing(name: String)
  }
  public var podSecurity: PodSecurity
  public var mtls: MutualTLS
  public var serviceAccount: ServiceAccount
}

public struct Observability: Sendable, Hashable {
  public enum LogLevel: String, Sendable, CaseIterable {
    case debug = "Debug", info = "Info", warn = "Warn", error = "Error"
  }
  public struct Tracing: Sendable, Hashable {
    public var endpoint: String
    /// A decimal string, 0...100; nil leaves the sampler alone.
    public var samplePercent: String?
  }
  /// Equal to the agent's port when not given.
  public var metricsPort: Int
  public var metricsPath: String
  public var logLevel: LogLevel
  public var tracing: Tracing?
}

/// What deleting the AgentDeployment leaves behind.
public struct DeletionPolicy: Sendable, Hashable {
  public enum Action: String, Sendable, CaseIterable { case retain = "Retain", delete = "Delete" }
  /// Generated Secrets (and, later, the state's volume claims).
  public var state: Action
}

/// A strategic merge onto the rendered pod template; the agent's container is named `agent`.
public struct PodTemplate: Sendable, Hashable {
  public var labels: [String: String]
  public var annotations: [String: String]
  /// A PodSpec, as the user wrote it.
  public var spec: JSONObject
}

/// A merge patch (RFC 7386) onto a generated object.
public struct Override: Sendable, Hashable {
  public var kind: String
  /// Nil: every generated object of the kind.
  public var name: String?
  public var patch: JSONValue
}
