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
  /// Whose tokens callers have to bring; empty: none is asked for.
  public var jwt: [TokenIssuer]
  public var egress: Egress
  /// For reports alone.
  public var compliance: [ComplianceProfile]
  /// What the agent may do at the API server; empty: it gets no token.
  public var rules: [PolicyRule]

  /// rbac.authorization.k8s.io/v1 PolicyRule.
  public struct PolicyRule: Sendable, Hashable {
    public var apiGroups: [String]
    public var resources: [String]
    /// Empty: all.
    public var resourceNames: [String]
    public var verbs: [String]
  }

  /// Where the agent may go.
  public struct Egress: Sendable, Hashable {
    public enum Mode: String, Sendable, CaseIterable {
      case open = "Open", restricted = "Restricted"
    }
    public var mode: Mode
    /// Outside the cluster; names may begin with `*.`.
    public var hosts: [String]
    /// IPv4.
    public var cidrs: [String]
    public var namespaces: [String]
  }

  /// Whose tokens are accepted.
  public struct TokenIssuer: Sendable, Hashable {
    public struct Claim: Sendable, Hashable {
      public var name: String
      /// One of them is enough.
      public var values: [String]
    }
    public var issuer: String
    /// Nil: found by OpenID discovery.
    public var jwksUri: String?
    /// Empty: any.
    public var audiences: [String]
    /// All of them.
    public var requiredClaims: [Claim]
  }

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
    /// Tools of an MCP server; empty: all.
    public var tools: [String]
  }
}
