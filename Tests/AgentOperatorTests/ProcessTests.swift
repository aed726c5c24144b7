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

  /// Found by seed 7392 of the simulation: the new leader's watch was behind, so it put the older spec
  /// back, and pods restarted twice for nothing.
  @Test func aNewLeaderPutsNoOlderSpecBack() async throws {
    try await withOperator(starts: false) { harness in
      harness.configuration.leaderElection = AgentOperator.LeaderElection(
        lease: Self.lease, identity: "replica")
      harness.clocks = [harness.clock, harness.clock]
      harness.start()
      try await harness.apply("support", ["image": "registry/x:v1"])
      try await harness.apply("other")
      try await harness.settle()
      let leader = try #require(harness.processes.first { $0.agentOperator.isLeading })
      let standby = try #require(harness.processes.first { !$0.agentOperator.isLeading })
      // The standby's watch of agents breaks, and does not come back.
      harness.faults.add { [replica = standby.replica] request in
        request.replica == replica && request.resource == "agentdeployments" && request.isWatch
          ? .lostBefore : nil
      }
      standby.connection.cutWatches()
      try await harness.apply("support", ["image": "registry/x:v2"])
      try await harness.delete(.agentDeployments, "other")
      try await harness.letPass(.seconds(5))
      let pod = try await harness.get(.deployments)["spec"]?["template"]?["spec"]
      #expect(pod?["containers"]?[0]?["image"] == "registry/x:v2")
      try await harness.apply("third")
      // Somebody's edit, so that the new leader has something to write.
      harness.crash(leader.replica)
      try await harness.patch(.services, "support", ["spec": ["selector": ["x": "y"]]])
      try await harness.until("the standby leads", within: .seconds(60)) {
        standby.agentOperator.isLeading
      }
      try await harness.letPass(.seconds(5))
      #expect(try await harness.get(.services)["spec"]?["selector"]?["x"] == nil)
      var images: [String] = []
      for change in harness.cluster?.history(.deployments) ?? [] {
        let pod = change.new?["spec"]?["template"]?["spec"]
        guard change.new?.name == "support", let image = pod?["containers"]?[0]?["image"]?.string,
          image != images.last
        else { continue }
        images.append(image)
      }
      #expect(images == ["registry/x:v1", "registry/x:v2"])
      #expect(try await harness.find(.deployments, "third") != nil)
      #expect(try await harness.find(.deployments, "other") == nil)
    }
  }

  @Test func aNewLeaderPutsNoOlderSecretBack() async throws {
    try await withOperator(starts: false) { harness in
      harness.configuration.leaderElection = AgentOperator.LeaderElection(
        lease: Self.lease, identity: "replica")
      harness.clocks = [harness.clock, harness.clock]
      harness.start()
      try await harness.createSecret("llm")
      try await harness.apply(
        "support",
        ["secrets": [["name": "llm", "secretRef": ["name": "llm"], "onChange": "Restart"]]])
      try await harness.settle()
      let leader = try #require(harness.processes.first { $0.agentOperator.isLeading })
      let standby = try #require(harness.processes.first { !$0.agentOperator.isLeading })
      harness.faults.add { [replica = standby.replica] request in
        request.replica == replica && request.resource == "secrets" && request.isWatch
          ? .lostBefore : nil
      }
      standby.connection.cutWatches()
      try await harness.patch(.secrets, "llm", ["data": ["api-key": "bmV3"]])
      try await harness.letPass(.seconds(5))
      harness.crash(leader.replica)
      try await harness.patch(.services, "support", ["spec": ["selector": ["x": "y"]]])
      try await harness.until("the standby leads", within: .seconds(60)) {
        standby.agentOperator.isLeading
      }
      try await harness.letPass(.seconds(5))
      #expect(try await harness.get(.services)["spec"]?["selector"]?["x"] == nil)
      let templates = harness.cluster?.history(.deployments).compactMap {
        $0.new?["spec"]?["template"]
      }
      #expect(Set(templates ?? []).count == 2)
      // Not A, B, A, B.
      let changes = zip(templates ?? [], templates?.dropFirst() ?? []).count { $0 != $1 }
      #expect(changes == 1)
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
