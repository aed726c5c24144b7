import JSON
import KubernetesAPI

/// Runs pods until enough of them succeeded (kubernetes `pkg/controller/job`, the simple part).
struct JobController: SimulatedController {
  private static let component = "job-controller"

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    switch change.type {
    case .jobs: [ControllerItem(.jobs, change.key)]
    case .pods: PodCreation.controller(change, .jobs)
    default: PodCreation.waiting(for: change, .jobs, view)
    }
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let job = view.get(.jobs, item.key), !job.isBeingDeleted else { return .nothing }
    var plan = ControllerPlan()
    var status = job["status"]?.object ?? [:]
    guard status["completionTime"] == nil else { return .nothing }
    let pods = view.controlled(by: job, .pods).map(PodState.init)
    let succeeded = pods.count { $0.phase == "Succeeded" }
    let active = pods.filter(\.isActive)
    let wanted = job[path: "spec", "completions"]?.int ?? 1
    let parallel = job[path: "spec", "parallelism"]?.int ?? 1
    let isSuspended = job[path: "spec", "suspend"]?.bool ?? false
    var created = 0
    if !isSuspended, succeeded < wanted {
      let template = job[path: "spec", "template"] ?? [:]
      let missing = min(parallel, wanted - succeeded) - active.count
      if missing > 0 {
        if let refusal = PodCreation.refusal(of: template, owner: job, view) {
          plan.event(
            job, "FailedCreate", "Error creating: \(refusal)", by: Self.component, isWarning: true)
        } else {
          created = missing
          for _ in 0..<missing { plan.actions.append(create(job, template)) }
        }
      }
    }
    if !isSuspended, status["startTime"] == nil { status["startTime"] = .string(view.nowText) }
    status["active"] = JSONValue(active.count + created)
    status["ready"] = JSONValue(active.count { $0.isReady })
    status["succeeded"] = JSONValue(succeeded)
    if succeeded >= wanted {
      status["completionTime"] = .string(view.nowText)
      let now = JSONValue.string(view.nowText)
      status["conditions"] = .array(
        ["SuccessCriteriaMet", "Complete"].map {
          [
            "type": .string($0), "status": "True", "reason": "CompletionsReached",
            "message": "Reached expected number of succeeded pods", "lastProbeTime": now,
            "lastTransitionTime": now,
          ]
        })
      plan.event(job, "Completed", "Job completed", by: Self.component)
    }
    plan.setStatus(status, of: job, .jobs, manager: ControllerManager.controllerManager)
    return plan
  }

  private func create(_ job: KubernetesObject, _ template: JSONValue) -> ControllerAction {
    var pod = PodCreation.pod(from: template, owner: job, .jobs)
    if pod["metadata"]?["labels"]?.object == nil { pod["metadata"]?["labels"] = [:] }
    for prefix in ["", "batch.kubernetes.io/"] {
      pod["metadata"]?["labels"]?[prefix + "job-name"] = .string(job.name)
      pod["metadata"]?["labels"]?[prefix + "controller-uid"] = .string(job.uid ?? "")
    }
    return .create(
      .pods, pod, manager: ControllerManager.controllerManager,
      event: ControllerEvent(
        regarding: job, reason: "SuccessfulCreate", message: "Created pod: ",
        component: Self.component, appendsCreatedName: true))
  }
}
