import JSON
import KubernetesAPI

/// Binds volume claims at once, to volumes of their own.
struct VolumeClaimController: SimulatedController {
  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    change.type == .persistentVolumeClaims && change.new != nil
      ? [ControllerItem(change.type, change.key)] : []
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let claim = view.get(item.type, item.key), !claim.isBeingDeleted else { return .nothing }
    var plan = ControllerPlan()
    let manager = ControllerManager.controllerManager
    let wanted = claim.json[path: "spec", "resources", "requests"] ?? [:]
    guard claim[path: "spec", "volumeName"]?.string?.isEmpty == false else {
      var bound = claim
      bound["spec"]?["volumeName"] = .string("pvc-\(claim.uid ?? "")")
      plan.actions.append(.update(item.type, bound, manager: manager))
      return plan
    }
    var status = claim["status"]?.object ?? [:]
    status["phase"] = "Bound"
    status["accessModes"] = claim[path: "spec", "accessModes"]
    // A claim that grows is as large as it asks for.
    status["capacity"] = wanted
    plan.setStatus(status, of: claim, item.type, manager: manager)
    return plan
  }
}
