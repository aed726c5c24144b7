import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// In: the callers, by default the agent's own namespace, its gateways, and monitoring on the
  /// metrics port. Out: DNS, the
  /// mesh, the cluster and the world, but never the cloud's metadata address.
  func networkPolicy() -> RenderedObject {
    let policy: JSONValue = [
      "podSelector": ["matchLabels": names.selector],
      "policyTypes": ["Ingress", "Egress"],
      "ingress": .array(ingress),
      "egress": .array(egress),
    ]
    return object(.networkPolicies, wave: .policy, [("spec", policy)])
  }

  /// Ambient mesh traffic arrives on this port, whatever the service's.
  private static let hbonePort = 15008

  private var ingress: [JSONValue] {
    var agentPorts = agentPorts
    var metricsPorts = [spec.observability.metricsPort]
    if spec.traffic.provider == .istio {
      agentPorts.append(Self.hbonePort)
      // The sidecar's own metrics, and the agent's merged with them.
      metricsPorts += [15020, 15090, Self.hbonePort]
    }
    var rules: [JSONValue] = []
    if let callers = spec.security.allowedCallers {
      let peers = callers.map(peer).uniqued()
      if !peers.isEmpty { rules.append(["from": .array(peers), "ports": tcp(agentPorts)]) }
    } else {
      rules.append(["from": [["podSelector": [:]]]])
    }
    if !gateways.isEmpty {
      rules.append(["from": .array(gateways.map(namespace)), "ports": tcp(agentPorts)])
    }
    let places = context.agentClass.namespaces
    if !places.monitoring.isEmpty {
      rules.append([
        "from": .array(places.monitoring.map(namespace)), "ports": tcp(metricsPorts),
      ])
    }
    return rules
  }

  /// A ServiceAccount is nothing that a NetworkPolicy knows: its whole namespace gets this far, and
  /// the AuthorizationPolicy tells it from the rest.
  private func peer(_ caller: Security.Caller) -> JSONValue {
    switch caller.source {
    case .agent(let name, let place):
      var peer = namespace(place ?? names.namespace)
      peer["podSelector"] = ["matchLabels": [ObjectNames.agentLabel: .string(name)]]
      return peer
    case .serviceAccount(_, let place): return namespace(place ?? names.namespace)
    case .namespace(let name): return namespace(name)
    }
  }

  private var egress: [JSONValue] {
    dns + [
      // Pods by selector as well as by address: not every plugin matches pods by address.
      [
        "to": [
          ["namespaceSelector": [:]],
          ["ipBlock": ["cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]]],
          ["ipBlock": ["cidr": "::/0", "except": ["fd00:ec2::254/128"]]],
        ]
      ]
    ]
  }

  /// With explicit peers: some network plugins drop a rule that has only ports.
  private var dns: [JSONValue] {
    let dns = context.agentClass.namespaces.dns
    guard !dns.peers.isEmpty, !dns.ports.isEmpty else { return [] }
    let peers: [JSONValue] = dns.peers.map { peer in
      var json = namespace(peer.namespace)
      if !peer.labels.isEmpty { json["podSelector"] = ["matchLabels": JSONValue(peer.labels)] }
      return json
    }
    let ports: [JSONValue] = dns.ports.flatMap { port -> [JSONValue] in
      [
        ["protocol": "UDP", "port": JSONValue(port)], ["protocol": "TCP", "port": JSONValue(port)],
      ]
    }
    return [["to": .array(peers), "ports": .array(ports)]]
  }

  private func namespace(_ name: String) -> JSONValue {
    ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .string(name)]]]
  }

  private func tcp(_ ports: [Int]) -> JSONValue {
    .array(Set(ports).sorted().map { ["protocol": "TCP", "port": JSONValue($0)] })
  }
}
