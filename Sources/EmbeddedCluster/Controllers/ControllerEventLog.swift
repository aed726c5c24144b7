import JSON
import KubernetesAPI

/// Writes controllers' events; repeats count up instead of filling the cluster.
///
/// client-go `tools/record/events_cache.go`, without its rate limits.
struct ControllerEventLog {
  private struct Identity: Hashable {
    var uid: String
    var reason: String
    var message: String
    var component: String
  }

  private let isRecording: Bool
  private var known: [Identity: ObjectKey] = [:]
  private var order: [Identity] = []
  private static let limit = 4096

  init(isRecording: Bool) { self.isRecording = isRecording }

  mutating func write(_ event: ControllerEvent, _ access: ClusterAccess) {
    guard isRecording else { return }
    let time = KubernetesTime(unixMicroseconds: access.clock.now())
    let identity = Identity(
      uid: event.regarding.uid ?? "", reason: event.reason, message: event.message,
      component: event.component)
    if let key = known[identity], var object = access.get(.coreEvents, key) {
      object["count"] = JSONValue((object["count"]?.int ?? 1) + 1)
      object["lastTimestamp"] = .string(time.secondsText)
      // An event that cannot be written is no reason to stop: the real recorder drops it too.
      _ = try? access.update(.coreEvents, object, manager: event.component)
      return
    }
    let object = Self.object(event, at: time)
    guard let created = try? access.create(.coreEvents, object, manager: event.component) else {
      return
    }
    known[identity] = created.key
    order.append(identity)
    if order.count > Self.limit { known[order.removeFirst()] = nil }
  }

  private static func object(_ event: ControllerEvent, at time: KubernetesTime) -> KubernetesObject
  {
    let regarding = event.regarding
    // Events of cluster-scoped objects live in the default namespace.
    let namespace = regarding.namespace ?? "default"
    var involved: JSONValue = [
      "apiVersion": .string(regarding.apiVersion), "kind": .string(regarding.kind),
      "name": .string(regarding.name), "uid": .string(regarding.uid ?? ""),
    ]
    if let namespace = regarding.namespace { involved["namespace"] = .string(namespace) }
    if let version = regarding.resourceVersion { involved["resourceVersion"] = .string(version) }
    return KubernetesObject([
      "apiVersion": "v1", "kind": "Event",
      "metadata": [
        "generateName": .string("\(regarding.name.prefix(200))."),
        "namespace": .string(namespace),
      ],
      "involvedObject": involved, "reason": .string(event.reason),
      "message": .string(event.message), "type": .string(event.type), "count": 1,
      "source": ["component": .string(event.component)],
      "reportingComponent": .string(event.component),
      "firstTimestamp": .string(time.secondsText), "lastTimestamp": .string(time.secondsText),
    ])
  }
}
