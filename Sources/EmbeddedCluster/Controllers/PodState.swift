import JSON
import KubernetesAPI

/// What controllers ask of a pod.
struct PodState {
  let pod: KubernetesObject

  init(_ pod: KubernetesObject) { self.pod = pod }

  var phase: String { pod[path: "status", "phase"]?.string ?? "" }
  var nodeName: String { pod[path: "spec", "nodeName"]?.string ?? "" }
  var address: String { pod[path: "status", "podIP"]?.string ?? "" }
  var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }
  var isActive: Bool { !isFinished && !pod.isBeingDeleted }

  func condition(_ type: String) -> JSONValue? {
    pod[path: "status", "conditions"]?.array?.first { $0["type"]?.string == type }
  }

  var isReady: Bool { condition("Ready")?["status"]?.string == "True" }

  /// When the pod has been ready for a time, in microseconds since 1970; nil while it is not ready.
  func availableAt(minReadySeconds: Int) -> Int64? {
    guard isReady else { return nil }
    guard minReadySeconds > 0 else { return 0 }
    guard let since = condition("Ready")?["lastTransitionTime"]?.string.flatMap(KubernetesTime.init)
    else { return nil }
    return since.unixMicroseconds + Int64(minReadySeconds) * 1_000_000
  }

  func isAvailable(minReadySeconds: Int, now: Int64) -> Bool {
    availableAt(minReadySeconds: minReadySeconds).map { $0 <= now } ?? false
  }

  var containers: [JSONValue] { pod[path: "spec", "containers"]?.array ?? [] }

  /// Which pod to give up first (kubernetes `controller_utils.go`, `ActivePodsWithRanks`).
  static func isWorse(_ a: KubernetesObject, _ b: KubernetesObject) -> Bool {
    let (left, right) = (PodState(a), PodState(b))
    func rank(_ state: PodState) -> Int {
      if state.nodeName.isEmpty { return 0 }
      if state.phase == "Pending" { return 1 }
      return state.isReady ? 3 : 2
    }
    if rank(left) != rank(right) { return rank(left) < rank(right) }
    return KubernetesObject.isOlder(b, a)
  }
}

extension KubernetesObject {
  subscript(path first: String, _ second: String) -> JSONValue? { json[path: first, second] }
}
