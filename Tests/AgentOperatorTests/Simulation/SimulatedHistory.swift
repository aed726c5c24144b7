import ControllerRuntime
import EmbeddedCluster
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Simulation
import Synchronization
import Testing

@testable import AgentOperator

/// A life of some agents, with everything that can go wrong in it.
struct SimulatedHistory {
  /// What happened and how it ended.
  final class Record: Sendable {
    struct State {
      var steps: [String] = []
      /// What was asked for last, by agent.
      var specs: [String: JSONValue] = [:]
      var classes: [String: ClassSpec] = [:]
      var ending: [String: JSONValue] = [:]
      /// Hosts that agents name and others have in the end.
      var lostHosts: [String: Set<String>] = [:]
      /// Definitions that there are in the end.
      var installed: [ResourceType] = []
      /// Objects that may have lost their owner before their agent went: no garbage collector takes
      /// them then.
      var orphans: Set<String> = []
      /// How often a lease was taken from a process that had not released it.
      var seizures = 0
    }

    let state = Mutex(State())
  }

  struct Wrong: Error, CustomStringConvertible { var description: String }

  /// Mostly short: what goes wrong shows in few steps, and many seeds find more than long ones.
  private static func isLong(_ seed: UInt64) -> Bool { seed % 50 == 20 }
  /// Two operators, of which one at a time may write.
  private static func isPair(_ seed: UInt64) -> Bool { seed % 5 == 2 }

  /// Platform people edit classes too.
  private static func isClassed(_ seed: UInt64) -> Bool { seed % 4 == 1 }

  /// What the cluster has from the start.
  static func installs(_ seed: UInt64) -> [ResourceType] {
    let kinds: [ResourceType] =
      switch seed / 7 % 4 {
      case 0: ClusterCache.optional
      case 1: [.httpRoutes] + keda
      case 2: Definitions.mesh
      default:
        Definitions.mesh + keda + [
          .authorizationPolicies, .requestAuthentications, .envoyFilters, .externalSecrets,
        ]
      }
    return [.agentDeployments] + kinds + (isClassed(seed) ? [.agentClasses] : [])
  }

  /// The long histories have the bookmarks of a real server.
  static func bookmarkInterval(_ seed: UInt64) -> Duration {
    isLong(seed) ? .seconds(60) : .seconds(1800)
  }

  /// The longest that the garbage collector takes for one object: nothing, a moment, a minute.
  static func garbageDelay(_ seed: UInt64) -> Duration {
    switch seed / 11 % 3 {
    case 0: .zero
    case 1: .milliseconds(1 + seed * 37 % 2000)
    default: .seconds(60)
    }
  }

  let harness: OperatorHarness
  let record: Record
  var random: SeededGenerator
  var specs: [String: JSONValue] = [:]
  var classes: [String: ClassSpec] = [:]
  /// Numbers of replicas that people have set by hand.
  private(set) var asked: [String: Set<Int>] = [:]
  /// Values that people have put into Secrets.
  var secretCount = 0
  /// When it began, in seconds since 1970.
  private let beginning: Int64
  /// `Service a`: somebody has taken its owner off it.
  private(set) var disowned: Set<String> = []
  let names: [String]
  let isLong: Bool
  let isPair: Bool
  let isClassed: Bool
  let garbageDelay: Duration
  private let stepCount: Int
  /// What most edits of agents are about: few steps tell little of one thing otherwise.
  let focus: String?
  var pairClocks: [SkewedClock] = []
  /// While anything is written.
  let renewDeadline = LeaderElectionStateMachine.Configuration.standard.renewDeadline
  /// An event was lost or came in a wrong order, as no API server does: only a new list shows it.
  private(set) var needsList = false

  init(seed: UInt64, harness: OperatorHarness, record: Record) {
    self.harness = harness
    self.record = record
    random = SeededGenerator(seed: seed)
    beginning = harness.clock.wallTime
    isLong = Self.isLong(seed)
    isPair = Self.isPair(seed)
    isClassed = Self.isClassed(seed)
    garbageDelay = Self.garbageDelay(seed)
    names = isLong ? ["a", "b", "c"] : seed.isMultiple(of: 3) ? ["a", "b"] : ["a"]
    stepCount = Int.random(in: isLong ? 8...16 : 2...6, using: &random)
    let foci = [nil, nil, nil, "scaling", "scaling", "secrets", "state", "traffic"]
    focus =
      names.count > 1 && Bool.random(using: &random)
      ? "traffic" : foci.randomElement(using: &random) ?? nil
  }

  mutating func run() async throws {
    if isPair { electLeaders() }
    harness.start()
    try await first()
    for _ in 1..<stepCount {
      try await act()
      try await pass()
    }
    try await checkEnd()
  }

  // MARK: What happens

  private mutating func act() async throws {
    if isPair, Bool.random(using: &random) { return try await turmoil() }
    if isClassed, Int.random(in: 0..<3, using: &random) == 0 { return try await editClass() }
    let name = names.randomElement(using: &random) ?? "a"
    if focus == "scaling", harness.installed.contains(.scaledObjects),
      Int.random(in: 0..<5, using: &random) == 0
    {
      return try await wake(name)
    }
    let replica = Int.random(in: 0..<harness.clocks.count, using: &random)
    switch Int.random(in: 0..<24, using: &random) {
    case 0...3, 20, 21: try await apply(name)
    case 4: try await delete(name)
    case 5, 6: try await deleteChild(name)
    case 7, 8: try await drift(name)
    case 9: try await specs[name]?["scaling"]?["idle"] == nil ? scale(name) : changeWork(of: name)
    case 10:
      note("restart of \(replica)")
      try await harness.restart(replica)
    case 11:
      note("crash of \(replica)")
      harness.crashAndStart(replica)
    case 12:
      note("watches cut")
      if Bool.random(using: &random) { harness.cluster?.compact() }
      for process in harness.processes { process.connection.cutWatches() }
    case 13: try await stopServer()
    case 14: partition(replica)
    case 15: addWatchFault()
    case 16: try await changeSecret()
    case 17: try await changeStore()
    case 18: try await changeWork(of: name)
    case 19: try await changeDefinitions()
    default: addFault()
    }
  }

  /// There is something that the rest can happen to.
  private mutating func first() async throws {
    for name in Self.secretNames { try await harness.createSecret(name) }
    try await harness.createConfigMap(SimulatedExternalSecrets.store, [:])
    if isClassed { try await editClass() }
    for name in focus == "traffic" ? names : [names[0]] { try await apply(name) }
    try await pass()
  }

  mutating func apply(_ name: String) async throws {
    let generator = SpecGenerator(
      installed: harness.installed, hasClasses: isClassed, isOnTime: !isPair, names: names,
      limitingClasses: limitingClasses, focus: focus, beginning: beginning)
    let spec = generator.draw(
      for: name, after: specs[name], at: harness.clock.wallTime, &random)
    try await apply(name, spec)
  }

  mutating func apply(_ name: String, _ spec: JSONValue) async throws {
    let isGoing = try await harness.find(.agentDeployments, name)?.deletionTimestamp != nil
    note("\(name)\(isGoing ? ", which goes," : "") = \(spec.serialized())")
    // Whoever changes what goes has nothing in the end.
    if !isGoing { specs[name] = spec }
    try await harness.apply(name, spec)
  }

  /// Often somebody makes it anew before the garbage collector has taken what it had.
  private mutating func delete(_ name: String) async throws {
    let isForeground = Int.random(in: 0..<3, using: &random) == 0
    note("\(name) deleted\(isForeground ? " in the foreground" : "")")
    specs[name] = nil
    _ = try? await harness.client.delete(
      .agentDeployments, harness.key(name), propagation: isForeground ? .foreground : .background)
    guard Bool.random(using: &random) else { return }
    if isForeground {
      try await harness.until("\(name) is gone", within: .seconds(600)) {
        try await harness.find(.agentDeployments, name) == nil
      }
    }
    try await apply(name)
  }

  mutating func deleteChild(_ name: String) async throws {
    let resource = anyResource()
    // Whatever of the agent's there is of that kind.
    var there: [String] = []
    for child in Self.children(of: name) where try await harness.find(resource, child) != nil {
      there.append(child)
    }
    let child = there.randomElement(using: &random) ?? name
    note("\(resource.kind) \(child) deleted")
    _ = try? await harness.delete(resource, child)
  }

  /// Names that its objects may have.
  private static func children(of name: String) -> [String] {
    [
      name, "\(name)-state", "keda-hpa-\(name)", "\(name)-\(SpecGenerator.externalSecret)",
      "\(name)-trigger-0",
    ]
  }

  mutating func scale(_ name: String) async throws {
    // Not to one: see `checkReplicas`.
    let replicas = Int.random(in: 2...6, using: &random)
    note("\(name) scaled to \(replicas)")
    asked[name, default: []].insert(replicas)
    _ = try? await harness.patch(.deployments, name, ["spec": ["replicas": JSONValue(replicas)]])
  }

  private mutating func anyResource() -> ResourceType {
    // Volumes wait for nobody to use them, which is the job of a controller that is not simulated.
    let all =
      ClusterCache.builtIn + [.statefulSets] + ClusterCache.optional.filter(harness.isServed)
    return all.randomElement(using: &random) ?? .services
  }

  mutating func drift(_ name: String) async throws {
    let foreign: JSONValue = ["metadata": ["labels": [Self.foreignLabel: "kept"]]]
    let changes: [(ResourceType, JSONValue)] = [
      (.deployments, ["spec": ["progressDeadlineSeconds": 5]]),
      (.services, ["spec": ["selector": ["x": "y"]]]),
      (.podDisruptionBudgets, ["spec": ["maxUnavailable": 50]]),
      (.virtualServices, ["spec": ["hosts": ["other"]]]),
      (.deployments, ["metadata": ["labels": ["app.kubernetes.io/managed-by": nil]]]),
      (.services, ["metadata": ["ownerReferences": nil]]),
      (.deployments, foreign), (.scaledObjects, foreign), (.statefulSets, foreign),
      (.scaledObjects, ["spec": ["maxReplicaCount": 50]]),
      (.externalSecrets, ["spec": ["refreshInterval": "7s"]]),
      (.statefulSets, ["spec": ["replicas": 2]]),
      (.requestAuthentications, ["spec": ["jwtRules": [["issuer": "other"]]]]),
    ]
    guard let drawn = changes.randomElement(using: &random) else { return }
    let resource = drawn.0
    var change = drawn.1
    let child =
      switch resource {
      case .statefulSets: "\(name)-state"
      case .externalSecrets: "\(name)-\(SpecGenerator.externalSecret)"
      default: name
      }
    // What others put on it stays while the rest is repaired.
    if change["spec"] != nil, Bool.random(using: &random) {
      change["metadata"] = foreign["metadata"]
    }
    note("\(resource.kind) \(child): \(change.serialized())")
    _ = try? await harness.patch(resource, child, change)
    if change["metadata"]?["ownerReferences"] != nil { disowned.insert("\(resource.kind) \(name)") }
  }

  /// The API server is away for a moment, and keeps its data.
  private mutating func stopServer() async throws {
    let time = Duration.milliseconds(Int.random(in: 1...8000, using: &random))
    note("server away for \(time)")
    harness.cluster?.cluster.crash()
    try await harness.letPass(time)
    harness.cluster?.cluster.recover()
  }

  /// One replica does not reach the server for a while: what it sends is lost or hangs.
  mutating func partition(_ replica: Int) {
    let time = Duration.milliseconds(Int.random(in: 100...40_000, using: &random))
    let hangs = Bool.random(using: &random)
    note("\(replica) cut off for \(time)\(hangs ? ", hanging" : "")")
    let clock = harness.clock
    let end = clock.now + time
    harness.faults.add { request in
      guard request.replica == replica, clock.now < end else { return nil }
      return hangs ? .delay(end - clock.now) : .lostBefore
    }
    for process in harness.processes where process.replica == replica {
      process.connection.cutWatches()
    }
  }

  /// For a while nothing is told of these resources.
  mutating func deafen(_ replica: Int, to resources: [String]) {
    let time = Duration.seconds(Int.random(in: 5...60, using: &random))
    note("for \(time) \(replica) hears nothing of \(resources)")
    during(time) {
      $0.replica == replica && $0.isWatch && resources.contains($0.resource) ? .lostBefore : nil
    }
    for process in harness.processes where process.replica == replica {
      process.connection.cutWatches()
    }
  }

  private mutating func addFault() {
    let faults: [Fault] = [
      .lostBefore, .lostAfter, .refused, .status(409), .status(429, retryAfter: 1), .status(500),
      .status(503), .delay(.seconds(2)), .late(.seconds(3)), .crashBefore, .crashAfter,
    ]
    guard let fault = faults.randomElement(using: &random) else { return }
    let count = Int.random(in: 1...4, using: &random)
    note("\(count) x \(fault)")
    let skipped = Int.random(in: 0...3, using: &random)
    let seen = Counter()
    harness.faults.next(fault, count: count) { request in
      guard request.isStateWrite || !request.isWatch && count > 2 else { return false }
      seen.add(1)
      return seen.value > skipped
    }
  }

  private mutating func addWatchFault() {
    let late = WatchFault.late(.milliseconds(Int.random(in: 1...5000, using: &random)))
    let faults = [WatchFault.lost, .doubled, .cut, .expired, .swapped, late, late]
    guard let fault = faults.randomElement(using: &random) else { return }
    let count = Int.random(in: 1...3, using: &random)
    let skipped = Int.random(in: 0...10, using: &random)
    note("\(count) events \(fault) after \(skipped)")
    if fault == .lost || fault == .swapped { needsList = true }
    let seen = Counter()
    harness.faults.addToWatches { _, _ in
      seen.add(1)
      return seen.value > skipped && seen.value <= skipped + count ? fault : nil
    }
  }

  func note(_ text: String) { record.note(text) }

  /// Some time, from none at all to some seconds; to a whole lease with two operators.
  private mutating func pass() async throws {
    let times = [0, 10, 500, 5000] + (isPair ? [20_000] : [])
    guard let time = times.randomElement(using: &random), time > 0 else { return }
    try await harness.letPass(.milliseconds(time))
  }
}
