import JSON
import KubernetesAPI

/// Deletes of pods that disruption budgets can forbid
/// (kubernetes `pkg/registry/core/pod/storage/eviction.go`).
extension APIServer {
  private static let eviction = GroupVersionKind(group: "policy", version: "v1", kind: "Eviction")

  func evict(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    let body = try decodedBody(call, Self.eviction, orVersion: "v1beta1")
    guard body["metadata"]?["name"]?.string == name else {
      throw StatusError.badRequest("name in URL does not match name in Eviction object")
    }
    try checkNamespace(of: body, call.namespace)
    let options = try WriteOptions(call.query, kind: "CreateOptions")
    var deletion = try deleteOptions(body["deleteOptions"] ?? [:], call.query)
    let path = call.path(of: name)
    guard let pod = store.get("pods", path) else {
      throw StatusError.notFound(call.definition, name)
    }
    try checkPreconditions(
      deletion, uid: pod.uid, version: String(pod.version), call.definition, name)
    if !Self.isDisruptedAlready(pod) { try disrupt(pod, isDryRun: deletion.isDryRun) }
    if !deletion.isDryRun {
      var status = call
      status.subresource = "status"
      let manager = call.manager(options)
      let marked = try change(status, name, options) { live throws(StatusError) in
        func text(_ key: String) -> String { live["metadata"]?[key]?.string ?? "" }
        try self.checkPreconditions(
          deletion, uid: text("uid"), version: text("resourceVersion"), call.definition, name)
        return .owned(Self.withDisruption(live, now: self.now), by: manager)
      }
      // The condition is a change of our own.
      if deletion.resourceVersion != nil, case .object(let pod) = marked.content {
        deletion.resourceVersion = pod["metadata"]?["resourceVersion"]?.string
      }
    }
    _ = try delete(call.definition, path: path, name: name, deletion)
    return .success
  }

  /// A pod that does not run disrupts nothing when it goes.
  private static func isDisruptedAlready(_ pod: StoredObject) -> Bool {
    pod.isBeingDeleted
      || ["Succeeded", "Failed", "Pending"].contains(pod.json["status"]?["phase"]?.string ?? "")
  }

  private static func withDisruption(_ pod: JSONValue, now: String) -> JSONValue {
    var pod = pod
    var conditions = pod["status"]?["conditions"]?.array ?? []
    let known = conditions.firstIndex { $0["type"] == "DisruptionTarget" }
    let isSame = known.map { conditions[$0]["status"] == "True" } ?? false
    let condition: JSONValue = [
      "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
      "message": "Eviction API: evicting",
      "lastTransitionTime": isSame
        ? known.flatMap { conditions[$0]["lastTransitionTime"] } ?? .string(now) : .string(now),
    ]
    if let known { conditions[known] = condition } else { conditions.append(condition) }
    pod["status", default: [:]]["conditions"] = .array(conditions)
    return pod
  }

  /// Uses up one of the disruptions that the pod's budget allows.
  private func disrupt(_ pod: StoredObject, isDryRun: Bool) throws(StatusError) {
    let type = ResourceType.podDisruptionBudgets
    guard let definition = registry[type.group, type.version, type.plural] else { return }
    let labels = KubernetesObject(pod.json).labels
    let budgets = store.snapshot(definition.storageKey).objects.filter { budget in
      guard budget.namespace == pod.namespace, let json = budget.json["spec"]?["selector"],
        let selector = try? LabelSelector(json)
      else { return false }
      return selector.matches(labels)
    }
    guard let budget = budgets.first else { return }
    guard budgets.count == 1 else {
      throw StatusError.unexplained(
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
      )
    }
    let isReady = PodState(KubernetesObject(pod.json)).isReady
    if !isReady, Self.letsUnhealthyGo(budget.json) { return }
    var call = ResourceCall(
      internal: "PUT", definition,
      ObjectKey(namespace: budget.namespace, name: budget.name))
    call.subresource = "status"
    var options = try WriteOptions(call.query, kind: "UpdateOptions")
    options.isDryRun = isDryRun
    let now = now
    _ = try change(call, budget.name, options) { live throws(StatusError) in
      .owned(
        try Self.disrupting(pod.name, budget.name, live, now: now), by: "kube-apiserver")
    }
  }

  /// A pod that is not ready is guarded only while the budget's other pods are too few.
  private static func letsUnhealthyGo(_ budget: JSONValue) -> Bool {
    if budget["spec"]?["unhealthyPodEvictionPolicy"] == "AlwaysAllow" { return true }
    let healthy = budget["status"]?["currentHealthy"]?.int ?? 0
    let desired = budget["status"]?["desiredHealthy"]?.int ?? 0
    return desired > 0 && healthy >= desired
  }

  private static func disrupting(
    _ pod: String, _ name: String, _ budget: JSONValue, now: String
  ) throws(StatusError) -> JSONValue {
    func number(_ key: String) -> Int { budget["status"]?[key]?.int ?? 0 }
    guard number("observedGeneration") >= budget["metadata"]?["generation"]?.int ?? 0 else {
      throw tooManyDisruptions(
        "The disruption budget \(name) is still being processed by the server.", retryAfter: 10)
    }
    let allowed = number("disruptionsAllowed")
    guard allowed > 0 else {
      let (healthy, desired) = (number("currentHealthy"), number("desiredHealthy"))
      throw tooManyDisruptions(
        healthy <= desired
          ? "The disruption budget \(name) needs \(desired) healthy pods and has \(healthy) currently"
          : "The disruption budget \(name) does not allow evicting pods currently")
    }
    var budget = budget
    budget["status"]?["disruptionsAllowed"] = JSONValue(allowed - 1)
    budget["status"]?["disruptedPods", default: [:]][pod] = .string(now)
    if allowed == 1 {
      budget["status"]?.modifyEach("conditions") { condition in
        guard condition["type"] == "DisruptionAllowed" else { return }
        condition["status"] = "False"
        condition["reason"] = "InsufficientPods"
        condition["lastTransitionTime"] = .string(now)
      }
    }
    return budget
  }

  private static func tooManyDisruptions(_ why: String, retryAfter: Int? = nil) -> StatusError {
    var details: JSONObject = [
      "causes": [["reason": "DisruptionBudget", "message": .string(why)]]
    ]
    if let retryAfter { details["retryAfterSeconds"] = JSONValue(retryAfter) }
    return StatusError(
      429, "TooManyRequests",
      "Cannot evict pod as it would violate the pod's disruption budget.",
      details: .object(details), retryAfterSeconds: retryAfter)
  }
}
