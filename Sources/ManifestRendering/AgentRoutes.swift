import AgentDeploymentAPI
import KubernetesAPI

/// One route to the agent, whoever carries it out.
struct AgentRoute: Sendable, Hashable {
  /// What a request has to be.
  enum Condition: Sendable, Hashable {
    /// An MCP request of one of these methods.
    case methods([String])
    /// An MCP call of this tool.
    case tool(String)
  }

  var name: String
  /// One of them holds; none: every request.
  var conditions: [Condition] = []
  var timeout: KubernetesDuration
  var retries: Traffic.Retries
  /// Where copies go.
  var mirror: Traffic.Mirror? = nil
}

extension ManifestBuilder {
  /// In the order of precedence; the last takes everything that is left.
  var routes: [AgentRoute] {
    let traffic = spec.traffic
    let mirror = traffic.mirror
    let usual = AgentRoute(
      name: "default", timeout: traffic.timeout, retries: traffic.retries,
      // Of an MCP server only what changes nothing is copied, by a route of its own.
      mirror: spec.protocol == .mcp ? nil : mirror)
    var routes = traffic.tools.enumerated().flatMap { i, rule in
      let copied = mirror.map { Set($0.readOnlyTools) } ?? []
      return [
        (rule.names.filter(copied.contains), mirror),
        (rule.names.filter { !copied.contains($0) }, nil),
      ]
      .filter { !$0.0.isEmpty }
      .map { names, mirror in
        AgentRoute(
          name: mirror == nil ? "tools-\(i + 1)" : "tools-\(i + 1)-read-only",
          conditions: names.map { .tool($0) }, timeout: rule.timeout ?? traffic.timeout,
          retries: rule.retries ?? traffic.retries, mirror: mirror)
      }
    }
    if let mirror, spec.protocol == .mcp {
      let handled = Set(traffic.tools.flatMap(\.names))
      var reads = usual
      reads.name = "read-only"
      reads.mirror = mirror
      reads.conditions =
        [.methods(MCPRequests.readOnlyMethods)]
        + mirror.readOnlyTools.filter { !handled.contains($0) }.map { .tool($0) }
      routes.append(reads)
    }
    return routes + [usual]
  }
}
