import JSON
import KubernetesAPI
import Synchronization
import Testing

@testable import EmbeddedCluster

/// A cluster with controllers that move only when told to, in a time of its own.
struct SimulatedCluster {
  final class VirtualTime: Sendable {
    let micros = Mutex<Int64>(1_795_244_400_000_000)
    var now: Int64 { micros.withLock { $0 } }
  }

  let time = VirtualTime()
  let access: ClusterAccess
  private var engine: ControllerEngine

  init(_ configuration: SimulationConfiguration = SimulationConfiguration()) {
    let time = time
    let clock = ClusterClock(now: { time.now }, sleep: { _ in })
    let server = APIServer(clock: clock, seed: 7, historyLimit: 1000, evaluator: CELEvaluator())
    SeedObjects.install(in: server)
    access = ClusterAccess(server)
    SimulatedNode.install(access, configuration)
    engine = ControllerEngine(access: access, configuration: configuration)
  }

  /// Lets the controllers work until they have nothing to do at this moment.
  ///
  /// - Returns: the number of writes.
  @discardableResult
  mutating func settle() -> Int {
    var total = 0
    for _ in 0..<200 {
      engine.noteEverything()
      let writes = engine.work()
      total += writes
      if writes == 0 { return total }
    }
    Issue.record("the controllers do not come to rest")
    return total
  }

  /// Lets a time pass, with everything that happens in it.
  mutating func pass(_ duration: Duration) {
    settle()
    let end = time.now + PodController.microseconds(duration)
    while let due = engine.nextDue, due <= end {
      time.micros.withLock { $0 = max($0, due) }
      settle()
    }
    time.micros.withLock { $0 = end }
    settle()
  }

  @discardableResult
  func create(_ type: ResourceType, _ name: String, _ content: JSONValue = [:]) throws
    -> KubernetesObject
  {
    var object = KubernetesObject(
      type.gvk, namespace: type.isNamespaced ? "default" : nil, name: name)
    for (key, value) in content.object ?? [:] {
      if key == "metadata" {
        for (member, value) in value.object ?? [:] { object["metadata"]?[member] = value }
      } else {
        object[key] = value
      }
    }
    return try access.create(type, object, manager: "tester")
  }

  func get(_ type: ResourceType, _ name: String) -> KubernetesObject? {
    access.get(
      type, ObjectKey(namespace: type.isNamespaced ? "default" : nil, name: name))
  }

  func change(_ type: ResourceType, _ name: String, _ body: (inout KubernetesObject) -> Void)
    throws
  {
    var object = try #require(get(type, name))
    body(&object)
    try access.update(type, object, manager: "tester")
  }

  mutating func delete(
    _ type: ResourceType, _ name: String, _ policy: String = "Background"
  ) throws {
    let key = ObjectKey(namespace: type.isNamespaced ? "default" : nil, name: name)
    let old = get(type, name)
    try access.delete(type, key, options: ["propagationPolicy": .string(policy)])
    // What is gone shows in no list.
    if get(type, name) == nil {
      engine.note(ClusterChange(type: type, key: key, old: old, new: nil))
    }
  }

  var pods: [KubernetesObject] { access.list(.pods, namespace: "default") }
  var readyPods: [KubernetesObject] { pods.filter { PodState($0).isReady } }
  var sets: [KubernetesObject] { access.list(.replicaSets, namespace: "default") }

  func events(_ reason: String) -> [String] {
    access.list(.coreEvents, namespace: "default")
      .filter { $0["reason"]?.string == reason }.compactMap { $0["message"]?.string }
  }

  func condition(_ type: ResourceType, _ name: String, _ condition: String) -> JSONValue? {
    get(type, name)?[path: "status", "conditions"]?.array?.first {
      $0["type"]?.string == condition
    }
  }

  static func template(
    image: String = "nginx:1", annotations: [String: String] = [:], spec extra: JSONObject = [:]
  ) -> JSONValue {
    var spec: JSONObject = [
      "containers": [
        [
          "name": "c", "image": .string(image),
          "ports": [["name": "http", "containerPort": 8080]],
        ]
      ]
    ]
    for (key, value) in extra { spec[key] = value }
    return [
      "metadata": ["labels": ["app": "web"], "annotations": JSONValue(annotations)],
      "spec": .object(spec),
    ]
  }

  @discardableResult
  func createDeployment(
    replicas: Int = 3, template: JSONValue = Self.template(), _ extra: JSONObject = [:]
  ) throws -> KubernetesObject {
    var spec: JSONObject = [
      "replicas": JSONValue(replicas), "selector": ["matchLabels": ["app": "web"]],
      "template": template,
    ]
    for (key, value) in extra { spec[key] = value }
    return try create(.deployments, "web", ["spec": .object(spec)])
  }
}
