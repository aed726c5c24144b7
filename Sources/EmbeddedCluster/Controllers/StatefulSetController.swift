import JSON
import KubernetesAPI

/// Pods with stable names and volumes, one after the other (kubernetes `pkg/controller/statefulset`).
struct StatefulSetController: SimulatedController {
  private static let component = "statefulset-controller"
  private static let revisionLabel = "controller-revision-hash"

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    switch change.type {
    case .statefulSets: [ControllerItem(.statefulSets, change.key)]
    case .pods: PodCreation.controller(change, .statefulSets)
    default: PodCreation.waiting(for: change, .statefulSets, view)
    }
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    guard let set = view.get(.statefulSets, item.key) else { return .nothing }
    var plan = ControllerPlan()
    let template = set[path: "spec", "template"] ?? [:]
    let hash = DeploymentController.hash(
      of: DeploymentController.comparable(template),
      collisions: set[path: "status", "collisionCount"]?.int ?? 0)
    let revision = "\(set.name)-\(hash)"
    var pods: [Int: KubernetesObject] = [:]
    for pod in view.controlled(by: set, .pods) {
      if let ordinal = Self.ordinal(of: pod, in: set) { pods[ordinal] = pod }
    }
    if !set.isBeingDeleted { advance(set, template, revision, pods, view, &plan) }
    setStatus(of: set, revision, pods, view, &plan)
    return plan
  }

  private static func ordinal(of pod: KubernetesObject, in set: KubernetesObject) -> Int? {
    guard pod.name.hasPrefix(set.name + "-") else { return nil }
    return Int(pod.name.dropFirst(set.name.count + 1))
  }

  private func advance(
    _ set: KubernetesObject, _ template: JSONValue, _ revision: String,
    _ pods: [Int: KubernetesObject], _ view: any ClusterView, _ plan: inout ControllerPlan
  ) {
    let replicas = set[path: "spec", "replicas"]?.int ?? 1
    let start = set.json[path: "spec", "ordinals", "start"]?.int ?? 0
    let isParallel = set[path: "spec", "podManagementPolicy"]?.string == "Parallel"
    let range = start..<(start + max(0, replicas))
    for ordinal in range {
      if let pod = pods[ordinal] {
        if PodState(pod).isFinished, !pod.isBeingDeleted {
          return delete(pod, set, &plan)
        }
        if !isParallel, !PodState(pod).isReady || pod.isBeingDeleted { return }
        continue
      }
      if let refusal = PodCreation.refusal(of: template, owner: set, view) {
        return plan.event(
          set, "FailedCreate",
          "create Pod \(set.name)-\(ordinal) in StatefulSet \(set.name) failed error: \(refusal)",
          by: Self.component, isWarning: true)
      }
      create(ordinal, set, template, revision, view, &plan)
      if !isParallel { return }
    }
    let surplus = pods.filter { !range.contains($0.key) }.sorted { $0.key > $1.key }
    for (_, pod) in surplus {
      if !pod.isBeingDeleted { delete(pod, set, &plan) }
      if !isParallel { return }
    }
    update(set, revision, pods, range, &plan)
  }

  private func create(
    _ ordinal: Int, _ set: KubernetesObject, _ template: JSONValue, _ revision: String,
    _ view: any ClusterView, _ plan: inout ControllerPlan
  ) {
    let name = "\(set.name)-\(ordinal)"
    let manager = ControllerManager.controllerManager
    var pod = PodCreation.pod(from: template, owner: set, .statefulSets, name: name)
    if pod["metadata"]?["labels"]?.object == nil { pod["metadata"]?["labels"] = [:] }
    pod["metadata"]?["labels"]?[Self.revisionLabel] = .string(revision)
    pod["metadata"]?["labels"]?["statefulset.kubernetes.io/pod-name"] = .string(name)
    pod["metadata"]?["labels"]?["apps.kubernetes.io/pod-index"] = .string(String(ordinal))
    pod["spec"]?["hostname"] = .string(name)
    if let service = set[path: "spec", "serviceName"], service != "" {
      pod["spec"]?["subdomain"] = service
    }
    var volumes = pod[path: "spec", "volumes"]?.array ?? []
    for claimTemplate in set[path: "spec", "volumeClaimTemplates"]?.array ?? [] {
      let volume = claimTemplate[path: "metadata", "name"]?.string ?? ""
      let claimName = "\(volume)-\(name)"
      var claim = KubernetesObject(
        ResourceType.persistentVolumeClaims.gvk, namespace: set.namespace, name: claimName)
      claim["metadata"]?["labels"] = set.json[path: "spec", "selector", "matchLabels"] ?? [:]
      claim["spec"] = claimTemplate["spec"]
      if view.get(.persistentVolumeClaims, claim.key) == nil {
        plan.actions.append(.create(.persistentVolumeClaims, claim, manager: manager))
      }
      volumes.removeAll { $0["name"]?.string == volume }
      volumes.append([
        "name": .string(volume), "persistentVolumeClaim": ["claimName": .string(claimName)],
      ])
    }
    if !volumes.isEmpty { pod["spec"]?["volumes"] = .array(volumes) }
    plan.actions.append(.create(.pods, pod, manager: manager))
    plan.event(
      set, "SuccessfulCreate", "create Pod \(name) in StatefulSet \(set.name) successful",
      by: Self.component)
  }

  private func delete(
    _ pod: KubernetesObject, _ set: KubernetesObject, _ plan: inout ControllerPlan
  ) {
    plan.actions.append(.delete(.pods, pod.key, uid: pod.uid))
    plan.event(
      set, "SuccessfulDelete", "delete Pod \(pod.name) in StatefulSet \(set.name) successful",
      by: Self.component)
  }

  /// Replaces the last pod of another revision, down to the partition.
  private func update(
    _ set: KubernetesObject, _ revision: String, _ pods: [Int: KubernetesObject],
    _ range: Range<Int>, _ plan: inout ControllerPlan
  ) {
    let strategy = set[path: "spec", "updateStrategy"]
    guard strategy?["type"]?.string != "OnDelete" else { return }
    let partition = strategy?["rollingUpdate"]?["partition"]?.int ?? 0
    for ordinal in range.reversed() where ordinal >= partition {
      guard let pod = pods[ordinal] else { continue }
      if pod.isBeingDeleted { return }
      if pod.labels[Self.revisionLabel] != revision { return delete(pod, set, &plan) }
      if !PodState(pod).isReady { return }
    }
  }

  private func setStatus(
    of set: KubernetesObject, _ revision: String, _ pods: [Int: KubernetesObject],
    _ view: any ClusterView, _ plan: inout ControllerPlan
  ) {
    let minReady = set[path: "spec", "minReadySeconds"]?.int ?? 0
    let states = pods.values.map(PodState.init)
    for state in states {
      if let time = state.availableAt(minReadySeconds: minReady), time > view.now {
        plan.lookAgain(at: time)
      }
    }
    let updated = pods.values.count { $0.labels[Self.revisionLabel] == revision }
    let replicas = set[path: "spec", "replicas"]?.int ?? 1
    var status = set["status"]?.object ?? [:]
    let current = status["currentRevision"]?.string ?? ""
    let isDone = updated == states.count && updated == replicas
    status["replicas"] = JSONValue(states.count)
    status["readyReplicas"] = JSONValue(states.count { $0.isReady })
    status["availableReplicas"] = JSONValue(
      states.count { $0.isAvailable(minReadySeconds: minReady, now: view.now) })
    status["updatedReplicas"] = JSONValue(updated)
    status["updateRevision"] = .string(revision)
    status["currentRevision"] = .string(current.isEmpty || isDone ? revision : current)
    status["currentReplicas"] = JSONValue(
      pods.values.count { $0.labels[Self.revisionLabel] == status["currentRevision"]?.string })
    status["collisionCount"] = status["collisionCount"] ?? 0
    status["observedGeneration"] = JSONValue(set.generation ?? 0)
    plan.setStatus(status, of: set, .statefulSets, manager: ControllerManager.controllerManager)
  }
}
