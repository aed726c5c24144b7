import JSON
public import KubernetesAPI
public import KubernetesClient
public import Logging

/// Runs a body only while this process holds a Lease.
public struct LeaderElector: Sendable {
  public enum Outcome: Sendable, Equatable {
    /// The task was cancelled; the lease is released.
    case stopped
    /// Another holds the lease, or it could not be renewed in time. The process has to exit: what it
    /// still has in flight must not mix with the next leader's writes.
    case lost
  }

  private let client: KubernetesClient
  private let lease: ObjectKey
  private let identity: String
  private let configuration: LeaderElectionStateMachine.Configuration
  private let clock: any RuntimeClock
  private let metrics: RuntimeMetrics?
  private let fence: WriteFence?
  private let heartbeat: Heartbeat?
  private let jitter: @Sendable () -> Double
  private let logger: Logger

  /// - Parameters:
  ///   - client: with a connection of its own, so that renewals do not queue behind other requests.
  ///   - identity: unique for each process, also over restarts.
  ///   - fence: open while the lease is held.
  ///   - heartbeat: beats with each try.
  ///   - jitter: a random number from 0 to 1 for each pause.
  public init(
    client: KubernetesClient, lease: ObjectKey, identity: String,
    configuration: LeaderElectionStateMachine.Configuration = .standard,
    clock: any RuntimeClock, metrics: RuntimeMetrics? = nil, fence: WriteFence? = nil,
    heartbeat: Heartbeat? = nil, logger: Logger,
    jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
  ) {
    self.client = client
    self.lease = lease
    self.identity = identity
    self.configuration = configuration
    self.clock = clock
    self.metrics = metrics
    self.fence = fence
    self.heartbeat = heartbeat
    self.jitter = jitter
    self.logger = logger
  }

  /// Waits for the lease, then runs the body beside renewing it.
  ///
  /// When the task is cancelled, the body is cancelled and the lease is renewed until it has ended,
  /// then released: no two bodies overlap, however long one takes to wind down. When the lease is
  /// lost, the fence is closed, `onLoss` is called, the body is cancelled, and has until others may
  /// lead; what still runs after that has to end with the process.
  ///
  /// - Parameters:
  ///   - onLoss: makes the body end at once instead of winding down.
  ///   - body: ends when its task is cancelled.
  public func run(
    onLoss: @escaping @Sendable () -> Void = {}, _ body: @escaping @Sendable () async -> Void
  ) async -> Outcome {
    let tenure = Tenure(clock: clock)
    // Not a child of this task: it goes on renewing while the body winds down.
    let electing = Task(executorPreference: preferredTaskExecutor) {
      await elect(tenure, onLoss, body)
    }
    return await withTaskCancellationHandler {
      await electing.value
    } onCancel: {
      // Nobody leads here yet: no answer is worth waiting for.
      if !tenure.stop() { electing.cancel() }
    }
  }

  private func elect(
    _ tenure: Tenure, _ onLoss: @Sendable () -> Void, _ body: @escaping @Sendable () async -> Void
  ) async -> Outcome {
    var machine = LeaderElectionStateMachine(identity: identity, configuration: configuration)
    metrics?.leads(false, lease: lease.name)
    defer { metrics?.leads(false, lease: lease.name) }
    var acquireTime = ""
    var action = machine.tick(now: clock.now)
    while !tenure.isOver {
      heartbeat?.beat()
      switch action {
      case .lead:
        logger.info("leading", metadata: ["lease": .string(lease.description)])
        metrics?.leads(true, lease: lease.name)
        tenure.start(body)
        action = .wait
      case .stop:
        await lose(tenure, holder: machine.holder, onLoss)
        return .lost
      case .wait:
        var pause = machine.pause(jitter: jitter())
        // A leader looks again when its time is up, not later.
        if machine.isLeader { pause = min(pause, machine.remaining(now: clock.now)) }
        await tenure.sleep(for: pause)
        action = machine.tick(now: clock.now)
      case .read, .create, .write:
        if !machine.isLeader {
          acquireTime = KubernetesTime(unixSeconds: clock.wallTime).microsecondsText
        } else if action == .read {
          metrics?.renewedSlowly(lease: lease.name)
        }
        action = await perform(action, acquireTime, &machine)
        if machine.isLeader {
          fence?.open(until: clock.now + machine.remaining(now: clock.now))
        }
      }
    }
    fence?.close()
    if let record = machine.releasable { await release(record, acquireTime) }
    return .stopped
  }

  private func lose(_ tenure: Tenure, holder: String, _ onLoss: @Sendable () -> Void) async {
    fence?.close()
    metrics?.leads(false, lease: lease.name)
    logger.critical(
      "lost the lease",
      metadata: ["lease": .string(lease.description), "holder": .string(holder)])
    onLoss()
    tenure.stop()
    // Others wait for the whole lease: that much time is left.
    guard await tenure.ends(within: configuration.leaseDuration - configuration.renewDeadline)
    else {
      logger.critical("the work did not stop in time")
      return
    }
  }

  private func perform(
    _ action: LeaderElectionStateMachine.Action, _ acquireTime: String,
    _ machine: inout LeaderElectionStateMachine
  ) async -> LeaderElectionStateMachine.Action {
    let sentAt = clock.now
    var limit = callLimit
    if machine.isLeader { limit = min(limit, machine.remaining(now: sentAt)) }
    do {
      switch action {
      case .read:
        let object = try await inTime(limit) { try await client.getIfPresent(.leases, lease) }
        return machine.read(object.map { .init($0) }, now: clock.now)
      case .create:
        let object = object(version: nil, transitions: 0, acquireTime)
        let written = try await inTime(limit) { try await client.create(object, resource: .leases) }
        return machine.wrote(.init(written), sentAt: sentAt)
      case .write(let version, let transitions, _):
        let object = object(version: version, transitions: transitions, acquireTime)
        let written = try await inTime(limit) { try await client.update(object, resource: .leases) }
        return machine.wrote(.init(written), sentAt: sentAt)
      case .wait, .lead, .stop: return action
      }
    } catch {
      let isRace = (error as? APIStatus).map { Self.isRace($0, at: action) } ?? false
      if !isRace, !Task.isCancelled {
        logger.warning(
          "cannot reach the lease",
          metadata: [
            "lease": .string(lease.description), "error": .string(String(describing: error)),
          ])
      }
      return machine.failed(isConflict: isRace, now: clock.now)
    }
  }

  /// Somebody else was faster, or has deleted the Lease. Where none can be made, the namespace is what
  /// is missing.
  private static func isRace(
    _ status: APIStatus, at action: LeaderElectionStateMachine.Action
  ) -> Bool {
    if status.isConflict || status.isAlreadyExists { return true }
    if case .write = action { return status.isNotFound }
    return false
  }

  private var callLimit: Duration { max(.seconds(1), configuration.renewDeadline / 2) }

  /// A call that hangs must not outlast the deadline that it is to meet.
  private func inTime<Value: Sendable>(
    _ limit: Duration, _ call: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await call() }
      group.addTask { [clock] in
        try await clock.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let value = first else {
        throw TransportError(.timeout, "no answer within \(limit)")
      }
      return value
    }
  }

  private func object(
    version: String?, transitions: Int, _ acquireTime: String
  ) -> KubernetesObject {
    var object = KubernetesObject(
      ResourceType.leases.gvk, namespace: lease.namespace, name: lease.name)
    if let version { object["metadata"]?["resourceVersion"] = .string(version) }
    object["spec"] = [
      "holderIdentity": .string(identity),
      // Rounded up: others must not lead before we stop.
      "leaseDurationSeconds": JSONValue(
        Int((configuration.leaseDuration / .seconds(1)).rounded(.up))),
      "acquireTime": .string(acquireTime),
      "renewTime": .string(KubernetesTime(unixSeconds: clock.wallTime).microsecondsText),
      "leaseTransitions": JSONValue(transitions),
    ]
    return object
  }

  /// So that the next leader need not wait. Failing is fine: the lease runs out.
  private func release(
    _ record: LeaderElectionStateMachine.Record, _ acquireTime: String
  ) async {
    var object = object(
      version: record.resourceVersion, transitions: record.transitions, acquireTime)
    object["spec"]?["holderIdentity"] = ""
    object["spec"]?["leaseDurationSeconds"] = 1
    let released = object
    // In a task of its own: this one is cancelled, and a cancelled task cannot send.
    await Task { [self] in
      do {
        _ = try await inTime(configuration.retryPeriod) {
          try await client.update(released, resource: .leases)
        }
        logger.info("released the lease", metadata: ["lease": .string(lease.description)])
      } catch {
        logger.info("the lease runs out by itself", metadata: ["error": "\(error)"])
      }
    }.value
  }
}

extension LeaderElectionStateMachine.Record {
  init(_ lease: KubernetesObject) {
    let spec = lease["spec"]
    self.init(
      holder: spec?["holderIdentity"]?.string ?? "",
      leaseDuration: .seconds(spec?["leaseDurationSeconds"]?.int ?? 0),
      renewTime: spec?["renewTime"]?.string ?? "",
      transitions: spec?["leaseTransitions"]?.int ?? 0,
      resourceVersion: lease.resourceVersion ?? "")
  }
}
