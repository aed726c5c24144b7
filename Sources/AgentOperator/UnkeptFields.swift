import KubernetesAPI
import Synchronization

/// Fields whose rendered zero (`false`, `0`, `""`) the API server does not keep: many of its own types
/// leave these out, others do not, and no schema tells which. The answer to an apply does.
final class UnkeptFields: Sendable {
  private let paths = Mutex<[ResourceType: Set<FieldPath>]>([:])

  /// - Parameter drift: what was sent and is not in the answer.
  func note(_ drift: [FieldPath], of resource: ResourceType) {
    paths.withLock { $0[resource, default: []].formUnion(drift) }
  }

  var all: [ResourceType: Set<FieldPath>] { paths.withLock { $0 } }
}
