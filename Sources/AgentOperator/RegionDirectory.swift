import AgentDeploymentAPI
import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

/// Where an agent's pods are. Asked only for agents that say something about regions: neither pods nor
/// nodes are followed for it.
final class RegionDirectory: Sendable {
  static let label = "topology.kubernetes.io/region"

  private let client: KubernetesClient
  /// Of nodes. A node never moves; a new one of an old name is one of the same machine, mostly, and
  /// is looked up again when this process starts.
  private let known = Mutex<[String: String]>([:])

  init(client: KubernetesClient) { self.client = client }

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
    var endpoints: [String: Int] = [:]
    for pod in pods where pod.deletionTimestamp == nil && Self.isReady(pod) {
      guard let node = pod["spec"]?["nodeName"]?.string,
        let region = try await region(of: node)
      else { continue }
      endpoints[region, default: 0] += 1
    }
    return endpoints
  }

  private static func isReady(_ pod: KubernetesObject) -> Bool {
    pod["status"]?["conditions"]?.array?.contains {
      $0["type"] == "Ready" && $0["status"] == "True"
    } ?? false
  }

  private func region(of node: String) async throws -> String? {
    if let region = known.withLock({ $0[node] }) { return region }
    let object: KubernetesObject?
    do {
      object = try await client.getIfPresent(
        .nodes, ObjectKey(namespace: nil, name: node), representation: .metadata)
    } catch let status as APIStatus where status.isForbidden {
      return nil
    }
    guard let object else { return nil }
    // A node gets its labels some time after it has joined.
    guard let region = object.labels[Self.label] else { return "" }
    known.withLock { $0[node] = region }
    return region
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
