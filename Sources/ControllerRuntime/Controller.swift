public import KubernetesAPI
import KubernetesClient
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
  private let concurrency: Int
  private let timeout: Duration
  private let gracePeriod: Duration
  private let clock: any RuntimeClock
  private let metrics: RuntimeMetrics
  private let logger: Logger
  private let reconcile: @Sendable (ObjectKey, Logger) async throws -> Result
  private let runs = Mutex<UInt64>(0)
  private let running = Mutex(Running())

  private struct Running {
    /// The reconciles that are under way, by the number of their run.
    var tasks: [UInt64: Task<Void, Never>] = [:]
    var isGraceOver = false
  }

  /// - Parameters:
  ///   - concurrency: how many different keys are reconciled at once.
  ///   - timeout: for one reconcile; it is cancelled then, and counts as failed.
  ///   - gracePeriod: how long reconciles may go on when `run` is cancelled; then they are cancelled.
  ///   - jitter: a random number from 0 to 1 for each pause.
  public init(
    name: String, concurrency: Int = 8, timeout: Duration = .seconds(120),
    gracePeriod: Duration = .seconds(30), backoff: Backoff = .reconcile,
    clock: any RuntimeClock, metrics: RuntimeMetrics, logger: Logger,
    jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
    reconcile: @escaping @Sendable (ObjectKey, Logger) async throws -> Result
  ) {
    var logger = logger
    logger[metadataKey: "controller"] = .string(name)
    self.concurrency = max(1, concurrency)
    self.timeout = timeout
    self.gracePeriod = gracePeriod
    self.clock = clock
    self.metrics = metrics
    self.logger = logger
    self.reconcile = reconcile
    queue = WorkQueue(backoff: backoff, clock: clock, jitter: jitter)
    metrics.observe(queue)
    metrics.workers(maximum: self.concurrency)
  }

  public func enqueue(
    _ key: ObjectKey, priority: WorkQueueStateMachine<ObjectKey>.Priority = .live,
    after delay: Duration? = nil
  ) {
    queue.add(key, priority: priority, after: delay)
  }

  /// Runs until the task is cancelled. Then no new reconcile starts; those that run may finish within
  /// the grace period and are awaited: cut off between two writes, they would leave half a change.
  public func run() async {
    let grace = Mutex<Task<Void, Never>?>(nil)
    await withTaskCancellationHandler {
      await withTaskGroup { group in
        for _ in 0..<concurrency { group.addTask { await self.work() } }
        await group.waitForAll()
      }
    } onCancel: {
      let timer = Task { [weak self, clock, gracePeriod] in
        do {
          if gracePeriod > .zero { try await clock.sleep(for: gracePeriod) }
          self?.cancelReconciles()
        } catch {
          return  // all are done
        }
      }
      grace.withLock { $0 = timer }
    }
    grace.withLock { $0?.cancel() }
  }

  /// Ends the grace period: what runs is cancelled, and so is what starts from now on.
  public func cancelReconciles() {
    let tasks = running.withLock { running in
      running.isGraceOver = true
      return running.tasks.values
    }
    for task in tasks { task.cancel() }
  }

  private func work() async {
    while let key = await queue.next() {
      let number = runs.withLock { number in
        number += 1
        return number
      }
      // Its own task, because a child of this one would be cancelled with it at shutdown.
      let task = Task(executorPreference: preferredTaskExecutor) {
        await self.work(on: key, number)
      }
      let isGraceOver = running.withLock { running in
        running.tasks[number] = task
        return running.isGraceOver
      }
      if isGraceOver { task.cancel() }
      await task.value
      running.withLock { $0.tasks[number] = nil }
    }
  }

  private func work(on key: ObjectKey, _ number: UInt64) async {
    metrics.taken(afterWaiting: queue.timeInQueue(of: key) ?? .zero)
    var logger = logger
    logger[metadataKey: "object"] = .string(key.description)
    logger[metadataKey: "reconcileID"] = .string(String(number, radix: 36))
    let started = clock.now
    let outcome = await run(key, logger)
    let took = clock.now - started
    switch outcome {
    case .done: metrics.reconciled(result: "success", took: took)
    case .requeue: metrics.reconciled(result: "requeue_after", took: took)
    case .terminal: metrics.reconciled(result: "error", took: took)
    case .failed:
      metrics.reconciled(result: "error", took: took)
      metrics.retried()
    }
    queue.finish(key, outcome.queueOutcome)
  }

  private enum RunOutcome {
    case done
    case requeue(after: Duration)
    case failed(retryAfter: Duration?)
    case terminal

    var queueOutcome: Outcome {
      switch self {
      case .done, .terminal: .done
      case .requeue(let after): .requeue(after: after)
      case .failed(let retryAfter): .failed(retryAfter: retryAfter)
      }
    }
  }

  private func run(_ key: ObjectKey, _ logger: Logger) async -> RunOutcome {
    do {
      switch try await withTimeout({ try await self.reconcile(key, logger) }) {
      case .done: return .done
      case .requeue(let after): return .requeue(after: after)
      }
    } catch let status as APIStatus {
      // A conflict is no fault: somebody was faster, and the next run sees what they did.
      log(status, at: status.isConflict ? .debug : .warning, logger)
      return .failed(retryAfter: status.pauseBeforeRetry)
    } catch let error as TransportError {
      // A server that is away is reported once by the reflectors, not once for each object.
      let isAway = error.code == .unreachable || error.code == .connectionRefused
      log(error, at: isAway || error.code == .cancelled ? .debug : .warning, logger)
      return .failed(retryAfter: nil)
    } catch let error as TerminalError {
      logger.error("reconcile failed", metadata: ["error": .string(error.message)])
      metrics.failedTerminally()
      return .terminal
    } catch {
      if error is ReconcileTimeout { metrics.timedOut() }
      let isEnd = error is CancellationError || error is WriteFence.Closed
      log(error, at: isEnd ? .debug : .warning, logger)
      return .failed(retryAfter: nil)
    }
  }

  private func log(_ error: any Error, at level: Logger.Level, _ logger: Logger) {
    logger.log(
      level: level, "reconcile failed", metadata: ["error": .string(String(describing: error))])
  }

  private func withTimeout(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await body() }
      group.addTask { [clock, timeout] in
        // Cancelled: so is the reconcile, and it is the one that says how it ended.
        let isDue = (try? await clock.sleep(for: timeout)) != nil
        if isDue { return nil }
        throw TimerCancelled()
      }
      defer { group.cancelAll() }
      while true {
        do {
          guard let first = try await group.next() else { throw CancellationError() }
          guard let result = first else { throw ReconcileTimeout(limit: timeout) }
          return result
        } catch is TimerCancelled {
          continue
        }
      }
    }
  }
}

private struct TimerCancelled: Error {}

/// A reconcile took longer than it may.
public struct ReconcileTimeout: Error, Sendable, CustomStringConvertible {
  public var limit: Duration
  public var description: String { "the reconcile took longer than \(limit)" }
}

/// Thrown by a reconcile that trying again does not help: it runs again at the next event only.
public struct TerminalError: Error, Sendable, CustomStringConvertible {
  /// For people; never a secret.
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}

extension APIStatus {
  /// The least pause before the same is tried again: what the server asks for, up to five minutes.
  /// Without permission asking often does not help, so that is at least 30 s (correctness rule 46).
  var pauseBeforeRetry: Duration? {
    let asked = retryAfterSeconds.map { Duration.seconds(min(max(0, $0), 300)) }
    return isForbidden ? max(asked ?? .zero, .seconds(30)) : asked
  }
}
