import AgentDeploymentAPI
import JSON
import ManifestRendering

/// Agents whose routes are recorded, with the class that each needs.
enum RoutedAgent: String, CaseIterable, Sendable {
  /// Through gateways of the Gateway API.
  case gateway
  /// The same with rules for tools and copies of what changes nothing.
  case gatewayTools = "gateway-tools"
  /// By Istio, with everything that goes together.
  case mesh
  /// An MCP server with sessions.
  case sessions

  private static let tools: JSONValue = [
    ["names": ["export_all", "search"], "timeout": "10m"], ["names": ["reindex"], "timeout": "0s"],
  ]
  private static let mirror: JSONValue = [
    "percent": "0.5", "agentRef": ["name": "support-next"],
    "readOnlyTools": ["search", "get_forecast"],
  ]

  var spec: JSONValue {
    switch self {
    case .gateway, .gatewayTools:
      var traffic: JSONValue = [
        "provider": "GatewayAPI", "hosts": ["support.example.com", "*.agents.example.com"],
        "gatewayRefs": [["name": "public", "namespace": "edge"], ["name": "internal"]],
        "paths": ["/mcp", "/.well-known"], "timeout": "1h30m",
      ]
      if self == .gatewayTools {
        traffic["tools"] = Self.tools
        traffic["mirror"] = Self.mirror
      }
      return ["protocol": "MCP", "traffic": traffic]
    case .mesh:
      var first: JSONValue = Self.tools[0] ?? [:]
      first["retries"] = ["attempts": 0]
      return [
        "protocol": "MCP",
        "extraPorts": [["name": "admin", "port": 9000]],
        "observability": ["metrics": ["port": 9090]],
        "traffic": [
          "hosts": ["support.example.com"],
          "gatewayRefs": [["name": "public", "namespace": "istio-ingress"]], "paths": ["/mcp"],
          "tools": [first, Self.tools[1] ?? [:]], "mirror": Self.mirror,
          "rateLimit": ["requests": 1000, "per": "Minute"],
          "affinity": ["type": "Cookie", "name": "agent", "ttl": "1h"],
        ],
      ]
    case .sessions: return ["protocol": "MCP", "protocolVersion": "2025-11-25"]
    }
  }

  var capabilities: [Capability: Bool] {
    switch self {
    case .gateway, .gatewayTools: [.gatewayAPI: true]
    case .mesh: [.istio: true, .envoyFilters: true]
    case .sessions: [.istio: true]
    }
  }

  var context: RenderingContext {
    RenderingContext(
      now: Samples.now,
      agentClass: AgentClass(capabilities: Capabilities(declared: capabilities)))
  }

  func render() throws -> Rendering { try Samples.render(spec, context) }
}
