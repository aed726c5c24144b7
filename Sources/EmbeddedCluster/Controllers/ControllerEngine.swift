import JSON
import KubernetesAPI

/// Runs the simulated controllers one step at a time: knows what has to be looked at, looks at it,
/// and does what the controllers plan. Time comes from the cluster's clock; nothing here waits.
struct ControllerEngine {
  private struct Work: Hashable {
    var controller: Int
    var item: ControllerItem
  }

  private let access: ClusterAccess
  private let configuration: SimulationConfiguration
  private let controllers: [any SimulatedController]
  private var graph = OwnershipGraph()
  private var events: ControllerEventLog
  private var queue: [Work] = []
  private var queued: Set<Work> = []
  private var timers: [Work: Int64] = [:]
  private var failures: [Work: Int] = [:]
  private let memory = ControllerMemory()

  /// - Parameter others: controllers of what else is installed, such as KEDA.
  init(
    access: ClusterAccess, configuration: SimulationConfiguration,
    others: [any SimulatedController] = []
  ) {
    self.access = access
    self.configuration = configuration
    events = ControllerEventLog(isRecording: configuration.recordsEvents)
    let own: [any SimulatedController] = [
      NamespaceController(), GarbageCollector(), VolumeClaimController(), DeploymentController(),
      ReplicaSetController(), StatefulSetController(), JobController(), PodController(),
      EndpointsController(), AutoscalerController(), DisruptionBudgetController(),
    ]
    controllers = own + others
  }

  private var view: EngineView {
    EngineView(access: access, configuration: configuration, graph: graph, memory: memory)
  }

  /// When something has to be looked at although nothing changes, in microseconds since 1970.
  var nextDue: Int64? { timers.values.min() }
  var isIdle: Bool { queue.isEmpty }

  // MARK: Learning of changes

  mutating func note(_ change: ClusterChange) {
    graph.record(change.type, change.key, change.new)
    if change.new == nil, let uid = change.old?.uid, !graph.dependents(of: uid).isEmpty {
      memory.noteGone(uid)
    } else if change.old == nil, let uid = change.new?.uid {
      memory.noteThere(uid)
    }
    // Why: events are written here; reacting to them would never end.
    guard change.type.kind != "Event", change.type != .leases else { return }
    if change.new == nil { memory.forget(change.old?.uid ?? "") }
    if change.type == .customResourceDefinitions { memory.forgetResources() }
    let view = view
    for (index, controller) in controllers.enumerated() {
      for item in controller.concerned(by: change, view) {
        enqueue(Work(controller: index, item: item))
      }
    }
  }

  /// Looks at everything there is, as after a start.
  mutating func noteEverything() {
    for type in access.served() {
      for object in access.list(type) {
        note(ClusterChange(type: type, key: object.key, old: nil, new: object))
      }
    }
  }

  private mutating func enqueue(_ work: Work) {
    if queued.insert(work).inserted { queue.append(work) }
  }

  // MARK: Working

  /// Works until nothing is due.
  ///
  /// - Returns: the number of writes done, events not counted.
  @discardableResult
  mutating func work() -> Int {
    var writes = 0
    let now = access.clock.now()
    for (work, time) in timers where time <= now {
      timers[work] = nil
      enqueue(work)
    }
    var rest = queue[...]
    queue = []
    while let work = rest.popFirst() {
      queued.remove(work)
      timers[work] = nil
      let plan = controllers[work.controller].reconcile(work.item, view)
      if let time = plan.lookAgainAt { timers[work] = time }
      writes += carryOut(plan, for: work)
      rest += queue
      queue = []
    }
    return writes
  }

  private mutating func carryOut(_ plan: ControllerPlan, for work: Work) -> Int {
    var writes = 0
    // Why: a second write to an object in one plan must not stumble over the first.
    var written: [ControllerItem: (read: String?, object: KubernetesObject)] = [:]
    for action in plan.actions {
      do throws(APIStatus) {
        try perform(action, &written)
        if case .event = action { continue }
        writes += 1
      } catch {
        // What is gone needs nothing more; anything else is tried again, later and later.
        guard !error.isNotFound, !error.isNamespaceTerminating else { continue }
        let count = failures[work, default: 0] + 1
        failures[work] = count
        if count <= 12 {
          timers[work] = access.clock.now() + Int64(5000) << Int64(min(count, 12))
        }
        return writes
      }
    }
    failures[work] = nil
    return writes
  }

  private mutating func perform(
    _ action: ControllerAction,
    _ written: inout [ControllerItem: (read: String?, object: KubernetesObject)]
  ) throws(APIStatus) {
    switch action {
    case .create(let type, let object, let manager, let event):
      let created = try access.create(type, object, manager: manager)
      graph.record(type, created.key, created)
      if var event {
        if event.appendsCreatedName { event.message += created.name }
        events.write(event, access)
      }
    case .update(let type, var object, let subresource, let manager):
      let item = ControllerItem(type, object.key)
      let read = object.resourceVersion
      if let known = written[item], known.read == read {
        if subresource == "status" {
          // A status write may change annotations too: it must not undo the first write's.
          let status = object["status"]
          object = known.object
          object["status"] = status
        } else {
          object["metadata"]?["resourceVersion"] = known.object.metadata["resourceVersion"]
        }
      }
      let updated = try access.update(type, object, subresource: subresource, manager: manager)
      written[item] = (read, updated)
    case .delete(let type, let key, let uid, var options):
      if let uid { options["preconditions"] = ["uid": .string(uid)] }
      try access.delete(type, key, options: .object(options))
    case .scale(let type, let key, let replicas):
      try access.scale(type, key, to: replicas, manager: ControllerManager.controllerManager)
    case .event(let event): events.write(event, access)
    }
  }
}

/// What outlives a look: when a pod's stage began, which addresses are taken, and which owners went.
final class ControllerMemory {
  private var gone = AbsentOwners()
  private var stages: [String: [String: Int64]] = [:]
  private var addresses: UInt32 = 0
  private var resources: [GroupKind: ResourceType] = [:]

  func beginning(of stage: String, _ uid: String, now: Int64) -> Int64 {
    if let known = stages[uid]?[stage] { return known }
    stages[uid, default: [:]][stage] = now
    return now
  }

  func resource(of kind: GroupKind, _ served: () -> [ResourceType]) -> ResourceType? {
    if resources.isEmpty {
      for type in served() where resources[type.groupKind] == nil {
        resources[type.groupKind] = type
      }
    }
    return resources[kind]
  }

  /// A definition came, changed or went.
  func forgetResources() { resources = [:] }

  func forget(_ uid: String) { stages[uid] = nil }

  /// An owner of something has gone; its uid comes back only with the data of a backup.
  func noteGone(_ uid: String) { gone.insert(uid) }
  func noteThere(_ uid: String) { gone.remove(uid) }
  func isGone(_ uid: String) -> Bool { gone.contains(uid) }

  /// In 10.244.0.0/16, one after the other.
  func nextAddress() -> String {
    addresses = addresses % 65_000 + 1
    return "10.244.\(addresses / 254).\(addresses % 254 + 1)"
  }
}

private struct EngineView: ClusterView {
  let access: ClusterAccess
  let configuration: SimulationConfiguration
  let graph: OwnershipGraph
  let memory: ControllerMemory

  var now: Int64 { access.clock.now() }

  func get(_ type: ResourceType, _ key: ObjectKey) -> KubernetesObject? { access.get(type, key) }

  func list(_ type: ResourceType, namespace: String?) -> [KubernetesObject] {
    access.list(type, namespace: namespace)
  }

  func dependents(of uid: String, _ type: ResourceType) -> [KubernetesObject] {
    graph.dependents(of: uid).compactMap { item in
      guard item.type == type, let object = access.get(type, item.key),
        object.ownerReferences.contains(where: { $0.uid == uid })
      else { return nil }
      return object
    }
  }

  func allDependents(of uid: String) -> [(ControllerItem, KubernetesObject)] {
    graph.dependents(of: uid).compactMap { item in
      guard let object = access.get(item.type, item.key),
        object.ownerReferences.contains(where: { $0.uid == uid })
      else { return nil }
      return (item, object)
    }
  }

  func served() -> [ResourceType] { access.served() }

  func resource(of kind: GroupKind) -> ResourceType? {
    memory.resource(of: kind) { access.served() }
  }

  func newPodAddress() -> String { memory.nextAddress() }

  func isGone(_ uid: String) -> Bool { memory.isGone(uid) }

  func beginning(of stage: String, _ uid: String) -> Int64 {
    memory.beginning(of: stage, uid, now: now)
  }
}
