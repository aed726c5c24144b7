import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import AgentOperator

/// A managed store in a cluster: it comes, grows, is repaired, and its data outlives the agent.
@Suite struct StateTests {
  private static let managed: JSONValue = ["state": ["type": "Managed"]]
  private static let parts = [
    "NetworkPolicy support-state", "PersistentVolumeClaim support-state",
    "PodDisruptionBudget support-state", "Secret support-state", "Service support-state",
    "StatefulSet support-state",
  ]

  private func parts(_ harness: OperatorHarness) async throws -> [String] {
    try await harness.children().filter { $0.hasSuffix(" support-state") }
  }

  private func resource(_ harness: OperatorHarness, _ kind: String) async throws -> String? {
    let status = try await harness.get(.agentDeployments)["status"]
    return status?["resources"]?.array?.first { $0["kind"]?.string == kind }?["state"]?.string
  }

  @Test(arguments: Lane.all) func itComesAndSettles(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      #expect(try await parts(harness) == Self.parts)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      if lane == .embedded {
        #expect(try await harness.condition("StateAtRisk") == nil)
        #expect(try await resource(harness, "StatefulSet") == "Current")
        let pod = try #require(try await harness.find(.pods, "support-state-0"))
        #expect(pod.labels["agentdeploy.dev/agent"] == nil)
      }
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all) func changesAreUndoneInPlace(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      let before = try await harness.canonicalState()
      let changes: [(ResourceType, JSONValue)] = [
        (.statefulSets, ["spec": ["replicas": 3]]),
        (.statefulSets, ["spec": ["updateStrategy": ["type": "OnDelete", "rollingUpdate": nil]]]),
        (.services, ["spec": ["selector": ["agentdeploy.dev/state": "other"]]]),
        (.networkPolicies, ["spec": ["ingress": [[:]]]]),
        (.podDisruptionBudgets, ["spec": ["maxUnavailable": 0]]),
        (.persistentVolumeClaims, ["metadata": ["labels": ["app.kubernetes.io/name": nil]]]),
      ]
      for (resource, change) in changes {
        try await harness.patch(resource, "support-state", change)
        try await harness.settle()
        let after = try await harness.canonicalState()
        #expect(
          Canonical.differences(before, after).isEmpty,
          "\(resource): \(Canonical.differences(before, after))")
      }
      for resource in [.statefulSets, .services] as [ResourceType] {
        try await harness.delete(resource, "support-state")
        try await harness.settle()
        #expect(try await harness.find(resource, "support-state") != nil, "\(resource)")
      }
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all) func dataAndPasswordOutliveTheAgent(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      let claim = try await harness.get(.persistentVolumeClaims, "support-state")
      let password = try await harness.get(.secrets, "support-state")
      #expect(claim.controllerReference == nil)
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      if lane == .embedded {
        #expect(try await harness.find(.statefulSets, "support-state") == nil)
      }
      let kept = try await harness.get(.persistentVolumeClaims, "support-state")
      #expect(kept.uid == claim.uid && kept.deletionTimestamp == nil)
      // One that comes back finds both.
      if lane == .real { return }
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      #expect(try await harness.get(.persistentVolumeClaims, "support-state").uid == claim.uid)
      #expect(
        try await harness.get(.secrets, "support-state")["data"] == password["data"])
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func whatIsToGoWithTheAgentGoes() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      var spec = Self.managed
      spec["deletionPolicy"] = ["state": "Delete"]
      try await harness.apply("support", spec)
      try await harness.settle()
      for resource in [.persistentVolumeClaims, .secrets] as [ResourceType] {
        #expect(try await harness.get(resource, "support-state").controllerReference != nil)
      }
      // And back: nothing is lost by changing one's mind.
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      #expect(
        try await harness.get(.persistentVolumeClaims, "support-state").controllerReference == nil)
      try await harness.apply("support", spec)
      try await harness.settle()
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      // The claim waits for nobody to use it, which is the job of a controller that is not simulated.
      #expect(try await parts(harness) == ["PersistentVolumeClaim support-state"])
      let claim = try await harness.get(.persistentVolumeClaims, "support-state")
      #expect(claim.deletionTimestamp != nil)
    }
  }

  @Test func withoutTheSectionTheStoreGoesAndItsDataStays() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      try await harness.apply("support", [:])
      try await harness.settle()
      #expect(
        try await parts(harness) == [
          "PersistentVolumeClaim support-state", "Secret support-state",
        ])
      try await harness.expectNoMoreWrites()
    }
  }

  /// Pods still write to it, and others must not.
  @Test func aStoreThatIsStillUsedStaysWhole() async throws {
    try await withOperator { harness in
      var spec = Self.managed
      spec["deletionPolicy"] = ["state": "Delete"]
      try await harness.apply("support", spec)
      try await harness.settle()
      // Pods that never become ready.
      try await harness.apply("support", ["image": "registry/support:broken"])
      try await harness.settle()
      #expect(try await parts(harness) == Self.parts)
      for resource in [.networkPolicies, .persistentVolumeClaims] as [ResourceType] {
        #expect(try await harness.get(resource, "support-state").deletionTimestamp == nil)
      }
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.settle()
      #expect(try await parts(harness) == ["PersistentVolumeClaim support-state"])
      let claim = try await harness.get(.persistentVolumeClaims, "support-state")
      #expect(claim.deletionTimestamp != nil)
    }
  }

  @Test(arguments: Lane.all) func aVolumeGrowsAndDoesNotShrink(lane: Lane) async throws {
    func spec(_ managed: JSONValue) -> JSONValue {
      ["state": ["type": "Managed", "managed": managed]]
    }
    try await withOperator(lane) { harness in
      try await harness.apply("support", spec(["storage": "1Gi", "storageClassName": "fast"]))
      try await harness.settle()
      let refused: [JSONValue] = [
        ["storage": "900Mi", "storageClassName": "fast"],
        ["storage": "1Gi", "storageClassName": "slow"],
      ]
      for managed in refused {
        await #expect(throws: APIStatus.self) {
          try await harness.apply("support", spec(managed))
        }
      }
      // A real server wants the volume to be bound, and its class to allow it.
      if lane == .real { return }
      try await harness.apply("support", spec(["storage": "2Gi", "storageClassName": "fast"]))
      try await harness.settle()
      let claim = try await harness.get(.persistentVolumeClaims, "support-state")
      #expect(claim["spec"]?["resources"]?["requests"]?["storage"] == "2Gi")
      #expect(try await harness.condition("Stalled")?.status == .false)
      try await harness.expectNoMoreWrites()
    }
  }

  /// Each reads its own files only, and would begin with nothing.
  @Test(arguments: Lane.all) func aStoreKeepsItsPersistence(lane: Lane) async throws {
    func spec(_ persistence: String?) -> JSONValue {
      var managed: JSONValue = [:]
      managed["persistence"] = persistence.map { .string($0) }
      return ["state": ["type": "Managed", "managed": managed]]
    }
    try await withOperator(lane) { harness in
      for (first, others) in [
        ("AppendOnly", ["Snapshot"]), (nil, ["Snapshot"]), ("Snapshot", ["AppendOnly", nil]),
      ] as [(String?, [String?])] {
        // In memory there is nothing that it could not read.
        try await harness.apply("support", spec("None"))
        try await harness.apply("support", spec(first))
        for other in others {
          await #expect(throws: APIStatus.self) {
            try await harness.apply("support", spec(other))
          }
        }
      }
      try await harness.apply("support", ["state": ["type": "None"]])
      try await harness.apply("support", ["state": ["type": "Managed"]])
      try await harness.apply("support", spec("AppendOnly"))
      await #expect(throws: APIStatus.self) {
        try await harness.apply("support", spec("Snapshot"))
      }
    }
  }

  @Test func aStoreThatDoesNotAnswerIsSaid() async throws {
    try await withOperator { harness in
      let broken: JSONValue = [
        "state": ["type": "Managed", "managed": ["image": "registry/valkey:broken"]]
      ]
      try await harness.apply("support", broken)
      try await harness.settle()
      #expect(try await harness.summary("StateAtRisk") == "StateAtRisk=True StoreNotReady")
      #expect(try await resource(harness, "StatefulSet") == "InProgress")
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      #expect(try await harness.condition("StateAtRisk") == nil)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func anEditOfTheClassDoesNotRestartTheStore() async throws {
    func image(_ harness: OperatorHarness) async throws -> String? {
      let set = try await harness.get(.statefulSets, "support-state")
      return set["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"]?.string
    }
    try await withOperator(installs: ClassTests.withClasses) { harness in
      try await harness.applyClass(
        "production", ["state": ["image": "registry/valkey:1"]], isDefault: true)
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      #expect(try await image(harness) == "registry/valkey:1")
      try await harness.applyClass(
        "production", ["state": ["image": "registry/valkey:2"]], isDefault: true)
      try await harness.settle()
      #expect(try await image(harness) == "registry/valkey:1")
      #expect(try await harness.summary("RenderPending") == "RenderPending=True StatePending")
      try await harness.expectNoMoreWrites()
      try await harness.apply(
        "support", ["state": ["type": "Managed", "managed": ["resources": [:]]]])
      try await harness.settle()
      #expect(try await image(harness) == "registry/valkey:2")
      #expect(try await harness.condition("RenderPending") == nil)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func somebodyElsesObjectsStay() async throws {
    try await withOperator { harness in
      try await harness.create(
        .persistentVolumeClaims, "support-state",
        [
          "spec": [
            "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "5Gi"]],
          ]
        ])
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      let stalled = try #require(try await harness.condition("Stalled"))
      #expect(stalled.reason == "ApplyConflict")
      #expect(stalled.message.contains("PersistentVolumeClaim support-state"))
      let claim = try await harness.get(.persistentVolumeClaims, "support-state")
      #expect(claim["spec"]?["resources"]?["requests"]?["storage"] == "5Gi")
    }
  }

  /// The old pods keep their sessions there until the last of them is replaced.
  @Test func theStoreStaysWhilePodsUseIt() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.managed)
      try await harness.settle()
      // The new pods do not become ready: there is no such Secret.
      try await harness.apply(
        "support",
        [
          "state": ["type": "External", "external": ["address": "redis.example.com:6379"]],
          "secrets": [
            [
              "name": "key", "secretRef": ["name": "later"], "expose": "Env",
              "keys": ["api-key": "KEY"],
            ]
          ],
        ])
      try await harness.advance(by: .seconds(90))
      #expect(try await harness.summary("Progressing") == "Progressing=True RollingOut")
      #expect(try await harness.find(.statefulSets, "support-state") != nil)
      #expect(try await harness.find(.services, "support-state") != nil)
      try await harness.createSecret("later")
      try await harness.advance(by: .seconds(60))
      #expect(try await harness.find(.statefulSets, "support-state") == nil)
      #expect(try await harness.find(.services, "support-state") == nil)
      try await harness.expectNoMoreWrites()
    }
  }
}
