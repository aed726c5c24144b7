import AgentDeploymentAPI
import JSON
import KubernetesAPI

@testable import ManifestRendering

/// Agents that between them have every rule.
enum MonitoredAgent: String, CaseIterable, Sendable {
  /// Behind a sidecar, with a CPU limit and objectives.
  case meshed
  /// Counted by its own metrics, without a CPU limit.
  case alone
  /// Behind a waypoint.
  case ambient

  static let namespace = "agents"
  static let name = "support"

  private var spec: JSONValue {
    switch self {
    case .meshed, .ambient:
      [
        "protocol": "MCP", "resources": ["limits": ["cpu": 1]],
        "secrets": [["name": "llm", "secretRef": ["name": "llm"], "maxAge": "24h"]],
        "observability": ["alerts": ["labels": ["team": "support"]]],
        "slos": [
          ["name": "availability", "objective": "99.9", "indicator": ["type": "SuccessRate"]],
          [
            "name": "latency", "objective": "95",
            "indicator": ["type": "LatencyBelow", "threshold": "2s"],
          ],
        ],
      ]
    case .alone:
      [
        "protocol": "ADK", "traffic": ["provider": "None"],
        "slos": [
          ["name": "availability", "objective": "90", "indicator": ["type": "SuccessRate"]],
          [
            "name": "latency", "objective": "95", "window": "168h",
            "indicator": ["type": "LatencyBelow", "threshold": "2s"],
          ],
        ],
      ]
    }
  }

  var agentClass: AgentClass {
    var capabilities: Set<Capability> = [.prometheusOperator, .customMetrics, .istio]
    if self == .ambient { capabilities.insert(.ambient) }
    if self == .alone { capabilities.insert(.grafanaOperator) }
    return AgentClass(
      capabilities: Capabilities(discovered: capabilities),
      endpoints: AgentClass.Endpoints(runbooks: "https://runbooks.example.com/agents/"))
  }

  var context: RenderingContext { RenderingContext(now: Samples.now, agentClass: agentClass) }

  func agent(_ more: JSONValue = [:]) throws -> AgentDeployment {
    var spec = spec
    if self == .ambient { spec["availability"] = ["drain": ["sessionMetric": "active_sessions"]] }
    spec.applyMergePatch(more)
    return try Samples.agent(spec, agentClass: agentClass)
  }

  func render(_ more: JSONValue = [:]) throws -> Rendering { try agent(more).render(context) }

  func monitoring(_ more: JSONValue = [:]) throws -> Monitoring {
    let agent = try agent(more)
    return ManifestBuilder(
      agent: agent, names: ObjectNames(agent, revision: "aaaaaaaaaa", context), context: context
    ).monitoring
  }

  /// A rule file.
  func rules(_ more: JSONValue = [:]) throws -> JSONValue {
    try render(more)["PrometheusRule"]?["spec"] ?? .null
  }
}
