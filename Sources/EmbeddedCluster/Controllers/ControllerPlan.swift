import JSON
import KubernetesAPI

/// One write that a simulated controller wants done.
enum ControllerAction: Sendable {
  case create(ResourceType, KubernetesObject, manager: String, event: ControllerEvent? = nil)
  /// Replaces the object as it was read: refused when somebody changed it meanwhile.
  case update(ResourceType, KubernetesObject, subresource: String? = nil, manager: String)
  case delete(ResourceType, ObjectKey, uid: String?, options: JSONObject = [:])
  case scale(ResourceType, ObjectKey, replicas: Int)
  case event(ControllerEvent)
}

/// What `kubectl describe` shows under Events.
struct ControllerEvent: Sendable {
  var regarding: KubernetesObject
  /// `Normal` or `Warning`.
  var type = "Normal"
  var reason: String
  var message: String
  /// Who says so: `deployment-controller`, `kubelet`.
  var component: String
  /// The name of the object created by the same action goes to the end of the message.
  var appendsCreatedName = false
}

/// What a controller wants for one object: writes, done in order until one fails, and when it
/// wants to look again although nothing changed.
struct ControllerPlan: Sendable {
  var actions: [ControllerAction] = []
  /// Microseconds since 1970.
  private(set) var lookAgainAt: Int64?

  static let nothing = ControllerPlan()

  mutating func lookAgain(at time: Int64) { lookAgainAt = min(lookAgainAt ?? time, time) }

  mutating func event(
    _ regarding: KubernetesObject, _ reason: String, _ message: String, by component: String,
    isWarning: Bool = false
  ) {
    actions.append(
      .event(
        ControllerEvent(
          regarding: regarding, type: isWarning ? "Warning" : "Normal", reason: reason,
          message: message, component: component)))
  }

  /// Writes the status, and annotations to add, when they differ from the object's.
  mutating func setStatus(
    _ status: JSONObject, annotations: [String: String] = [:], of object: KubernetesObject,
    _ type: ResourceType, manager: String
  ) {
    let old = object["status"]?.object ?? [:]
    let all = object.annotations.merging(annotations) { $1 }
    guard
      all != object.annotations
        || JSONValue.object(status).withoutEmptyMembers
          != JSONValue.object(old).withoutEmptyMembers
    else { return }
    var new = object
    if all != object.annotations { new["metadata"]?["annotations"] = JSONValue(all) }
    new["status"] = .object(status)
    actions.append(.update(type, new, subresource: "status", manager: manager))
  }
}

extension JSONValue {
  /// Without members that the API server leaves out of Go structures: null, zero, empty.
  var withoutEmptyMembers: JSONValue {
    switch self {
    case .object(let object):
      var result: JSONObject = [:]
      for (key, value) in object {
        let value = value.withoutEmptyMembers
        switch value {
        case .null, .int(0), .string(""), .bool(false), .array([]), .object([:]): continue
        default: result[key] = value
        }
      }
      return .object(result)
    case .array(let elements): return .array(elements.map(\.withoutEmptyMembers))
    default: return self
    }
  }
}

/// The cluster as controllers look at it.
protocol ClusterView {
  /// Microseconds since 1970.
  var now: Int64 { get }
  var configuration: SimulationConfiguration { get }
  func get(_ type: ResourceType, _ key: ObjectKey) -> KubernetesObject?
  func list(_ type: ResourceType, namespace: String?) -> [KubernetesObject]
  /// The objects of a type that name the uid as their owner.
  func dependents(of uid: String, _ type: ResourceType) -> [KubernetesObject]
  /// All of them, with where they are.
  func allDependents(of uid: String) -> [(ControllerItem, KubernetesObject)]
  func served() -> [ResourceType]
  /// The served resource with objects of this kind.
  func resource(of kind: GroupKind) -> ResourceType?
  /// Whether an owner of something was seen to go not long ago, whatever has become of its kind since.
  func isGone(_ uid: String) -> Bool
  /// An address no other pod has.
  func newPodAddress() -> String
  /// When the pod's present stage was first seen; a stage is a step of its life, such as `start`.
  func beginning(of stage: String, _ uid: String) -> Int64
}

extension ClusterView {
  var nowText: String { KubernetesTime(unixMicroseconds: now).secondsText }

  /// Objects of a type whose controller is this one.
  func controlled(by owner: KubernetesObject, _ type: ResourceType) -> [KubernetesObject] {
    guard let uid = owner.uid else { return [] }
    return dependents(of: uid, type).filter { $0.controllerReference?.uid == uid }
  }
}

/// How long things take in the simulation.
public struct SimulationConfiguration: Sendable {
  /// From scheduling to running containers.
  public var startDelay: Duration
  /// From running containers to ready ones.
  public var readyDelay: Duration
  /// Pods stop after their grace period or this, whatever is shorter.
  public var longestTermination: Duration
  /// How long containers of Jobs run.
  public var jobDuration: Duration
  public var nodeName: String
  /// Whether the controllers write Events, which nothing in the cluster reads.
  public var recordsEvents: Bool
  /// The longest that the garbage collector takes for one object; each takes a time of its own, and so
  /// they go in any order. A real one takes from milliseconds to many seconds.
  public var garbageDelay: Duration
  /// Which of these times each object gets.
  public var seed: UInt64

  public init(
    startDelay: Duration = .milliseconds(300), readyDelay: Duration = .milliseconds(200),
    longestTermination: Duration = .milliseconds(200), jobDuration: Duration = .milliseconds(500),
    nodeName: String = "simulated-node", recordsEvents: Bool = true,
    garbageDelay: Duration = .zero, seed: UInt64 = 1
  ) {
    self.startDelay = startDelay
    self.readyDelay = readyDelay
    self.longestTermination = longestTermination
    self.jobDuration = jobDuration
    self.nodeName = nodeName
    self.recordsEvents = recordsEvents
    self.garbageDelay = garbageDelay
    self.seed = seed
  }
}

/// One of the simulated controllers: reads the cluster, plans writes for one object at a time.
protocol SimulatedController: Sendable {
  /// Which objects to look at because of a change.
  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem]
  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan
}

/// An object that a controller looks after.
struct ControllerItem: Sendable, Hashable {
  var type: ResourceType
  var key: ObjectKey

  init(_ type: ResourceType, _ key: ObjectKey) {
    self.type = type
    self.key = key
  }
}

/// The names under which the real controllers own fields.
enum ControllerManager {
  static let controllerManager = "kube-controller-manager"
  static let scheduler = "kube-scheduler"
  static let kubelet = "kubelet"
}

extension ResourceType {
  static let nodes = ResourceType(
    group: "", version: "v1", plural: "nodes", kind: "Node", isNamespaced: false)
  static let endpoints = ResourceType(
    group: "", version: "v1", plural: "endpoints", kind: "Endpoints")
  static let endpointSlices = ResourceType(
    group: "discovery.k8s.io", version: "v1", plural: "endpointslices", kind: "EndpointSlice")
  static let coreEvents = ResourceType(group: "", version: "v1", plural: "events", kind: "Event")
  static let jobs = ResourceType(group: "batch", version: "v1", plural: "jobs", kind: "Job")
}

extension KubernetesObject {
  var isBeingDeleted: Bool { deletionTimestamp != nil }

  /// A reference from a dependent to this object as its controller.
  func ownerReference(_ type: ResourceType) -> JSONValue {
    OwnerReference(apiVersion: type.apiVersion, kind: type.kind, name: name, uid: uid ?? "").json
  }

  /// The order of creation, by name within a second.
  static func isOlder(_ a: KubernetesObject, _ b: KubernetesObject) -> Bool {
    let left = a.metadata["creationTimestamp"]?.string ?? ""
    let right = b.metadata["creationTimestamp"]?.string ?? ""
    return (left, a.name) < (right, b.name)
  }
}
