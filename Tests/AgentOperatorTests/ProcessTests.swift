import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization
import Testing

@testable import AgentOperator

/// Correctness rules 43 and 44: who writes, what the probes say, and how it ends.
@Suite struct ProcessTests {
  private static let lease = ObjectKey(namespace: "agents", name: "agent-operator")

  private func problems(_ checks: [HealthCheck]) -> [String] {
    checks.compactMap { check in check.problem.map { "\(check.name): \($0)" } }
  }

  @Test func aStandbyIsReadyAndWritesNothingUntilItLeads() async throws {
    try await withOperator(starts: false) { harness in
      var other = KubernetesObject(ResourceType.leases.gvk, namespace: "agents", name: "x")
      other["metadata"]?["name"] = .string(Self.lease.name)
      other["spec"] = [
        "holderIdentity": "other", "leaseDurationSeconds": 15, "leaseTransitions": 0,
        "renewTime": "2026-01-01T00:00:00.000000Z", "acquireTime": "2026-01-01T00:00:00.000000Z",
      ]
      _ = try await harness.client.create(other, resource: .leases)
      harness.configuration.leaderElection = AgentOperator.LeaderElection(
        lease: Self.lease, identity: "me")
      try await harness.apply()
      harness.start()
      let started = harness.clock.now
      try await harness.letPass(.seconds(10))
      let agentOperator = try #require(harness.agentOperator)
      #expect(agentOperator.isReady)
      #expect(problems(agentOperator.readiness) == [])
      #expect(problems(agentOperator.liveness) == [])
      #expect(harness.log.all.filter(\.isWrite).map(\.description) == [])
      try await harness.until("it leads", within: .seconds(30)) {
        try await harness.summary("Ready") == "Ready=True Ready"
      }
      // Not before the other was silent for the whole lease.
      #expect(harness.clock.now - started >= .seconds(15))
      let first = try #require(harness.log.all.first { $0.isWrite })
      #expect(first.description == "PUT leases/agent-operator")
      try await harness.stop()
      #expect(harness.log.all.last?.description == "PUT leases/agent-operator")
      #expect(harness.log.all.last?.body?["spec"]?["holderIdentity"] == "")
    }
  }

  @Test func itEndsInOrder() async throws {
    try await withOperator(starts: false) { harness in
      harness.configuration.leaderElection = AgentOperator.LeaderElection(
        lease: Self.lease, identity: "me")
      harness.start()
      let connection = try #require(harness.connection)
      let agentOperator = try #require(harness.agentOperator)
      let streams = Mutex<[Int]>([])
      harness.faults.add { request in
        if request.isStatusWrite { streams.withLock { $0.append(connection.openStreams) } }
        return nil
      }
      try await harness.until("the caches are complete") { agentOperator.isReady }
      harness.faults.next(.delay(.seconds(8))) { $0.isWrite && $0.resource == "deployments" }
      try await harness.apply()
      try await harness.until("a write is under way") {
        harness.log.all.contains { $0.isWrite && $0.resource == "deployments" }
      }
      try await harness.stop()
      #expect(problems(agentOperator.readiness).contains("shutdown: it is stopping"))
      let writes = harness.log.all.filter(\.isWrite)
      // The reconcile was not cut off, while the watches went on and the lease was renewed.
      let status = try #require(writes.lastIndex { $0.isStatusWrite })
      #expect(writes[status].status == 200)
      #expect(streams.withLock { $0.last ?? 0 } > 0)
      #expect(writes[..<status].filter { $0.resource == "leases" }.count >= 4)
      // Then the events, then the lease.
      let event = try #require(writes.lastIndex { $0.resource == "events" })
      #expect(event > writes.lastIndex { $0.resource == "deployments" } ?? 0)
      #expect(try await harness.events().contains { $0.hasPrefix("RevisionCreated") })
      #expect(writes.last?.resource == "leases")
      #expect(writes.last?.body?["spec"]?["holderIdentity"] == "")
      #expect(connection.openStreams == 0)
      #expect(!agentOperator.hasLostLease)
    }
  }

  @Test func aLostLeaseCutsTheWorkOff() async throws {
    try await withOperator(starts: false) { harness in
      harness.configuration.leaderElection = AgentOperator.LeaderElection(
        lease: Self.lease, identity: "me")
      harness.start()
      let agentOperator = try #require(harness.agentOperator)
      try await harness.until("the caches are complete") { agentOperator.isReady }
      try await harness.until("it leads") {
        try await harness.client.getIfPresent(.leases, Self.lease) != nil
      }
      // The lease cannot be renewed, and a write takes longer than the deadline.
      harness.faults.add { request in
        switch request.resource {
        case "leases": .refused
        case "deployments" where request.isWrite: .delay(.seconds(60))
        default: nil
        }
      }
      try await harness.apply()
      try await harness.until("the lease is lost", within: .seconds(14)) {
        agentOperator.hasLostLease
      }
      let mark = harness.log.count
      try await harness.letPass(.seconds(120))
      #expect(harness.log.since(mark).filter(\.isWrite).map(\.description) == [])
      #expect(try await harness.find(.deployments) == nil)
    }
  }

  @Test func readinessNamesTheCacheThatIsMissing() async throws {
    try await withOperator(starts: false) { harness in
      harness.faults.add { $0.resource == "secrets" ? .status(403) : nil }
      harness.start()
      let agentOperator = try #require(harness.agentOperator)
      try await harness.until("all the others are complete") {
        problems(agentOperator.readiness).count == 1
      }
      let problem = try #require(problems(agentOperator.readiness).first)
      #expect(problem.hasPrefix("cache-secrets: the first list is not complete: "))
      #expect(problem.contains("403"))
      // A restart would not help.
      try await harness.letPass(.seconds(1000))
      #expect(problems(agentOperator.liveness) == [])
      #expect(!agentOperator.isReady)
    }
  }

  @Test func livenessNoticesWhatStandsStill() async throws {
    try await withOperator { harness in
      try await harness.settle()
      let agentOperator = try #require(harness.agentOperator)
      let simulated = try #require(harness.simulated)
      #expect(problems(agentOperator.liveness) == [])
      // Time passes and nothing runs: no loop gets a chance to beat.
      simulated.advance(to: harness.clock.now + .seconds(901))
      let problem = problems(agentOperator.liveness)
      #expect(problem.count == 1)
      #expect(problem.first?.hasPrefix("loops: reflector ") == true, "\(problem)")
      #expect(problem.first?.contains("no progress for 901 s") == true, "\(problem)")
    }
  }

  @Test func linesOfAReconcileSayWhichOneItIs() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      let lines = harness.logs.lines(containing: "applied ")
      #expect(!lines.isEmpty)
      for line in lines {
        #expect(line.text.contains(" controller=agentdeployment"), "\(line.text)")
        #expect(line.text.contains(" object=agents/support"), "\(line.text)")
        #expect(line.text.contains(" reconcileID="), "\(line.text)")
      }
    }
  }
}
