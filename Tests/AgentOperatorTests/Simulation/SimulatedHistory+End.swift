import ControllerRuntime
import JSON
import KubernetesAPI
import Logging
import Synchronization
import Testing

@testable import AgentOperator

/// How histories end: nothing is broken any more, and everything has to become as it should be.
extension SimulatedHistory {
  mutating func checkEnd() async throws {
    harness.faults.clear()
    for replica in harness.clocks.indices { harness.suspension(of: replica).clear() }
    if needsList {
      // A version that no watch has seen, and that it cannot go on from.
      try await harness.createConfigMap("unrelated", [:])
      harness.cluster?.compact()
      for process in harness.processes { process.connection.cutWatches() }
    }
    try await endSurroundings()
    if isClassed { try await endClasses() }
    let lostHosts = try await lostHosts()
    for name in specs.keys.sorted() {
      let wanted = end(of: name, lostHosts)
      do {
        try await harness.until("\(name) is ready", within: .seconds(1200)) {
          try await state(of: name) == wanted
        }
      } catch {
        let status = try await harness.get(.agentDeployments, name)["status"]
        let said = StatusBuilder.conditions(in: status).map { "\($0.type): \($0.message)" }
        throw Wrong(
          description: """
            \(name) ends as \(try await state(of: name)), not \(wanted): \(error)
              it says: \(said)
            """)
      }
    }
    try await changeOnce()
    // Longer than the longest pause after failures, and than what is limited in time.
    let end = specs.values.compactMap(SpecGenerator.end(of:)).max() ?? 0
    try await harness.advance(by: .seconds(max(400, end + 60 - harness.clock.wallTime)))
    let ending = try await harness.wholeState()
    let (specs, classes) = (specs, classes)
    let orphans = disowned.filter { object in !specs.keys.contains { object.hasSuffix(" \($0)") } }
    record.state.withLock {
      $0.specs = specs
      $0.classes = classes
      $0.ending = ending
      $0.lostHosts = lostHosts
      $0.installed = Self.kinds.filter(harness.installed.contains)
      $0.orphans = orphans
    }
    try await checkConditions()
    try await checkAsked()
    try await checkSecrets()
    try await checkSilence()
    try checkScalers()
    try checkReplicas()
    try checkStores()
    try checkForeign()
    try checkLeaders()
    try checkRestarts()
    // A lease may be lost where the server is away or cut off; then the process has to say so.
    let errors = harness.logs.lines.filter {
      $0.level >= .error && !(isPair && $0.text.hasPrefix("lost the lease"))
    }
    if let error = errors.first {
      throw Wrong(description: "logged: \(error.text)")
    }
  }

  /// One more thing happens when all is quiet: nothing else makes anybody look at an agent then.
  private mutating func changeOnce() async throws {
    // A Secret of an ExternalSecret of before may still go, and come back while the store is well.
    try await harness.advance(by: garbageDelay)
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1: try await setStore(["down": "yes"])
    case 2:
      for name in Self.secretNames {
        try await harness.patch(.secrets, name, ["data": ["api-key": "bGFzdA=="]])
      }
    case 3: try await bringDefinitions()
    default: break
    }
  }

  /// All is well, but for hosts that another agent has and agents that are missed.
  private func end(of name: String, _ lostHosts: [String: Set<String>]) -> [String] {
    let target = specs[name]?["traffic"]?["mirror"]?["agentRef"]?["name"]?.string
    let isMissing = target.map { specs[$0] == nil } ?? false
    let ready =
      lostHosts[name] != nil
      ? "Ready=False Conflict" : isMissing ? "Ready=False RefNotFound" : "Ready=True Ready"
    return [
      ready, isMissing ? "Reconciling=True InProgress" : "Reconciling=False Settled", "observed",
    ]
  }

  private func state(of name: String) async throws -> [String] {
    let agent = try await harness.get(.agentDeployments, name)
    return [
      try await harness.summary("Ready", of: name),
      try await harness.summary("Reconciling", of: name),
      agent["status"]?["observedGeneration"]?.int == agent.generation ? "observed" : "not observed",
    ]
  }

  /// Oracle J: nothing is written in the following ten hours, nor after a restart.
  private func checkSilence() async throws {
    let mark = harness.log.count
    if isPair {
      // As many renewals in ten hours as otherwise in a few minutes.
      harness.configuration.leaderElection?.configuration =
        .init(
          leaseDuration: .seconds(7500), renewDeadline: .seconds(5000),
          retryPeriod: .seconds(1000)) ?? .standard
      try await harness.restart()
    }
    if !isLong { for process in harness.processes { process.connection.stretchWatches(by: 40) } }
    try await harness.advance(by: .seconds(36_000))
    try await harness.restart()
    try await harness.settle()
    let writes = harness.log.writes(since: mark).map(\.description)
    if !writes.isEmpty { throw Wrong(description: "writes after the end: \(writes)") }
  }
}
