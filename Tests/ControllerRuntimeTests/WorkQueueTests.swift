@testable import ControllerRuntime
import Synchronization
import Testing

@Suite struct WorkQueueTests {
  let clock = ManualClock()

  private func queue() -> WorkQueue<String> { WorkQueue(clock: clock, jitter: { 1 }) }

  @Test func wakesAWaitingWorker() async {
    let queue = queue()
    async let key = queue.next()
    await settle()
    queue.add("a")
    #expect(await key == "a")
    #expect(queue.runningCount == 1)
  }

  @Test func wakesAWorkerWhenADelayedKeyIsDue() async {
    let queue = queue()
    queue.add("late", after: .seconds(10))
    queue.add("early", after: .seconds(5))
    async let first = queue.next()
    await until("the timer runs") { clock.sleeperCount == 1 }
    #expect(clock.nextPause == .seconds(5))
    // An earlier time replaces the timer.
    queue.add("earliest", after: .seconds(1))
    await until("the timer is replaced") { clock.nextPause == .seconds(1) }
    clock.advance(by: .seconds(1))
    #expect(await first == "earliest")
    async let second = queue.next()
    await clock.advanceToNextSleeper()
    #expect(await second == "early")
    #expect(clock.now == .seconds(5))
    async let third = queue.next()
    await clock.advanceToNextSleeper()
    #expect(await third == "late")
    #expect(clock.now == .seconds(10))
  }

  @Test func aCancelledWorkerTakesNothingAndLeavesNoTimer() async {
    let queue = queue()
    queue.add("a", after: .seconds(10))
    let worker = Task { await queue.next() }
    await until("the timer runs") { clock.sleeperCount == 1 }
    worker.cancel()
    #expect(await worker.value == nil)
    await until("the timer is gone") { clock.sleeperCount == 0 }
    // The key is not lost.
    async let key = queue.next()
    await clock.advanceToNextSleeper()
    #expect(await key == "a")
  }

  @Test func anAlreadyCancelledWorkerGetsNothing() async {
    let queue = queue()
    let gate = Log<Void>()
    let worker = Task {
      await until("it is cancelled") { Task.isCancelled }
      let key = await queue.next()
      gate.append(())
      return key
    }
    worker.cancel()
    #expect(await worker.value == nil)
    queue.add("a")
    #expect(queue.depth == 1)
  }

  @Test func shutDownEndsAllWorkersButNotTheirRuns() async {
    let queue = queue()
    queue.add("a")
    #expect(await queue.next() == "a")
    let waiting = Task { await queue.next() }
    await settle()
    queue.shutDown()
    #expect(await waiting.value == nil)
    queue.add("b")
    #expect(await queue.next() == nil)
    queue.finish("a", .done)
    #expect(queue.runningCount == 0)
    #expect(queue.depth == 1)
  }

  /// Many producers and workers with cancellations in between: no key runs twice at a time, none is
  /// lost, and each worker returns.
  @Test func survivesConcurrentUse() async {
    let queue = WorkQueue<Int>(clock: SystemClock())
    let running = Mutex<Set<Int>>([])
    let ran = Mutex<[Int: Int]>([:])
    let work: @Sendable () async -> Void = {
      while let key = await queue.next() {
        let isNew = running.withLock { $0.insert(key).inserted }
        #expect(isNew)
        await Task.yield()
        ran.withLock { $0[key, default: 0] += 1 }
        running.withLock { _ = $0.remove(key) }
        queue.finish(key, .done)
      }
    }
    let workers = (0..<8).map { _ in Task { await work() } }
    await withTaskGroup { group in
      for producer in 0..<4 {
        group.addTask {
          for i in 0..<500 {
            queue.add(i % 50, priority: i % 3 == 0 ? .bulk : .live)
            if i % 100 == producer { workers[producer].cancel() }
            if i % 7 == 0 { await Task.yield() }
          }
        }
      }
    }
    await until("all is done") { queue.isSettled }
    #expect(ran.withLock { $0.keys.sorted() } == Array(0..<50))
    queue.shutDown()
    for worker in workers { await worker.value }
  }

  @Test func tellsStatistics() async {
    let queue = queue()
    queue.add("a")
    queue.add("b", priority: .bulk)
    queue.add("c", priority: .bulk)
    _ = await queue.next()
    clock.advance(by: .seconds(3))
    #expect(
      queue.statistics
        == WorkQueue<String>.Statistics(
          depth: [.live: 0, .bulk: 2], addCount: 3, runningCount: 1, unfinished: .seconds(3),
          longestRun: .seconds(3)))
  }
}
