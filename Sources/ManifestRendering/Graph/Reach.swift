public import AgentDeploymentAPI
public import JSON
import KubernetesAPI

/// What somebody who has taken over an agent's pod could touch, by what is rendered for it and for the
/// agents beside it. Policies that others have made are not known here.
public struct Reach: Sendable, Hashable {
  public struct Item: Sendable, Hashable {
    public enum Kind: String, Sendable {
      case agent = "Agent", network = "Network", service = "Service", model = "Model",
        state = "State", secret = "Secret", kubernetes = "Kubernetes"
    }
    public var kind: Kind
    public var name: String
    /// How, and what keeps it from more.
    public var detail: String
  }

  /// By kind, then by name.
  public private(set) var items: [Item] = []

  /// - Parameter agents: all that there are, the one itself may be among them.
  public init(of agent: AgentDeployment, among agents: [AgentDeployment]) {
    for other in agents where other.object.key != agent.object.key {
      addAgent(other, from: agent)
    }
    addNetwork(agent)
    addModels(agent)
    for tool in agent.spec.tools {
      guard case .url(let url) = tool.target else { continue }
      add(
        .service, url,
        tool.credential.map { "with key \($0.key) of secret \($0.secret)" } ?? "without a key")
    }
    switch agent.spec.state {
    case .none: break
    case .managed:
      add(.state, ObjectNames.state(agent: agent.name), "everything in it: the agent's own store")
    case .external(let store):
      add(
        .state, "\(store.host):\(store.port)",
        "everything that \(store.credential.map { "secret \($0)" } ?? "anybody") may")
    }
    addSecrets(agent)
    addPermissions(agent)
  }

  private mutating func add(_ kind: Item.Kind, _ name: String, _ detail: String) {
    items.append(Item(kind: kind, name: name, detail: detail))
  }

  /// The callee's policies decide, and before them the caller's own egress.
  private mutating func addAgent(_ other: AgentDeployment, from agent: AgentDeployment) {
    guard other.letsIn(agent) else { return }
    let isTool = agent.spec.tools.contains { tool in
      guard case .agent(let name, let place, _) = tool.target else { return false }
      return name == other.name && (place ?? agent.namespace) == other.namespace
    }
    let egress = agent.spec.security.egress
    if egress.mode == .restricted, !isTool, !egress.namespaces.contains(other.namespace) { return }
    let rules = (other.spec.security.allowedCallers ?? []).flatMap { caller -> [String] in
      if case .agent(let name, _) = caller.source, name == agent.name { return caller.tools }
      return []
    }
    add(
      .agent, CallGraph.name(other),
      (isTool ? "one of its tools" : "not one of its tools, and yet let in")
        + (rules.isEmpty ? "" : "; only \(rules.sorted().joined(separator: ", "))"))
  }

  private mutating func addNetwork(_ agent: AgentDeployment) {
    let egress = agent.spec.security.egress
    guard egress.mode == .restricted else {
      add(
        .network, "everything",
        "egress is open: the cluster and the Internet, not the metadata "
          + "address; set security.egress.mode: Restricted")
      return
    }
    let context = RenderingContext(now: 0)
    let builder = ManifestBuilder(
      agent: agent, names: ObjectNames(agent, revision: "", context), context: context)
    var ports = Set(egress.hosts.isEmpty ? [] : [443])
    var places = Set(egress.namespaces)
    for destination in builder.destinations {
      switch destination {
      case .outside(let port): ports.insert(port)
      case .namespace(let name): places.insert(name)
      case .address(let address): add(.network, address, "an endpoint of the spec")
      case .metadataAddress: break
      }
    }
    if !ports.isEmpty {
      let list = ports.sorted().map(String.init).joined(separator: ", ")
      add(
        .network, "the Internet, port \(list)",
        "for \(builder.egressHosts.joined(separator: ", ")): a NetworkPolicy knows no names; a mesh "
          + "with REGISTRY_ONLY or an egress gateway does")
    }
    for place in places.sorted() {
      add(.network, "namespace \(place)", "all its pods, on all ports")
    }
    for network in egress.cidrs.sorted() { add(.network, network, "egress.cidrs") }
  }

  private mutating func addModels(_ agent: AgentDeployment) {
    let gateway = agent.spec.modelGateway
    for model in agent.spec.models {
      let key = model.credential.map { "key \($0.key) of secret \($0.secret)" }
      add(
        .model, "\(model.provider.rawValue) \(model.model)",
        gateway.map {
          "through gateway \($0.namespace)/\($0.name)" + (key.map { ", which has \($0)" } ?? "")
        } ?? key.map { "with \($0)" } ?? "without a key")
    }
    if let gateway {
      add(
        .service, gateway.url,
        "every model that gateway \(gateway.namespace)/\(gateway.name) serves, of other agents "
          + "too: it goes by the model's name; a SecurityPolicy of the gateway can ask who calls")
    }
  }

  private mutating func addSecrets(_ agent: AgentDeployment) {
    for secret in agent.spec.secrets.sorted(by: { $0.name < $1.name }) {
      switch secret.expose {
      case .files: add(.secret, secret.name, "all its keys, as files")
      case .env:
        add(
          .secret, secret.name,
          secret.keys.keys.sorted().joined(separator: ", ") + ", as variables")
      case .nowhere: break
      }
    }
    for variable in agent.spec.env {
      guard case .secretKey(let name, let key, _) = variable.source else { continue }
      add(.secret, name, "\(key), as variable \(variable.name)")
    }
  }

  private mutating func addPermissions(_ agent: AgentDeployment) {
    let security = agent.spec.security
    for rule in security.rules {
      add(
        .kubernetes, rule.resources.sorted().joined(separator: ", "),
        rule.verbs.sorted().joined(separator: ", "))
    }
    if case .existing(let name) = security.serviceAccount {
      add(
        .kubernetes, "ServiceAccount \(name)",
        "whatever else it may; its token is mounted only for security.rules")
    }
  }

  public var json: JSONValue {
    .array(
      items.map {
        [
          "kind": .string($0.kind.rawValue), "name": .string($0.name),
          "detail": .string($0.detail),
        ]
      })
  }
}

extension CallGraph {
  public var json: JSONValue {
    [
      "nodes": .array(
        nodes.map { ["kind": .string($0.kind.rawValue), "name": .string($0.name)] }),
      "edges": .array(
        edges.map {
          [
            "from": .string($0.from.name), "to": .string($0.to.name),
            "kind": .string($0.kind.rawValue), "tools": JSONValue($0.tools),
          ]
        }),
    ]
  }
}
