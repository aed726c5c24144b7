public import AgentDeploymentAPI
public import JSON

/// What rendering needs beside the AgentDeployment itself. Everything comes in as a value, so the
/// same input always gives the same bytes.
public struct RenderingContext: Sendable, Hashable {
  /// `data` and `binaryData` of the ConfigMaps that `configFrom` names with `onChange: Rollout`, by
  /// name. One that is absent is mounted as it is until it can be copied.
  public var configMaps: [String: ConfigMapContent]
  /// An opaque version of each Secret whose change restarts the pods, by Secret name. None of a
  /// generated one before its first rotation.
  public var secretVersions: [String: String]
  /// What the managed store runs on; nil where it does not run.
  public var appliedState: AppliedRendering?
  /// Seconds since 1970; decides whether a fault injection has expired.
  public var now: Int64
  public var clusterDomain: String
  /// What the platform offers, every capability decided: the class that the agent was decoded with.
  public var agentClass: AgentClass

  public struct ConfigMapContent: Sendable, Hashable {
    public var data: JSONObject
    public var binaryData: JSONObject

    public init(data: JSONObject, binaryData: JSONObject = JSONObject()) {
      self.data = data
      self.binaryData = binaryData
    }
  }

  public init(
    configMaps: [String: ConfigMapContent] = [:], secretVersions: [String: String] = [:],
    appliedState: AppliedRendering? = nil, now: Int64, clusterDomain: String = "cluster.local",
    agentClass: AgentClass = .builtIn
  ) {
    self.configMaps = configMaps
    self.secretVersions = secretVersions
    self.appliedState = appliedState
    self.now = now
    self.clusterDomain = clusterDomain
    self.agentClass = agentClass
  }
}
