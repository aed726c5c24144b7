import JSON
import KubernetesAPI

/// Keeps a workload's size between an autoscaler's bounds. There are no metrics: the size changes
/// only when it is outside of them, and the conditions say so.
struct AutoscalerController: SimulatedController {
  private static let component = "horizontal-pod-autoscaler"
  private static let targets: [ResourceType] = [.deployments, .statefulSets, .replicaSets]

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    if change.type == .horizontalPodAutoscalers {
      return [ControllerItem(change.type, change.key)]
    }
    guard Self.targets.contains(change.type) else { return [] }
    return view.list(.horizontalPodAutoscalers, namespace: change.key.namespace).filter {
      let target = $0[path: "spec", "scaleTargetRef"]
      return target?["kind"]?.string == change.type.kind
        && target?["name"]?.string == change.key.name
    }.map { ControllerItem(.horizontalPodAutoscalers, $0.key) }
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let scaler = view.get(item.type, item.key), !scaler.isBeingDeleted else {
      return .nothing
    }
    var plan = ControllerPlan()
    var status = scaler["status"]?.object ?? [:]
    status["observedGeneration"] = JSONValue(scaler.generation ?? 0)
    let target = scaler[path: "spec", "scaleTargetRef"]
    let name = target?["name"]?.string ?? ""
    let key = ObjectKey(namespace: scaler.namespace, name: name)
    guard let type = Self.targets.first(where: { $0.kind == target?["kind"]?.string }),
      let object = view.get(type, key)
    else {
      let message =
        "the HPA controller was unable to get the target's current scale: "
        + "\(target?["kind"]?.string?.lowercased() ?? "")s.apps \"\(name)\" not found"
      set(&status, "AbleToScale", false, "FailedGetScale", message, view)
      return finish(scaler, status, plan)
    }
    let current = object[path: "spec", "replicas"]?.int ?? 1
    status["currentReplicas"] = JSONValue(object[path: "status", "replicas"]?.int ?? 0)
    if current == 0 {
      status["desiredReplicas"] = 0
      set(
        &status, "AbleToScale", true, "SucceededGetScale",
        "the HPA controller was able to get the target's current scale", view)
      set(
        &status, "ScalingActive", false, "ScalingDisabled",
        "scaling is disabled since the replica count of the target is zero", view)
      return finish(scaler, status, plan)
    }
    let least = scaler[path: "spec", "minReplicas"]?.int ?? 1
    let most = scaler[path: "spec", "maxReplicas"]?.int ?? least
    let desired = min(max(current, least), max(least, most))
    status["desiredReplicas"] = JSONValue(desired)
    set(
      &status, "ScalingActive", true, "ValidMetricFound",
      "metrics are simulated: the size only changes when it is outside the bounds", view)
    if desired == current {
      set(
        &status, "AbleToScale", true, "ReadyForNewScale",
        "recommended size matches current size", view)
      set(
        &status, "ScalingLimited", false, "DesiredWithinRange",
        "the desired count is within the acceptable range", view)
    } else {
      let isFew = current < least
      plan.actions.append(.scale(type, key, replicas: desired))
      plan.event(
        scaler, "SuccessfulRescale",
        "New size: \(desired); reason: Current number of replicas "
          + (isFew ? "below Spec.MinReplicas" : "above Spec.MaxReplicas"),
        by: Self.component)
      status["lastScaleTime"] = .string(view.nowText)
      set(
        &status, "AbleToScale", true, "SucceededRescale",
        "the HPA controller was able to update the target scale to \(desired)", view)
      set(
        &status, "ScalingLimited", true, isFew ? "TooFewReplicas" : "TooManyReplicas",
        "the desired replica count is \(isFew ? "less than the minimum" : "more than the maximum") "
          + "replica count", view)
    }
    return finish(scaler, status, plan)
  }

  private func finish(
    _ scaler: KubernetesObject, _ status: JSONObject, _ plan: ControllerPlan
  ) -> ControllerPlan {
    var plan = plan
    plan.setStatus(
      status, of: scaler, .horizontalPodAutoscalers,
      manager: ControllerManager.controllerManager)
    return plan
  }

  private func set(
    _ status: inout JSONObject, _ type: String, _ holds: Bool, _ reason: String,
    _ message: String, _ view: any ClusterView
  ) {
    var conditions = status["conditions"]?.array ?? []
    let index = conditions.firstIndex { $0["type"]?.string == type }
    let known = index.map { conditions[$0] }
    let value = holds ? "True" : "False"
    let since =
      known?["status"]?.string == value
      ? known?["lastTransitionTime"] ?? .string(view.nowText) : .string(view.nowText)
    let condition: JSONValue = [
      "type": .string(type), "status": .string(value), "lastTransitionTime": since,
      "reason": .string(reason), "message": .string(message),
    ]
    if let index { conditions[index] = condition } else { conditions.append(condition) }
    status["conditions"] = .array(conditions)
  }
}
