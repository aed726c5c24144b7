import JSON
import KubernetesAPI
import ManifestRendering
import Testing

@testable import AgentOperator

@Suite struct PlannerTests {
  @Test func convergedNeedsNothing() throws {
    let rendering = try Fixtures.rendering()
    #expect(Fixtures.plan(rendering, Fixtures.converged(rendering)).isEmpty)
  }

  @Test func emptyClusterGetsEverythingInWaves() throws {
    let rendering = try Fixtures.rendering()
    var observed = ObservedState()
    observed.availableOptional = Set(ClusterCache.optional)
    let plan = Fixtures.plan(rendering, observed)
    #expect(plan.steps.count == rendering.objects.count)
    let waves = plan.steps.compactMap(\.wave)
    #expect(waves == waves.sorted())
    #expect(plan.prune.isEmpty)
  }

  @Test func missingKindsAreSkippedNotFailed() throws {
    let rendering = try Fixtures.rendering()
    let plan = Fixtures.plan(rendering, ObservedState())
    #expect(
      Set(plan.skipped.map(\.resource.kind))
        == ["VirtualService", "DestinationRule", "PeerAuthentication"])
    #expect(plan.steps.count == rendering.objects.count - 3)
  }

  @Test func removedFieldsAreSeenByTheHash() throws {
    let before = try Fixtures.rendering(["podTemplate": ["metadata": ["labels": ["a": "b"]]]])
    let after = try Fixtures.rendering()
    let plan = Fixtures.plan(after, Fixtures.converged(before))
    let changed = plan.steps.compactMap { step -> String? in
      guard case .apply(let object, .changed) = step else { return nil }
      return object.object.kind
    }
    #expect(changed.contains("Deployment"))
  }

  @Test func foreignChangesOfOurFieldsAreDrift() throws {
    let rendering = try Fixtures.rendering()
    var observed = Fixtures.converged(rendering)
    observed.change(.services) { $0["spec"]?["type"] = "NodePort" }
    let plan = Fixtures.plan(rendering, observed)
    let service = try #require(rendering.objects.first { $0.resource == .services })
    #expect(plan.steps == [.apply(service, .drifted([["spec", "type"]]))])
  }

  @Test func foreignFieldsAreNoDrift() throws {
    let rendering = try Fixtures.rendering()
    var observed = Fixtures.converged(rendering)
    observed.change(.deployments) { deployment in
      deployment["spec"]?["replicas"] = 7
      deployment["metadata"]?["labels"]?["team"] = "x"
      deployment["spec"]?["template"]?["metadata"]?["annotations"]?[
        "kubectl.kubernetes.io/restartedAt"] = "2026-11-21T00:00:00Z"
      deployment["spec"]?["template"]?["spec"]?["dnsPolicy"] = "ClusterFirst"
      let sidecar: JSONValue = ["name": "istio-proxy", "image": "proxy"]
      let containers = deployment["spec"]?["template"]?["spec"]?["containers"]?.array ?? []
      deployment["spec"]?["template"]?["spec"]?["containers"] = .array([sidecar] + containers)
    }
    #expect(Fixtures.plan(rendering, observed).isEmpty)
  }

  @Test func whatIsNoLongerRenderedIsPrunedWithPreconditions() throws {
    let before = try Fixtures.rendering()
    let after = try Fixtures.rendering(["scaling": ["minReplicas": 2, "maxReplicas": 2]])
    let plan = Fixtures.plan(after, Fixtures.converged(before))
    #expect(
      plan.prune.contains {
        if case .delete(.horizontalPodAutoscalers, let key, let uid, let version) = $0 {
          key.name == "support" && !uid.isEmpty && !version.isEmpty
        } else {
          false
        }
      })
  }

  @Test func onlyOwnObjectsArePruned() throws {
    let rendering = try Fixtures.rendering()
    var observed = Fixtures.converged(rendering)
    var foreign = KubernetesObject(ResourceType.services.gvk, namespace: "agents", name: "other")
    foreign["metadata"]?["uid"] = "x"
    foreign["metadata"]?["resourceVersion"] = "5"
    observed.live[.services, default: [:]][foreign.key] = foreign
    #expect(Fixtures.plan(rendering, observed).isEmpty)
  }

  @Test func configMapsOfKeptRevisionsStay() throws {
    let old = try Fixtures.rendering(["config": ["a": "1"]])
    let new = try Fixtures.rendering(["config": ["a": "2"]])
    var observed = Fixtures.converged(new)
    for (key, object) in Fixtures.converged(old).live[.configMaps] ?? [:] {
      observed.live[.configMaps, default: [:]][key] = object
    }
    #expect(Fixtures.plan(new, observed, keptRevisions: [old.revision]).prune.isEmpty)
    #expect(Fixtures.plan(new, observed).prune.count == 1)
  }

  @Test func objectsOfOthersAreConflictsNotTakenOver() throws {
    let rendering = try Fixtures.rendering()
    var observed = Fixtures.converged(rendering)
    observed.change(.services) { service in
      service["metadata"]?["ownerReferences"] = nil
      service["metadata"]?["labels"] = ["app": "mine"]
    }
    let plan = Fixtures.plan(rendering, observed)
    #expect(plan.conflicts.map(\.resource) == [.services])
    #expect(plan.conflicts.first?.isLeftover == false)
    #expect(plan.steps.isEmpty)
  }

  @Test func leftoversOfAPredecessorAreWaitedFor() throws {
    let rendering = try Fixtures.rendering()
    var observed = Fixtures.converged(rendering)
    observed.change(.services) { service in
      var owner = service.ownerReferences.first?.json ?? [:]
      owner["uid"] = "another-uid"
      service["metadata"]?["ownerReferences"] = [owner]
    }
    #expect(Fixtures.plan(rendering, observed).conflicts.map(\.isLeftover) == [true])
  }

  @Test("correctness rule 30: replicas get another owner before we let go of them")
  func replicasAreHandedOver() throws {
    let fixed = try Fixtures.rendering(["scaling": ["minReplicas": 6, "maxReplicas": 6]])
    let scaled = try Fixtures.rendering(["scaling": ["minReplicas": 2, "maxReplicas": 10]])
    let plan = Fixtures.plan(scaled, Fixtures.converged(fixed))
    let handOver = plan.steps.firstIndex {
      $0 == .keepReplicas(ObjectKey(namespace: "agents", name: "support"), 6)
    }
    let apply = plan.steps.firstIndex {
      if case .apply(let object, _) = $0 { object.resource == .deployments } else { false }
    }
    #expect(try #require(handOver) < #require(apply))
    // Between two scaled renderings nothing has to be kept.
    let wider = try Fixtures.rendering(["scaling": ["minReplicas": 2, "maxReplicas": 12]])
    #expect(
      !Fixtures.plan(wider, Fixtures.converged(scaled)).steps.contains {
        if case .keepReplicas = $0 { true } else { false }
      })
  }

  @Test("while a scaler goes, its Deployment stays as it was applied beside it")
  func aFixedNumberComesAfterTheScaler() throws {
    let scaled = try Fixtures.rendering(["scaling": ["minReplicas": 2, "maxReplicas": 10]])
    let fixed = try Fixtures.rendering(["scaling": ["minReplicas": 16, "maxReplicas": 16]])
    var observed = Fixtures.converged(scaled)
    let plan = Fixtures.plan(fixed, observed)
    #expect(plan.awaited == ["HorizontalPodAutoscaler support"])
    #expect(
      !plan.steps.contains {
        if case .apply(let object, _) = $0 { object.resource == .deployments } else { false }
      })
    #expect(plan.prune.count == 1)
    observed.live[.horizontalPodAutoscalers] = nil
    let next = Fixtures.plan(fixed, observed)
    #expect(next.awaited.isEmpty)
    let applied = next.steps.compactMap { step -> Int? in
      guard case .apply(let object, _) = step, object.resource == .deployments else { return nil }
      return object.object["spec"]?["replicas"]?.int
    }
    #expect(applied == [16])
  }
}
