public import JSON

/// What rendering needs beside the AgentDeployment itself. Everything comes in as a value, so the
/// same input always gives the same bytes.
public struct RenderingContext: Sendable, Hashable {
  /// `data` and `binaryData` of the ConfigMaps that `configFrom` names with `onChange: Rollout`, by
  /// name. One that is absent is mounted as it is until it can be copied.
  public var configMaps: [String: ConfigMapContent]
  /// An opaque version of each Secret whose change restarts the pods, by Secret name.
  public var secretVersions: [String: String]
  /// Seconds since 1970; decides whether a fault injection has expired.
  public var now: Int64
  public var clusterDomain: String
  /// Namespaces whose pods may reach the metrics port.
  public var monitoringNamespaces: [String]
  /// Namespaces of gateways that may reach the agent, beside those of `gatewayRefs`.
  public var gatewayNamespaces: [String]

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
    now: Int64, clusterDomain: String = "cluster.local",
    monitoringNamespaces: [String] = ["monitoring"],
    gatewayNamespaces: [String] = ["istio-system", "istio-ingress"]
  ) {
    self.configMaps = configMaps
    self.secretVersions = secretVersions
    self.now = now
    self.clusterDomain = clusterDomain
    self.monitoringNamespaces = monitoringNamespaces
    self.gatewayNamespaces = gatewayNamespaces
  }
}
