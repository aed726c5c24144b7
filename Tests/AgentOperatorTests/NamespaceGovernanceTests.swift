import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import Testing

@testable import AgentOperator

/// What classes give the namespaces of their agents.
@Suite struct NamespaceGovernanceTests {
  private static let quota: JSONValue = [
    "quota": [
      "hard": ["requests.nvidia.com/gpu": 20, "pods": 50], "limitRange": true,
      "podSecurity": "Restricted",
    ]
  ]
  private static let name = "agents-production"

  private func withQuota(
    _ scenario: @escaping (OperatorHarness) async throws -> Void
  ) async throws {
    try await withOperator(installs: ClassTests.withClasses) { harness in
      try await harness.applyClass("production", Self.quota, isDefault: true)
      try await harness.apply()
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await scenario(harness)
    }
  }

  private func namespace(_ harness: OperatorHarness) async throws -> KubernetesObject {
    try await harness.client.get(
      .namespaces, ObjectKey(namespace: nil, name: harness.namespace))
  }

  private func enforced(_ harness: OperatorHarness) async throws -> String? {
    try await namespace(harness).labels[NamespaceGovernance.enforceLabel]
  }

  private func expectNothingLeft(_ harness: OperatorHarness) async throws {
    #expect(try await harness.find(.resourceQuotas, Self.name) == nil)
    #expect(try await harness.find(.limitRanges, Self.name) == nil)
    #expect(try await enforced(harness) == nil)
    #expect(
      try await namespace(harness).annotations[NamespaceGovernance.podSecurityAnnotation] == nil)
  }

  @Test func aNamespaceGetsThemOnceAndTheyAreTheClasses() async throws {
    try await withQuota { harness in
      try await harness.apply("second")
      try await harness.settle()
      let quota = try await harness.get(.resourceQuotas, Self.name)
      #expect(quota["spec"]?["hard"] == ["requests.nvidia.com/gpu": "20", "pods": "50"])
      let owner = try #require(quota.controllerReference)
      let agentClass = try await harness.client.get(
        .agentClasses, ObjectKey(namespace: nil, name: "production"))
      #expect(owner.kind == "AgentClass" && owner.uid == agentClass.uid)
      let limits = try await harness.get(.limitRanges, Self.name)["spec"]?["limits"]?[0]
      #expect(limits?["defaultRequest"] == ["cpu": "250m", "memory": "512Mi"])
      #expect(limits?["default"] == ["memory": "1Gi"])
      #expect(try await enforced(harness) == "restricted")
      let writes = harness.log.all.filter { $0.resource == "resourcequotas" && $0.isWrite }
      #expect(writes.count == 1)
      try await harness.expectNoMoreWrites()
    }
  }

  /// Found by seed 421 of the simulation.
  @Test func theyGoWhenTheLastAgentWentWhileNoOperatorRan() async throws {
    try await withQuota { harness in
      try await harness.stop()
      try await harness.delete(.agentDeployments, "support")
      harness.start()
      try await harness.settle()
      try await expectNothingLeft(harness)
      try await harness.expectNoMoreWrites()
    }
  }

  /// Found by seed 2325 of the simulation: a reconcile saw the deletion before the watch told it, so
  /// the event had nothing new when it came, and nobody looked at what the last agent left behind.
  @Test func theyGoAlthoughTheDeletionIsSeenBeforeItsEvent() async throws {
    try await withQuota { harness in
      harness.faults.addToWatches { resource, _ in
        resource == "services" ? nil : .late(.seconds(4))
      }
      // Of its children that go with it one is told in time, so one reconcile begins before the end.
      try await harness.delete(.agentDeployments, "support")
      try await harness.advance(by: .seconds(10))
      #expect(harness.log.all.contains { $0.method == "GET" && $0.name == "support" })
      try await expectNothingLeft(harness)
      try await harness.expectNoMoreWrites()
    }
  }

  /// Found by seed 4177 of the simulation: with no class left, nothing tells of what one gave.
  @Test func theyGoWhenTheLastClassWentWhileNoOperatorRan() async throws {
    try await withQuota { harness in
      try await harness.stop()
      try await harness.client.delete(
        .agentClasses, ObjectKey(namespace: nil, name: "production"))
      try await harness.letPass(.seconds(5))
      #expect(try await enforced(harness) == "restricted")
      // Not even at the first try.
      harness.faults.next(.status(503)) { $0.resource == "namespaces" }
      harness.start()
      try await harness.advance(by: .seconds(10))
      try await expectNothingLeft(harness)
      try await harness.expectNoMoreWrites()
    }
  }

  /// Found by seed 1417 of the simulation.
  @Test func theyGoWhenTheClassGaveThemUpWhileNoOperatorRan() async throws {
    try await withQuota { harness in
      try await harness.stop()
      try await harness.applyClass(
        "production", ["guardRails": ["maxGrace": "5m"]], isDefault: true)
      harness.start()
      try await harness.settle()
      try await expectNothingLeft(harness)
      try await harness.expectNoMoreWrites()
    }
  }

  /// Found by seed 373 of the simulation.
  @Test func aClassWithTheBuiltInOnesNameNeedsNoMark() async throws {
    try await withOperator(installs: ClassTests.withClasses) { harness in
      try await harness.applyClass("default", Self.quota, isDefault: false)
      try await harness.apply("support", ["scaling": ["minReplicas": 2, "maxReplicas": 5]])
      try await harness.settle()
      // Refused from now on, so that nothing but its name tells whose it is after a restart.
      var strict = Self.quota
      strict["guardRails"] = ["maxReplicas": 1]
      try await harness.applyClass("default", strict, isDefault: false)
      try await harness.settle()
      #expect(try await harness.condition("Accepted")?.status == .false)
      let mark = harness.log.count
      try await harness.restart()
      try await harness.settle()
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      #expect(try await harness.find(.resourceQuotas, "agents-default") != nil)
    }
  }

  /// Found by seed 9249 of the simulation: the agents of the weaker class are looked at first.
  @Test func aRestartDoesNotWeakenWhatAnotherClassAsksFor() async throws {
    try await withQuota { harness in
      try await harness.applyClass(
        "plain", ["quota": ["podSecurity": "Baseline"]], isDefault: false)
      try await harness.apply("a-weaker", ["className": "plain"])
      try await harness.settle()
      #expect(try await enforced(harness) == "restricted")
      let mark = harness.log.count
      try await harness.restart()
      try await harness.settle()
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      // With the last agent that asks for more, its level goes.
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      #expect(try await enforced(harness) == "baseline")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func theyAreThereBeforeTheFirstDeployment() async throws {
    try await withQuota { harness in
      try await harness.createNamespace("other")
      let mark = harness.log.count
      try await harness.apply("third", in: "other")
      try await harness.settle()
      let writes = harness.log.since(mark).filter(\.isWrite).map(\.resource)
      let first = try #require(writes.firstIndex(of: "deployments"))
      for kind in ["namespaces", "resourcequotas", "limitranges"] {
        #expect(writes[..<first].contains(kind), "\(writes)")
      }
    }
  }

  @Test func theyGoWithTheLastAgent() async throws {
    try await withQuota { harness in
      try await harness.apply("second")
      try await harness.settle()
      try await harness.delete(.agentDeployments, "second")
      try await harness.settle()
      #expect(try await harness.find(.resourceQuotas, Self.name) != nil)
      try await harness.restart()
      try await harness.settle()
      #expect(try await harness.find(.resourceQuotas, Self.name) != nil)
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      try await expectNothingLeft(harness)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func theyGoWithTheClassesWordAndWithTheClass() async throws {
    try await withQuota { harness in
      try await harness.applyClass(
        "production", ["quota": ["hard": ["pods": 60]]], isDefault: true)
      try await harness.settle()
      #expect(
        try await harness.get(.resourceQuotas, Self.name)["spec"]?["hard"] == ["pods": "60"])
      #expect(try await harness.find(.limitRanges, Self.name) == nil)
      #expect(try await enforced(harness) == nil)
      try await harness.expectNoMoreWrites()
      try await harness.deleteClass("production")
      try await harness.settle()
      try await expectNothingLeft(harness)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }

  /// Found by seed 5781 of the simulation: the garbage collector and we took turns.
  @Test(arguments: [DeletionPropagation.background, .foreground])
  func theyStayAwayBeforeAnybodyTellsThatTheClassGoes(
    _ propagation: DeletionPropagation
  ) async throws {
    try await withQuota { harness in
      harness.faults.addToWatches { resource, _ in
        resource == "agentclasses" ? .late(.seconds(30)) : nil
      }
      let mark = harness.log.count
      try await harness.client.delete(
        .agentClasses, ObjectKey(namespace: nil, name: "production"), propagation: propagation)
      try await harness.advance(by: .seconds(60))
      let writes = harness.log.writes(since: mark).filter {
        $0.resource == "resourcequotas" || $0.resource == "limitranges"
      }
      #expect(writes.map(\.description) == [])
      try await expectNothingLeft(harness)
      harness.faults.clear()
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func anAgentThatChangesItsClassTakesThemAlong() async throws {
    try await withQuota { harness in
      try await harness.applyClass("plain")
      try await harness.apply("support", ["className": "plain"])
      try await harness.settle()
      try await expectNothingLeft(harness)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func driftIsCorrected() async throws {
    try await withQuota { harness in
      try await harness.patch(
        .resourceQuotas, Self.name, ["spec": ["hard": ["pods": "9000"]]])
      try await harness.delete(.limitRanges, Self.name)
      _ = try await harness.client.patch(
        .namespaces, ObjectKey(namespace: nil, name: harness.namespace),
        .merge(["metadata": ["labels": [NamespaceGovernance.enforceLabel: "privileged"]]]),
        fieldManager: "somebody")
      try await harness.settle()
      #expect(
        try await harness.get(.resourceQuotas, Self.name)["spec"]?["hard"]?["pods"] == "50")
      #expect(try await harness.find(.limitRanges, Self.name) != nil)
      #expect(try await enforced(harness) == "restricted")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aStricterNamespaceStaysAsItIs() async throws {
    try await withOperator(installs: ClassTests.withClasses) { harness in
      _ = try await harness.client.patch(
        .namespaces, ObjectKey(namespace: nil, name: harness.namespace),
        .merge(["metadata": ["labels": [NamespaceGovernance.enforceLabel: "restricted"]]]),
        fieldManager: "somebody")
      try await harness.applyClass(
        "production", ["quota": ["podSecurity": "Baseline"]], isDefault: true)
      try await harness.apply()
      try await harness.settle()
      #expect(try await enforced(harness) == "restricted")
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      #expect(try await enforced(harness) == "restricted")
      #expect(!harness.log.all.contains { $0.resource == "namespaces" && $0.isWrite })
    }
  }

  @Test func somebodyElsesQuotaIsNotTakenOver() async throws {
    try await withOperator(installs: ClassTests.withClasses) { harness in
      try await harness.create(.resourceQuotas, Self.name, ["spec": ["hard": ["pods": "999"]]])
      try await harness.applyClass("production", Self.quota, isDefault: true)
      try await harness.apply()
      try await harness.until("it says so") {
        try await harness.condition("Reconciling")?.message.contains("ResourceQuota") == true
      }
      #expect(
        try await harness.get(.resourceQuotas, Self.name)["spec"]?["hard"] == ["pods": "999"])
    }
  }

  @Test func anInvalidClassTakesNothingBack() async throws {
    try await withQuota { harness in
      try await harness.applyClass(
        "production", ["quota": ["hard": ["nvidia.com/gpu": 1]]], isDefault: true)
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False ClassInvalid")
      try await harness.apply("second", ["className": "default"])
      try await harness.settle()
      try await harness.delete(.agentDeployments, "second")
      try await harness.restart()
      try await harness.settle()
      #expect(try await harness.find(.resourceQuotas, Self.name) != nil)
      #expect(try await enforced(harness) == "restricted")
    }
  }

  @Test func withoutAClassNothingIsFollowed() async throws {
    try await withOperator(installs: ClassTests.withClasses) { harness in
      try await harness.apply()
      try await harness.settle()
      #expect(
        !harness.log.all.contains {
          $0.isWatch && ["resourcequotas", "limitranges", "namespaces"].contains($0.resource)
        })
    }
  }

  /// Without its classes the operator would take the built-in one, which forbids nothing.
  @Test(arguments: [503, 403, 404])
  func nothingIsDoneBeforeTheClassesAreRead(code: Int) async throws {
    try await withQuota { harness in
      try await harness.stop()
      let mark = harness.log.count
      harness.faults.add {
        $0.resource == "agentclasses" ? .status(code) : nil
      }
      harness.start()
      try await harness.letPass(.seconds(30))
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      #expect(try await enforced(harness) == "restricted")
      let readiness = try #require(harness.agentOperator).readiness
      #expect(
        readiness.contains { $0.name == "cache-\(ResourceType.agentClasses)" && $0.problem != nil })
      harness.faults.clear()
      try await harness.advance(by: .seconds(60))
      #expect(harness.agentOperator?.isReady == true)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aLevelThatSomebodyRaisesStays() async throws {
    try await withOperator(installs: ClassTests.withClasses) { harness in
      try await harness.applyClass(
        "production", ["quota": ["podSecurity": "Baseline"]], isDefault: true)
      try await harness.apply()
      try await harness.settle()
      #expect(try await enforced(harness) == "baseline")
      _ = try await harness.client.patch(
        .namespaces, ObjectKey(namespace: nil, name: harness.namespace),
        .merge(["metadata": ["labels": [NamespaceGovernance.enforceLabel: "restricted"]]]),
        fieldManager: "admin")
      try await harness.settle()
      #expect(try await enforced(harness) == "restricted")
      // Also when what we ask comes up to it and goes back.
      for level in ["Restricted", "Baseline"] {
        try await harness.applyClass(
          "production", ["quota": ["podSecurity": .string(level)]], isDefault: true)
        try await harness.settle()
        #expect(try await enforced(harness) == "restricted")
      }
      try await harness.expectNoMoreWrites()
      // Nor is it theirs to take away.
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      #expect(try await enforced(harness) == "restricted")
    }
  }

  /// Each operator sees the agents of its own shard only.
  @Test func shardsTakeNothingFromEachOther() async throws {
    try await withOperator(installs: ClassTests.withClasses) { harness in
      try await harness.applyClass("production", Self.quota)
      try await harness.applyClass("simple", ["quota": ["hard": ["pods": 5]]])
      for (agent, agentClass, shard) in [
        ("support", "production", "b"), ("mine", "simple", "a"), ("plain", nil, "a"),
      ] {
        try await harness.apply(agent, agentClass.map { ["className": .string($0)] } ?? [:])
        try await harness.patch(
          .agentDeployments, agent, ["metadata": ["labels": ["shard": .string(shard)]]])
      }
      try await harness.settle()
      try await harness.stop()
      let mark = harness.log.count
      harness.configuration.selector = LabelSelector(matchLabels: ["shard": "a"])
      harness.start()
      try await harness.advance(by: .seconds(60))
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      try await harness.delete(.agentDeployments, "mine")
      try await harness.settle()
      #expect(try await harness.find(.resourceQuotas, Self.name) != nil)
      #expect(try await harness.find(.resourceQuotas, "agents-simple") != nil)
      #expect(try await enforced(harness) == "restricted")
    }
  }
}
