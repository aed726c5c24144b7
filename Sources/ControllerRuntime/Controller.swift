public import KubernetesAPI
public import Logging
import Synchronization

/// Runs reconciles: workers that take keys from the queue, one run per key at a time.
///
/// A reconcile that throws is tried again after a growing pause and never disturbs other keys.
public final class Controller: Sendable {
  public typealias Outcome = WorkQueueStateMachine<ObjectKey>.Outcome

  public enum Result: Sendable, Equatable {
    case done
    case requeue(after: Duration)
  }

  public let queue: WorkQueue<ObjectKey>
  private let name: String
  private let concurrency: Int
  private let timeout: Duration
  private let clock: any RuntimeClock
  private let metrics: RuntimeMetrics
  private let logger: Logger
  private let reconcile: @Sendable (ObjectKey, Logger) async throws -> Result
  private let runs = Mutex<UInt64>(0)

  /// - Parameters:
  ///   - concurrency: how many different keys are reconciled at once.
  ///   - timeout: for one reconcile; it is cancelled then, and counts as failed.
  public init(
    name: String, concurrency: Int = 8, timeout: Duration = .seconds(120),
    clock: any RuntimeClock, metrics: RuntimeMetrics, logger: Logger,
    reconcile: @escaping @Sendable (ObjectKey, Logger) async throws -> Result
  ) {
    self.name = name
    self.concurrency = concurrency
    self.timeout = timeout
    self.clock = clock
    self.metrics = metrics
    self.logger = logger
    self.reconcile = reconcile
    queue = WorkQueue(clock: clock)
  }

  public func enqueue(
    _ key: ObjectKey, priority: WorkQueueStateMachine<ObjectKey>.Priority = .live,
    after delay: Duration? = nil
  ) {
    queue.add(key, priority: priority, after: delay)
    metrics.added()
    metrics.queueDepth(queue.depth)
  }

  /// Runs until the task is cancelled; then no new reconcile starts, and those that run are awaited.
  public func run() async {
    metrics.workers(maximum: concurrency)
    await withTaskGroup { group in
      for _ in 0..<concurrency { group.addTask { await self.work() } }
      await group.waitForAll()
    }
  }

  private func work() async {
    while let key = await queue.next() {
      metrics.workers(active: queue.runningCount)
      metrics.queueDepth(queue.depth)
      var logger = logger
      logger[metadataKey: "object"] = .string(key.description)
      logger[metadataKey: "reconcileID"] = .string(
        String(runs.withLock { $0 += 1; return $0 }, radix: 36))
      let started = clock.now
      let outcome = await run(key, logger)
      let took = clock.now - started
      switch outcome {
      case .done: metrics.reconciled(result: "success", took: took)
      case .requeue: metrics.reconciled(result: "requeue_after", took: took)
      case .failed:
        metrics.reconciled(result: "error", took: took)
        metrics.retried()
      }
      queue.finish(key, outcome)
      metrics.workers(active: queue.runningCount)
      metrics.queueDepth(queue.depth)
    }
  }

  private func run(_ key: ObjectKey, _ logger: Logger) async -> Outcome {
    do {
      switch try await withTimeout({ try await self.reconcile(key, logger) }) {
      case .done: return .done
      case .requeue(let after): return .requeue(after: after)
      }
    } catch let status as APIStatus {
      // A conflict is no fault: somebody was faster, and the next run sees what they did.
      logger.log(
        level: status.isConflict ? .debug : .warning, "reconcile failed",
        metadata: ["error": .string(status.description)])
      // Without permission, asking often does not help (correctness rule 46).
      if status.isForbidden { return .failed(retryAfter: .seconds(30)) }
      return .failed(retryAfter: status.retryAfterSeconds.map { .seconds($0) })
    } catch is CancellationError {
      return .failed(retryAfter: nil)
    } catch {
      logger.warning("reconcile failed", metadata: ["error": .string(String(describing: error))])
      return .failed(retryAfter: nil)
    }
  }

  private func withTimeout(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await body() }
      group.addTask { [clock, timeout] in
        try await clock.sleep(for: timeout)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw CancellationError() }
      guard let result = first else { throw ReconcileTimeout(limit: timeout) }
      return result
    }
  }
}

/// A reconcile took longer than it may.
public struct ReconcileTimeout: Error, Sendable, CustomStringConvertible {
  public var limit: Duration
  public var description: String { "the reconcile took longer than \(limit)" }
}
