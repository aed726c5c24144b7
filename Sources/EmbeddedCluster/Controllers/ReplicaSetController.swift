import JSON
import KubernetesAPI

/// Keeps as many pods of a ReplicaSet as it asks for (kubernetes `pkg/controller/replicaset`).
struct ReplicaSetController: SimulatedController {
  private static let component = "replicaset-controller"
  /// At most so many pods are made or deleted in one go.
  private static let burst = 500

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    switch change.type {
    case .replicaSets: [ControllerItem(.replicaSets, change.key)]
    case .pods: PodCreation.controller(change, .replicaSets)
    default: PodCreation.waiting(for: change, .replicaSets, view)
    }
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let set = view.get(.replicaSets, item.key) else { return .nothing }
    var plan = ControllerPlan()
    let all = view.controlled(by: set, .pods)
    let pods = all.filter { PodState($0).isActive }
    let wanted = set[path: "spec", "replicas"]?.int ?? 1
    let template = set[path: "spec", "template"] ?? [:]
    var failure: String?
    if !set.isBeingDeleted {
      if pods.count < wanted {
        failure = PodCreation.refusal(of: template, owner: set, view)
        if let failure {
          plan.event(
            set, "FailedCreate", "Error creating: \(failure)", by: Self.component, isWarning: true)
        } else {
          for _ in 0..<min(wanted - pods.count, Self.burst) {
            plan.actions.append(create(set, template))
          }
        }
      } else if pods.count > wanted {
        for pod in pods.sorted(by: PodState.isWorse).prefix(min(pods.count - wanted, Self.burst)) {
          plan.actions.append(.delete(.pods, pod.key, uid: pod.uid))
          plan.event(set, "SuccessfulDelete", "Deleted pod: \(pod.name)", by: Self.component)
        }
      }
    }
    let stopping = all.count { $0.isBeingDeleted && !PodState($0).isFinished }
    setStatus(of: set, pods, stopping: stopping, failure, view, &plan)
    return plan
  }

  private func create(_ set: KubernetesObject, _ template: JSONValue) -> ControllerAction {
    .create(
      .pods, PodCreation.pod(from: template, owner: set, .replicaSets),
      manager: ControllerManager.controllerManager,
      event: ControllerEvent(
        regarding: set, reason: "SuccessfulCreate", message: "Created pod: ",
        component: Self.component, appendsCreatedName: true))
  }

  private func setStatus(
    of set: KubernetesObject, _ pods: [KubernetesObject], stopping: Int, _ failure: String?,
    _ view: any ClusterView, _ plan: inout ControllerPlan
  ) {
    let minReady = set[path: "spec", "minReadySeconds"]?.int ?? 0
    let states = pods.map(PodState.init)
    let template = set.json[path: "spec", "template", "metadata", "labels"]?.object ?? [:]
    for state in states {
      if let time = state.availableAt(minReadySeconds: minReady), time > view.now {
        plan.lookAgain(at: time)
      }
    }
    var status = set["status"]?.object ?? [:]
    status["replicas"] = JSONValue(states.count)
    status["fullyLabeledReplicas"] = JSONValue(
      pods.count { pod in template.allSatisfy { pod.labels[$0.key] == $0.value.string } })
    status["readyReplicas"] = JSONValue(states.count { $0.isReady })
    status["availableReplicas"] = JSONValue(
      states.count { $0.isAvailable(minReadySeconds: minReady, now: view.now) })
    status["terminatingReplicas"] = JSONValue(stopping)
    status["observedGeneration"] = JSONValue(set.generation ?? 0)
    var conditions = status["conditions"]?.array ?? []
    let known = conditions.first { $0["type"]?.string == "ReplicaFailure" }
    if let failure, known?["message"]?.string != failure {
      conditions.removeAll { $0["type"]?.string == "ReplicaFailure" }
      conditions.append([
        "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
        "message": .string(failure), "lastTransitionTime": .string(view.nowText),
      ])
    } else if failure == nil {
      conditions.removeAll { $0["type"]?.string == "ReplicaFailure" }
    }
    status["conditions"] = conditions.isEmpty ? nil : .array(conditions)
    plan.setStatus(
      status, of: set, .replicaSets, manager: ControllerManager.controllerManager)
  }
}
