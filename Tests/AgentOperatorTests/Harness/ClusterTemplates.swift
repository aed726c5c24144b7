import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

@testable import EmbeddedCluster

/// Clusters in which definitions are installed and their rules compiled, to begin others from.
final class ClusterTemplates: Sendable {
  static let shared = ClusterTemplates()

  private let known = Mutex<[[ResourceType]: EmbeddedCluster]>([:])

  func cluster(with definitions: [ResourceType]) -> EmbeddedCluster {
    known.withLock { known in
      if let cluster = known[definitions] { return cluster }
      // At the time at which every scenario begins.
      let clock = SimulatedClock().clusterClock
      let cluster = EmbeddedCluster(
        configuration: EmbeddedClusterConfiguration(clock: clock, simulatesControllers: false))
      let access = ClusterAccess(cluster.server)
      for definition in definitions {
        do {
          try access.create(
            .customResourceDefinitions, KubernetesObject(Definitions.json(of: definition)))
        } catch {
          preconditionFailure("\(definition) cannot be installed: \(error)")
        }
      }
      known[definitions] = cluster
      return cluster
    }
  }
}
