public import KubernetesAPI

/// A version of the Model Context Protocol with the transport Streamable HTTP.
/// https://modelcontextprotocol.io/specification/versioning
public enum MCPVersion: String, Sendable, CaseIterable {
  case march2025 = "2025-03-26"
  case june2025 = "2025-06-18"
  case november2025 = "2025-11-25"
  case july2026 = "2026-07-28"

  public static let newest = MCPVersion.july2026

  /// A server may keep state between requests, found by the header Mcp-Session-Id. Later versions have
  /// none, and the headers Mcp-Method and Mcp-Name instead.
  public var hasSessions: Bool { self != .july2026 }
}

extension Traffic {
  /// What holds for calls of some tools; nil: what holds for all requests.
  public struct ToolRule: Sendable, Hashable {
    public var names: [String]
    public var timeout: KubernetesDuration?
    public var retries: Retries?
  }

  /// Copies of requests for another agent.
  public struct Mirror: Sendable, Hashable {
    /// Of the requests, 0 < percent <= 100.
    public var percent: DecimalString
    /// In the agent's namespace.
    public var agent: String
    public var readOnlyTools: [String]
  }

  /// For each pod.
  public struct RateLimit: Sendable, Hashable {
    public enum Period: String, Sendable, CaseIterable {
      case second = "Second", minute = "Minute", hour = "Hour"

      public var seconds: Int {
        switch self {
        case .second: 1
        case .minute: 60
        case .hour: 3600
        }
      }
    }
    public var requests: Int
    public var per: Period
  }
}
