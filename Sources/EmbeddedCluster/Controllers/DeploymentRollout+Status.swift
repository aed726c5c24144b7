import JSON
import KubernetesAPI

/// The status that a Deployment's ReplicaSets add up to.
extension DeploymentRollout {
  mutating func setStatus() {
    let old = deployment["status"]?.object ?? [:]
    var status = old
    func sum(_ field: String) -> Int { sets.reduce(0) { $0 + Self.status($1, field) } }
    let available = sum("availableReplicas")
    status["observedGeneration"] = JSONValue(deployment.generation ?? 0)
    status["replicas"] = JSONValue(sum("replicas"))
    status["updatedReplicas"] = JSONValue(newSet.map { Self.status($0, "replicas") } ?? 0)
    status["readyReplicas"] = JSONValue(sum("readyReplicas"))
    status["availableReplicas"] = JSONValue(available)
    status["unavailableReplicas"] = JSONValue(max(0, totalSize - available))
    status["terminatingReplicas"] = JSONValue(sum("terminatingReplicas"))
    var conditions = old["conditions"]?.array ?? []
    let isAvailable = available >= replicas - maxUnavailable
    set(
      &conditions, "Available", isAvailable ? "True" : "False",
      isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      "Deployment \(isAvailable ? "has" : "does not have") minimum availability.")
    setProgressing(&conditions, old: old, new: status)
    setFailure(&conditions)
    status["conditions"] = .array(conditions)
    write(status)
  }

  /// Keeps the transition time while the status stays, and the update time while nothing changes.
  private func set(
    _ conditions: inout [JSONValue], _ type: String, _ status: String, _ reason: String,
    _ message: String, updates: Bool = false
  ) {
    let index = conditions.firstIndex { $0["type"]?.string == type }
    let known = index.map { conditions[$0] }
    let isSame = known?["status"]?.string == status && known?["reason"]?.string == reason
    if isSame, !updates { return }
    let condition: JSONValue = [
      "type": .string(type), "status": .string(status), "lastUpdateTime": .string(nowText),
      "lastTransitionTime": known?["status"]?.string == status
        ? known?["lastTransitionTime"] ?? .string(nowText) : .string(nowText),
      "reason": .string(reason), "message": .string(message),
    ]
    // A real controller moves what it sets to the end; the order is not part of the API.
    if let index { conditions[index] = condition } else { conditions.append(condition) }
  }

  /// kubernetes `progress.go`, `syncRolloutStatus`.
  private mutating func setProgressing(
    _ conditions: inout [JSONValue], old: JSONObject, new: JSONObject
  ) {
    let known = conditions.first { $0["type"]?.string == "Progressing" }
    let deadline = deployment[path: "spec", "progressDeadlineSeconds"]?.int ?? 600
    // The largest 32-bit number switches progress reporting off.
    guard deadline < Int(Int32.max) else {
      conditions.removeAll { $0["type"]?.string == "Progressing" }
      return
    }
    if isPaused {
      set(
        &conditions, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
      return
    }
    if known?["reason"]?.string == "DeploymentPaused" {
      set(
        &conditions, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed")
      return
    }
    if let progress {
      set(&conditions, "Progressing", "True", progress.reason, progress.message, updates: true)
      return
    }
    // A finished rollout stays so while only the size changes.
    if known?["reason"]?.string == "NewReplicaSetAvailable",
      new["replicas"]?.int == new["updatedReplicas"]?.int
    {
      return
    }
    let name = newSet.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(deployment.name)\""
    if isComplete {
      set(
        &conditions, "Progressing", "True", "NewReplicaSetAvailable",
        "\(name) has successfully progressed.", updates: true)
    } else if hasProgressed(old, new) || known == nil {
      set(
        &conditions, "Progressing", "True", "ReplicaSetUpdated", "\(name) is progressing.",
        updates: true)
    } else if let since = known?["lastUpdateTime"]?.string.flatMap(KubernetesTime.init) {
      let end = since.unixMicroseconds + Int64(deadline) * 1_000_000
      if now < end { return lookAgain(at: end) }
      set(
        &conditions, "Progressing", "False", "ProgressDeadlineExceeded",
        "\(name) has timed out progressing.")
    }
  }

  private func hasProgressed(_ old: JSONObject, _ new: JSONObject) -> Bool {
    func value(_ status: JSONObject, _ field: String) -> Int { status[field]?.int ?? 0 }
    func outdated(_ status: JSONObject) -> Int {
      value(status, "replicas") - value(status, "updatedReplicas")
    }
    return ["updatedReplicas", "readyReplicas", "availableReplicas"].contains {
      value(new, $0) > value(old, $0)
    } || outdated(new) < outdated(old)
  }

  private func setFailure(_ conditions: inout [JSONValue]) {
    let failure = (newSet.map { [$0] } ?? sets).lazy
      .compactMap { $0[path: "status", "conditions"]?.array }
      .joined().first { $0["type"]?.string == "ReplicaFailure" }
    guard let failure else {
      conditions.removeAll { $0["type"]?.string == "ReplicaFailure" }
      return
    }
    set(
      &conditions, "ReplicaFailure", "True", failure["reason"]?.string ?? "FailedCreate",
      failure["message"]?.string ?? "")
  }
}
