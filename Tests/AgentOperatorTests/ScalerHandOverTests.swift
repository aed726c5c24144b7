import AgentDeploymentAPI
import JSON
import KubernetesAPI
import KubernetesClient
import Simulation
import Testing

@testable import AgentOperator

/// Fixed replicas, autoscaler and ScaledObject follow one another: never two, and never fewer pods.
@Suite struct ScalerHandOverTests {
  private static let life: [ScalerPhase] = [
    .fixed(4), .scaledObject(2, 10), .autoscaler(3, 8), .scaledObject(5, 9), .idle(2, 6),
    .autoscaler(3, 8), .fixed(6), .autoscaler(2, 5), .fixed(7), .scaledObject(2, 4), .fixed(6),
  ]

  @Test func everyScalerFollowsEveryOther() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run(Self.life)
      history.expectNeverTwo()
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aCrashAtAnyWriteChangesNothingOfThat() async throws {
    var reference: [String: JSONValue] = [:]
    var writes = 0
    try await withOperator(installs: ScalerHistory.installs) { harness in
      try await ScalerHistory(harness: harness).run(Self.life)
      reference = try await harness.canonicalState()
      writes = harness.log.writes.count
    }
    try #require(writes > 30)
    // The thorough run takes all of them.
    let step = SimulationSeeds.isThorough ? 1 : 3
    for place in stride(from: 0, to: writes, by: step) {
      let fault = place.isMultiple(of: 2) ? Fault.crashBefore : .crashAfter
      try await withOperator(installs: ScalerHistory.installs, starts: false) { harness in
        harness.faults.add(fault, atWrite: place)
        harness.start()
        let history = ScalerHistory(harness: harness)
        try await history.run(Self.life)
        history.expectNeverTwo()
        for difference in Canonical.differences(reference, try await harness.canonicalState()) {
          Issue.record("\(fault) at write \(place): \(difference)")
        }
      }
    }
  }

  /// Any order of phases, with failures on the way.
  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func anyOrderOfPhases(_ seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    var phases: [ScalerPhase] = [.fixed(Int.random(in: 1...6, using: &generator))]
    for _ in 0..<6 {
      let least = Int.random(in: 1...5, using: &generator)
      let most = least + Int.random(in: 1...5, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: phases.append(.fixed(least))
      case 1: phases.append(.autoscaler(least, most))
      case 2: phases.append(.scaledObject(least, most))
      default: phases.append(.idle(least, most))
      }
    }
    let failing = Set((0..<10).map { _ in Int.random(in: 0..<80, using: &generator) })
    let planned = phases
    try await withOperator(installs: ScalerHistory.installs, starts: false) { harness in
      let count = Counter()
      harness.faults.add { request in
        guard request.isStateWrite else { return nil }
        count.add(1)
        return failing.contains(count.value) ? .status(500) : nil
      }
      harness.start()
      let history = ScalerHistory(harness: harness)
      try await history.run(planned)
      history.expectNeverTwo()
    }
  }

  @Test func whatTheServerWouldNotTakeLeavesTheOldScaler() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.autoscaler(3, 8)])
      // As KEDA's webhook does with a trigger that it does not know.
      harness.faults.add {
        $0.resource == "scaledobjects" && $0.isWrite ? .status(403) : nil
      }
      try await harness.apply("support", ScalerPhase.scaledObject(2, 6).spec)
      try await harness.settle()
      #expect(try await harness.find(.horizontalPodAutoscalers) != nil)
      #expect(try await history.replicas() == 3)
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=False ApplyFailed")
      #expect(try await harness.summary("Stalled") == "Stalled=True ApplyFailed")
      let trial = harness.log.all.last { $0.resource == "scaledobjects" && $0.isWrite }
      #expect(trial?.query("dryRun") == "All")
      let annotations = trial?.body?["metadata"]?["annotations"]
      #expect(annotations?["scaledobject.keda.sh/transfer-hpa-ownership"] == "true")
      harness.faults.clear()
      try await harness.advance(by: .seconds(400))
      #expect(try await harness.find(.horizontalPodAutoscalers) == nil)
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=True Scaling")
      let scaled = try await harness.get(.scaledObjects)
      #expect(scaled.annotations["scaledobject.keda.sh/transfer-hpa-ownership"] == nil)
      history.expectNeverTwo()
    }
  }

  /// Without KEDA nobody takes its finalizer off: the autoscaler waits, and says for what.
  @Test func aScaledObjectThatDoesNotGoIsWaitedFor() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.scaledObject(2, 6)])
      try await harness.patch(
        .scaledObjects, "support", ["metadata": ["finalizers": ["example.com/keeps"]]])
      try await harness.apply("support", ScalerPhase.autoscaler(3, 8).spec)
      try await harness.settle()
      #expect(try await harness.find(.horizontalPodAutoscalers) == nil)
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=False HandingOver")
      #expect(try await harness.condition("Reconciling")?.status == .true)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.patch(.scaledObjects, "support", ["metadata": ["finalizers": nil]])
      try await harness.settle()
      #expect(try await harness.list(.horizontalPodAutoscalers).map(\.name) == ["support"])
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=True Scaling")
      history.expectNeverTwo()
      try await harness.expectNoMoreWrites()
    }
  }

  /// An autoscaler that is left would undo a number outside of its bounds, again and again.
  @Test func aFixedNumberWaitsUntilTheScalerIsGone() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.scaledObject(2, 4)])
      try await harness.patch(
        .scaledObjects, "support", ["metadata": ["finalizers": ["example.com/keeps"]]])
      let mark = harness.cluster?.history(.deployments).count ?? 0
      try await harness.apply("support", ScalerPhase.fixed(6).spec)
      try await harness.settle()
      #expect(try await history.replicas() == 2)
      let waiting = try await harness.condition("ScalingActive")
      #expect(waiting?.reason == "HandingOver" && waiting?.status == .false)
      #expect(
        waiting?.message
          == "the fixed number of pods waits until ScaledObject support and HorizontalPodAutoscaler "
          + "keda-hpa-support are gone; the number of pods stays as it is")
      #expect(try await harness.condition("Reconciling")?.status == .true)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
      try await harness.patch(.scaledObjects, "support", ["metadata": ["finalizers": nil]])
      try await harness.settle()
      #expect(try await history.replicas() == 6)
      #expect(try await harness.condition("ScalingActive") == nil)
      #expect(try await harness.summary("Reconciling") == "Reconciling=False Settled")
      let counts = (harness.cluster?.history(.deployments) ?? []).dropFirst(mark).compactMap {
        $0.new?["spec"]?["replicas"]?.int
      }
      #expect(counts == counts.sorted(), "\(counts)")
      try await harness.expectNoMoreWrites()
    }
  }

  /// Nothing is deleted while something else fails: then the number is not fixed yet either.
  @Test func anAutoscalerThatStaysGoesOn() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.autoscaler(2, 4)])
      harness.faults.add {
        $0.resource == "poddisruptionbudgets" && $0.isWrite ? .status(422) : nil
      }
      let mark = harness.cluster?.history(.deployments).count ?? 0
      var spec = ScalerPhase.fixed(6).spec
      spec["availability"] = ["maxUnavailable": 2]
      try await harness.apply("support", spec)
      try await harness.advance(by: .seconds(60))
      #expect(try await harness.find(.horizontalPodAutoscalers) != nil)
      #expect(try await harness.summary("Stalled") == "Stalled=True ApplyFailed")
      let counts = (harness.cluster?.history(.deployments) ?? []).dropFirst(mark).compactMap {
        $0.new?["spec"]?["replicas"]?.int
      }
      #expect(counts.allSatisfy { $0 == 2 }, "\(counts)")
      harness.faults.clear()
      try await harness.advance(by: .seconds(400))
      #expect(try await harness.find(.horizontalPodAutoscalers) == nil)
      #expect(try await history.replicas() == 6)
      try await harness.expectNoMoreWrites()
    }
  }

  /// Nobody would wake it before KEDA is back.
  @Test func aSleepingAgentIsWokenBeforeTheScalerIsGone() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.idle(2, 6)])
      try await harness.patch(
        .scaledObjects, "support", ["metadata": ["finalizers": ["example.com/keeps"]]])
      try await harness.apply("support", ScalerPhase.fixed(8).spec)
      try await harness.settle()
      // What is left of KEDA allows no more.
      #expect(try await history.replicas() == 6)
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=False HandingOver")
      try await harness.expectNoMoreWrites()
      try await harness.patch(.scaledObjects, "support", ["metadata": ["finalizers": nil]])
      try await harness.settle()
      #expect(try await history.replicas() == 8)
      #expect(try await harness.list(.horizontalPodAutoscalers) == [])
      try await harness.expectNoMoreWrites()
    }
  }

  /// Found by seed 2170 of the simulation: KEDA's autoscaler is there, and the cache shows it late.
  @Test func anAutoscalerOfKEDAThatIsNotSeenYetIsWaitedFor() async throws {
    try await withOperator(installs: ScalerHistory.installs, garbageDelay: .seconds(20)) {
      harness in
      let history = ScalerHistory(harness: harness)
      harness.faults.addToWatches { resource, _ in
        resource == "horizontalpodautoscalers" ? .late(.seconds(40)) : nil
      }
      try await harness.apply("support", ScalerPhase.scaledObject(2, 6).spec)
      try await harness.letPass(.seconds(10))
      #expect(try await harness.find(.horizontalPodAutoscalers, "keda-hpa-support") != nil)
      try await harness.apply("support", ScalerPhase.autoscaler(3, 8).spec)
      try await harness.advance(by: .seconds(180))
      #expect(try await harness.list(.horizontalPodAutoscalers).map(\.name) == ["support"])
      history.expectNeverTwo()
      harness.faults.clear()
      try await harness.advance(by: .seconds(60))
      try await harness.expectNoMoreWrites()
    }
  }

  private static let unseen: [(scaler: ScalerPhase, next: ScalerPhase)] = [
    (.autoscaler(2, 6), .scaledObject(3, 8)), (.autoscaler(2, 6), .fixed(7)),
    (.scaledObject(2, 6), .autoscaler(3, 8)), (.scaledObject(2, 6), .fixed(5)),
  ]

  /// Seed 1717 of the simulation found the first, where a new leader's cache was behind; the third was
  /// found with KEDA itself, whose autoscaler keeps our label.
  @Test(arguments: unseen.indices)
  func aScalerOfOursThatIsNotSeenIsReleased(_ i: Int) async throws {
    let (scaler, next) = Self.unseen[i]
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([scaler])
      try await harness.stop()
      let resource = try #require(scaler.kind)
      try await harness.patch(resource, "support", Self.withoutLabel)
      try await harness.apply("support", next.spec)
      harness.start()
      try await harness.advance(by: .seconds(5))
      try await history.expectOneScaler(next)
      #expect(try await history.replicas() == next.least)
      history.expectNeverTwo()
      try await harness.expectNoMoreWrites()
    }
  }

  /// No event tells when it goes.
  @Test func aPredecessorsScalerThatIsNotSeenIsWaitedFor() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.scaledObject(2, 6)])
      try await harness.stop()
      var patch = Self.withoutLabel
      patch["metadata"]?["finalizers"] = ["example.com/keeps"]
      try await harness.patch(.scaledObjects, "support", patch)
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      try await harness.delete(.horizontalPodAutoscalers, "keda-hpa-support")
      try await harness.apply("support", ScalerPhase.autoscaler(3, 8).spec)
      harness.start()
      try await harness.advance(by: .seconds(60))
      #expect(try await harness.find(.horizontalPodAutoscalers) == nil)
      #expect(
        try await harness.condition("ScalingActive")?.message
          == "HorizontalPodAutoscaler support waits until ScaledObject support is gone; the number "
          + "of pods stays as it is")
      try await harness.patch(.scaledObjects, "support", ["metadata": ["finalizers": nil]])
      try await harness.advance(by: .seconds(3))
      #expect(try await harness.list(.horizontalPodAutoscalers).map(\.name) == ["support"])
      history.expectNeverTwo()
      try await harness.expectNoMoreWrites()
    }
  }

  private static let withoutLabel: JSONValue = [
    "metadata": ["labels": ["app.kubernetes.io/managed-by": nil]]
  ]

  /// Found by seed 4182 of the simulation: nothing told of a new Deployment that it was scaled before.
  @Test func aDeploymentMadeAnewWaitsForTheScalerToo() async throws {
    try await withOperator(installs: ScalerHistory.installs, garbageDelay: .seconds(200)) {
      harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.scaledObject(2, 3)])
      try await harness.apply("support", ScalerPhase.fixed(5).spec)
      try await harness.letPass(.seconds(2))
      #expect(try await harness.find(.horizontalPodAutoscalers, "keda-hpa-support") != nil)
      let mark = harness.log.count
      try await harness.delete(.deployments, "support")
      try await harness.letPass(.seconds(20))
      #expect(try await harness.find(.horizontalPodAutoscalers, "keda-hpa-support") != nil)
      #expect(try await history.replicas() == 3)
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=False HandingOver")
      try await harness.advance(by: .seconds(250))
      #expect(try await history.replicas() == 5)
      let applies = harness.log.writes(since: mark).filter { $0.resource == "deployments" }
      #expect(applies.count == 2, "\(applies)")
      try await harness.expectNoMoreWrites()
    }
  }

  /// An agent that was deleted and made anew, before the garbage collector took all of the first.
  @Test func aPredecessorsScalerIsWaitedFor() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.scaledObject(2, 6)])
      try await harness.patch(
        .scaledObjects, "support", ["metadata": ["finalizers": ["example.com/keeps"]]])
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      // Or KEDA had not made it yet.
      try await harness.delete(.horizontalPodAutoscalers, "keda-hpa-support")
      try await harness.apply("support", ScalerPhase.autoscaler(3, 8).spec)
      try await harness.settle()
      #expect(try await harness.find(.horizontalPodAutoscalers) == nil)
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=False HandingOver")
      try await harness.patch(.scaledObjects, "support", ["metadata": ["finalizers": nil]])
      try await harness.settle()
      #expect(try await harness.list(.horizontalPodAutoscalers).map(\.name) == ["support"])
      history.expectNeverTwo()
      try await harness.expectNoMoreWrites()
    }
  }

  /// Found by seed 812 of the simulation: KEDA's autoscaler goes when the garbage collector comes to
  /// it, and till then it and we took turns in setting the number of pods, without an end.
  @Test func fixedReplicasWaitUntilTheScalerIsGone() async throws {
    try await withOperator(installs: ScalerHistory.installs, garbageDelay: .seconds(50)) {
      harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.scaledObject(2, 3)])
      let mark = harness.log.count
      try await history.run([.fixed(5)])
      #expect(try await history.replicas() == 5)
      let applies = harness.log.writes(since: mark).filter { $0.resource == "deployments" }
      #expect(applies.count == 2, "\(applies)")
      try await harness.expectNoMoreWrites()
    }
  }

  /// Found by seed 547 of the simulation: own deletes bring nobody back.
  @Test func fixedReplicasComeBackOnceOurOwnScalerIsPruned() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.autoscaler(2, 3)])
      harness.faults.next(.status(500), count: 6) {
        $0.method == "DELETE" && $0.resource == "horizontalpodautoscalers"
      }
      try await history.run([.fixed(5)])
      #expect(try await history.replicas() == 5)
      try await harness.expectNoMoreWrites()
    }
  }

  /// Somebody took the label off it by which it is followed, and the spec changed.
  @Test func aDeploymentThatWasNotSeenKeepsItsPods() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      let history = ScalerHistory(harness: harness)
      try await history.run([.fixed(4)])
      try await harness.stop()
      try await harness.patch(
        .deployments, "support",
        ["metadata": ["labels": ["app.kubernetes.io/managed-by": nil]]])
      try await harness.apply("support", ScalerPhase.autoscaler(2, 6).spec)
      harness.start()
      try await harness.settle()
      let counts = (harness.cluster?.history(.deployments) ?? []).compactMap {
        $0.new?["spec"]?["replicas"]?.int
      }
      #expect(counts.allSatisfy { $0 == 4 }, "\(counts)")
      try await harness.expectNoMoreWrites()
    }
  }
}

/// KEDA as a kind that may be missing, and what the scaler says as part of the agent's status.
@Suite struct ScaledObjectTests {
  @Test func itComesAndGoesWithItsDefinition() async throws {
    try await withOperator(installs: [.agentDeployments]) { harness in
      try await harness.apply("support", ScalerPhase.scaledObject(2, 6).spec)
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False UnsupportedByClass")
      #expect(try await harness.find(.deployments) == nil)
      for resource in [ResourceType.scaledObjects, .triggerAuthentications] {
        try await harness.install(resource)
      }
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=True Valid")
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=True Scaling")
      #expect(try await harness.list(.scaledObjects).count == 1)
      for resource in [ResourceType.scaledObjects, .triggerAuthentications] {
        try await harness.uninstall(resource)
      }
      try await harness.settle()
      // What ran goes on.
      #expect(try await harness.summary("Accepted") == "Accepted=False UnsupportedByClass")
      #expect(try await harness.get(.deployments)["spec"]?["replicas"] == 2)
      // KEDA's own autoscaler went with its ScaledObject.
      #expect(try await harness.list(.horizontalPodAutoscalers) == [])
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aClassMayPromiseKEDABeforeItIsThere() async throws {
    try await withOperator(installs: [.agentDeployments, .agentClasses]) { harness in
      try await harness.applyClass(
        "production", ["capabilities": ["keda": true, "istio": false]], isDefault: true)
      try await harness.apply("support", ScalerPhase.autoscaler(3, 8).spec)
      try await harness.settle()
      try await harness.apply("support", ScalerPhase.scaledObject(2, 6).spec)
      try await harness.settle()
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=False KindNotInstalled")
      // Better than none.
      #expect(try await harness.find(.horizontalPodAutoscalers) != nil)
      for resource in [ResourceType.scaledObjects, .triggerAuthentications] {
        try await harness.install(resource)
      }
      try await harness.settle()
      #expect(try await harness.find(.horizontalPodAutoscalers) == nil)
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=True Scaling")
      ScalerHistory(harness: harness).expectNeverTwo()
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func theStatusSaysWhatTheScalerSays() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      try await harness.apply("support", ScalerPhase.idle(2, 6).spec)
      try await harness.settle()
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=True Scaling")
      try await harness.patch(
        .scaledObjects, "support",
        ["metadata": ["annotations": [SimulatedKEDA.broken: "yes"]]])
      try await harness.settle()
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=False TriggerError")
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.patch(
        .scaledObjects, "support",
        [
          "metadata": [
            "annotations": [
              SimulatedKEDA.broken: nil, SimulatedKEDA.active: "false",
            ]
          ]
        ])
      try await harness.settle()
      #expect(try await harness.get(.deployments)["spec"]?["replicas"] == 0)
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=True Idle")
      try await harness.apply("support", ScalerPhase.fixed(2).spec)
      try await harness.settle()
      #expect(try await harness.condition("ScalingActive") == nil)
      try await harness.expectNoMoreWrites()
    }
  }

  /// It looks at its autoscaler every 30 seconds; the autoscaler itself says more.
  @Test func whatKEDASaysLateIsNotRepeated() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      try await ScalerHistory(harness: harness).run([.scaledObject(2, 6)])
      try await harness.patch(
        .scaledObjects, "support", ["metadata": ["annotations": [SimulatedKEDA.late: "yes"]]])
      try await harness.settle()
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=True Scaling")
      try await harness.expectNoMoreWrites()
    }
  }

  /// KEDA deletes its autoscaler while an annotation says so, and makes it again.
  @Test func aPauseOfKEDAsIsLeftAlone() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      try await ScalerHistory(harness: harness).run([.scaledObject(2, 6)])
      try await harness.patch(
        .scaledObjects, "support",
        ["metadata": ["annotations": [SimulatedKEDA.paused: "true"]]])
      try await harness.settle()
      #expect(try await harness.list(.horizontalPodAutoscalers) == [])
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=False Paused")
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
      #expect(try await harness.get(.scaledObjects).annotations[SimulatedKEDA.paused] == "true")
      try await harness.patch(
        .scaledObjects, "support",
        ["metadata": ["annotations": [SimulatedKEDA.paused: nil]]])
      try await harness.settle()
      #expect(try await harness.summary("ScalingActive") == "ScalingActive=True Scaling")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func theKeysThatKEDAReadsAreReferences() async throws {
    try await withOperator(installs: ScalerHistory.installs) { harness in
      var spec = ScalerPhase.scaledObject(2, 6).spec
      spec["scaling"]?["metrics"] = [
        [
          "type": "Queue", "target": "5",
          "trigger": [
            "type": "redis", "metadata": ["listName": "support"],
            "secretTargetRef": [["parameter": "password", "name": "redis", "key": "password"]],
          ],
        ]
      ]
      try await harness.apply("support", spec)
      try await harness.settle()
      #expect(
        try await harness.condition("ResolvedRefs")?.message.contains(
          "spec.scaling.metrics[0].trigger.secretTargetRef[0].name") == true)
      #expect(try await harness.list(.triggerAuthentications).map(\.name) == ["support-trigger-0"])
      try await harness.createSecret("redis")
      try await harness.settle()
      #expect(try await harness.summary("ResolvedRefs") == "ResolvedRefs=True AllFound")
      // A trigger that has no credentials any more leaves none behind.
      try await harness.apply("support", ScalerPhase.scaledObject(2, 6).spec)
      try await harness.settle()
      #expect(try await harness.list(.triggerAuthentications) == [])
      try await harness.expectNoMoreWrites()
    }
  }
}
