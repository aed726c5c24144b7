import AgentDeploymentAPI
import ControllerRuntime
import EmbeddedCluster
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Simulation
import Testing

@testable import AgentOperator

/// The operator on a cluster, with a hand on time, on every request and on the process itself.
///
/// On the embedded cluster time is virtual and `settle` returns as soon as nothing is left to do; on
/// a real API server it waits until nothing has happened for a while.
final class OperatorHarness {
  let lane: Lane
  let faults = FaultPlan()
  let log = RequestLog()
  let logs = LogCollector()
  let clock: any RuntimeClock
  /// The test's own way to the cluster, without faults and records.
  let client: KubernetesClient
  let transport: any APITransport
  let simulated: SimulatedClock?
  let cluster: SimulatedCluster?
  private let loop = SimulationLoop.current
  /// Where the agents of this test live.
  let namespace: String
  var configuration: AgentOperator.Configuration
  /// Definitions that the operator follows and that are there.
  var installed: Set<ResourceType> {
    didSet { optionalCount = Self.optionalCount(of: installed) }
  }
  private var optionalCount: Int

  /// The clock of each replica; more than one needs `configuration.leaderElection`.
  var clocks: [any RuntimeClock]
  private var suspensions: [Int: Suspension] = [:]
  private(set) var processes: [OperatorProcess] = []
  private var processCount = 0

  /// - Parameters:
  ///   - installs: the definitions that the cluster has from the start.
  ///   - namespaces: that the operator serves; nil for all, which a real API server, where tests run
  ///     side by side, takes for the test's own.
  init(
    _ lane: Lane = .embedded,
    installs: [ResourceType] = [.agentDeployments] + Definitions.mesh,
    namespaces: [String]? = nil, concurrency: Int = 8,
    bookmarkInterval: Duration = .seconds(60), runsControllers: Bool = true,
    garbageDelay: Duration = .zero, seed: UInt64 = 1
  ) async throws {
    self.lane = lane
    switch lane {
    case .embedded:
      let simulated = SimulatedClock()
      let cluster = SimulatedCluster(
        clock: simulated, installs: installs, bookmarkInterval: bookmarkInterval,
        runsControllers: runsControllers, garbageDelay: garbageDelay, seed: seed)
      clock = simulated
      self.simulated = simulated
      self.cluster = cluster
      transport = cluster.transport
      namespace = "agents"
    case .real:
      clock = SystemClock()
      simulated = nil
      cluster = nil
      transport = try await RealAPIServer.shared.transport()
      namespace = RealAPIServer.newNamespace()
    }
    clocks = [clock]
    client = KubernetesClient(transport: transport, retryPolicy: .never)
    configuration = AgentOperator.Configuration(
      namespaces: namespaces ?? (lane == .real ? [namespace] : []), concurrency: concurrency,
      instance: "test")
    installed = Set(installs)
    optionalCount = Self.optionalCount(of: installed)
    try await createNamespace(namespace)
  }

  private static func optionalCount(of installed: Set<ResourceType>) -> Int {
    ClusterCache.optional.count(where: installed.contains)
  }

  // MARK: The process

  var agentOperator: AgentOperator? { processes.first?.agentOperator }
  var connection: Connection? { processes.first?.connection }

  /// Starts all replicas.
  func start() { for replica in clocks.indices { start(replica) } }

  private func start(_ replica: Int) {
    processCount += 1
    let connection = Connection(
      transport, process: processCount, replica: replica, log: log, faults: faults, clock: clock,
      suspension: suspension(of: replica))
    var configuration = configuration
    configuration.leaderElection?.identity += "-\(processCount)"
    let loop = loop
    processes.append(
      OperatorProcess(
        replica: replica, connection: connection, configuration: configuration,
        clock: clocks[replica], jitter: { loop?.random() ?? 0.5 }, logs: logs))
    processes.sort { $0.replica < $1.replica }
  }

  /// Ends a process at once, wherever it is.
  func crash(_ replica: Int = 0) {
    guard let process = take(replica) else { return }
    process.kill()
    suspension(of: replica).clear()
  }

  func suspension(of replica: Int) -> Suspension {
    if let known = suspensions[replica] { return known }
    let new = Suspension(clock: clock)
    suspensions[replica] = new
    return new
  }

  /// Ends all processes at once, and starts them anew.
  func crashAll() {
    for replica in clocks.indices { crash(replica) }
    start()
  }

  func crashAndStart(_ replica: Int) {
    crash(replica)
    start(replica)
  }

  /// Ends the processes as SIGTERM does.
  func stop() async throws {
    for replica in clocks.indices { try await stop(replica) }
  }

  private func stop(_ replica: Int) async throws {
    guard let process = take(replica) else { return }
    process.stop()
    try await until("the operator stops") { process.isDone }
  }

  func restart() async throws {
    try await stop()
    start()
  }

  /// As a rolling update of the operator does.
  func restart(_ replica: Int) async throws {
    try await stop(replica)
    start(replica)
  }

  private func take(_ replica: Int) -> OperatorProcess? {
    processes.firstIndex { $0.replica == replica }.map { processes.remove(at: $0) }
  }

  /// At the end of every test: nothing of it runs on.
  func end() async throws {
    try await stop()
    simulated?.end()
    await cluster?.cluster.stop()
    await loop?.idle()
    if lane == .real {
      _ = try? await client.delete(.namespaces, ObjectKey(namespace: nil, name: namespace))
    }
  }

  // MARK: Waiting

  /// How much virtual time `settle` gives to what is under way, such as pods that start.
  static let settlingTime: Duration = .seconds(60)
  /// After which virtual time a cluster that does not settle is stuck.
  static let longest: Duration = .seconds(3600)
  /// So many rounds of everything without time passing: they would never end.
  private static let longestWithoutTime = 5000

  /// Returns when nothing is left to do for the operator and the cluster's controllers.
  ///
  /// Pauses after failures are not waited for; see `advance`.
  func settle(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    guard let simulated, let cluster else { return try await settleReal() }
    let limit = clock.now + Self.settlingTime
    let end = clock.now + Self.longest
    while true {
      try await runReady()
      if isQuiet {
        // What is due in a moment belongs to it: polls of the caches, pods that start.
        let soon = [
          simulated.nextDeadline.flatMap { $0 <= clock.now + .milliseconds(100) ? $0 : nil },
          cluster.nextDue.flatMap { $0 <= limit ? $0 : nil },
        ].compactMap { $0 }.min()
        guard let soon, soon <= limit else { return }
        simulated.advance(to: soon)
      } else {
        guard let next = nextMoment, next <= end else {
          throw HarnessTimeout(what: "the cluster settles: \(state)")
        }
        simulated.advance(to: next)
      }
    }
  }

  /// Lets time pass, with everything that happens meanwhile.
  func advance(by time: Duration) async throws {
    guard let simulated else { return try await Task.sleep(for: time) }
    let end = clock.now + time
    while true {
      try await settle()
      guard let next = nextMoment, next <= end else { break }
      simulated.advance(to: next)
    }
    simulated.advance(to: end)
    try await settle()
  }

  /// Lets time pass at once: what would have happened meanwhile happens at its end. For days, which
  /// are full of watches that end and begin again.
  func jump(_ time: Duration) async throws {
    guard let simulated else { return try await Task.sleep(for: time) }
    simulated.advance(to: clock.now + time)
    try await settle()
  }

  /// Lets time pass without waiting for an end to anything.
  func letPass(_ time: Duration) async throws {
    guard let simulated else { return try await Task.sleep(for: time) }
    let end = clock.now + time
    while true {
      try await runReady()
      guard let next = nextMoment, next <= end else { break }
      simulated.advance(to: next)
    }
    simulated.advance(to: end)
    try await runReady()
  }

  /// Lets time pass until the condition holds.
  func until(
    _ what: String, within limit: Duration = .seconds(600), _ condition: () async throws -> Bool
  ) async throws {
    guard let simulated else { return try await untilReal(what, condition) }
    let end = clock.now + limit
    while true {
      try await runReady()
      if try await condition() { return }
      guard let next = nextMoment, next <= end else {
        throw HarnessTimeout(what: "\(what): \(state)")
      }
      simulated.advance(to: next)
    }
  }

  /// Lets everything run that needs no time to pass. A process that has died starts anew, as the
  /// kubelet would see to.
  private func runReady() async throws {
    for _ in 0..<Self.longestWithoutTime {
      await loop?.idle()
      if cluster?.step() == true { continue }
      let dead = processes.filter(\.hasDied)
      if dead.isEmpty { return }
      for process in dead { crashAndStart(process.replica) }
    }
    throw HarnessTimeout(what: "an end to work that goes on without time passing: \(state)")
  }

  private func untilReal(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
      _ = try await RealAPIServer.actAsControllers(client, namespace)
      try await Task.sleep(for: .milliseconds(20))
      guard ContinuousClock.now < deadline else {
        throw HarnessTimeout(what: "\(what): \(state)")
      }
    }
  }

  private func settleReal() async throws {
    var calm = 0
    let deadline = ContinuousClock.now + .seconds(60)
    var count = -1
    while calm < 10 {
      let didSomething = try await RealAPIServer.actAsControllers(client, namespace)
      let isQuiet = processes.allSatisfy {
        $0.agentOperator.isSettled && $0.agentOperator.pendingEvents == 0
          && $0.connection.inFlight == 0 && $0.connection.isDrained
      }
      calm = isQuiet && !didSomething && log.count == count ? calm + 1 : 0
      count = log.count
      try await Task.sleep(for: .milliseconds(25))
      guard ContinuousClock.now < deadline else { throw HarnessTimeout(what: "it settles") }
    }
  }

  /// How many watches a complete operator has.
  private func expectedStreams(of process: OperatorProcess) -> Int {
    let scopes = max(1, configuration.namespaces.count)
    let always =
      1 + ClusterCache.builtIn.count + ClusterCache.occasional.count
      + ClusterCache.metadataOnly.count
    let classes = installed.contains(.agentClasses) ? 1 : 0
    let governed = process.agentOperator.governs ? 1 + scopes * 2 : 0
    return 1 + classes + governed + scopes * (always + optionalCount)
  }

  /// Only time can change something.
  private var isQuiet: Bool {
    guard let cluster, cluster.isIdle else { return false }
    return processes.allSatisfy { $0.isQuiet(expectedStreams: expectedStreams(of: $0)) }
  }

  private var nextMoment: Duration? {
    [simulated?.nextDeadline, cluster?.nextDue].compactMap { $0 }.min()
  }

  private var state: String {
    """
    requests \(log.count) \(processes.isEmpty ? "stopped" : "") \
    \(processes.map { "\($0.state) of \(expectedStreams(of: $0)) streams" }.joined(separator: "; ")) \
    sleepers \(simulated?.sleeperCount ?? 0) now \(clock.now)
    """
  }
}

struct HarnessTimeout: Error, CustomStringConvertible {
  var what: String
  var description: String { "waited in vain: \(what)" }
}
