import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import Testing

@testable import AgentOperator

/// What somebody changes of ours comes back; what is theirs stays.
@Suite struct DriftTests {
  private static let spec: JSONValue = [
    "secrets": [["name": "session", "generate": ["length": 16]]], "config": ["a": "1"],
    "security": [
      "rules": [["apiGroups": [""], "resources": ["pods"], "verbs": ["get"]]]
    ],
    "extraPorts": [["name": "grpc", "port": 9000]],
  ]

  /// One change of each rendered kind.
  private static let changes: [(ResourceType, JSONValue)] = [
    (.serviceAccounts, ["automountServiceAccountToken": true]),
    (.deployments, ["spec": ["progressDeadlineSeconds": 7]]),
    (.deployments, ["spec": ["template": ["spec": ["serviceAccountName": "root"]]]]),
    (.services, ["spec": ["selector": ["agentdeploy.dev/agent": "other"]]]),
    (.services, ["spec": ["selector": ["narrowed": "by-somebody"]]]),
    (.networkPolicies, ["spec": ["podSelector": ["matchLabels": ["narrowed": "by-somebody"]]]]),
    (.horizontalPodAutoscalers, ["spec": ["maxReplicas": 99]]),
    (.podDisruptionBudgets, ["spec": ["maxUnavailable": 99]]),
    (.networkPolicies, ["spec": ["policyTypes": ["Ingress"]]]),
    (.peerAuthentications, ["spec": ["mtls": ["mode": "DISABLE"]]]),
    (.destinationRules, ["spec": ["host": "elsewhere"]]),
    (.virtualServices, ["spec": ["hosts": ["elsewhere"]]]),
  ]

  private func uids(_ harness: OperatorHarness) async throws -> [String: String] {
    var all: [String: String] = [:]
    for resource in Definitions.everything {
      for object in try await harness.list(resource)
      where object.labels["agentdeploy.dev/agent"] != nil {
        all["\(resource.kind) \(object.name)"] = object.uid
      }
    }
    return all
  }

  private func expectRepaired(
    _ harness: OperatorHarness, _ before: [String: JSONValue], _ what: String
  ) async throws {
    let after = try await harness.canonicalState()
    #expect(after.keys.sorted() == before.keys.sorted(), "\(what)")
    for difference in Canonical.differences(before, after) {
      Issue.record("\(what): \(difference)")
    }
  }

  @Test(arguments: Lane.all) func changesAreUndoneInPlace(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let before = try await harness.canonicalState()
      let identities = try await uids(harness)
      for (resource, change) in Self.changes {
        try await harness.patch(resource, "support", change)
        try await harness.settle()
        try await expectRepaired(harness, before, "\(resource.kind) \(change)")
      }
      #expect(try await uids(harness) == identities)
      let drifts = try await harness.events().filter { $0.hasPrefix("DriftCorrected") }
      #expect(drifts.count >= Self.changes.count - 1, "\(drifts)")
      #expect(
        drifts.contains {
          $0.contains("Deployment support") && $0.contains("spec.progressDeadlineSeconds")
        })
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all) func deletedObjectsComeBack(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let before = try await harness.canonicalState()
      for resource in Definitions.everything {
        for object in try await harness.list(resource)
        where object.labels["agentdeploy.dev/agent"] != nil {
          try await harness.delete(resource, object.name)
          try await harness.settle()
          try await expectRepaired(harness, before, "\(resource.kind) \(object.name) deleted")
        }
      }
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all) func lostLabelsAndOwnersComeBack(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let before = try await harness.canonicalState()
      for resource in Definitions.everything {
        for object in try await harness.list(resource)
        where object.labels["agentdeploy.dev/agent"] != nil {
          // The label by which the caches select: the object leaves them.
          try await harness.patch(
            resource, object.name,
            ["metadata": ["labels": ["app.kubernetes.io/managed-by": nil]]])
          try await harness.settle()
          try await expectRepaired(harness, before, "\(resource.kind) \(object.name) unlabelled")
          guard object.controllerReference != nil else { continue }
          try await harness.patch(
            resource, object.name, ["metadata": ["ownerReferences": nil]])
          try await harness.settle()
          try await expectRepaired(harness, before, "\(resource.kind) \(object.name) disowned")
        }
      }
      try await harness.expectNoMoreWrites()
    }
  }

  @Test("a changed key of a list map needs the 422 fallback", arguments: Lane.all)
  func aMovedServicePortComesBack(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let service = try await harness.get(.services)
      var ports = try #require(service["spec"]?["ports"]?.array)
      ports[0]["port"] = 8081
      try await harness.patch(.services, "support", ["spec": ["ports": .array(ports)]])
      try await harness.settle()
      let repaired = try await harness.get(.services)
      #expect(repaired["spec"]?["ports"] == service["spec"]?["ports"])
      #expect(repaired.uid == service.uid)
      #expect(try await harness.condition("Stalled")?.status == .false)
      try await harness.expectNoMoreWrites()
    }
  }

  /// Many of the API server's own types leave zeros out.
  @Test(arguments: Lane.all) func aZeroThatTheServerDoesNotKeepIsNoDrift(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply(
        "support",
        [
          "podTemplate": [
            "spec": [
              "hostIPC": false, "priority": nil,
              "containers": [
                ["name": "agent", "tty": false, "env": [["name": "EMPTY", "value": ""]]]
              ],
            ]
          ]
        ])
      try await harness.settle()
      #expect(try await harness.events().filter { $0.hasPrefix("DriftCorrected") } == [])
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      // Only asked once, whatever happens to it.
      let mark = harness.log.count
      try await harness.patch(.deployments, "support", ["metadata": ["labels": ["a": "b"]]])
      try await harness.settle()
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      // Where false says something it is repaired.
      let insecure: JSONValue = [
        "spec": [
          "template": [
            "spec": [
              "automountServiceAccountToken": nil, "hostIPC": true,
            ]
          ]
        ]
      ]
      try await harness.patch(.deployments, "support", insecure)
      try await harness.settle()
      let pod = try await harness.template()["spec"]
      #expect(pod?["automountServiceAccountToken"] == false)
      #expect(pod?["hostIPC"] != true)
      #expect(
        try await harness.events().contains {
          $0.hasPrefix("DriftCorrected") && $0.contains("automountServiceAccountToken")
        })
    }
  }

  @Test(arguments: Lane.all) func whatIsForeignStays(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      // An autoscaler, a sidecar injector, a team's labels, kubectl rollout restart.
      try await harness.patch(.deployments, "support", ["spec": ["replicas": 7]])
      let sidecar: JSONValue = [
        "spec": [
          "template": [
            "metadata": [
              "annotations": ["kubectl.kubernetes.io/restartedAt": "2026-11-21T00:00:00Z"]
            ],
            "spec": ["containers": [["name": "proxy", "image": "proxy:1"]]],
          ]
        ]
      ]
      _ = try await harness.client.patch(
        .deployments, harness.key("support"), .strategic(sidecar), fieldManager: "injector")
      for resource in ClusterCache.builtIn + Definitions.mesh {
        try await harness.patch(
          resource, "support",
          ["metadata": ["labels": ["team": "a"], "annotations": ["example.com/note": "b"]]])
      }
      try await harness.settle()
      // And now a change of our own, and one of somebody's to undo.
      var spec = Self.spec
      spec["image"] = "registry/support:v2"
      try await harness.apply("support", spec)
      try await harness.patch(.deployments, "support", ["spec": ["minReadySeconds": 3]])
      try await harness.patch(.deployments, "support", ["spec": ["progressDeadlineSeconds": 9]])
      try await harness.settle()
      let deployment = try await harness.get(.deployments)
      #expect(deployment["spec"]?["replicas"] == 7)
      #expect(deployment["spec"]?["minReadySeconds"] == 3)
      #expect(deployment["spec"]?["progressDeadlineSeconds"] == 600)
      let template = deployment["spec"]?["template"]
      #expect(
        template?["metadata"]?["annotations"]?["kubectl.kubernetes.io/restartedAt"]
          == "2026-11-21T00:00:00Z")
      let images = template?["spec"]?["containers"]?.array?.compactMap { $0["image"]?.string } ?? []
      #expect(Set(images) == ["registry/support:v2", "proxy:1"])
      for resource in ClusterCache.builtIn + Definitions.mesh {
        let object = try await harness.get(resource)
        #expect(object.labels["team"] == "a" && object.annotations["example.com/note"] == "b")
      }
      try await harness.expectNoMoreWrites()
    }
  }
}

/// Correctness rules 30 and 34: who owns the replicas, and what goes when it is no longer rendered.
@Suite struct ScalingTests {
  private func scaling(_ min: Int, _ max: Int) -> JSONValue {
    ["scaling": ["minReplicas": JSONValue(min), "maxReplicas": JSONValue(max)]]
  }

  @Test(arguments: Lane.all)
  func handingReplicasOverNeverDropsThem(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", scaling(4, 4))
      try await harness.settle()
      #expect(try await harness.get(.deployments)["spec"]?["replicas"] == 4)
      #expect(try await harness.find(.horizontalPodAutoscalers) == nil)
      try await harness.apply("support", scaling(2, 10))
      try await harness.settle()
      #expect(try await harness.get(.deployments)["spec"]?["replicas"] == 4)
      #expect(try await harness.find(.horizontalPodAutoscalers) != nil)
      // The autoscaler's own decision stands.
      _ = try await harness.client.patch(
        .deployments, harness.key("support"), .merge(["spec": ["replicas": 6]]),
        fieldManager: "kube-controller-manager", subresource: "scale")
      try await harness.settle()
      #expect(try await harness.get(.deployments)["spec"]?["replicas"] == 6)
      try await harness.apply("support", scaling(5, 5))
      try await harness.settle()
      #expect(try await harness.get(.deployments)["spec"]?["replicas"] == 5)
      #expect(try await harness.find(.horizontalPodAutoscalers) == nil)
      try await harness.apply("support", scaling(3, 8))
      try await harness.settle()
      #expect(try await harness.get(.deployments)["spec"]?["replicas"] == 5)
      let sizes = harness.cluster?.history(.deployments).compactMap {
        $0.new?["spec"]?["replicas"]?.int
      }
      if let sizes { #expect(sizes.allSatisfy { (4...6).contains($0) }, "\(sizes)") }
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all)
  func whatIsNoLongerRenderedIsDeletedWithPreconditions(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply()
      try await harness.settle()
      var spec = scaling(2, 2)
      spec["traffic"] = ["provider": "None"]
      let mark = harness.log.count
      try await harness.apply("support", spec)
      try await harness.settle()
      let kinds: [ResourceType] = [.horizontalPodAutoscalers] + Definitions.mesh
      for resource in kinds { #expect(try await harness.find(resource) == nil, "\(resource)") }
      let deletes = harness.log.writes(since: mark).filter { $0.method == "DELETE" }
      #expect(Set(deletes.map(\.resource)) == Set(kinds.map(\.plural)))
      #expect(
        deletes.allSatisfy {
          $0.body?["preconditions"]?["uid"] != nil
            && $0.body?["preconditions"]?["resourceVersion"] != nil
        })
      #expect(try await harness.summary("Programmed") == "Programmed=True NoTrafficProvider")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func nothingIsDeletedOnTopOfAHalfAppliedGeneration() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      harness.faults.add { $0.isWrite && $0.resource == "deployments" ? .status(500) : nil }
      try await harness.apply("support", scaling(2, 2))
      try await harness.settle()
      #expect(try await harness.find(.horizontalPodAutoscalers) != nil)
      #expect(try await harness.condition("Reconciling")?.status == .true)
      harness.faults.clear()
      try await harness.advance(by: .seconds(60))
      #expect(try await harness.find(.horizontalPodAutoscalers) == nil)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
    }
  }

  @Test func nothingIsDeletedWhileSomethingIsInTheWay() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      try await harness.createSecret("support-session")
      var spec = scaling(2, 2)
      spec["secrets"] = [["name": "session", "generate": ["length": 16]]]
      try await harness.apply("support", spec)
      try await harness.settle()
      #expect(try await harness.condition("Stalled")?.reason == "ApplyConflict")
      #expect(try await harness.find(.horizontalPodAutoscalers) != nil)
      try await harness.delete(.secrets, "support-session")
      try await harness.advance(by: .seconds(61))
      #expect(try await harness.find(.horizontalPodAutoscalers) == nil)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
    }
  }
}
