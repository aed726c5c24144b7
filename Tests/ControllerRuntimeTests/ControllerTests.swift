import ControllerRuntime
import KubernetesAPI
import KubernetesClient
import Logging
import Simulation
import Synchronization
import Testing

/// A controller whose reconciles are scripted.
private final class Rig: Sendable {
  let clock = ManualClock()
  let metrics = RuntimeMetrics(controller: "agents")
  let started = Log<ObjectKey>()
  let finished = Log<ObjectKey>()
  let controller: Controller

  init(
    concurrency: Int = 2, gracePeriod: Duration = .seconds(30),
    _ reconcile: @escaping @Sendable (ObjectKey, _ run: Int) async throws -> Controller.Result
  ) {
    let (started, finished) = (started, finished)
    controller = Controller(
      name: "agents", concurrency: concurrency, gracePeriod: gracePeriod, clock: clock,
      metrics: metrics, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      jitter: { 1 }
    ) { key, _ in
      started.append(key)
      let run = started.entries.filter { $0 == key }.count
      defer { finished.append(key) }
      return try await reconcile(key, run)
    }
  }

  func run(while body: (Rig) async -> Void) async {
    let task = Task { await controller.run() }
    await body(self)
    task.cancel()
    await task.value
  }

  /// Moves the time until the queue's next key is due; not the limits of running reconciles.
  func untilRun(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async {
    await until("\(count) runs", sourceLocation: sourceLocation) {
      finished.count >= count && controller.queue.runningCount == 0
    }
  }
}

/// Opens once, from any task.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Waits, whether or not the task is cancelled.
  func passed() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}

/// Waits for the task's cancellation.
func untilCancelled() async {
  let (never, _) = AsyncStream<Void>.makeStream()
  for await _ in never {}
}

private let a = ObjectKey(namespace: "ns", name: "a")
private let b = ObjectKey(namespace: "ns", name: "b")
private struct Fault: Error {}

@Suite(.simulated) struct ControllerTests {
  @Test func retriesWithGrowingPausesAndForgetsOnSuccess() async {
    let rig = Rig { _, run in
      if run <= 3 || run == 5 { throw Fault() }
      return .done
    }
    await rig.run { rig in
      rig.controller.enqueue(a)
      await rig.untilRun(1)
      for (run, pause) in [(2, 50), (3, 100), (4, 200)] {
        #expect(await rig.clock.advanceToNextSleeper() == .milliseconds(pause))
        await rig.untilRun(run)
      }
      #expect(rig.controller.queue.failureCount(of: a) == 0)
      rig.controller.enqueue(a)
      await rig.untilRun(5)
      #expect(await rig.clock.advanceToNextSleeper() == .milliseconds(50))
      await rig.untilRun(6)
    }
  }

  @Test func requeuesAfterTheTimeGiven() async {
    let rig = Rig { _, run in run == 1 ? .requeue(after: .seconds(600)) : .done }
    await rig.run { rig in
      rig.controller.enqueue(a)
      await rig.untilRun(1)
      #expect(await rig.clock.advanceToNextSleeper() == .seconds(600))
      await rig.untilRun(2)
    }
  }

  @Test func aFailureDisturbsNoOtherKey() async {
    let rig = Rig(concurrency: 1) { key, _ in
      if key == a { throw Fault() }
      return .done
    }
    await rig.run { rig in
      rig.controller.enqueue(a)
      rig.controller.enqueue(b)
      await rig.untilRun(2)
    }
    #expect(rig.finished.entries == [a, b])
  }

  @Test func theServersPausesAreKept() async {
    let errors: [any Error] = [
      APIStatus(code: 429, reason: "TooManyRequests", message: "", retryAfterSeconds: 7),
      APIStatus(code: 403, reason: "Forbidden", message: ""),
      APIStatus(code: 403, reason: "Forbidden", message: "", retryAfterSeconds: 1),
      APIStatus(code: 500, reason: "InternalError", message: "", retryAfterSeconds: 100_000_000),
      APIStatus(code: 409, reason: "Conflict", message: ""),
    ]
    let rig = Rig { _, run in
      if run <= errors.count { throw errors[run - 1] }
      return .done
    }
    await rig.run { rig in
      rig.controller.enqueue(a)
      for (run, pause) in [7, 30, 30, 300].enumerated() {
        await rig.untilRun(run + 1)
        #expect(await rig.clock.advanceToNextSleeper() == .seconds(pause))
      }
      await rig.untilRun(5)
      #expect(await rig.clock.advanceToNextSleeper() == .milliseconds(800))
      await rig.untilRun(6)
    }
  }

  @Test func terminalErrorsAreNotRetriedUntilAnEventComes() async {
    let rig = Rig { _, _ in throw TerminalError("no use") }
    await rig.run { rig in
      rig.controller.enqueue(a)
      await rig.untilRun(1)
      await settle()
      #expect(rig.clock.sleeperCount == 0)
      rig.controller.enqueue(a)
      await rig.untilRun(2)
    }
    let text = rig.metrics.registry.exposition()
    #expect(
      text.contains(
        "controller_runtime_terminal_reconcile_errors_total{controller=\"agents\"} 2\n"))
  }

  @Test func aReconcileThatTakesTooLongIsCancelledAndRetried() async {
    let clock = Log<Bool>()
    let rig = Rig { _, run in
      if run > 1 { return .done }
      await untilCancelled()
      clock.append(Task.isCancelled)
      return .done
    }
    await rig.run { rig in
      rig.controller.enqueue(a)
      #expect(await rig.clock.advanceToNextSleeper() == .seconds(120))
      await rig.untilRun(1)
      #expect(rig.controller.queue.failureCount(of: a) == 1)
      #expect(await rig.clock.advanceToNextSleeper() == .milliseconds(50))
      await rig.untilRun(2)
    }
    let text = rig.metrics.registry.exposition()
    #expect(
      text.contains("controller_runtime_reconcile_timeouts_total{controller=\"agents\"} 1\n"))
  }

  /// Rule 14, end to end.
  @Test func anEventDuringARunCausesOneMoreAfterIt() async {
    let gate = Gate()
    let rig = Rig(concurrency: 4) { _, run in
      if run == 1 { await gate.passed() }
      return .done
    }
    await rig.run { rig in
      rig.controller.enqueue(a)
      await until("it runs") { rig.started.count == 1 }
      for _ in 0..<3 { rig.controller.enqueue(a) }
      await settle()
      #expect(rig.started.count == 1)
      gate.open()
      await rig.untilRun(2)
      await settle()
    }
    #expect(rig.started.count == 2)
  }

  // MARK: Shutdown

  @Test func runningReconcilesFinishAtShutdownAndNewOnesDoNotStart() async {
    let gate = Gate()
    let wasCancelled = Log<Bool>()
    let rig = Rig(concurrency: 1) { _, _ in
      await gate.passed()
      wasCancelled.append(Task.isCancelled)
      return .done
    }
    rig.controller.enqueue(a)
    rig.controller.enqueue(b)
    let task = Task { await rig.controller.run() }
    await until("it runs") { rig.started.count == 1 }
    task.cancel()
    await settle()
    #expect(rig.finished.count == 0)
    gate.open()
    await task.value
    #expect(rig.finished.entries == [a])
    #expect(wasCancelled.entries == [false])
    // Neither the grace period's timer nor the reconcile's is left.
    await until("no timer is left") { rig.clock.sleeperCount == 0 }
  }

  @Test func reconcilesAreCancelledAfterTheGracePeriod() async {
    let rig = Rig { _, _ in
      await untilCancelled()
      throw CancellationError()
    }
    rig.controller.enqueue(a)
    let task = Task { await rig.controller.run() }
    await until("it runs") { rig.started.count == 1 && rig.clock.sleeperCount == 1 }
    task.cancel()
    await until("the grace period runs") { rig.clock.sleeperCount == 2 }
    #expect(rig.clock.nextPause == .seconds(30))
    rig.clock.advance(by: .seconds(29))
    await settle()
    #expect(rig.finished.count == 0)
    rig.clock.advance(by: .seconds(1))
    await task.value
    #expect(rig.finished.count == 1)
  }

  @Test func withoutAGracePeriodTheyAreCancelledAtOnce() async {
    let rig = Rig(gracePeriod: .zero) { _, _ in
      await untilCancelled()
      return .done
    }
    rig.controller.enqueue(a)
    let task = Task { await rig.controller.run() }
    await until("it runs") { rig.started.count == 1 }
    task.cancel()
    await task.value
    #expect(rig.finished.count == 1)
    #expect(rig.clock.now == .zero)
  }

  @Test func theGracePeriodCanBeCutShort() async {
    let rig = Rig { _, _ in
      await untilCancelled()
      throw CancellationError()
    }
    rig.controller.enqueue(a)
    let task = Task { await rig.controller.run() }
    await until("it runs") { rig.started.count == 1 }
    task.cancel()
    rig.controller.cancelReconciles()
    await task.value
    #expect(rig.finished.count == 1)
    #expect(rig.clock.now == .zero)
  }
}
