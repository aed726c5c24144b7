import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// Traffic of AgentDeployments: what no schema of one object can see.
enum AgentTrafficRules {
  static let all = [hostConflict, mirrorTarget, gatewayName]

  private static let hostConflict = LintRule(
    "agent-host-conflict", [], .error, "a host that two agents name",
    why: """
      Requests for a host can have one answer only. In a cluster the older agent keeps the host, and \
      the other is not Ready (reason Conflict). Gateways of the Gateway API may share one host by paths; \
      Istio's mesh does not merge the routes of several VirtualServices.
      """,
    fix: "name another host in one of them, or other paths with provider GatewayAPI",
    source:
      "https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services"
  ) { set, found in
    var claims: [String: [(agent: ManifestObject, claim: HostClaim)]] = [:]
    for agent in AgentRules.agents(set) {
      let claim = claim(agent)
      for host in agent.spec["traffic"]["hosts"].elements {
        guard let name = host.string,
          let other = claims[name]?.first(where: { $0.claim.competes(with: claim) })
        else { continue }
        let title = "\(other.agent.namespace ?? "default")/\(other.agent.name)"
        found.add(host, "\(name) is AgentDeployment \(title)'s too")
      }
      for host in claim.hosts { claims[host, default: []].append((agent, claim)) }
    }
  }

  /// As the operator has it, but by the manifest alone: a provider that is left out is Istio.
  private static func claim(_ agent: ManifestObject) -> HostClaim {
    var claim = HostClaim(ofUnreadable: agent.root.value ?? [:])
    let traffic = agent.spec["traffic"]
    switch traffic["provider"].string ?? "Istio" {
    case "Istio": claim.ways = [HostClaim.mesh]
    case "GatewayAPI":
      claim.ways = Set(
        traffic["gatewayRefs"].elements.map { gateway in
          let place = gateway["namespace"].string ?? agent.namespace ?? "default"
          return "\(place)/\(gateway["name"].string ?? "")"
        })
    default: claim.hosts = []
    }
    return claim
  }

  private static let mirrorTarget = LintRule(
    "agent-mirror-without-target", [], .error, "copies of requests for an agent that is nowhere",
    why:
      "Until the other agent is there, this one is not Ready (ResolvedRefs, reason RefNotFound).",
    fix: "add the AgentDeployment to the same namespace, or remove traffic.mirror",
    needsEverything: true
  ) { set, found in
    for agent in AgentRules.agents(set) {
      let node = agent.spec["traffic"]["mirror"]["agentRef"]["name"]
      guard let name = node.string,
        set.first("agentdeploy.dev", "AgentDeployment", agent.namespace, name) == nil
      else { continue }
      found.add(
        node, "AgentDeployment \(name) is not in namespace \(agent.namespace ?? "default")")
    }
  }

  private static let gatewayName = LintRule(
    "agent-gateway-name-too-long", [], .warning, "a gateway that no policy can let in by its name",
    why: """
      Once the callers are named, pods of a gateway in the agent's own namespace are let in by a label \
      with its name, and a label's value has at most 63 characters.
      """,
    fix: "give the Gateway a shorter name, or name its namespace in security.allowedCallers",
    source: "https://gateway-api.sigs.k8s.io/geps/gep-1762/"
  ) { set, found in
    // Without a provider it follows from the class; Istio's Gateways are not known by their names.
    for agent in AgentRules.agents(set)
    where ["GatewayAPI", nil].contains(agent.spec["traffic"]["provider"].string) {
      guard agent.spec["security"]["allowedCallers"].exists else { continue }
      for gateway in agent.spec["traffic"]["gatewayRefs"].elements {
        let place = gateway["namespace"].string
        guard place == nil || place == agent.namespace, let name = gateway["name"].string,
          name.utf8.count > 63
        else { continue }
        found.add(
          gateway["name"],
          "with \(name.utf8.count) characters it is no label's value: "
            + "no NetworkPolicy lets its pods in")
      }
    }
  }
}
