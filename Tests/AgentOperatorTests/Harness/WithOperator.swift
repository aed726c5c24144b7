import Foundation
import KubernetesAPI
import Simulation
import Testing

@testable import AgentOperator

/// Runs a scenario with an operator that is started, and ends it whatever happens.
func withOperator(
  _ lane: Lane = .embedded,
  installs: [ResourceType] = [.agentDeployments] + Definitions.mesh,
  namespaces: [String]? = nil, starts: Bool = true, seed: UInt64? = nil,
  bookmarkInterval: Duration = .seconds(60), runsControllers: Bool = true,
  garbageDelay: Duration = .zero,
  _ scenario: @escaping (OperatorHarness) async throws -> Void
) async throws {
  await ScenarioGate.shared.enter()
  defer { Task { await ScenarioGate.shared.leave() } }
  func run() async throws {
    let harness = try await OperatorHarness(
      lane, installs: installs, namespaces: namespaces, bookmarkInterval: bookmarkInterval,
      runsControllers: runsControllers, garbageDelay: garbageDelay, seed: seed ?? 1)
    if starts { harness.start() }
    do {
      try await scenario(harness)
    } catch {
      // Whoever repeats one history wants to know all of it.
      let count = SimulationSeeds.isSingle ? Int.max : 20
      for line in harness.logs.lines.suffix(count) { print("  [\(line.level)] \(line.text)") }
      for request in harness.log.all.suffix(count) {
        print("  process \(request.process): \(request) -> \(request.status ?? 0)")
      }
      try? await harness.end()
      throw error
    }
    try await harness.end()
  }
  switch lane {
  case .embedded: try await SimulationLoop.run(seed: seed, run)
  case .real: try await run()
  }
}

/// Scenarios at the same time: as many as there are cores do not slow each other down.
actor ScenarioGate {
  static let width = max(2, ProcessInfo.processInfo.activeProcessorCount)
  static let shared = ScenarioGate(width: width)

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(width: Int) { free = width }

  func enter() async {
    if free > 0 {
      free -= 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func leave() {
    guard waiting.isEmpty else { return waiting.removeFirst().resume() }
    free += 1
  }
}
