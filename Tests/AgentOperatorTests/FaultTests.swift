import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Testing

@testable import AgentOperator

/// Bad input: what cannot be used is refused, and everything else goes on.
@Suite struct BadInputTests {
  /// Valid for the API server; only the operator sees what is wrong.
  private let bad: JSONValue = ["config": ["no/slashes": "x"]]

  @Test(arguments: Lane.all)
  func aBadSpecIsRefusedAndWhatRunsGoesOn(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply()
      try await harness.settle()
      let before = try await harness.canonicalState()
      let revision = try await harness.revision()
      let mark = harness.log.count
      var spec = bad
      spec["image"] = "registry/support:v2"
      try await harness.apply("support", spec)
      try await harness.settle()
      let accepted = try #require(try await harness.condition("Accepted"))
      #expect(accepted.status == .false)
      #expect(accepted.message.contains("spec.config"))
      #expect(try await harness.condition("Ready")?.status == .false)
      #expect(try await harness.condition("Stalled")?.status == .true)
      #expect(try await harness.revision() == revision)
      // One status and one event, whatever time passes (oracle E).
      try await harness.advance(by: lane == .real ? .milliseconds(500) : .seconds(3600))
      #expect(
        harness.log.writes(since: mark).map(\.description) == [
          "PATCH agentdeployments/support/status"
        ])
      var after = try await harness.canonicalState()
      after["AgentDeployment support"] = before["AgentDeployment support"]
      #expect(after == before)
      // Others are not held up, and it heals.
      try await harness.apply("other")
      try await harness.settle()
      #expect(try await harness.summary("Ready", of: "other") == "Ready=True Ready")
      try await harness.apply("support", ["image": "registry/support:v3"])
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      #expect(try await harness.summary("Accepted") == "Accepted=True Valid")
      try await harness.expectNoMoreWrites()
    }
  }

  /// A refused agent may stay so for weeks, when its class has become stricter.
  @Test func whatBecomesOfARefusedAgentIsTold() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      try await harness.apply("support", ["image": "registry/support:v2", "config": ["": "x"]])
      try await harness.settle()
      let ready = try #require(try await harness.condition("Ready"))
      #expect(ready.message.hasPrefix("the last accepted revision goes on running"))
      #expect(try await harness.summary("Available") == "Available=True MinimumReplicasAvailable")
      let events = try await harness.events()
      // Its node goes, and with it all pods.
      try await harness.patch(.deployments, "support", ["spec": ["paused": true]])
      for pod in try await harness.list(.pods) {
        _ = try await harness.client.patch(
          .pods, pod.key,
          .merge([
            "status": [
              "phase": "Failed", "conditions": [["type": "Ready", "status": "False"]],
            ]
          ]), fieldManager: "kubelet", subresource: "status")
      }
      try await harness.until("it is told", within: .seconds(30)) {
        try await harness.condition("Available")?.status == .false
      }
      #expect(try await harness.condition("Accepted")?.status == .false)
      let down = try #require(try await harness.condition("Ready"))
      #expect(down.message.hasPrefix("of the last accepted revision: "))
      // It is not refused anew.
      #expect(
        try await harness.events().filter { $0.hasPrefix("Invalid") }
          == events.filter { $0.hasPrefix("Invalid") })
    }
  }

  /// An API server takes 10,000 levels where the schema is free.
  @Test func aDeepSpecIsRefusedAndStopsNobody() async throws {
    try await withOperator { harness in
      let nested = String(repeating: "[", count: 9000) + String(repeating: "]", count: 9000)
      harness.faults.replace("\"(deep)\"", by: nested)
      try await harness.apply("other")
      // Once through a list, and once through a watch.
      for podTemplate: JSONValue in [["spec": ["a": "(deep)"]], ["spec": ["b": "(deep)"]]] {
        try await harness.apply("support", ["podTemplate": podTemplate])
        try await harness.restart()
        try await harness.settle()
        let accepted = try #require(try await harness.condition("Accepted"))
        #expect(accepted.status == .false && accepted.reason == "Invalid")
        #expect(
          accepted.message == "spec.podTemplate.spec: must not be nested deeper than 100 levels")
        #expect(try await harness.summary("Ready", of: "other") == "Ready=True Ready")
        try await harness.apply("support", ["podTemplate": podTemplate, "image": "a/b:v2"])
        try await harness.settle()
        #expect(try await harness.summary("Accepted") == "Accepted=False Invalid")
        try await harness.expectNoMoreWrites()
      }
      #expect(!harness.logs.lines.contains { $0.level >= .warning })
      try await harness.apply("support")
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
    }
  }

  /// Nor does somebody else's part of an object that was made for an agent.
  @Test func aDeepChildIsKeptAsItShouldBe() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      let nested = String(repeating: "[", count: 9000) + String(repeating: "]", count: 9000)
      harness.faults.replace("\"(deep)\"", by: nested)
      let key = ObjectKey(namespace: harness.namespace, name: "support")
      _ = try await harness.client.patch(
        .destinationRules, key,
        .merge([
          "metadata": ["labels": ["app.kubernetes.io/name": "x"]], "spec": ["theirs": "(deep)"],
        ]))
      try await harness.settle()
      let live = try await harness.client.get(.destinationRules, key)
      #expect(live.label("app.kubernetes.io/name") == "support")
      #expect(live["spec"]?["theirs"] == "(deep)")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aSpecThatTheServerRefusesIsAPersonsJob() async throws {
    try await withOperator { harness in
      // An admission webhook, for example, knows more than our validation.
      harness.faults.add { request in
        request.isWrite && request.resource == "deployments" && request.name == "support"
          && request.body?["spec"]?["template"]?["metadata"]?["labels"]?["team"] == nil
          ? .status(422) : nil
      }
      try await harness.apply()
      try await harness.apply("other")
      try await harness.settle()
      let stalled = try #require(try await harness.condition("Stalled"))
      #expect(stalled.status == .true && stalled.reason == "ApplyFailed")
      #expect(stalled.message.contains("Deployment support"))
      #expect(try await harness.summary("Ready", of: "other") == "Ready=True Ready")
      // With growing pauses, not a storm.
      let mark = harness.log.count
      try await harness.advance(by: .seconds(3600))
      #expect(harness.log.writes(since: mark).count < 60)
      try await harness.apply(
        "support", ["podTemplate": ["metadata": ["labels": ["team": "a"]]]])
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all)
  func aPausedAgentIsLookedAtButNotTouched(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply()
      try await harness.settle()
      try await harness.apply("support", ["paused": true, "image": "registry/support:v2"])
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Paused")
      #expect(try await harness.summary("Progressing") == "Progressing=False Paused")
      let mark = harness.log.count
      try await harness.patch(.services, "support", ["spec": ["sessionAffinity": "ClientIP"]])
      try await harness.delete(.podDisruptionBudgets, "support")
      try await harness.settle()
      #expect(try await harness.find(.podDisruptionBudgets) == nil)
      #expect(harness.log.writes(since: mark).filter { !$0.isStatusWrite }.isEmpty)
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.settle()
      #expect(try await harness.find(.podDisruptionBudgets) != nil)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }
}

/// The API server is away, slow or overloaded.
@Suite struct OutageTests {
  @Test func aServerThatIsAwayAtTheStartIsWaitedFor() async throws {
    try await withOperator(starts: false) { harness in
      harness.faults.add { _ in .refused }
      try await harness.apply()
      harness.start()
      try await harness.until("ten minutes", within: .seconds(2000)) {
        harness.clock.now > .seconds(600)
      }
      #expect(harness.agentOperator?.isReady == false)
      #expect(harness.logs.lines.filter { $0.level >= .warning }.count == 1)
      // Thirteen reflectors with pauses of up to 30 s, each list tried four times.
      #expect(harness.log.count < 13 * 4 * 60)
      harness.faults.clear()
      try await harness.until("it is ready") {
        try await harness.summary("Ready") == "Ready=True Ready"
      }
      try await harness.advance(by: .seconds(60))
      #expect(harness.logs.lines(containing: "answers again").count == 1)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aServerThatGoesAwayIsMissedOnceAndWorkGoesOnAfterwards() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      harness.faults.add { _ in .refused }
      harness.connection?.cutWatches()
      try await harness.apply("support", ["image": "registry/support:v2"])
      let start = harness.clock.now
      try await harness.until("five minutes", within: .seconds(2000)) {
        harness.clock.now > start + .seconds(300)
      }
      #expect(harness.logs.lines(containing: "does not answer").count == 1)
      harness.faults.clear()
      try await harness.until("it is rolled out") {
        let deployment = try await harness.get(.deployments)
        return deployment["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"]
          == "registry/support:v2"
      }
      try await harness.until("it is ready") {
        try await harness.summary("Ready") == "Ready=True Ready"
      }
      // Some watches pause for up to half a minute.
      try await harness.advance(by: .seconds(60))
      #expect(harness.logs.lines(containing: "answers again").count == 1)
      #expect(!harness.logs.lines.contains { $0.level >= .error })
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: [
    Fault.lostBefore, .lostAfter, .refused, .status(409), .status(429, retryAfter: 1),
    .status(500), .status(503), .status(503, retryAfter: 2), .delay(.seconds(5)), .status(403),
  ])
  func everySingleWriteMayFail(fault: Fault) async throws {
    try await withOperator { harness in
      try await harness.settle()
      // Each write once, whatever it is.
      let seen = LockedSet()
      harness.faults.add { request in
        request.isStateWrite && seen.insert(request.description) ? fault : nil
      }
      try await harness.apply("support", ["secrets": [["name": "s", "generate": [:]]]])
      try await harness.until("it is ready") {
        try await harness.summary("Ready") == "Ready=True Ready"
      }
      try await harness.advance(by: .seconds(60))
      harness.faults.clear()
      #expect(try await harness.condition("Stalled")?.status == .false)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func oneAgentThatFailsDoesNotHoldUpOthers() async throws {
    try await withOperator { harness in
      harness.faults.add { $0.isWrite && $0.name == "bad" ? .status(500) : nil }
      try await harness.apply("bad")
      for i in 0..<20 { try await harness.apply("good-\(i)") }
      try await harness.settle()
      for i in 0..<20 {
        #expect(try await harness.summary("Ready", of: "good-\(i)") == "Ready=True Ready")
      }
      harness.faults.clear()
      try await harness.until("it is ready") {
        try await harness.summary("Ready", of: "bad") == "Ready=True Ready"
      }
    }
  }
}

/// Status and events.
@Suite struct ReportingTests {
  @Test(arguments: Lane.all)
  func aStatusThatSomebodyWipesComesBack(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply()
      try await harness.settle()
      let before = try await harness.canonicalState()
      _ = try await harness.client.patch(
        .agentDeployments, harness.key("support"), .merge(["status": nil]),
        fieldManager: "somebody", subresource: "status")
      try await harness.settle()
      #expect(try await harness.canonicalState() == before)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aStatusThatMetAConflictIsWrittenLater() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      harness.faults.next(.status(409), count: 4) { $0.isStatusWrite }
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.advance(by: .seconds(60))
      let agent = try await harness.get(.agentDeployments)
      #expect(agent["status"]?["observedGeneration"]?.int == agent.generation)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
    }
  }

  @Test(arguments: Lane.all)
  func theStatusIsWrittenOnlyWhenItChanges(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply()
      try await harness.settle()
      let bodies = harness.log.writes.filter(\.isStatusWrite).compactMap { $0.body?["status"] }
      for (a, b) in zip(bodies, bodies.dropFirst()) { #expect(a != b) }
      #expect(bodies.count < 20)
      let status = try await harness.get(.agentDeployments)["status"]
      #expect(status?["observedGeneration"] == 1)
      #expect(status?["readyReplicas"] == status?["replicas"])
    }
  }

  @Test func aStatusNeverSaysReadyBeforeItIs() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.settle()
      var available: [String: Int] = [:]
      for change in harness.cluster?.everyChange ?? [] {
        guard let object = change.new, object.name == "support" else { continue }
        if change.type == .deployments {
          available["now"] = object["status"]?["availableReplicas"]?.int ?? 0
        } else if change.type == .agentDeployments,
          StatusBuilder.conditions(in: object["status"])["Ready"]?.status == .true
        {
          #expect(available["now", default: 0] > 0)
        }
      }
    }
  }

  @Test func aFaultInjectionEndsWhenItExpires() async throws {
    try await withOperator { harness in
      let expiry = KubernetesTime(unixSeconds: harness.clock.wallTime + 3600).secondsText
      try await harness.apply(
        "support",
        [
          "traffic": [
            "faultInjection": ["percent": "1", "delay": "5s", "expiresAt": .string(expiry)]
          ]
        ])
      try await harness.settle()
      func fault() async throws -> JSONValue? {
        try await harness.get(.virtualServices)["spec"]?["http"]?[0]?["fault"]
      }
      #expect(try await fault() != nil)
      try await harness.advance(by: .seconds(3590))
      #expect(try await fault() != nil)
      try await harness.advance(by: .seconds(12))
      #expect(try await fault() == nil)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func eventsTellWhatHappened() async throws {
    try await withOperator { harness in
      try await harness.apply(
        "support", ["secrets": [["name": "x", "secretRef": ["name": "gone"]]]])
      try await harness.settle()
      let events = try await harness.events()
      #expect(events.contains { $0.hasPrefix("RevisionCreated") })
      #expect(events.contains { $0.hasPrefix("RefNotFound") && $0.contains("Secret gone") })
    }
  }
}
