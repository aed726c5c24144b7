/// `state`: the Redis-compatible store of an agent.
public enum StateStore: Sendable, Hashable {
  case none
  case managed(Managed)
  case external(External)

  public enum Persistence: String, Sendable, CaseIterable {
    case appendOnly = "AppendOnly", snapshot = "Snapshot", none = "None"
  }

  /// One that is made for the agent.
  public struct Managed: Sendable, Hashable {
    /// Where neither the agent nor its class names one. Valkey, because Redis is under a licence that
    /// not everybody may use from 7.4 on.
    public static let defaultImage = "docker.io/valkey/valkey:8.1.4"

    /// Of everything that it is made of.
    public static func objectName(agent: String) -> String { "\(agent)-state" }

    /// Nil: the class's.
    public var image: String?
    /// A quantity in canonical form; means nothing without persistence.
    public var storage: String
    /// Nil: the cluster's default.
    public var storageClassName: String?
    public var resources: Resources
    public var persistence: Persistence
  }

  /// One that exists.
  public struct External: Sendable, Hashable {
    public var host: String
    public var port: Int
    public var tls: Bool
    public var isCluster: Bool
    /// Which of `secrets[]` has the password, and under which key.
    public var credential: String?
    public var key: String
  }
}
