public import KubernetesAPI

public struct Rollout: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable { case rollingUpdate = "RollingUpdate" }
  public var type: Kind
}

public struct Availability: Sendable, Hashable {
  public enum Spread: String, Sendable, CaseIterable {
    case none = "None", host = "Host", zone = "Zone"
  }
  static let defaultDrainTimeout = KubernetesDuration(seconds: 60)
  /// Of a pod's termination grace period, beyond the drain timeout: the wait before the agent is told
  /// to stop, and a little to exit in.
  public static let graceMarginSeconds: Int64 = 15

  public var maxUnavailable: IntOrString
  public var spread: Spread
  public var drainTimeout: KubernetesDuration
  public var priorityClassName: String?
}

/// What deleting the AgentDeployment leaves behind.
public struct DeletionPolicy: Sendable, Hashable {
  public enum Action: String, Sendable, CaseIterable { case retain = "Retain", delete = "Delete" }
  /// Generated Secrets and the state's volume claim.
  public var state: Action
}
