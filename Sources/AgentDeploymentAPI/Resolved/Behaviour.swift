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
  public enum OnChange: String, Sendable, CaseIterable {
    case restart = "Restart", ignore = "Ignore"
  }

  public var name: String
  public var source: Source
  public var expose: Exposure
  /// Secret key to environment variable name; used with `Env`.
  public var keys: [String: String]
  public var onChange: OnChange
}
