import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

@testable import AgentOperator

@Suite struct StatusBuilderTests {
  private let now = "2026-11-21T00:00:00Z"
  private let later = "2026-11-21T00:01:00Z"

  private func agent(_ spec: JSONValue = [:]) throws -> AgentDeployment {
    try AgentDeployment.decode(Fixtures.agentObject(spec).json).get()
  }

  private func healthy(_ rendering: Rendering, available: Int = 3) -> ObservedState {
    var observed = Fixtures.converged(rendering)
    observed.change(.deployments) { deployment in
      deployment["spec"]?["replicas"] = 3
      deployment["status"] = [
        "observedGeneration": 1, "replicas": 3, "updatedReplicas": 3,
        "readyReplicas": JSONValue(available), "availableReplicas": JSONValue(available),
        "conditions": [
          ["type": "Available", "status": .string(available > 0 ? "True" : "False")]
        ],
      ]
    }
    return observed
  }

  @Test func readyWhenEverythingIs() throws {
    let agent = try agent()
    let rendering = try Fixtures.rendering()
    let status = StatusBuilder.status(
      of: agent, ReconcileReport(rendering: rendering, missing: [], isPaused: false),
      healthy(rendering), previous: nil, now: now)
    for type in ["Ready", "Accepted", "ResolvedRefs", "Available", "Programmed"] {
      #expect(status.conditions[type]?.status == .true, "\(type)")
    }
    for type in ["Progressing", "Reconciling", "Stalled"] {
      #expect(status.conditions[type]?.status == .false, "\(type)")
    }
    #expect(status.currentRevision == rendering.revision)
    #expect(status.readyReplicas == 3)
  }

  @Test func sameInputSameStatus() throws {
    let agent = try agent()
    let rendering = try Fixtures.rendering()
    let report = ReconcileReport(rendering: rendering, missing: [], isPaused: false)
    let first = StatusBuilder.status(
      of: agent, report, healthy(rendering), previous: nil, now: now)
    let second = StatusBuilder.status(
      of: agent, report, healthy(rendering), previous: first.json, now: later)
    #expect(first.json == second.json)
  }

  @Test func transitionTimesMoveOnlyWithTheStatus() throws {
    let agent = try agent()
    let rendering = try Fixtures.rendering()
    let report = ReconcileReport(rendering: rendering, missing: [], isPaused: false)
    let down = StatusBuilder.status(
      of: agent, report, healthy(rendering, available: 0), previous: nil, now: now)
    #expect(down.conditions["Ready"]?.status == .false)
    let up = StatusBuilder.status(
      of: agent, report, healthy(rendering), previous: down.json, now: later)
    #expect(up.conditions["Ready"]?.lastTransitionTime == later)
    #expect(up.conditions["Accepted"]?.lastTransitionTime == now)
  }

  /// Its Service that is there goes on leading to the pods.
  @Test func anAgentWhoseServiceCannotBeChangedServes() throws {
    let rendering = try Fixtures.rendering()
    var report = ReconcileReport(rendering: rendering, missing: [], isPaused: false)
    report.failures = [
      PlanExecutor.Failure(
        object: "Service support", resource: .services, error: CancellationError())
    ]
    var observed = healthy(rendering)
    func conditions() throws -> [Condition] {
      StatusBuilder.status(of: try agent(), report, observed, previous: nil, now: now).conditions
    }
    #expect(try conditions()["Ready"]?.status == .true)
    #expect(try conditions()["Programmed"]?.status == .false)
    observed.live[.services] = nil
    #expect(try conditions()["Ready"]?.status == .false)
    #expect(try conditions()["Ready"]?.reason == "ApplyFailed")
  }

  /// kstatus knows no object that is both at work and stuck.
  @Test func whatNeedsAPersonIsNotInProgress() throws {
    let rendering = try Fixtures.rendering()
    let leftover = OwnershipConflict(
      resource: .configMaps, key: ObjectKey(namespace: "agents", name: "a"), isLeftover: true)
    let foreign = OwnershipConflict(
      resource: .services, key: ObjectKey(namespace: "agents", name: "b"), isLeftover: false)
    for conflicts in [[leftover, foreign], [foreign, leftover]] {
      var report = ReconcileReport(rendering: rendering, missing: [], isPaused: false)
      report.conflicts = conflicts
      let status = StatusBuilder.status(
        of: try agent(), report, healthy(rendering), previous: nil, now: now)
      #expect(status.conditions["Reconciling"]?.status == .false)
      #expect(status.conditions["Stalled"]?.status == .true)
    }
  }

  @Test func missingReferencesAreNamed() throws {
    let agent = try agent(["secrets": [["name": "llm", "secretRef": ["name": "support-llm"]]]])
    let rendering = agent.render(RenderingContext(now: Fixtures.now))
    let status = StatusBuilder.status(
      of: agent,
      ReconcileReport(rendering: rendering, missing: rendering.references, isPaused: false),
      healthy(rendering), previous: nil, now: now)
    let condition = try #require(status.conditions["ResolvedRefs"])
    #expect(condition.status == .false && condition.reason == "RefNotFound")
    #expect(condition.message.contains("Secret support-llm"))
    #expect(condition.message.contains("spec.secrets[0].secretRef.name"))
    #expect(status.conditions["Ready"]?.status == .false)
  }

  @Test func aMeshThatIsNotThereDoesNotMakeItUnready() throws {
    let rendering = try Fixtures.rendering()
    let skipped = rendering.objects.filter(\.isOptionalKind)
    let status = StatusBuilder.status(
      of: try agent(),
      ReconcileReport(rendering: rendering, missing: [], isPaused: false, skipped: skipped),
      healthy(rendering), previous: nil, now: now)
    #expect(status.conditions["Programmed"]?.status == .false)
    #expect(status.conditions["Programmed"]?.message.contains("VirtualService") == true)
    #expect(status.conditions["Ready"]?.status == .true)
    #expect(status.resources.filter { $0.state == .skipped }.count == 3)
  }

  @Test func anOldRevisionServesUntilTheNewOneIsComplete() throws {
    let old = try Fixtures.rendering()
    let new = try Fixtures.rendering(["image": "registry/support:v2"])
    var previous: JSONValue = ["currentRevision": .string(old.revision)]
    var observed = healthy(new)
    observed.change(.deployments) { $0["status"]?["updatedReplicas"] = 1 }
    let report = ReconcileReport(rendering: new, missing: [], isPaused: false)
    let during = StatusBuilder.status(
      of: try agent(["image": "registry/support:v2"]), report, observed, previous: previous,
      now: now)
    #expect(during.currentRevision == old.revision && during.updateRevision == new.revision)
    #expect(during.conditions["Ready"]?.status == .true)
    #expect(during.conditions["Progressing"]?.reason == "RollingOut")
    previous = during.json
    let after = StatusBuilder.status(
      of: try agent(["image": "registry/support:v2"]), report, healthy(new), previous: previous,
      now: later)
    #expect(after.currentRevision == new.revision)
  }

  @Test("correctness rule 42: replicas counted for an older spec prove nothing")
  func aStatusOfAnOlderSpecIsNotComplete() throws {
    let rendering = try Fixtures.rendering()
    var observed = healthy(rendering)
    observed.change(.deployments) { $0["metadata"]?["generation"] = 2 }
    let status = StatusBuilder.status(
      of: try agent(), ReconcileReport(rendering: rendering, missing: [], isPaused: false),
      observed, previous: ["currentRevision": "older"], now: now)
    #expect(status.currentRevision == "older")
    #expect(status.conditions["Progressing"]?.reason == "RollingOut")
    #expect(status.conditions["Reconciling"]?.status == .true)
  }

  @Test func aRefusedSpecKeepsWhatItKnewBefore() {
    var object = Fixtures.agentObject()
    object["metadata"]?["generation"] = 4
    object["status"] = ["currentRevision": "abc", "replicas": 3, "observedGeneration": 3]
    let status = StatusBuilder.refused(
      object, reason: "Invalid", message: "spec.port: must be at most 65535", now: now)
    #expect(status.observedGeneration == 4)
    #expect(status.currentRevision == "abc" && status.replicas == 3)
    #expect(status.conditions["Accepted"]?.status == .false)
    #expect(status.conditions["Accepted"]?.message.contains("spec.port") == true)
    #expect(status.conditions["Stalled"]?.status == .true)
  }

  @Test func aStuckRolloutNeedsAPerson() throws {
    let rendering = try Fixtures.rendering()
    var observed = healthy(rendering)
    observed.change(.deployments) { deployment in
      deployment["status"]?["updatedReplicas"] = 1
      deployment["status"]?["conditions"] = [
        ["type": "Available", "status": "True"],
        ["type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"],
      ]
    }
    let status = StatusBuilder.status(
      of: try agent(), ReconcileReport(rendering: rendering, missing: [], isPaused: false),
      observed, previous: nil, now: now)
    #expect(status.conditions["Stalled"]?.reason == "ProgressDeadlineExceeded")
    // A failed candidate never makes the agent unready.
    #expect(status.conditions["Ready"]?.status == .true)
  }
}
