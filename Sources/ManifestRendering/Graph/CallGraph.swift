public import AgentDeploymentAPI
import KubernetesAPI

/// Who may call whom among agents, and what they call outside: from `tools`, `models`, `state`,
/// `gatewayRefs` and `allowedCallers`.
public struct CallGraph: Sendable, Hashable {
  public struct Node: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
      case gateway = "Gateway", caller = "Caller", agent = "Agent", model = "Model",
        service = "Service", state = "State"
    }
    public var kind: Kind
    /// `namespace/name` for what is in the cluster, else a host or a model's name.
    public var name: String

    public init(_ kind: Kind, _ name: String) {
      self.kind = kind
      self.name = name
    }
  }

  public struct Edge: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
      /// The caller says that it calls, and may.
      case calls = "Calls"
      /// The callee lets it in; the caller says nothing.
      case mayCall = "MayCall"
      /// The caller says that it calls, and is not let in.
      case denied = "Denied"
    }
    public var from: Node
    public var to: Node
    public var kind: Kind
    /// The tools that it is about; empty: all.
    public var tools: [String]
  }

  /// In a fixed order: by kind, then by name.
  public private(set) var nodes: [Node] = []
  public private(set) var edges: [Edge] = []

  /// - Parameter agents: all that there are: one that is not among them cannot be asked whether it
  ///   lets somebody in, and counts as if it does.
  public init(_ agents: [AgentDeployment]) {
    var known: [String: AgentDeployment] = [:]
    for agent in agents { known[Self.name(agent)] = agent }
    var edges: [Edge] = []
    for agent in agents {
      edges += Self.outgoing(of: agent, known) + Self.incoming(of: agent)
    }
    // What the caller says of itself counts more than that it is let in.
    let said = Set(edges.filter { $0.kind != .mayCall }.map { [$0.from, $0.to] })
    edges = edges.filter { $0.kind != .mayCall || !said.contains([$0.from, $0.to]) }
    self.edges = Set(edges).sorted { Self.order($0).lexicographicallyPrecedes(Self.order($1)) }
    let all = Set(agents.map { Node(.agent, Self.name($0)) } + edges.flatMap { [$0.from, $0.to] })
    nodes = all.sorted { Self.order($0).lexicographicallyPrecedes(Self.order($1)) }
  }

  private static func order(_ node: Node) -> [String] {
    [String(Node.Kind.allCases.firstIndex(of: node.kind) ?? 0), node.name]
  }

  private static func order(_ edge: Edge) -> [String] {
    order(edge.from) + order(edge.to) + [edge.kind.rawValue] + edge.tools
  }

  public static func name(_ agent: AgentDeployment) -> String {
    "\(agent.namespace)/\(agent.name)"
  }

  // MARK: Edges

  private static func outgoing(
    of agent: AgentDeployment, _ known: [String: AgentDeployment]
  ) -> [Edge] {
    let from = Node(.agent, name(agent))
    var edges = agent.spec.tools.map { tool in
      switch tool.target {
      case .url(let url):
        return Edge(
          from: from, to: Node(.service, URLParts(url)?.host ?? url), kind: .calls,
          tools: tool.allow ?? [])
      case .agent(let callee, let place, _):
        let target = "\(place ?? agent.namespace)/\(callee)"
        let isLetIn = known[target].map { $0.letsIn(agent) } ?? true
        return Edge(
          from: from, to: Node(.agent, target), kind: isLetIn ? .calls : .denied,
          tools: tool.allow ?? [])
      }
    }
    let gateway = agent.spec.modelGateway.map { Node(.gateway, "\($0.namespace)/\($0.name)") }
    if let gateway { edges.append(Edge(from: from, to: gateway, kind: .calls, tools: [])) }
    for model in agent.spec.models {
      let node = Node(.model, "\(model.provider.rawValue) \(model.model)")
      edges.append(Edge(from: gateway ?? from, to: node, kind: .calls, tools: []))
    }
    switch agent.spec.state {
    case .none: break
    case .managed:
      let store = Node(
        .state, "\(agent.namespace)/\(ObjectNames.state(agent: agent.name))")
      edges.append(Edge(from: from, to: store, kind: .calls, tools: []))
    case .external(let store):
      edges.append(
        Edge(
          from: from, to: Node(.state, "\(store.host):\(store.port)"), kind: .calls, tools: []))
    }
    return edges
  }

  private static func incoming(of agent: AgentDeployment) -> [Edge] {
    let to = Node(.agent, name(agent))
    var edges = agent.spec.traffic.gatewayRefs.map { gateway in
      let node = Node(.gateway, "\(gateway.namespace ?? agent.namespace)/\(gateway.name)")
      return Edge(from: node, to: to, kind: .calls, tools: [])
    }
    for caller in agent.spec.security.allowedCallers ?? [] {
      let from: Node
      switch caller.source {
      case .agent(let name, let place):
        from = Node(.agent, "\(place ?? agent.namespace)/\(name)")
      case .serviceAccount(let name, let place):
        from = Node(.caller, "ServiceAccount \(place ?? agent.namespace)/\(name)")
      case .namespace(let name): from = Node(.caller, "namespace \(name)")
      }
      edges.append(Edge(from: from, to: to, kind: .mayCall, tools: caller.tools.sorted()))
    }
    return edges
  }
}

extension AgentDeployment {
  /// The ServiceAccount that its pods run as.
  var account: String {
    switch spec.security.serviceAccount {
    case .managed: name
    case .existing(let name): name
    }
  }

  /// Whether its policies let the other agent's pods in: without `allowedCallers` everybody of its own
  /// namespace, and the mesh's identities where they are named.
  public func letsIn(_ caller: AgentDeployment) -> Bool {
    guard let callers = spec.security.allowedCallers else {
      return caller.namespace == namespace
    }
    return callers.contains { allowed in
      switch allowed.source {
      case .agent(let name, let place):
        return name == caller.name && (place ?? namespace) == caller.namespace
          && (!knowsCallers || caller.account == name)
      case .serviceAccount(let name, let place):
        return name == caller.account && (place ?? namespace) == caller.namespace
      case .namespace(let name): return name == caller.namespace
      }
    }
  }

  /// With mutual TLS the mesh knows who calls, and not only where from.
  private var knowsCallers: Bool {
    spec.traffic.provider == .istio && spec.security.mtls != .disabled
  }
}
