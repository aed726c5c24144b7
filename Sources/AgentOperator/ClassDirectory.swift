import AgentDeploymentAPI
import ControllerRuntime
import KubernetesAPI
import Synchronization

/// The classes of the cluster, decoded once per change, and what the cluster has of the capabilities
/// that they leave out.
final class ClassDirectory: Sendable {
  private struct Known {
    var catalog: AgentClassCatalog
    var discovered: Set<Capability>
  }

  private let cache: ClusterCache
  private let known = Mutex<Known?>(nil)

  init(_ cache: ClusterCache) { self.cache = cache }

  /// Names of the definitions whose coming or going changes what is discovered.
  static let definitions = Set(Capability.allCases.compactMap(\.definition))

  /// A class, or a definition that tells of a capability, has changed.
  func invalidate() { known.withLock { $0 = nil } }

  var catalog: AgentClassCatalog { current().catalog }

  /// - Parameter name: as in `spec.className`.
  func agentClass(named name: String?) -> Result<AgentClass, FieldErrors> {
    let known = current()
    return known.catalog.agentClass(named: name, discovered: known.discovered)
  }

  private func current() -> Known {
    // Under the lock: a change that comes while the stores are read has to wait, and invalidates.
    known.withLock { known in
      if let known { return known }
      let fresh = Known(
        catalog: AgentClassCatalog(cache.classes.keys().compactMap { cache.classes.get($0) }),
        discovered: Capability.undiscoverable.union(
          Capability.allCases.filter { capability in
            capability.definition.map {
              cache.definitions.contains(ObjectKey(namespace: nil, name: $0))
            } ?? false
          }))
      known = fresh
      return fresh
    }
  }
}
