import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

@testable import EmbeddedCluster

/// The embedded cluster with its controllers driven step by step.
final class SimulatedCluster {
  /// A change of one object, in the order in which they happened.
  struct Change: Sendable {
    var type: ResourceType
    var old: KubernetesObject?
    var new: KubernetesObject?
  }

  private struct Inbox {
    var changes: [ClusterChange] = []
    var history: [Change] = []
  }

  private final class State: Sendable {
    let inbox = Mutex(Inbox())
  }

  let cluster: EmbeddedCluster
  private let state = State()
  private var engine: ControllerEngine
  private let clock: SimulatedClock
  private let runsControllers: Bool

  /// - Parameters:
  ///   - bookmarkInterval: longer than a minute saves much where hours pass.
  ///   - runsControllers: without them no pod ever starts.
  ///   - garbageDelay: the longest that the garbage collector takes for one object.
  ///   - seed: of what the controllers leave to chance.
  init(
    clock: SimulatedClock, installs: [ResourceType], bookmarkInterval: Duration = .seconds(60),
    runsControllers: Bool = true, garbageDelay: Duration = .zero, seed: UInt64 = 1
  ) {
    self.clock = clock
    self.runsControllers = runsControllers
    cluster = EmbeddedCluster(
      copyOf: ClusterTemplates.shared.cluster(with: installs),
      configuration: EmbeddedClusterConfiguration(
        clock: clock.clusterClock, simulatesControllers: false,
        bookmarkInterval: bookmarkInterval))
    let server = cluster.server
    let access = ClusterAccess(server)
    let configuration = SimulationConfiguration(
      recordsEvents: false, garbageDelay: garbageDelay, seed: seed)
    SimulatedNode.install(access, configuration)
    engine = ControllerEngine(
      access: access, configuration: configuration,
      others: [SimulatedKEDA(), SimulatedExternalSecrets()])
    engine.noteEverything()
    engine.work()
    guard runsControllers else { return }
    _ = server.store.observe { [weak server, state] resource, change in
      guard let type = server?.registry.storedType(of: resource),
        let path = (change.new ?? change.old)?.path
      else { return }
      let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
      let key =
        parts.count == 2
        ? ObjectKey(namespace: parts[0], name: parts[1]) : ObjectKey(namespace: nil, name: path)
      let (old, new) = (
        change.old.map { KubernetesObject($0.json) }, change.new.map { KubernetesObject($0.json) }
      )
      state.inbox.withLock { inbox in
        inbox.changes.append(ClusterChange(type: type, key: key, old: old, new: new))
        inbox.history.append(Change(type: type, old: old, new: new))
      }
    }
  }

  var transport: any APITransport { cluster.transport }
  private var access: ClusterAccess { ClusterAccess(cluster.server) }

  /// Straight from the store: tests look often.
  func get(_ type: ResourceType, _ key: ObjectKey) -> KubernetesObject? { access.get(type, key) }
  func list(_ type: ResourceType, namespace: String) -> [KubernetesObject] {
    access.list(type, namespace: namespace)
  }

  /// Everything that happened to objects of one kind.
  func history(_ type: ResourceType) -> [Change] {
    state.inbox.withLock { $0.history }.filter { $0.type == type }
  }

  var everyChange: [Change] { state.inbox.withLock { $0.history } }

  var isIdle: Bool {
    !runsControllers || engine.isIdle && state.inbox.withLock { $0.changes.isEmpty }
  }
  /// Of everything: changes with every write.
  var version: UInt64 { cluster.server.store.version }
  var nextDue: Duration? {
    runsControllers ? engine.nextDue.map { clock.moment(microseconds: $0) } : nil
  }

  /// Lets the controllers work on what has happened.
  ///
  /// - Returns: whether there was anything to do.
  @discardableResult func step() -> Bool {
    guard runsControllers else { return false }
    var hasWorked = false
    while true {
      let changes = state.inbox.withLock { inbox in
        defer { inbox.changes = [] }
        return inbox.changes
      }
      for change in changes { engine.note(change) }
      let isDue = nextDue.map { $0 <= clock.now } ?? false
      guard !changes.isEmpty || isDue || !engine.isIdle else { return hasWorked }
      engine.work()
      hasWorked = true
    }
  }

  func compact() { cluster.compact() }
}
