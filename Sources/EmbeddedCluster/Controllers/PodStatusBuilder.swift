import JSON
import KubernetesAPI

/// A pod's status as its node reports it, changed step by step.
struct PodStatusBuilder {
  private(set) var status: JSONObject
  private let pod: KubernetesObject
  private let now: String
  private let known: [String: JSONValue]

  init(_ pod: KubernetesObject, now: String) {
    self.pod = pod
    self.now = now
    status = pod["status"]?.object ?? [:]
    var known: [String: JSONValue] = [:]
    for entry in status["containerStatuses"]?.array ?? [] {
      if let name = entry["name"]?.string { known[name] = entry }
    }
    self.known = known
  }

  private var containers: [JSONValue] { PodState(pod).containers }
  var firstContainer: String { containers.first?["name"]?.string ?? "" }
  var hasAddress: Bool { status["podIP"]?.string?.isEmpty == false }
  var isReady: Bool { PodState(pod).isReady }
  /// No container has run yet.
  var isWaiting: Bool {
    !known.values.contains {
      $0["state"]?["running"] != nil || $0["lastState"]?["terminated"] != nil
    }
  }

  /// The pod is on its node.
  mutating func place() {
    if status["startTime"]?.string == nil { status["startTime"] = .string(now) }
    status["hostIP"] = "192.168.0.1"
    status["hostIPs"] = [["ip": "192.168.0.1"]]
    setCondition("PodScheduled", true)
    setCondition("Initialized", true)
    if let initial = pod[path: "spec", "initContainers"]?.array, !initial.isEmpty {
      status["initContainerStatuses"] = .array(
        initial.map { container in
          var entry = self.entry(container, isReady: true, restarts: 0)
          if container["restartPolicy"] == "Always" {
            entry["state"] = ["running": ["startedAt": status["startTime"] ?? .null]]
            entry["started"] = true
            return entry
          }
          entry["state"] = [
            "terminated": [
              "exitCode": 0, "reason": "Completed", "startedAt": status["startTime"] ?? .null,
              "finishedAt": status["startTime"] ?? .null,
            ]
          ]
          return entry
        })
    }
  }

  mutating func setAddress(_ address: String) {
    status["podIP"] = .string(address)
    status["podIPs"] = [["ip": .string(address)]]
  }

  mutating func wait(reason: String, message: String?) {
    var waiting: JSONValue = ["reason": .string(reason)]
    if let message { waiting["message"] = .string(message) }
    status["phase"] = "Pending"
    setContainers(isReady: false) { _ in ["waiting": waiting] }
    setReadiness(false)
  }

  /// Runs, and fails again and again.
  mutating func crash(message: String) {
    status["phase"] = "Running"
    setContainers(isReady: false, restarts: 5) { _ in
      ["waiting": ["reason": "CrashLoopBackOff", "message": .string(message)]]
    }
    var entries = status["containerStatuses"]?.array ?? []
    for i in entries.indices {
      let name = entries[i]["name"]?.string ?? ""
      entries[i]["lastState"] =
        known[name]?["lastState"]?["terminated"] != nil
        ? known[name]?["lastState"]
        : [
          "terminated": [
            "exitCode": 1, "reason": "Error", "startedAt": .string(now), "finishedAt": .string(now),
          ]
        ]
    }
    status["containerStatuses"] = .array(entries)
    setReadiness(false)
  }

  mutating func run(isReady: Bool) {
    status["phase"] = "Running"
    let known = known
    let now = now
    setContainers(isReady: isReady) { name in
      let since = known[name]?["state"]?["running"]?["startedAt"] ?? .string(now)
      return ["running": ["startedAt": since]]
    }
    setReadiness(isReady)
  }

  mutating func succeed() {
    status["phase"] = "Succeeded"
    let known = known
    let now = now
    setContainers(isReady: false) { name in
      let since = known[name]?["state"]?["running"]?["startedAt"] ?? .string(now)
      return [
        "terminated": [
          "exitCode": 0, "reason": "Completed", "startedAt": since, "finishedAt": .string(now),
        ]
      ]
    }
    setReadiness(false, reason: "PodCompleted")
  }

  private mutating func setContainers(
    isReady: Bool, restarts: Int? = nil, state: (String) -> JSONValue
  ) {
    status["containerStatuses"] = .array(
      containers.map { container in
        let name = container["name"]?.string ?? ""
        var entry = self.entry(
          container, isReady: isReady,
          restarts: restarts ?? known[name]?["restartCount"]?.int ?? 0)
        entry["state"] = state(name)
        entry["started"] = .bool(entry["state"]?["running"] != nil)
        return entry
      })
  }

  private func entry(_ container: JSONValue, isReady: Bool, restarts: Int) -> JSONValue {
    let name = container["name"]?.string ?? ""
    let image = container["image"]?.string ?? ""
    return [
      "name": .string(name), "ready": .bool(isReady), "restartCount": JSONValue(restarts),
      "image": .string(image), "imageID": "", "state": [:],
      "lastState": known[name]?["lastState"] ?? [:],
    ]
  }

  private mutating func setReadiness(_ isReady: Bool, reason: String? = nil) {
    let names = containers.compactMap { $0["name"]?.string }.joined(separator: " ")
    let reason = isReady ? nil : reason ?? "ContainersNotReady"
    let message =
      reason == "ContainersNotReady" ? "containers with unready status: [\(names)]" : nil
    setCondition("Ready", isReady, reason, message)
    setCondition("ContainersReady", isReady, reason, message)
  }

  private mutating func setCondition(
    _ type: String, _ holds: Bool, _ reason: String? = nil, _ message: String? = nil
  ) {
    var conditions = status["conditions"]?.array ?? []
    let index = conditions.firstIndex { $0["type"]?.string == type }
    let value = holds ? "True" : "False"
    let known = index.map { conditions[$0] }
    let since =
      known?["status"]?.string == value
      ? known?["lastTransitionTime"] ?? .string(now) : .string(now)
    var condition: JSONValue = [
      "type": .string(type), "status": .string(value), "lastProbeTime": nil,
      "lastTransitionTime": since,
    ]
    if let reason { condition["reason"] = .string(reason) }
    if let message { condition["message"] = .string(message) }
    if let index { conditions[index] = condition } else { conditions.append(condition) }
    status["conditions"] = .array(conditions)
  }
}
