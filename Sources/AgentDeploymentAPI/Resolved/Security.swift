/// Who the agent is, and who may talk to whom.
public struct Security: Sendable, Hashable {
  public enum PodSecurity: String, Sendable, CaseIterable {
    case restricted = "Restricted", baseline = "Baseline"
  }
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
  /// Nil: whoever the NetworkPolicy of any agent lets in; empty: nobody.
  public var allowedCallers: [Caller]?

  /// Somebody who may call the agent.
  public struct Caller: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
      /// Another agent that runs as the ServiceAccount of its name; nil: in the same namespace.
      case agent(name: String, namespace: String?)
      case serviceAccount(name: String, namespace: String?)
      case namespace(String)
    }
    public var source: Source
    /// HTTP methods; empty: all.
    public var methods: [String]
  }
}
