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
  var installed: Set<ResourceType> = []

  private(set) var agentOperator: AgentOperator?
  private(set) var connection: Connection?
  private var task: Task<Void, Never>?
  private var ended: [(Task<Void, Never>, Connection)] = []

  /// - Parameters:
  ///   - installs: the definitions that the cluster has from the start.
  ///   - namespaces: that the operator serves; nil for all, which a real API server, where tests run
  ///     side by side, takes for the test's own.
  init(
    _ lane: Lane = .embedded,
    installs: [ResourceType] = [.agentDeployments] + ClusterCache.optional,
    namespaces: [String]? = nil, concurrency: Int = 8
  ) async throws {
    self.lane = lane
    switch lane {
    case .embedded:
      let simulated = SimulatedClock()
      let cluster = SimulatedCluster(clock: simulated)
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
    client = KubernetesClient(transport: transport, retryPolicy: .never)
    configuration = AgentOperator.Configuration(
      namespaces: namespaces ?? (lane == .real ? [namespace] : []), concurrency: concurrency,
      instance: "test")
    for resource in installs { try await install(resource) }
    try await createNamespace(namespace)
  }

  // MARK: The process

  /// A process with nothing remembered.
  func start() {
    let connection = Connection(transport, log: log, faults: faults, clock: clock)
    let (clock, loop) = (clock, loop)
    let jitter: @Sendable () -> Double = { loop?.random() ?? 0.5 }
    let client = KubernetesClient(
      transport: connection,
      sleep: { try await clock.sleep(for: $0) }, jitter: jitter)
    let agentOperator = AgentOperator(
      client: client, configuration: configuration, clock: clock, jitter: jitter,
      logger: logs.logger)
    let task = Task { await agentOperator.run() }
    connection.whenCrashing { task.cancel() }
    self.connection = connection
    self.agentOperator = agentOperator
    self.task = task
  }

  /// Ends the process at once, wherever it is.
  func crash() {
    connection?.kill()
    endProcess()
  }

  /// Ends the process as SIGTERM does.
  func stop() async throws {
    guard let task else { return }
    endProcess()
    let isDone = Counter()
    Task {
      await task.value
      isDone.add(1)
    }
    try await until("the operator stops") { isDone.value > 0 }
  }

  func restart() async throws {
    try await stop()
    start()
  }

  private func endProcess() {
    guard let task, let connection else { return }
    task.cancel()
    ended.append((task, connection))
    self.task = nil
    self.connection = nil
    agentOperator = nil
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

  /// Returns when nothing is left to do for the operator and the cluster's controllers.
  ///
  /// Pauses after failures are not waited for; see `advance`.
  func settle(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    guard let simulated, let cluster else { return try await settleReal() }
    let limit = clock.now + Self.settlingTime
    let end = clock.now + Self.longest
    while true {
      await runReady()
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

  /// Lets time pass without waiting for an end to anything.
  func letPass(_ time: Duration) async throws {
    guard let simulated else { return try await Task.sleep(for: time) }
    let end = clock.now + time
    while true {
      await runReady()
      guard let next = nextMoment, next <= end else { break }
      simulated.advance(to: next)
    }
    simulated.advance(to: end)
    await runReady()
  }

  /// Lets time pass until the condition holds.
  func until(
    _ what: String, within limit: Duration = .seconds(600), _ condition: () async throws -> Bool
  ) async throws {
    guard let simulated else { return try await untilReal(what, condition) }
    let end = clock.now + limit
    while true {
      await runReady()
      if try await condition() { return }
      guard let next = nextMoment, next <= end else {
        throw HarnessTimeout(what: "\(what): \(state)")
      }
      simulated.advance(to: next)
    }
  }

  /// Lets everything run that needs no time to pass. A process that a fault ended starts anew, as the
  /// kubelet would see to.
  private func runReady() async {
    while true {
      await loop?.idle()
      if cluster?.step() == true { continue }
      guard connection?.isDead == true else { return }
      crash()
      start()
    }
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
      let isQuiet =
        agentOperator.map {
          $0.isSettled && $0.pendingEvents == 0 && connection?.inFlight == 0
            && connection?.isDrained == true
        } ?? true
      calm = isQuiet && !didSomething && log.count == count ? calm + 1 : 0
      count = log.count
      try await Task.sleep(for: .milliseconds(25))
      guard ContinuousClock.now < deadline else { throw HarnessTimeout(what: "it settles") }
    }
  }

  /// How many watches a complete operator has.
  private var expectedStreams: Int {
    let scopes = max(1, configuration.namespaces.count)
    let optional = ClusterCache.optional.filter(installed.contains).count
    let always = 1 + ClusterCache.builtIn.count + ClusterCache.metadataOnly.count
    return 1 + scopes * (always + optional)
  }

  /// The operator has what it wants and no work: only time can change something.
  private var isQuiet: Bool {
    guard let cluster, cluster.isIdle else { return false }
    guard let agentOperator, let connection else { return true }
    return connection.openStreams == expectedStreams && agentOperator.isSettled
      && agentOperator.pendingEvents == 0 && connection.inFlight == 0
  }

  private var nextMoment: Duration? {
    [simulated?.nextDeadline, cluster?.nextDue].compactMap { $0 }.min()
  }

  private var state: String {
    let running = agentOperator.map { "running \($0.runningReconciles) settled \($0.isSettled)" }
    return """
      requests \(log.count) in flight \(connection?.inFlight ?? 0) \
      streams \(connection?.openStreams ?? 0)/\(expectedStreams) \
      \(running ?? "stopped") events \(agentOperator?.pendingEvents ?? 0) \
      sleepers \(simulated?.sleeperCount ?? 0) now \(clock.now)
      """
  }
}

struct HarnessTimeout: Error, CustomStringConvertible {
  var what: String
  var description: String { "waited in vain: \(what)" }
}
