import Foundation
import Synchronization

/// Runs all tasks of one scenario on one thread, one job at a time, so that a seed fixes their order.
///
/// What is ready waits in a queue; when that is empty, nothing can happen any more but by the clock,
/// which the scenario moves. There is nothing to poll and nothing depends on the machine's load.
///
/// Jobs are caught where the concurrency runtime hands them to its thread pool
/// (`swift_task_enqueueGlobal_hook`, include/swift/Runtime/Concurrency.h), on the scenario's thread
/// only. `Task.yield` and `Task.sleep` do not come that way and must not be used in what is simulated.
public final class SimulationLoop: @unchecked Sendable {
  // Only the loop's thread touches these while it runs.
  private var ready: [UnownedJob] = []
  private var order: SeededGenerator?
  private var numbers: SeededGenerator
  private var idleWaiters: [CheckedContinuation<Void, Never>] = []
  /// So many jobs in a row without time passing: they would never end.
  private static let endless = 2_000_000

  /// - Parameter seed: of the order in which jobs run that are ready at once; nil for first come, first
  ///   served.
  private init(seed: UInt64?) {
    order = seed.map(SeededGenerator.init)
    numbers = SeededGenerator(seed: seed.map { ~$0 } ?? 0)
  }

  /// The loop whose thread this is.
  public static var current: SimulationLoop? {
    pthread_getspecific(key).map {
      Unmanaged<SimulationLoop>.fromOpaque($0).takeUnretainedValue()
    }
  }

  /// Runs the scenario to its end.
  public static func run(
    seed: UInt64? = nil, _ scenario: @escaping () async throws -> Void
  ) async throws {
    _ = hookIsInstalled
    let loop = SimulationLoop(seed: seed)
    let scenario = Scenario(run: scenario)
    let outcome = Outcome()
    // Created here for this task's local values: which test it is.
    loop.enter()
    let task = Task {
      do {
        try await scenario.run()
        outcome.result = .success(())
      } catch {
        outcome.result = .failure(error)
      }
    }
    leave()
    await withCheckedContinuation { continuation in
      let thread = Thread {
        loop.enter()
        loop.runUntilDone(outcome)
        leave()
        continuation.resume()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    withExtendedLifetime(task) {}
    guard let result = outcome.result else {
      throw SimulationStuck(what: "the scenario's own steps end")
    }
    try result.get()
  }

  /// A number from 0 up to 1 that follows from the seed. For the loop's own tasks only.
  public func random() -> Double { Double.random(in: 0..<1, using: &numbers) }

  /// Returns when nothing else is ready to run.
  public func idle() async {
    await withCheckedContinuation { idleWaiters.append($0) }
  }

  /// The loop ends before `run` returns, and nobody else calls it.
  private struct Scenario: @unchecked Sendable {
    var run: () async throws -> Void
  }

  private final class Outcome: @unchecked Sendable {
    var result: Result<Void, any Error>?
  }

  private func runUntilDone(_ outcome: Outcome) {
    while true {
      var jobs = 0
      while !ready.isEmpty {
        jobs += 1
        guard jobs < Self.endless else {
          let error = SimulationStuck(what: "an end to work that goes on without time passing")
          outcome.result = .failure(error)
          return
        }
        next().runSynchronously(on: Self.generic)
      }
      if outcome.result != nil { return }
      guard !idleWaiters.isEmpty else { return }
      idleWaiters.removeFirst().resume()
    }
  }

  private func next() -> UnownedJob {
    guard ready.count > 1, var order else { return ready.removeFirst() }
    defer { self.order = order }
    return ready.remove(at: Int.random(in: 0..<ready.count, using: &order))
  }

  private func enter() { pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque()) }
  private static func leave() { pthread_setspecific(key, nil) }

  // MARK: The runtime's hook

  private typealias Original = @convention(thin) (UnownedJob) -> Void
  private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// No executor in particular.
  private static let generic = unsafeBitCast((0, 0), to: UnownedSerialExecutor.self)

  private static let hookIsInstalled: Bool = {
    guard
      let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "swift_task_enqueueGlobal_hook")
    else { preconditionFailure("this Swift runtime has no swift_task_enqueueGlobal_hook") }
    symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, original in
      guard let loop = SimulationLoop.current else { return original(job) }
      loop.ready.append(job)
    }
    return true
  }()
}

public struct SimulationStuck: Error, CustomStringConvertible {
  public var what: String
  public var description: String { "waited in vain: \(what)" }
}
