import KubernetesAPI
import Synchronization

/// Fields whose rendered zero (`false`, `0`, `""`) the API server does not keep: many of its own types
/// leave these out, others do not, and no schema tells which. The answer to an apply does.
///
/// By namespace: a webhook may be what leaves them out, and most are about some namespaces only.
final class UnkeptFields: Sendable {
  private let paths = Mutex<[String: [ResourceType: Set<FieldPath>]]>([:])

  /// - Parameter zeros: what was sent and is not in the answer.
  func note(_ zeros: Set<FieldPath>, of resource: ResourceType, in namespace: String) {
    guard !zeros.isEmpty else { return }
    paths.withLock { $0[namespace, default: [:]][resource, default: []].formUnion(zeros) }
  }

  func paths(in namespace: String) -> [ResourceType: Set<FieldPath>] {
    paths.withLock { $0[namespace] ?? [:] }
  }
}
