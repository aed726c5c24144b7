public import KubernetesAPI

public struct Scaling: Sendable, Hashable {
  public struct Metric: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
      case cpu = "CPU", memory = "Memory", activeWork = "ActiveWork"
    }
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

  static let defaultMaxReplicas = 10

  public var minReplicas: Int
  public var maxReplicas: Int
  /// Never empty when a scaler is rendered (`minReplicas < maxReplicas`): CPU 70 by default.
  public var metrics: [Metric]
  public var scaleUp: Policy
  public var scaleDown: Policy

  /// Equal bounds mean a fixed number of replicas.
  public var hasScaler: Bool { minReplicas < maxReplicas }
}
