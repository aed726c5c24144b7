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
  private let logger: Logger

  /// - Parameter identity: unique for each process, also over restarts.
  public init(
    client: KubernetesClient, lease: ObjectKey, identity: String,
    configuration: LeaderElectionStateMachine.Configuration = .standard,
    clock: any RuntimeClock, metrics: RuntimeMetrics? = nil, logger: Logger
  ) {
    self.client = client
    self.lease = lease
    self.identity = identity
    self.configuration = configuration
    self.clock = clock
    self.metrics = metrics
    self.logger = logger
  }

  /// Waits for the lease, then runs the body beside renewing it. The body is cancelled, and awaited,
  /// when the lease is lost or the task is cancelled; only then is the lease released.
  public func run(_ body: @escaping @Sendable () async -> Void) async -> Outcome {
    var machine = LeaderElectionStateMachine(identity: identity, configuration: configuration)
    metrics?.leads(false, lease: lease.name)
    var leading: Task<Void, Never>?
    var acquireTime = ""
    var action = machine.tick(now: clock.now)
    loop: while !Task.isCancelled {
      switch action {
      case .lead:
        logger.info("leading", metadata: ["lease": .string(lease.description)])
        metrics?.leads(true, lease: lease.name)
        leading = Task { await body() }
        action = .wait
      case .stop: break loop
      case .wait:
        let pause = machine.pause(jitter: .random(in: 0...1))
        guard (try? await clock.sleep(for: pause)) != nil else { break loop }
        action = machine.tick(now: clock.now)
      case .read, .create, .write:
        if !machine.isLeader {
          acquireTime = KubernetesTime(unixSeconds: clock.wallTime).microsecondsText
        }
        action = await perform(action, acquireTime, &machine)
      }
    }
    let wasLost = !Task.isCancelled
    leading?.cancel()
    await leading?.value
    metrics?.leads(false, lease: lease.name)
    if wasLost {
      logger.critical(
        "lost the lease",
        metadata: ["lease": .string(lease.description), "holder": .string(machine.holder)])
      return .lost
    }
    if let record = machine.releasable { await release(record, acquireTime) }
    return .stopped
  }

  private func perform(
    _ action: LeaderElectionStateMachine.Action, _ acquireTime: String,
    _ machine: inout LeaderElectionStateMachine
  ) async -> LeaderElectionStateMachine.Action {
    let sentAt = clock.now
    do {
      switch action {
      case .read:
        let object = try await inTime { try await client.getIfPresent(.leases, lease) }
        return machine.read(object.map { .init($0) }, now: clock.now)
      case .create:
        let object = object(version: nil, transitions: 0, acquireTime)
        let written = try await inTime { try await client.create(object, resource: .leases) }
        return machine.wrote(.init(written), sentAt: sentAt)
      case .write(let version, let transitions, _):
        let object = object(version: version, transitions: transitions, acquireTime)
        let written = try await inTime { try await client.update(object, resource: .leases) }
        return machine.wrote(.init(written), sentAt: sentAt)
      case .wait, .lead, .stop: return action
      }
    } catch {
      let status = error as? APIStatus
      let isRace =
        status.map { $0.isConflict || $0.isAlreadyExists || $0.isNotFound } ?? false
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

  /// A call that hangs must not outlast the deadline that it is to meet.
  private func inTime<Value: Sendable>(
    _ call: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let limit = max(.seconds(1), configuration.renewDeadline / 2)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
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
      "leaseDurationSeconds": JSONValue(Int(configuration.leaseDuration / .seconds(1))),
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
        _ = try await inTime { try await client.update(released, resource: .leases) }
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
