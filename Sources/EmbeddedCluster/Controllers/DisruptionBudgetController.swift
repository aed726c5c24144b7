import JSON
import KubernetesAPI

/// Says how many pods of a budget may be disrupted (kubernetes `pkg/controller/disruption`).
struct DisruptionBudgetController: SimulatedController {
  private static let scaled: [ResourceType] = [.deployments, .replicaSets, .statefulSets]

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    switch change.type {
    case .podDisruptionBudgets: return [ControllerItem(change.type, change.key)]
    case .pods, .deployments, .statefulSets:
      return view.list(.podDisruptionBudgets, namespace: change.key.namespace).filter { budget in
        change.type != .pods
          || [change.old, change.new].contains { pod in
            pod.map { Self.selects(budget, $0) } ?? false
          }
      }.map { ControllerItem(.podDisruptionBudgets, $0.key) }
    default: return []
    }
  }

  private static func selects(_ budget: KubernetesObject, _ pod: KubernetesObject) -> Bool {
    guard let json = budget[path: "spec", "selector"], let selector = try? LabelSelector(json)
    else { return false }
    return selector.matches(pod.labels)
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let budget = view.get(item.type, item.key), !budget.isBeingDeleted else {
      return .nothing
    }
    var plan = ControllerPlan()
    let pods = view.list(.pods, namespace: budget.namespace).filter {
      Self.selects(budget, $0) && !PodState($0).isFinished
    }
    let disrupted = disruptedPods(of: budget, pods, view, &plan)
    let healthy = pods.count {
      PodState($0).isReady && !$0.isBeingDeleted && disrupted[$0.name] == nil
    }
    let (expected, desired) = expectation(budget, pods, view)
    // With nothing selected there is nothing to disrupt.
    let allowed = expected <= 0 ? 0 : max(0, healthy - desired)
    var status = budget["status"]?.object ?? [:]
    status["currentHealthy"] = JSONValue(healthy)
    status["desiredHealthy"] = JSONValue(desired)
    status["disruptionsAllowed"] = JSONValue(allowed)
    status["expectedPods"] = JSONValue(expected)
    status["disruptedPods"] = disrupted.isEmpty ? nil : .object(disrupted)
    status["observedGeneration"] = JSONValue(budget.generation ?? 0)
    let value = allowed > 0 ? "True" : "False"
    let known = status["conditions"]?.array?.first
    let since =
      known?["status"]?.string == value
      ? known?["lastTransitionTime"] ?? .string(view.nowText) : .string(view.nowText)
    status["conditions"] = [
      [
        "type": "DisruptionAllowed", "status": .string(value),
        "reason": allowed > 0 ? "SufficientPods" : "InsufficientPods", "message": "",
        "observedGeneration": JSONValue(budget.generation ?? 0), "lastTransitionTime": since,
      ]
    ]
    plan.setStatus(
      status, of: budget, item.type, manager: ControllerManager.controllerManager)
    return plan
  }

  /// The pods whose eviction was allowed and is not seen yet; one that stays is believed after a
  /// while (`DeletionTimeout`).
  private func disruptedPods(
    of budget: KubernetesObject, _ pods: [KubernetesObject], _ view: any ClusterView,
    _ plan: inout ControllerPlan
  ) -> JSONObject {
    var left: JSONObject = [:]
    for (name, time) in budget[path: "status", "disruptedPods"]?.object ?? [:] {
      guard pods.contains(where: { $0.name == name && !$0.isBeingDeleted }),
        let since = time.string.flatMap(KubernetesTime.init)
      else { continue }
      let end = since.unixMicroseconds + 120_000_000
      guard view.now < end else { continue }
      left[name] = time
      plan.lookAgain(at: end)
    }
    return left
  }

  /// How many pods there should be, and how many must stay healthy.
  private func expectation(
    _ budget: KubernetesObject, _ pods: [KubernetesObject], _ view: any ClusterView
  ) -> (expected: Int, desired: Int) {
    if let value = budget[path: "spec", "maxUnavailable"].flatMap({ IntOrString($0) }) {
      let expected = controllersSize(pods, view)
      return (expected, max(0, expected - (value.scaled(of: expected, rounding: .up) ?? 0)))
    }
    let value = budget[path: "spec", "minAvailable"].flatMap { IntOrString($0) } ?? .int(1)
    if case .int(let count) = value { return (pods.count, count) }
    let expected = controllersSize(pods, view)
    return (expected, value.scaled(of: expected, rounding: .up) ?? 0)
  }

  /// The sum of the sizes of the workloads that the pods belong to.
  private func controllersSize(_ pods: [KubernetesObject], _ view: any ClusterView) -> Int {
    var sizes: [String: Int] = [:]
    for pod in pods {
      var owner: KubernetesObject?
      var reference = pod.controllerReference
      while let current = reference,
        let type = Self.scaled.first(where: { $0.groupKind == current.groupKind }),
        let found = view.get(type, ObjectKey(namespace: pod.namespace, name: current.name)),
        found.uid == current.uid
      {
        owner = found
        reference = found.controllerReference
      }
      if let owner { sizes[owner.uid ?? ""] = owner[path: "spec", "replicas"]?.int ?? 1 }
    }
    return sizes.values.reduce(0, +)
  }
}
