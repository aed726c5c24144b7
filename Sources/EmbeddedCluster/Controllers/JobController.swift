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
    let pods = view.controlled(by: job, .pods)
    let succeeded = pods.count { PodState($0).phase == "Succeeded" }
    var active = pods.filter { PodState($0).isActive }
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
    if isSuspended {
      for pod in active {
        plan.actions.append(.delete(.pods, pod.key, uid: pod.uid))
        plan.event(
          job, "SuccessfulDelete", "Deleted pod: \(pod.name)", by: Self.component)
      }
      active = []
    }
    setSuspended(isSuspended, &status, of: job, view, &plan)
    if !isSuspended, status["startTime"] == nil { status["startTime"] = .string(view.nowText) }
    status["active"] = JSONValue(active.count + created)
    status["ready"] = JSONValue(active.count { PodState($0).isReady })
    status["succeeded"] = JSONValue(succeeded)
    if succeeded >= wanted {
      status["completionTime"] = .string(view.nowText)
      let now = JSONValue.string(view.nowText)
      status["conditions"] = .array(
        (status["conditions"]?.array ?? [])
          + ["SuccessCriteriaMet", "Complete"].map {
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

  /// A suspended Job starts anew when it is resumed; one that never was suspended says nothing.
  private func setSuspended(
    _ isSuspended: Bool, _ status: inout JSONObject, of job: KubernetesObject,
    _ view: any ClusterView, _ plan: inout ControllerPlan
  ) {
    var conditions = status["conditions"]?.array ?? []
    let known = conditions.firstIndex { $0["type"] == "Suspended" }
    let wasSuspended = known.map { conditions[$0]["status"] == "True" } ?? false
    guard isSuspended != wasSuspended else { return }
    let what = isSuspended ? "Suspended" : "Resumed"
    let message = "Job \(what.lowercased())"
    let condition: JSONValue = [
      "type": "Suspended", "status": isSuspended ? "True" : "False",
      "reason": .string("Job" + what),
      "message": .string(message), "lastProbeTime": .string(view.nowText),
      "lastTransitionTime": .string(view.nowText),
    ]
    if let known { conditions[known] = condition } else { conditions.append(condition) }
    status["conditions"] = .array(conditions)
    status["startTime"] = isSuspended ? nil : .string(view.nowText)
    plan.event(job, what, message, by: Self.component)
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
