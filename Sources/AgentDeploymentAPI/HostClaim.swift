public import JSON
import KubernetesAPI

/// What an agent wants to answer for: requests for its hosts, on its paths, that come in its ways. Two
/// agents that want the same cannot both have it; the older one does.
public struct HostClaim: Sendable, Hashable {
  public var hosts: Set<String>
  public var paths: Set<String>
  /// The gateways, and Istio's mesh; nil: any, of an agent that cannot be read.
  public var ways: Set<String>?

  public init(hosts: Set<String>, paths: Set<String>, ways: Set<String>?) {
    self.hosts = hosts
    self.paths = paths
    self.ways = ways
  }

  /// Of an agent whose spec is refused: its last accepted objects may still be there.
  public init(ofUnreadable json: JSONValue) {
    let traffic = json["spec"]?["traffic"]
    let paths = (traffic?["paths"]?.array ?? []).compactMap(\.string)
    self.init(
      hosts: Set((traffic?["hosts"]?.array ?? []).compactMap(\.string)),
      paths: Set(paths.isEmpty ? ["/"] : paths), ways: nil)
  }

  /// The way of calls inside Istio's mesh. Unlike gateways it does not merge the routes of several
  /// VirtualServices of one host
  /// (https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services).
  public static let mesh = "mesh"

  /// Whether requests for a host that both name would have two answers.
  public func competes(with other: HostClaim) -> Bool {
    let overlap = !paths.isDisjoint(with: other.paths)
    guard let ways, let others = other.ways else {
      return overlap || (ways ?? other.ways)?.contains(Self.mesh) == true
    }
    let shared = ways.intersection(others)
    return shared.contains(Self.mesh) || (overlap && !shared.isEmpty)
  }
}

extension AgentDeployment {
  /// Nil: it answers for no host of its own.
  public var hostClaim: HostClaim? {
    let traffic = spec.traffic
    guard !traffic.hosts.isEmpty, traffic.provider != .none else { return nil }
    let gateways = traffic.gatewayRefs.map {
      "\(traffic.provider.rawValue) \($0.namespace ?? namespace)/\($0.name)"
    }
    // Istio's route is the mesh's own too, whatever gateways it names.
    let ways = gateways + (traffic.provider == .istio ? [HostClaim.mesh] : [])
    return HostClaim(hosts: Set(traffic.hosts), paths: Set(traffic.paths), ways: Set(ways))
  }

  /// Without hosts that another agent answers for. Without any a gateway would take the agent's
  /// route for all of its own hosts, so the gateways go too.
  public func withoutHosts(_ lost: Set<String>) -> AgentDeployment {
    var agent = self
    agent.spec.traffic.hosts.removeAll(where: lost.contains)
    guard agent.spec.traffic.hosts.isEmpty, !lost.isEmpty else { return agent }
    agent.spec.traffic.gatewayRefs = []
    if agent.spec.traffic.provider == .gatewayAPI { agent.spec.traffic.provider = .none }
    return agent
  }
}
