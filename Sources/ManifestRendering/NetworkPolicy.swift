import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// In: the callers, by default the agent's own namespace, its gateways, and monitoring on the
  /// metrics port. Out: DNS, the mesh, the cluster and the world, or what the agent needs of
  /// them, but never the cloud's metadata address.
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
  static let hbonePort = 15008

  /// What the kubelet's probes come from in ambient mode
  /// (https://istio.io/latest/docs/ambient/usage/networkpolicy/).
  private static let ambientProbes: JSONValue = [
    ["ipBlock": ["cidr": "169.254.7.127/32"]],
    ["ipBlock": ["cidr": "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128"]],
  ]

  private var ingress: [JSONValue] {
    var agentPorts = agentPorts
    var metricsPorts = [spec.observability.metricsPort]
    if isMeshed {
      agentPorts.append(Self.hbonePort)
      metricsPorts.append(Self.hbonePort)
    }
    // The sidecar's own metrics, and the agent's merged with them.
    if spec.traffic.provider == .istio { metricsPorts += [15020, 15090] }
    var rules: [JSONValue] = []
    if isAmbient { rules.append(["from": Self.ambientProbes]) }
    if let callers = spec.security.allowedCallers {
      let peers = callers.map(peer).uniqued()
      if !peers.isEmpty { rules.append(["from": .array(peers), "ports": tcp(agentPorts)]) }
    } else {
      rules.append(["from": [["podSelector": [:]]]])
    }
    // Without callers the whole namespace is let in already.
    let gateways =
      gateways.map(namespace) + (spec.security.allowedCallers == nil ? [] : ownGateways)
    if !gateways.isEmpty {
      rules.append(["from": .array(gateways), "ports": tcp(agentPorts)])
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

  func namespace(_ name: String) -> JSONValue {
    ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .string(name)]]]
  }

  func tcp(_ ports: [Int]) -> JSONValue {
    .array(Set(ports).sorted().map { ["protocol": "TCP", "port": JSONValue($0)] })
  }
}
