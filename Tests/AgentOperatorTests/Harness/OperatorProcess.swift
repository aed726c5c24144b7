import ControllerRuntime
import KubernetesAPI
import KubernetesClient

@testable import AgentOperator

/// One process of the operator: with nothing remembered, a connection and a clock of its own.
final class OperatorProcess {
  let agentOperator: AgentOperator
  let connection: Connection
  /// Which of the replicas it is; the one that takes its place after it has ended has the same number.
  let replica: Int
  private let task: Task<Void, Never>
  private let hasReturned = Counter()

  init(
    replica: Int, connection: Connection, configuration: AgentOperator.Configuration,
    clock: any RuntimeClock, jitter: @escaping @Sendable () -> Double, logs: LogCollector
  ) {
    self.replica = replica
    self.connection = connection
    let client = KubernetesClient(
      transport: connection,
      sleep: { try await clock.sleep(for: $0) }, jitter: jitter)
    let agentOperator = AgentOperator(
      client: client, configuration: configuration, clock: clock, jitter: jitter,
      logger: logs.logger)
    self.agentOperator = agentOperator
    let hasReturned = hasReturned
    let task = Task {
      await agentOperator.run()
      hasReturned.add(1)
    }
    self.task = task
    connection.whenCrashing { task.cancel() }
  }

  /// A fault ended it, or it lost its lease, and with that has to exit.
  var hasDied: Bool { connection.isDead || agentOperator.hasLostLease }
  var isDone: Bool { hasReturned.value > 0 }

  /// Ends it as SIGTERM does.
  func stop() { task.cancel() }

  /// Ends it at once, wherever it is.
  func kill() {
    connection.kill()
    task.cancel()
  }

  /// It has what it wants and no work: only time can change something.
  func isQuiet(expectedStreams: Int) -> Bool {
    guard connection.openStreams == expectedStreams, connection.inFlight == 0,
      agentOperator.pendingEvents == 0
    else { return false }
    // A standby's work waits until it leads.
    return agentOperator.isLeading ? agentOperator.isSettled : agentOperator.isReady
  }

  var state: String {
    """
    replica \(replica): streams \(connection.openStreams) in flight \(connection.inFlight) \
    running \(agentOperator.runningReconciles) leads \(agentOperator.isLeading) \
    settled \(agentOperator.isSettled) events \(agentOperator.pendingEvents)
    """
  }
}
