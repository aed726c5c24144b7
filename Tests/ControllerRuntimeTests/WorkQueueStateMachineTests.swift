@testable import ControllerRuntime
import Testing

@Suite struct WorkQueueStateMachineTests {
  typealias Machine = WorkQueueStateMachine<String>

  let backoff = Backoff(base: .milliseconds(50), maximum: .seconds(300))
  let second = Duration.seconds(1)

  @Test func handsOutInOrderAndOnce() {
    var machine = Machine()
    machine.add("a", now: .zero)
    machine.add("b", now: .zero)
    machine.add("a", now: .zero)
    #expect(machine.depth == 2)
    #expect(machine.next(now: .zero) == .run("a"))
    #expect(machine.next(now: .zero) == .run("b"))
    #expect(machine.next(now: .zero) == .idle)
    #expect(machine.depth == 0)
    #expect(machine.runningCount == 2)
  }

  /// Rule 14.
  @Test func eventsDuringARunCauseExactlyOneMore() {
    var machine = Machine()
    machine.add("a", now: .zero)
    #expect(machine.next(now: .zero) == .run("a"))
    for _ in 0..<5 { machine.add("a", now: .zero) }
    #expect(machine.next(now: .zero) == .idle)
    #expect(machine.depth == 0)
    machine.finish("a", .done, now: second, jitter: 0)
    #expect(machine.depth == 1)
    #expect(machine.next(now: second) == .run("a"))
    machine.finish("a", .done, now: second, jitter: 0)
    #expect(machine.next(now: second) == .idle)
    #expect(machine.isSettled)
  }

  @Test func keepsTheEarliestTime() {
    var machine = Machine()
    machine.add("a", due: .seconds(10), now: .zero)
    machine.add("a", due: .seconds(5), now: .zero)
    machine.add("a", due: .seconds(8), now: .zero)
    #expect(machine.next(now: .zero) == .wait(until: .seconds(5)))
    #expect(machine.delayedCount == 1)
    machine.add("a", now: .seconds(1))
    #expect(machine.next(now: .seconds(1)) == .run("a"))
    machine.finish("a", .done, now: .seconds(1), jitter: 0)
    #expect(machine.next(now: .seconds(20)) == .idle)
  }

  @Test func aLaterTimeDoesNotDelayAReadyKey() {
    var machine = Machine()
    machine.add("a", now: .zero)
    machine.add("a", due: .seconds(5), now: .zero)
    #expect(machine.next(now: .zero) == .run("a"))
    #expect(machine.next(now: .seconds(10)) == .idle)
  }

  /// Rule 15.
  @Test func keepsTheHighestPriorityAtTheEndOfItsLevel() {
    var machine = Machine()
    for key in ["a", "b", "c"] { machine.add(key, priority: .bulk, now: .zero) }
    machine.add("x", priority: .live, now: .zero)
    machine.add("c", priority: .live, now: .zero)
    machine.add("c", priority: .bulk, now: .zero)
    #expect(machine.depth(of: .live) == 2)
    #expect(machine.depth(of: .bulk) == 2)
    var order: [String] = []
    while case .run(let key) = machine.next(now: .zero) { order.append(key) }
    #expect(order == ["x", "c", "a", "b"])
  }

  @Test func priorityGivenWhileItWaitsHoldsWhenItIsDue() {
    var machine = Machine()
    machine.add("a", priority: .bulk, due: second, now: .zero)
    machine.add("a", priority: .live, due: .seconds(9), now: .zero)
    machine.add("b", priority: .bulk, now: .zero)
    #expect(machine.next(now: second) == .run("a"))
  }

  @Test func failuresGrowThePauseAndSuccessForgetsThem() {
    var machine = Machine(backoff: backoff)
    var now = Duration.zero
    machine.add("a", now: now)
    var pauses: [Duration] = []
    for _ in 0..<4 {
      guard case .run = machine.next(now: now) else {
        Issue.record("not handed out")
        return
      }
      let pause = machine.finish("a", .failed(retryAfter: nil), now: now, jitter: 1) ?? .zero
      #expect(machine.next(now: now) == .wait(until: now + pause))
      pauses.append(pause)
      now += pause
    }
    #expect(pauses == [50, 100, 200, 400].map { .milliseconds($0) })
    #expect(machine.failureCount(of: "a") == 4)
    #expect(machine.next(now: now) == .run("a"))
    machine.finish("a", .requeue(after: second), now: now, jitter: 1)
    #expect(machine.failureCount(of: "a") == 0)
    #expect(machine.next(now: now) == .wait(until: now + second))
  }

  @Test func theServersWishIsTheLeastPause() {
    var machine = Machine(backoff: backoff)
    machine.add("a", now: .zero)
    _ = machine.next(now: .zero)
    #expect(
      machine.finish("a", .failed(retryAfter: .seconds(30)), now: .zero, jitter: 1) == .seconds(30))
    #expect(machine.next(now: .zero) == .wait(until: .seconds(30)))
  }

  @Test func anEventDuringAFailingRunRunsItAtOnce() {
    var machine = Machine(backoff: backoff)
    machine.add("a", now: .zero)
    _ = machine.next(now: .zero)
    machine.add("a", now: .zero)
    machine.finish("a", .failed(retryAfter: nil), now: .zero, jitter: 1)
    #expect(machine.next(now: .zero) == .run("a"))
    machine.finish("a", .done, now: .zero, jitter: 1)
    #expect(machine.next(now: .seconds(400)) == .idle)
  }

  /// A delayed add during the run must not replace the earlier retry.
  @Test func aFailureIsRetriedInTimeAlthoughSomethingIsDueLater() {
    var machine = Machine(backoff: backoff)
    machine.add("a", now: .zero)
    _ = machine.next(now: .zero)
    machine.add("a", due: .seconds(600), now: .zero)
    machine.finish("a", .failed(retryAfter: nil), now: .zero, jitter: 1)
    #expect(machine.next(now: .zero) == .wait(until: .milliseconds(50)))
  }

  @Test func aRetryKeepsThePriorityOfItsRun() {
    var machine = Machine(backoff: backoff)
    machine.add("bulk", priority: .bulk, now: .zero)
    _ = machine.next(now: .zero)
    machine.finish("bulk", .failed(retryAfter: nil), now: .zero, jitter: 1)
    machine.add("live", now: .milliseconds(50))
    #expect(machine.next(now: .milliseconds(50)) == .run("live"))
    machine.finish("live", .requeue(after: .milliseconds(10)), now: .milliseconds(50), jitter: 1)
    #expect(machine.next(now: .milliseconds(60)) == .run("live"))
  }

  @Test func dueDuringTheRunIsHandedOutAfterIt() {
    var machine = Machine()
    machine.add("a", now: .zero)
    _ = machine.next(now: .zero)
    machine.add("a", due: second, now: .zero)
    #expect(machine.next(now: .seconds(2)) == .idle)
    machine.finish("a", .done, now: .seconds(3), jitter: 0)
    #expect(machine.next(now: .seconds(3)) == .run("a"))
  }

  @Test func tellsTimesForMetrics() {
    var machine = Machine()
    machine.add("a", now: second)
    machine.add("b", due: .seconds(3), now: second)
    #expect(machine.next(now: .seconds(4)) == .run("a"))
    #expect(machine.next(now: .seconds(5)) == .run("b"))
    #expect(machine.timeInQueue(of: "a") == .seconds(3))
    #expect(machine.timeInQueue(of: "b") == .seconds(2))
    let unfinished = machine.unfinished(now: .seconds(10))
    #expect(unfinished.total == .seconds(11))
    #expect(unfinished.longest == .seconds(6))
    #expect(machine.addCount == 2)
  }

  /// Rule 20: superseded far times must not pile up.
  @Test func supersededTimesAreForgotten() {
    var machine = Machine()
    for i in 0..<10_000 {
      let now = Duration.milliseconds(i)
      machine.add("a", now: now)
      guard case .run = machine.next(now: now) else {
        Issue.record("not handed out")
        return
      }
      machine.finish("a", .requeue(after: .seconds(600)), now: now, jitter: 0)
    }
    #expect(machine.delayedCount == 1)
    #expect(machine.heapCount < 200)
    #expect(machine.next(now: .seconds(100)) == .wait(until: .milliseconds(609_999)))
  }
}
