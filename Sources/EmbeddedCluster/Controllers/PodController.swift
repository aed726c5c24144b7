import JSON
import KubernetesAPI

/// The scheduler and the kubelet of the one simulated node: pods are placed, start, become ready
/// and stop. No container runs.
///
/// What goes wrong can be asked for: images with `:broken` cannot be pulled, and the annotation
/// `simulation.agentdeploy.dev/fail` is `CrashLoop`, `ImagePull` or `NotReady`. A pod that refers to
/// something missing waits, as it would on a real node, until that appears.
struct PodController: SimulatedController {
  static let failAnnotation = "simulation.agentdeploy.dev/fail"
  /// A duration such as `2s` in place of the configured delay before containers run.
  static let startAnnotation = "simulation.agentdeploy.dev/start-delay"
  static let component = "kubelet"

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    switch change.type {
    case .pods: return [ControllerItem(.pods, change.key)]
    case .configMaps, .secrets, .persistentVolumeClaims:
      // Running pods keep what they have; waiting ones may go on.
      return view.list(.pods, namespace: change.key.namespace)
        .filter { PodState($0).phase == "Pending" && PodDependencies.mentions(change, $0) }
        .map { ControllerItem(.pods, $0.key) }
    default: return []
    }
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let pod = view.get(.pods, item.key) else { return .nothing }
    let state = PodState(pod)
    if pod.isBeingDeleted { return terminate(pod, view) }
    if state.isFinished { return .nothing }
    if state.nodeName.isEmpty { return schedule(pod, view) }
    guard state.nodeName == view.configuration.nodeName else { return .nothing }
    return run(pod, view)
  }

  // MARK: Placing

  private func schedule(_ pod: KubernetesObject, _ view: any ClusterView) -> ControllerPlan {
    guard pod[path: "spec", "schedulingGates"]?.array?.isEmpty ?? true else { return .nothing }
    var plan = ControllerPlan()
    let node = view.configuration.nodeName
    var placed = pod
    placed["spec"]?["nodeName"] = .string(node)
    plan.actions.append(.update(.pods, placed, manager: ControllerManager.scheduler))
    plan.event(
      pod, "Scheduled",
      "Successfully assigned \(pod.namespace ?? "default")/\(pod.name) to \(node)",
      by: "default-scheduler")
    return plan
  }

  // MARK: Running

  private func run(_ pod: KubernetesObject, _ view: any ClusterView) -> ControllerPlan {
    var plan = ControllerPlan()
    let uid = pod.uid ?? ""
    var status = PodStatusBuilder(pod, now: view.nowText)
    status.place()
    // Running containers keep what they were started with.
    if status.isWaiting, let obstacle = obstacle(pod, &status, &plan, view) {
      return write(status, pod, obstacle)
    }
    let started = view.beginning(of: "start", uid) + delay(of: pod, view)
    switch pod.annotations[Self.failAnnotation] {
    case "CrashLoop":
      status.crash(
        message: "back-off 5m0s restarting failed container=\(status.firstContainer) "
          + "pod=\(pod.name)_\(pod.namespace ?? "default")(\(uid))")
      announce(
        "Back-off restarting failed container \(status.firstContainer) in pod \(pod.name)",
        of: pod, reason: "BackOff", &plan)
      return write(status, pod, plan)
    case "NotReady":
      status.run(isReady: false)
      announce("Readiness probe failed: simulated failure", of: pod, reason: "Unhealthy", &plan)
      return write(status, pod, plan)
    default: return finishStarting(pod, &status, since: started, plan, view)
    }
  }

  /// Keeps the pod waiting when something is missing or it is too early; nil when it may run.
  private func obstacle(
    _ pod: KubernetesObject, _ status: inout PodStatusBuilder, _ plan: inout ControllerPlan,
    _ view: any ClusterView
  ) -> ControllerPlan? {
    if let problem = PodDependencies.volumeProblem(of: pod, view) {
      status.wait(reason: "ContainerCreating", message: nil)
      announce(problem, of: pod, reason: "FailedMount", &plan)
      return plan
    }
    if let problem = PodDependencies.environmentProblem(of: pod, view) {
      status.wait(reason: "CreateContainerConfigError", message: problem)
      announce("Error: \(problem)", of: pod, reason: "Failed", &plan)
      return plan
    }
    let started = view.beginning(of: "start", pod.uid ?? "") + delay(of: pod, view)
    guard view.now >= started else {
      status.wait(reason: "ContainerCreating", message: nil)
      plan.lookAgain(at: started)
      return plan
    }
    if !status.hasAddress { status.setAddress(view.newPodAddress()) }
    if let image = failingImage(pod) {
      status.wait(reason: "ImagePullBackOff", message: "Back-off pulling image \"\(image)\"")
      announce(
        "Failed to pull image \"\(image)\": simulated failure", of: pod, reason: "Failed", &plan)
      return plan
    }
    announceStart(of: pod, &plan)
    return nil
  }

  private func finishStarting(
    _ pod: KubernetesObject, _ status: inout PodStatusBuilder, since started: Int64,
    _ plan: ControllerPlan, _ view: any ClusterView
  ) -> ControllerPlan {
    var plan = plan
    if pod.controllerReference?.groupKind == ResourceType.jobs.groupKind {
      let end = started + Self.microseconds(view.configuration.jobDuration)
      if view.now >= end {
        status.succeed()
      } else {
        status.run(isReady: true)
        plan.lookAgain(at: end)
      }
    } else {
      let ready = started + Self.microseconds(view.configuration.readyDelay)
      let isReady = status.isReady || view.now >= ready
      status.run(isReady: isReady)
      if !isReady { plan.lookAgain(at: ready) }
    }
    return write(status, pod, plan)
  }

  private func delay(of pod: KubernetesObject, _ view: any ClusterView) -> Int64 {
    if let own = pod.annotations[Self.startAnnotation].flatMap(KubernetesDuration.init) {
      return own.milliseconds * 1000
    }
    return Self.microseconds(view.configuration.startDelay)
  }

  private func failingImage(_ pod: KubernetesObject) -> String? {
    let images = PodState(pod).containers.compactMap { $0["image"]?.string }
    if pod.annotations[Self.failAnnotation] == "ImagePull" { return images.first ?? "" }
    return images.first { $0.contains(":broken") }
  }

  static func microseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }

  private func write(
    _ status: PodStatusBuilder, _ pod: KubernetesObject, _ plan: ControllerPlan
  ) -> ControllerPlan {
    var plan = plan
    // Why: events come with the change they speak of, not again each time somebody looks.
    let actions = plan.actions
    plan.actions = []
    plan.setStatus(status.status, of: pod, .pods, manager: ControllerManager.kubelet)
    if !plan.actions.isEmpty { plan.actions += actions }
    return plan
  }

  private func announce(
    _ message: String, of pod: KubernetesObject, reason: String, _ plan: inout ControllerPlan
  ) {
    plan.event(pod, reason, message, by: Self.component, isWarning: true)
  }

  private func announceStart(of pod: KubernetesObject, _ plan: inout ControllerPlan) {
    for container in PodState(pod).containers {
      let name = container["name"]?.string ?? ""
      let image = container["image"]?.string ?? ""
      plan.event(
        pod, "Pulled", "Container image \"\(image)\" already present on machine",
        by: Self.component)
      plan.event(pod, "Created", "Created container: \(name)", by: Self.component)
      plan.event(pod, "Started", "Started container \(name)", by: Self.component)
    }
  }

  // MARK: Stopping

  private func terminate(_ pod: KubernetesObject, _ view: any ClusterView) -> ControllerPlan {
    var plan = ControllerPlan()
    let grace = Int64(pod.metadata["deletionGracePeriodSeconds"]?.int ?? 0) * 1_000_000
    let longest = Self.microseconds(view.configuration.longestTermination)
    let end = view.beginning(of: "stop", pod.uid ?? "") + min(grace, longest)
    if view.now < end {
      plan.lookAgain(at: end)
      if PodState(pod).isReady {
        var status = PodStatusBuilder(pod, now: view.nowText)
        status.run(isReady: false)
        plan = write(status, pod, plan)
        for container in PodState(pod).containers {
          plan.event(
            pod, "Killing", "Stopping container \(container["name"]?.string ?? "")",
            by: Self.component)
        }
      }
      return plan
    }
    guard grace > 0 else { return .nothing }
    plan.actions.append(
      .delete(.pods, pod.key, uid: pod.uid, options: ["gracePeriodSeconds": 0]))
    return plan
  }
}
