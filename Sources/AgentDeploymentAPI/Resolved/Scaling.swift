public import KubernetesAPI

public struct Scaling: Sendable, Hashable {
  public struct Metric: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
      case cpu = "CPU", memory = "Memory", activeWork = "ActiveWork", requests = "Requests",
        queue = "Queue"
    }
    public var type: Kind
    /// CPU, Memory: percent of the request. ActiveWork: average per pod. Requests: per second and
    /// pod. Queue: for each pod. A decimal string.
    public var target: String
    /// ActiveWork, Requests: a metric of the pods. Queue: one of the class's metrics adapter.
    public var metric: String?
    /// Labels of a Queue's metric.
    public var selector: [String: String] = [:]
    /// What KEDA asks for a Queue.
    public var trigger: Trigger?
  }

  /// https://keda.sh/docs/latest/scalers/
  public struct Trigger: Sendable, Hashable {
    /// Where KEDA has the credentials from.
    public enum Authentication: Sendable, Hashable {
      case none
      /// A TriggerAuthentication of the agent's namespace, or one of the cluster.
      case existing(name: String, isOfCluster: Bool)
      /// Rendered: keys of Secrets in the agent's namespace.
      case secrets([SecretParameter])
    }
    public struct SecretParameter: Sendable, Hashable {
      public var parameter: String
      public var secretName: String
      public var key: String
    }
    public var type: String
    public var metadata: [String: String]
    /// The member of the metadata that the target goes to.
    public var targetKey: String
    public var authentication: Authentication
  }

  /// A number of pods for certain hours.
  public struct Window: Sendable, Hashable {
    /// Five fields of cron.
    public var start: String
    public var end: String
    /// Of the IANA database.
    public var timeZone: String
    public var replicas: Int
  }

  /// How fast the number of replicas may change.
  public struct Policy: Sendable, Hashable {
    /// Stabilisation window.
    public var window: KubernetesDuration
    public var percentPerMinute: Int?
    public var podsPerMinute: Int?
  }

  static let defaultMinReplicas = 2
  static let defaultMaxReplicas = 10
  static let defaultTimeZone = "UTC"

  /// While there is work: `idleAfter` may end it. 0 only with `idleAfter`.
  public var minReplicas: Int
  public var maxReplicas: Int
  /// Never empty when a scaler is rendered: CPU 70 by default.
  public var metrics: [Metric]
  public var scaleUp: Policy
  public var scaleDown: Policy
  /// So many pods at least while metrics cannot be read.
  public var failureReplicas: Int?
  /// So long without work, and no pod is left.
  public var idleAfter: KubernetesDuration?
  public var schedule: [Window]

  /// Equal bounds mean a fixed number of replicas, unless they may go to zero.
  public var hasScaler: Bool { minReplicas < maxReplicas || idleAfter != nil }
  public var mayBeIdle: Bool { idleAfter != nil }
}
