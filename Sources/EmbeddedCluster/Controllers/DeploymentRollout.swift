import JSON
import KubernetesAPI

/// One step of a Deployment: what to do with its ReplicaSets, and what to say about them.
struct DeploymentRollout {
  let deployment: KubernetesObject
  /// Oldest first.
  let sets: [KubernetesObject]
  let now: Int64
  let newSet: KubernetesObject?
  private(set) var plan = ControllerPlan()
  /// A reason for the Progressing condition that this step itself gives.
  private(set) var progress: (reason: String, message: String)?
  /// What the Deployment's annotation should say after this step; nil leaves it as it is.
  private var revision: String?

  init(deployment: KubernetesObject, sets: [KubernetesObject], now: Int64) {
    self.deployment = deployment
    self.sets = sets
    self.now = now
    let template = DeploymentController.comparable(deployment[path: "spec", "template"])
    newSet = sets.first {
      DeploymentController.comparable($0[path: "spec", "template"]) == template
    }
  }

  var oldSets: [KubernetesObject] { sets.filter { $0.uid != newSet?.uid } }
  var nowText: String { KubernetesTime(unixMicroseconds: now).secondsText }
  var replicas: Int { deployment[path: "spec", "replicas"]?.int ?? 1 }
  var isPaused: Bool { deployment[path: "spec", "paused"]?.bool ?? false }
  private var isRecreate: Bool {
    deployment.json[path: "spec", "strategy", "type"]?.string == "Recreate"
  }

  private func bound(_ name: String, _ rounding: IntOrString.Rounding) -> Int {
    let value = deployment.json[path: "spec", "strategy", "rollingUpdate", name]
    let parsed = value.flatMap { IntOrString($0) } ?? .string("25%")
    return parsed.scaled(of: replicas, rounding: rounding) ?? 0
  }

  var maxSurge: Int { isRecreate ? 0 : bound("maxSurge", .up) }

  /// Not zero together with `maxSurge`, or nothing could ever change.
  var maxUnavailable: Int {
    if isRecreate { return replicas }
    let value = min(bound("maxUnavailable", .down), replicas)
    return value == 0 && maxSurge == 0 ? min(1, replicas) : value
  }

  static func size(_ set: KubernetesObject) -> Int { set[path: "spec", "replicas"]?.int ?? 1 }
  static func status(_ set: KubernetesObject, _ field: String) -> Int {
    set[path: "status", field]?.int ?? 0
  }
  static func revision(_ set: KubernetesObject) -> Int {
    set.annotations[DeploymentController.revision].flatMap { Int($0) } ?? 0
  }

  var totalSize: Int { sets.reduce(0) { $0 + Self.size($1) } }
  private var available: Int { sets.reduce(0) { $0 + Self.status($1, "availableReplicas") } }

  // MARK: Steps

  /// - Parameter hasOldPods: some pod of an old ReplicaSet still runs.
  mutating func advance(hasOldPods: Bool) {
    if isPaused {
      if let newSet, oldSets.allSatisfy({ Self.size($0) == 0 }) { scale(newSet, to: replicas) }
      return
    }
    if isRecreate {
      for set in oldSets where Self.size(set) > 0 { scale(set, to: 0) }
      guard oldSets.allSatisfy({ Self.size($0) == 0 }), !hasOldPods else { return }
    }
    guard let newSet else { return createSet(replicas: isRecreate ? replicas : newSetSize(0)) }
    guard setRevision(of: newSet) else { return }
    if isRecreate {
      scale(newSet, to: replicas)
    } else {
      let size = newSetSize(Self.size(newSet))
      if size != Self.size(newSet) { return scale(newSet, to: size) }
      scaleDownOldSets(newSet)
    }
    removeHistory()
  }

  /// kubernetes `deployment_util.go`, `NewRSNewReplicas`.
  private func newSetSize(_ current: Int) -> Int {
    if current > replicas { return replicas }
    let room = replicas + maxSurge - totalSize
    return room <= 0 ? current : min(current + room, replicas)
  }

  private mutating func createSet(replicas size: Int) {
    let template = deployment[path: "spec", "template"] ?? [:]
    let hash = DeploymentController.hash(
      of: template, collisions: deployment[path: "status", "collisionCount"]?.int ?? 0)
    var labeled = template
    if labeled["metadata"]?.object == nil { labeled["metadata"] = [:] }
    if labeled["metadata"]?["labels"]?.object == nil { labeled["metadata"]?["labels"] = [:] }
    labeled["metadata"]?["labels"]?[DeploymentController.hashLabel] = .string(hash)
    let name = "\(deployment.name)-\(hash)"
    var set = KubernetesObject(
      ResourceType.replicaSets.gvk, namespace: deployment.namespace, name: name)
    set["metadata"]?["labels"] = labeled["metadata"]?["labels"]
    let revision = String((sets.map(Self.revision).max() ?? 0) + 1)
    var annotations = deployment.annotations.filter {
      $0.key != "kubectl.kubernetes.io/last-applied-configuration"
    }
    annotations[DeploymentController.revision] = revision
    annotations[DeploymentController.desiredReplicas] = String(replicas)
    annotations[DeploymentController.maxReplicas] = String(replicas + maxSurge)
    set["metadata"]?["annotations"] = JSONValue(annotations)
    set["metadata"]?["ownerReferences"] = [deployment.ownerReference(.deployments)]
    var selector = deployment[path: "spec", "selector"] ?? [:]
    if selector["matchLabels"]?.object == nil { selector["matchLabels"] = [:] }
    selector["matchLabels"]?[DeploymentController.hashLabel] = .string(hash)
    set["spec"] = [
      "replicas": JSONValue(size), "selector": selector, "template": labeled,
      "minReadySeconds": deployment[path: "spec", "minReadySeconds"] ?? 0,
    ]
    plan.actions.append(
      .create(.replicaSets, set, manager: ControllerManager.controllerManager))
    if size > 0 {
      plan.event(
        deployment, "ScalingReplicaSet", "Scaled up replica set \(name) from 0 to \(size)",
        by: DeploymentController.component)
    }
    progress = ("NewReplicaSetCreated", "Created new replica set \"\(name)\"")
    self.revision = revision
  }

  /// Gives the current template the highest revision; false when that had to be written first.
  private mutating func setRevision(of set: KubernetesObject) -> Bool {
    let highest = oldSets.map(Self.revision).max() ?? 0
    var own = Self.revision(set)
    if own <= highest { own = highest + 1 }
    if own != Self.revision(set)
      || set.annotations[DeploymentController.desiredReplicas] != String(replicas)
    {
      var changed = set
      if changed["metadata"]?["annotations"]?.object == nil {
        changed["metadata"]?["annotations"] = [:]
      }
      changed["metadata"]?["annotations"]?[DeploymentController.revision] = .string(String(own))
      changed["metadata"]?["annotations"]?[DeploymentController.desiredReplicas] =
        .string(String(replicas))
      changed["metadata"]?["annotations"]?[DeploymentController.maxReplicas] =
        .string(String(replicas + maxSurge))
      plan.actions.append(
        .update(.replicaSets, changed, manager: ControllerManager.controllerManager))
      if own != Self.revision(set) {
        progress = ("FoundNewReplicaSet", "Found new replica set \"\(set.name)\"")
      }
      revision = String(own)
      return false
    }
    revision = String(own)
    return true
  }

  private mutating func scale(_ set: KubernetesObject, to size: Int) {
    let old = Self.size(set)
    guard old != size else { return }
    var changed = set
    changed["spec"]?["replicas"] = JSONValue(size)
    plan.actions.append(
      .update(.replicaSets, changed, manager: ControllerManager.controllerManager))
    plan.event(
      deployment, "ScalingReplicaSet",
      "Scaled \(size > old ? "up" : "down") replica set \(set.name) from \(old) to \(size)",
      by: DeploymentController.component)
  }

  /// kubernetes `rolling.go`, `reconcileOldReplicaSets`: unhealthy pods first, then as many as
  /// availability allows.
  private mutating func scaleDownOldSets(_ newSet: KubernetesObject) {
    var sizes = oldSets.filter { Self.size($0) > 0 }.map { (set: $0, size: Self.size($0)) }
    guard !sizes.isEmpty else { return }
    let least = replicas - maxUnavailable
    let newUnavailable = max(0, Self.size(newSet) - Self.status(newSet, "availableReplicas"))
    var room = totalSize - least - newUnavailable
    guard room > 0 else { return }
    for i in sizes.indices where room > 0 {
      let unhealthy = sizes[i].size - Self.status(sizes[i].set, "availableReplicas")
      let count = min(max(0, unhealthy), room)
      sizes[i].size -= count
      room -= count
    }
    var spare = available - least
    for i in sizes.indices where spare > 0 {
      let count = min(sizes[i].size, spare)
      sizes[i].size -= count
      spare -= count
    }
    for (set, size) in sizes { scale(set, to: size) }
  }

  private mutating func removeHistory() {
    guard isComplete else { return }
    let limit = deployment[path: "spec", "revisionHistoryLimit"]?.int ?? 10
    let old = oldSets.filter {
      Self.size($0) == 0 && Self.status($0, "replicas") == 0 && !$0.isBeingDeleted
    }
    for set in old.sorted(by: { Self.revision($0) < Self.revision($1) })
      .prefix(max(0, oldSets.count - limit))
    {
      plan.actions.append(.delete(.replicaSets, set.key, uid: set.uid))
    }
  }

  var isComplete: Bool {
    guard let newSet else { return false }
    return Self.status(newSet, "replicas") == replicas
      && Self.status(newSet, "availableReplicas") == replicas
      && sets.reduce(0) { $0 + Self.status($1, "replicas") } == replicas
  }

  /// The revision goes along: written with the status, an annotation is no new generation.
  mutating func write(_ status: JSONObject) {
    var annotations: [String: String] = [:]
    if let revision { annotations[DeploymentController.revision] = revision }
    plan.setStatus(
      status, annotations: annotations, of: deployment, .deployments,
      manager: ControllerManager.controllerManager)
  }

  mutating func lookAgain(at time: Int64) { plan.lookAgain(at: time) }
}
