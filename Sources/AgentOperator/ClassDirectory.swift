import AgentDeploymentAPI
import ControllerRuntime
import KubernetesAPI
import Synchronization

/// The classes of the cluster, decoded once per change, and what the cluster has of the capabilities
/// that they leave out.
final class ClassDirectory: Sendable {
  private struct Known {
    var catalog: AgentClassCatalog
    /// Whether there is a class.
    var governs: Bool
    var labelling: [String]
    var discovered: Set<Capability>
  }

  private let cache: ClusterCache
  private let known = Mutex<Known?>(nil)
  private let hasGoverned = Mutex(false)

  init(_ cache: ClusterCache) { self.cache = cache }

  /// Names of the definitions whose coming or going changes what is discovered.
  static let definitions = Set(Capability.allCases.compactMap(\.definition))

  /// A class, or a definition that tells of a capability, has changed.
  func invalidate() { known.withLock { $0 = nil } }

  var catalog: AgentClassCatalog { current().catalog }

  /// Whether there has ever been a class. One that gives namespaces nothing may have done so before
  /// this process began, and what it gave has to be taken back.
  var governs: Bool {
    let isGoverning = current().governs
    return hasGoverned.withLock { known in
      known = known || isGoverning
      return known
    }
  }

  /// There has been a class, as namespaces tell.
  func govern() { hasGoverned.withLock { $0 = true } }

  /// Names of the classes that ask namespaces for a Pod Security Standard, or that cannot be read:
  /// what they asked for before stays.
  var labelling: [String] { current().labelling }

  /// - Parameter name: as in `spec.className`.
  func agentClass(named name: String?) -> Result<AgentClass, FieldErrors> {
    let known = current()
    return known.catalog.agentClass(named: name, discovered: known.discovered)
  }

  private func current() -> Known {
    // Under the lock: a change that comes while the stores are read has to wait, and invalidates.
    known.withLock { known in
      if let known { return known }
      let objects = cache.classes.keys().compactMap { cache.classes.get($0) }
      let catalog = AgentClassCatalog(objects)
      let fresh = Known(
        catalog: catalog,
        governs: !objects.isEmpty,
        labelling: objects.map(\.name).filter { name in
          guard case .success(let known) = catalog.agentClass(named: name) else { return true }
          return known.quota?.podSecurity != nil
        },
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
