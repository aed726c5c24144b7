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
    let gateways = Set(
      context.gatewayNamespaces + spec.traffic.gatewayRefs.compactMap(\.namespace)
    ).sorted()
    var rules: [JSONValue] = [["from": [["podSelector": [:]]]]]
    if !gateways.isEmpty {
      rules.append(["from": .array(gateways.map(namespace)), "ports": tcp(gatewayPorts)])
    }
    if !context.monitoringNamespaces.isEmpty {
      rules.append([
        "from": .array(context.monitoringNamespaces.map(namespace)), "ports": tcp(metricsPorts),
      ])
    }
    return rules
  }

  private var egress: [JSONValue] {
    [
      // With explicit peers: some network plugins drop a rule that has only ports. 8053 is where
      // OpenShift's DNS pods listen.
      [
        "to": [
          [
            "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "kube-system"]],
            "podSelector": ["matchLabels": ["k8s-app": "kube-dns"]],
          ],
          ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "openshift-dns"]]],
        ],
        "ports": [
          ["protocol": "UDP", "port": 53], ["protocol": "TCP", "port": 53],
          ["protocol": "UDP", "port": 8053], ["protocol": "TCP", "port": 8053],
        ],
      ],
      // Pods by selector as well as by address: not every plugin matches pods by address.
      [
        "to": [
          ["namespaceSelector": [:]],
          ["ipBlock": ["cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]]],
          ["ipBlock": ["cidr": "::/0", "except": ["fd00:ec2::254/128"]]],
        ]
      ],
    ]
  }

  private func namespace(_ name: String) -> JSONValue {
    ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .string(name)]]]
  }

  private func tcp(_ ports: [Int]) -> JSONValue {
    .array(Set(ports).sorted().map { ["protocol": "TCP", "port": JSONValue($0)] })
  }
}
