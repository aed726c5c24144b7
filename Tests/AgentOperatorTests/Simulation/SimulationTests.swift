import Foundation
import Synchronization
import Testing

@testable import AgentOperator

/// Oracle I: whatever people, autoscalers, the network and the operator's own processes do, in any
/// order, it ends right. Oracle L for the histories in which two operators share a lease.
///
/// A seed fixes what is done, which requests and events fail, and how tasks interleave.
/// `SIMULATION_SEEDS=1000` or `=101-200` runs other seeds, `SIMULATION_SEED=7` only that one;
/// `make soak SEEDS=n` runs them in a release build.
@Suite struct SimulationTests {
  @Test func anyHistoryEndsRight() async throws {
    let seeds = Seeds(SimulationSeeds.all)
    await withTaskGroup { group in
      for _ in 0..<ScenarioGate.width {
        group.addTask {
          while let seed = seeds.next() {
            if await !Self.endsRight(seed) { seeds.end() }
          }
        }
      }
    }
  }

  private static func endsRight(_ seed: UInt64) async -> Bool {
    let history = SimulatedHistory.Record()
    do {
      try await withOperator(
        installs: SimulatedHistory.installs(seed), starts: false, seed: seed,
        bookmarkInterval: SimulatedHistory.bookmarkInterval(seed),
        garbageDelay: SimulatedHistory.garbageDelay(seed)
      ) { harness in
        var simulation = SimulatedHistory(seed: seed, harness: harness, record: history)
        try await simulation.run()
      }
      try await ReferenceStates.compare(history)
      return true
    } catch {
      Issue.record(
        """
        seed \(seed): \(error)
          after: \(history.steps.joined(separator: ", "))
          reproduce: SWIFT_DETERMINISTIC_HASHING=1 SIMULATION_SEED=\(seed) swift test --filter SimulationTests
        """)
      return false
    }
  }
}

/// Seeds that are still to run.
private final class Seeds: Sendable {
  private let left: Mutex<[UInt64]>
  private let count: Int
  private let deadline = SimulationSeeds.timeLimit.map { ContinuousClock.now + $0 }

  init(_ seeds: [UInt64]) {
    left = Mutex(seeds.reversed())
    count = seeds.count
  }

  func next() -> UInt64? {
    left.withLock { left in
      if let deadline, ContinuousClock.now > deadline, !left.isEmpty {
        Self.say("time is up: \(count - left.count) of \(count) histories were run")
        left = []
      }
      let seed = left.popLast()
      // Minutes without a word look like a hang.
      if seed != nil, count >= 1000, left.count.isMultiple(of: 500) {
        Self.say("\(count - left.count) of \(count) histories")
      }
      return seed
    }
  }

  /// At once, also into a pipe.
  private static func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  func end() { left.withLock { $0 = [] } }
}

extension SimulatedHistory.Record {
  var steps: [String] { state.withLock { $0.steps } }
  func note(_ step: String) { state.withLock { $0.steps.append(step) } }
}
