public import KubernetesAPI

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
    /// Made and kept by the operator.
    case generate(Generation)
    /// Copied out of a store by the External Secrets operator.
    case external(ExternalSecret)
  }
  /// Random characters under the key `value`.
  public struct Generation: Sendable, Hashable {
    public var length: Int
    /// Nil: never replaced.
    public var rotateEvery: KubernetesDuration?
    /// The value before stays under the key `previous`.
    public var keepPrevious: Bool
  }
  public enum StoreKind: String, Sendable, CaseIterable {
    case namespaced = "SecretStore", cluster = "ClusterSecretStore"
  }
  public struct ExternalSecret: Sendable, Hashable {
    public var storeName: String
    public var storeKind: StoreKind
    public var remoteKey: String
    /// Zero: once.
    public var refreshInterval: KubernetesDuration
  }
  public enum Exposure: String, Sendable, CaseIterable {
    case env = "Env", files = "Files"
    /// No pod has it: what the operator renders names it.
    case nowhere = "None"
  }
  public enum OnChange: String, Sendable, CaseIterable {
    /// All pods are replaced.
    case restart = "Restart"
    /// The agent is asked to read its files again; needs `Health.reloadPath`.
    case reload = "Reload"
    case ignore = "Ignore"
  }

  public var name: String
  public var source: Source
  public var expose: Exposure
  /// Secret key to environment variable name; used with `Env`.
  public var keys: [String: String]
  public var onChange: OnChange
  /// Its content should not get older; nil: whatever age.
  public var maxAge: KubernetesDuration?

  /// The Secret that holds the credential.
  public func secretName(agent: String) -> String {
    if case .reference(let name) = source { return name }
    return "\(agent)-\(name)"
  }

  public var generation: Generation? {
    if case .generate(let generation) = source { generation } else { nil }
  }
}
