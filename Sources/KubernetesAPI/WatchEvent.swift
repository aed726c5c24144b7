/// One event of a watch stream.
public enum WatchEvent: Sendable, Equatable {
  case added(KubernetesObject)
  case modified(KubernetesObject)
  case deleted(KubernetesObject)
  /// Nothing changed; the object holds only the new `resourceVersion` (and, at the end of streamed
  /// initial events, the annotation `k8s.io/initial-events-end`).
  case bookmark(KubernetesObject)
  /// The stream ends with this; it is data, not an object (correctness rule 3).
  case error(APIStatus)
}
