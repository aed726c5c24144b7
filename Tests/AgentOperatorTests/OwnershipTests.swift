import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Testing

@testable import AgentOperator

/// Correctness rules 36 to 39: whose an object is, and what happens when owners go.
@Suite struct OwnershipTests {
  @Test(arguments: Lane.all)
  func whatBelongsToSomebodyElseIsNotTakenOver(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      let theirs: JSONValue = ["spec": ["ports": [["port": 5432]], "selector": ["app": "db"]]]
      try await harness.create(.services, "support", theirs)
      let before = try await harness.get(.services)
      try await harness.apply()
      try await harness.settle()
      #expect(try await harness.get(.services) == before)
      let stalled = try #require(try await harness.condition("Stalled"))
      #expect(stalled.status == .true && stalled.reason == "ApplyConflict")
      #expect(stalled.message.contains("Service support"))
      #expect(
        try await harness.events().contains { $0.hasPrefix("ApplyConflict: Service support") })
      #expect(try await harness.find(.deployments) != nil)
      let applied = harness.logs.lines(containing: "applied").filter { $0.level == .info }
      #expect(applied.contains { $0.text.contains("created=") })
      #expect(!applied.contains { $0.text.contains(" Service support") })
      // Nobody reaches the pods.
      for type in ["Ready", "Programmed", "Reconciling"] {
        let condition = try #require(try await harness.condition(type))
        #expect(condition.status == .false && condition.reason == "ApplyConflict", "\(type)")
      }
      if lane == .real { return }  // a minute there
      // Looked at again now and then, and not more.
      let mark = harness.log.count
      try await harness.advance(by: .seconds(590))
      #expect(harness.log.writes(since: mark).isEmpty)
      #expect(harness.log.since(mark).filter { $0.method == "GET" && !$0.isWatch }.count <= 10)
      try await harness.delete(.services, "support")
      try await harness.advance(by: .seconds(61))
      #expect(try await harness.condition("Stalled")?.status == .false)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all)
  func whatAnotherControllerOwnsIsNotTakenOverEvenWithOurLabels(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.create(
        .podDisruptionBudgets, "support",
        [
          "metadata": [
            "name": "support", "namespace": .string(harness.namespace),
            "labels": [
              "app.kubernetes.io/managed-by": "agent-operator", "agentdeploy.dev/agent": "support",
            ],
            "ownerReferences": [
              [
                "apiVersion": "example.com/v1", "kind": "Database", "name": "db", "uid": "u-1",
                "controller": true,
              ]
            ],
          ],
          "spec": ["maxUnavailable": 5],
        ])
      try await harness.apply()
      try await harness.settle()
      let live = try await harness.find(.podDisruptionBudgets)
      // The garbage collector may have found out that there is no such Database.
      if let live, live.controllerReference?.kind == "Database" {
        #expect(live["spec"]?["maxUnavailable"] == 5)
        let stalled = try #require(try await harness.condition("Stalled"))
        #expect(stalled.message.contains("belongs to Database db"))
      }
    }
  }

  @Test(arguments: Lane.all)
  func everythingGoesWithTheAgent(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", ["config": ["a": "b"]])
      try await harness.apply("other")
      try await harness.settle()
      let others = try await harness.children().filter { $0.contains(" other") }
      let mark = harness.log.count
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      #expect(try await harness.children() == others)
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      #expect(!harness.logs.lines.contains { $0.level >= .warning })
    }
  }

  @Test func nothingComesBackDuringAForegroundDeletion() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      // Held by somebody's finalizer: the agent is there, but going.
      try await harness.patch(
        .agentDeployments, "support", ["metadata": ["finalizers": ["example.com/hold"]]])
      try await harness.settle()
      let mark = harness.log.count
      try await harness.client.delete(
        .agentDeployments, harness.key("support"), propagation: .foreground)
      try await harness.settle()
      _ = try? await harness.delete(.services, "support")
      try await harness.settle()
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      try await harness.patch(
        .agentDeployments, "support", ["metadata": ["finalizers": nil]])
      try await harness.advance(by: .seconds(5))
      #expect(try await harness.find(.agentDeployments) == nil)
      #expect(try await harness.children() == [])
    }
  }

  @Test("correctness rule 37: children of an old UID are waited for, not adopted")
  func aRecreatedAgentWaitsForItsPredecessorsObjects() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      // Gone and back before the garbage collector or the operator moves.
      try await harness.stop()
      let old = try await harness.get(.deployments)
      // Somebody's finalizer holds one of them for a while.
      try await harness.patch(
        .deployments, "support", ["metadata": ["finalizers": ["example.com/hold"]]])
      try await harness.delete(.agentDeployments, "support")
      try await harness.apply()
      harness.start()
      try await harness.advance(by: .seconds(20))
      #expect(try await harness.get(.deployments).uid == old.uid)
      #expect(try await harness.condition("Stalled")?.status == .false)
      // What the predecessor left says nothing about this one.
      #expect(try await harness.summary("Ready") == "Ready=False DeploymentMissing")
      #expect(try await harness.summary("Reconciling") == "Reconciling=True InProgress")
      try await harness.patch(.deployments, "support", ["metadata": ["finalizers": nil]])
      try await harness.until("it is ready") {
        try await harness.summary("Ready") == "Ready=True Ready"
      }
      try await harness.settle()
      let owner = try #require(try await harness.get(.agentDeployments).uid)
      let new = try await harness.get(.deployments)
      #expect(new.uid != old.uid)
      for resource in Definitions.everything {
        for object in try await harness.list(resource) {
          guard object.labels["agentdeploy.dev/agent"] == "support" else { continue }
          #expect(object.controllerReference?.uid == owner, "\(resource.kind) \(object.name)")
        }
      }
      // Never changed while it was the predecessor's.
      for change in harness.cluster?.history(.deployments) ?? [] where change.new?.uid == old.uid {
        #expect(change.new?.controllerReference?.uid != owner)
      }
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aRecreationThatTheOperatorSeesAsOneUpdateIsHandled() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      try await harness.delete(.agentDeployments, "support")
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.until("it is ready") {
        try await harness.summary("Ready") == "Ready=True Ready"
      }
      try await harness.settle()
      let container =
        try await harness.get(.deployments)["spec"]?["template"]?["spec"]?["containers"]?[0]
      #expect(container?["image"] == "registry/support:v2")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aNamespaceThatGoesIsLeftInPeace() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      try await harness.client.delete(
        .namespaces, ObjectKey(namespace: nil, name: harness.namespace))
      try await harness.advance(by: .seconds(60))
      let namespace = try await harness.client.getIfPresent(
        .namespaces, ObjectKey(namespace: nil, name: harness.namespace))
      #expect(namespace == nil)
      #expect(!harness.logs.lines.contains { $0.level >= .warning })
      // And comes back.
      try await harness.createNamespace(harness.namespace)
      try await harness.apply()
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func namespacesOfOthersAreNotTouched() async throws {
    try await withOperator(namespaces: ["agents", "more"], starts: false) { harness in
      for name in ["more", "foreign"] { try await harness.createNamespace(name) }
      harness.start()
      for name in ["agents", "more", "foreign"] { try await harness.apply(in: name) }
      try await harness.settle()
      for name in ["agents", "more"] {
        let agent = try await harness.client.get(
          .agentDeployments, ObjectKey(namespace: name, name: "support"))
        #expect(StatusBuilder.conditions(in: agent["status"])["Ready"]?.status == .true, "\(name)")
      }
      let foreign = try await harness.client.get(
        .agentDeployments, ObjectKey(namespace: "foreign", name: "support"))
      #expect(foreign["status"] == nil)
      #expect(!harness.log.all.contains { $0.namespace == "foreign" })
      #expect(
        !harness.log.all.contains {
          $0.namespace == nil && $0.resource != "customresourcedefinitions"
        })
      try await harness.expectNoMoreWrites()
    }
  }

  /// Correctness rule 34: somebody gave theirs our owner.
  @Test func whatWeDidNotMakeIsNotPruned() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      let agent = try await harness.get(.agentDeployments)
      let theirs: JSONValue = [
        "metadata": [
          "name": "theirs", "namespace": .string(harness.namespace),
          "ownerReferences": [
            [
              "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment",
              "name": "support", "uid": .string(agent.uid ?? ""), "controller": true,
            ]
          ],
        ]
      ]
      try await harness.create(.configMaps, "theirs", theirs)
      try await harness.create(.secrets, "theirs", theirs)
      try await harness.settle()
      #expect(try await harness.find(.configMaps, "theirs") != nil)
      #expect(try await harness.find(.secrets, "theirs") != nil)
    }
  }

  /// Who calls it has to learn that it is there again.
  @Test func aRecreationDuringTheOwnStatusWriteReachesItsCallers() async throws {
    try await withOperator { harness in
      try await harness.apply("tool")
      try await harness.apply("support", ["tools": [["name": "t", "agentRef": ["name": "tool"]]]])
      try await harness.settle()
      #expect(try await harness.condition("ResolvedRefs")?.status == .true)
      harness.faults.next(.late(.seconds(5))) { $0.name == "tool" && $0.isStatusWrite }
      // A status write whose answer takes its time.
      try await harness.patch(
        .agentDeployments, "tool", ["spec": ["image": "registry/tool:v2"]])
      try await harness.letPass(.seconds(1))
      try await harness.delete(.agentDeployments, "tool")
      try await harness.letPass(.seconds(1))
      #expect(try await harness.condition("ResolvedRefs")?.status == .false)
      try await harness.apply("tool")
      try await harness.advance(by: .seconds(20))
      #expect(try await harness.condition("ResolvedRefs")?.status == .true)
    }
  }

  @Test func namespacesAreServedOnceEach() {
    let configuration = AgentOperator.Configuration(namespaces: ["b", "a", "b"])
    #expect(configuration.namespaces == ["b", "a"])
  }

  /// Correctness rule 45, with a Role in one of two namespaces.
  @Test func onePlaceWithoutPermissionDoesNotKeepTheOtherFromWorking() async throws {
    try await withOperator(namespaces: ["agents", "more"], starts: false) { harness in
      try await harness.createNamespace("more")
      harness.faults.add {
        $0.resource == "destinationrules" && $0.namespace == "agents" ? .status(403) : nil
      }
      // The other one answers later.
      harness.faults.next(.delay(.milliseconds(10)), count: 2) {
        $0.resource == "destinationrules" && $0.namespace == "more"
      }
      harness.start()
      try await harness.apply()
      try await harness.until("the agent is ready", within: .seconds(60)) {
        try await harness.summary("Ready") == "Ready=True Ready"
      }
      #expect(harness.agentOperator?.isReady == true)
    }
  }
}
