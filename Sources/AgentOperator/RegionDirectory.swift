import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

/// Where an agent's pods are. Asked only for agents that say something about regions: neither pods nor
/// nodes are followed for it.
final class RegionDirectory: Sendable {
  static let label = "topology.kubernetes.io/region"

  /// A node gets its labels some time after it has joined: after so many seconds one without is looked
  /// at again.
  static let pause: Int64 = 60

  /// In how many seconds to look again, as nodes are not followed; nil when all have their labels.
  ///
  /// - Parameter endpoints: see `endpoints(of:)`.
  static func lookAgain(_ endpoints: [String: Int]?) -> Int64? {
    endpoints?[""] == nil ? nil : pause
  }

  private struct Node {
    var region: String
    /// When it had no label, by the clock's own time.
    var unlabelledAt: Duration?
  }

  private let client: KubernetesClient
  private let clock: any RuntimeClock
  /// A node never moves; a new one of an old name is one of the same machine, mostly, and is looked up
  /// again when this process starts.
  private let known = Mutex<[String: Node]>([:])

  init(client: KubernetesClient, clock: any RuntimeClock) {
    self.client = client
    self.clock = clock
  }

  /// Ready pods by region; pods on nodes without one are under the empty name. Nil where the operator
  /// may not look.
  func endpoints(of agent: ObjectKey) async throws -> [String: Int]? {
    let pods: [KubernetesObject]
    do {
      pods = try await client.list(
        .pods, namespace: agent.namespace,
        options: ListOptions(
          labelSelector: LabelSelector(matchLabels: ["agentdeploy.dev/agent": agent.name]))
      ).items
    } catch let status as APIStatus where status.isForbidden {
      return nil
    }
    let serving = pods.filter { $0.deletionTimestamp == nil && Self.isReady($0) }
    let nodes = Dictionary(grouping: serving.compactMap { $0["spec"]?["nodeName"]?.string }) { $0 }
    var endpoints: [String: Int] = [:]
    for (node, pods) in nodes {
      guard let region = try await region(of: node) else { continue }
      endpoints[region, default: 0] += pods.count
    }
    return endpoints
  }

  private static func isReady(_ pod: KubernetesObject) -> Bool {
    pod["status"]?["conditions"]?.array?.contains {
      $0["type"] == "Ready" && $0["status"] == "True"
    } ?? false
  }

  private func region(of node: String) async throws -> String? {
    let now = clock.now
    if let known = known.withLock({ $0[node] }),
      known.unlabelledAt.map({ now - $0 < .seconds(Self.pause) }) ?? true
    {
      return known.region
    }
    let object: KubernetesObject?
    do {
      object = try await client.getIfPresent(
        .nodes, ObjectKey(namespace: nil, name: node), representation: .metadata)
    } catch let status as APIStatus where status.isForbidden {
      return nil
    }
    guard let object else { return nil }
    let region = object.labels[Self.label]
    known.withLock {
      $0[node] = Node(region: region ?? "", unlabelledAt: region == nil ? now : nil)
    }
    return region ?? ""
  }
}

extension Regions {
  /// What the status says of them.
  ///
  /// - Parameter endpoints: ready pods by region.
  func status(_ endpoints: [String: Int]) -> [AgentDeploymentStatus.Region] {
    let others = endpoints.keys.filter { !names.contains($0) }.sorted()
    let active = activeNames(endpoints)
    return (names + others).map {
      AgentDeploymentStatus.Region(
        name: $0, endpoints: endpoints[$0] ?? 0, active: active.contains($0))
    }
  }

  /// Who serves callers of the primary region.
  private func activeNames(_ endpoints: [String: Int]) -> Set<String> {
    func serves(_ region: String) -> Bool { (endpoints[region] ?? 0) > 0 }
    switch routing {
    case .distribute(let shares):
      let own = shares.filter { $0.from.prefix { $0 != "/" } == primary }
      let places = own.flatMap(\.to.keys).map { String($0.prefix { $0 != "/" }) }
      return Set(places.filter(serves))
    case .failover(let pairs):
      if serves(primary) { return [primary] }
      // One step, as the mesh does; where nobody is named, all others serve.
      if let next = pairs.first(where: { $0.from == primary })?.to, serves(next) { return [next] }
      return Set(endpoints.keys.filter(serves))
    }
  }
}
