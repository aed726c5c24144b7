import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// In: the agent's own namespace, its gateways, and monitoring on the metrics port. Out: DNS, the
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
    var gatewayPorts = [spec.port] + spec.extraPorts.map(\.port)
    var metricsPorts = [spec.observability.metricsPort]
    if spec.traffic.provider == .istio {
      gatewayPorts.append(Self.hbonePort)
      // The sidecar's own metrics, and the agent's merged with them.
      metricsPorts += [15020, 15090, Self.hbonePort]
    }
    let places = context.agentClass.namespaces
    let gateways = Set(
      places.gateway + spec.traffic.gatewayRefs.compactMap(\.namespace)
    ).sorted()
    var rules: [JSONValue] = [["from": [["podSelector": [:]]]]]
    if !gateways.isEmpty {
      rules.append(["from": .array(gateways.map(namespace)), "ports": tcp(gatewayPorts)])
    }
    if !places.monitoring.isEmpty {
      rules.append([
        "from": .array(places.monitoring.map(namespace)), "ports": tcp(metricsPorts),
      ])
    }
    return rules
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
