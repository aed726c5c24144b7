import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// Where the agent may go.
extension ManifestBuilder {
  /// Of AWS, Azure, Google and others: it hands out the node's credentials.
  private static let metadataAddress = EgressDestination.metadata + "/32"
  /// Where no host of the Internet is (RFC 1918, 6598, 3927), and so the cluster neither.
  private static let privateNetworks: [JSONValue] = [
    "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
  ]
  /// RFC 4193, 4291.
  private static let privateNetworksV6: [JSONValue] = ["fc00::/7", "fe80::/10"]
  /// Configuration and certificates of sidecars
  /// (https://istio.io/latest/docs/ops/deployment/application-requirements/).
  private static let controlPlanePorts = [15012]

  var egress: [JSONValue] {
    spec.security.egress.mode == .open ? dns + open : dns + restricted
  }

  private var open: [JSONValue] {
    [
      // Pods by selector as well as by address: not every plugin matches pods by address.
      [
        "to": [
          ["namespaceSelector": [:]],
          ["ipBlock": ["cidr": "0.0.0.0/0", "except": [.string(Self.metadataAddress)]]],
          ["ipBlock": ["cidr": "::/0", "except": ["fd00:ec2::254/128"]]],
        ]
      ]
    ]
  }

  /// With explicit peers: some network plugins drop a rule that has only ports.
  var dns: [JSONValue] {
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

  /// What a sidecar needs to come up.
  var controlPlane: [JSONValue] {
    let mesh = context.agentClass.namespaces.mesh
    guard !mesh.isEmpty else { return [] }
    return [["to": .array(mesh.map(namespace)), "ports": tcp(Self.controlPlanePorts)]]
  }

  private var restricted: [JSONValue] {
    let egress = spec.security.egress
    var rules: [JSONValue] = []
    if spec.traffic.provider == .istio { rules += controlPlane }
    if !spec.security.rules.isEmpty { rules.append(apiServer) }
    var ports = egress.hosts.isEmpty ? [] : [443]
    var places = Set(egress.namespaces)
    var networks = egress.cidrs
    for destination in destinations {
      switch destination {
      case .namespace(let name): places.insert(name)
      case .address(let address): networks.append(address + "/32")
      case .outside(let port): ports.append(port)
      case .metadataAddress: break
      }
    }
    rules += stateEgress + toolEgress
    let peers = places.sorted().map(namespace) + Set(networks).sorted().map(block)
    if !peers.isEmpty { rules.append(["to": .array(peers)]) }
    if !ports.isEmpty {
      rules.append([
        "to": [
          ["ipBlock": ["cidr": "0.0.0.0/0", "except": .array(Self.privateNetworks)]],
          ["ipBlock": ["cidr": "::/0", "except": .array(Self.privateNetworksV6)]],
        ], "ports": tcp(ports),
      ])
    }
    return rules
  }

  /// An agent that has permissions has to reach where they count. Policies see the addresses behind its
  /// Service, which only the platform knows.
  private var apiServer: JSONValue {
    let server = context.agentClass.endpoints.apiServer
    let networks = server.cidrs.isEmpty ? ["0.0.0.0/0"] : server.cidrs.sorted()
    return ["to": .array(networks.map(block)), "ports": tcp(server.ports)]
  }

  private func block(_ network: String) -> JSONValue {
    var block: JSONValue = ["cidr": .string(network)]
    if Self.holdsMetadataAddress(network) { block["except"] = [.string(Self.metadataAddress)] }
    return ["ipBlock": block]
  }

  /// What the rest of the spec makes the agent call.
  var destinations: [EgressDestination] {
    var all: [EgressDestination] = []
    if let endpoint = spec.observability.tracing?.endpoint,
      let collector = EgressDestination(url: endpoint, from: names.namespace)
    {
      all.append(collector)
    }
    if case .external(let store) = spec.state {
      all.append(
        EgressDestination(
          host: store.host, port: store.port, isTLS: store.tls, from: names.namespace))
    }
    if let gateway = spec.modelGateway {
      if let place = EgressDestination(url: gateway.url, from: names.namespace) {
        all.append(place)
      }
    } else {
      for model in spec.models {
        all.append(
          model.endpoint.flatMap { EgressDestination(url: $0, from: names.namespace) }
            ?? .outside(port: 443))
      }
    }
    for case .url(let url) in spec.tools.map(\.target) {
      if let destination = EgressDestination(url: url, from: names.namespace) {
        all.append(destination)
      }
    }
    return all
  }

  /// The agents that this one calls, on whatever port they listen.
  private var toolEgress: [JSONValue] {
    let peers: [JSONValue] = spec.tools.compactMap { tool in
      guard case .agent(let name, let place, _) = tool.target else { return nil }
      var peer: JSONValue = [
        "podSelector": ["matchLabels": [ObjectNames.agentLabel: .string(name)]]
      ]
      if let place, place != names.namespace {
        peer["namespaceSelector"] = namespace(place)["namespaceSelector"]
      }
      return peer
    }.uniqued()
    return peers.isEmpty ? [] : [["to": .array(peers)]]
  }

  /// Hosts that the agent may call by name: the user's, and of models and tools outside.
  var egressHosts: [String] {
    var hosts = Set(spec.security.egress.hosts)
    guard spec.security.egress.mode == .restricted else { return hosts.sorted() }
    if let gateway = spec.modelGateway {
      hosts.formUnion(Self.host(of: gateway.url, from: names.namespace))
    }
    for model in spec.models where spec.modelGateway == nil {
      if let url = model.endpoint {
        hosts.formUnion(Self.host(of: url, from: names.namespace))
      } else if let host = model.provider.host {
        hosts.insert(host)
      }
    }
    for case .url(let url) in spec.tools.map(\.target) {
      hosts.formUnion(Self.host(of: url, from: names.namespace))
    }
    return hosts.sorted()
  }

  /// None for one in the cluster, an address, or one that is not TLS on its own port.
  private static func host(of url: String, from namespace: String) -> [String] {
    guard let parts = URLParts(url),
      EgressDestination(parts, from: namespace) == .outside(port: 443)
    else { return [] }
    return [parts.host]
  }

  private static func holdsMetadataAddress(_ network: String) -> Bool {
    let parts = network.split(separator: "/")
    guard parts.count == 2, let base = IPv4.parse(parts[0]), let length = UInt32(parts[1]),
      let address = IPv4.parse("169.254.169.254")
    else { return false }
    let mask: UInt32 = length == 0 ? 0 : ~0 << (32 - length)
    return base & mask == address & mask
  }

  /// Hosts that the mesh otherwise may not know; their TLS passes through by its server name. For this
  /// namespace alone, so that nobody else's traffic changes.
  func serviceEntry() -> [RenderedObject] {
    let hosts = egressHosts
    guard !hosts.isEmpty else { return [] }
    let entry: JSONValue = [
      "hosts": JSONValue(hosts), "exportTo": ["."], "location": "MESH_EXTERNAL",
      "resolution": "NONE", "ports": [["number": 443, "name": "tls", "protocol": "TLS"]],
    ]
    return [object(.serviceEntries, wave: .traffic, isOptionalKind: true, [("spec", entry)])]
  }
}
