import AgentDeploymentAPI
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import Testing

@testable import AgentOperator

/// Models through a gateway in a cluster, with Envoy AI Gateway played by hand.
@Suite struct ModelRouteTests {
  private static let routed: JSONValue = [
    "modelRouting": "Gateway",
    "secrets": [["name": "llm", "secretRef": ["name": "llm"], "expose": "None"]],
    "models": [
      ["name": "main", "provider": "Anthropic", "model": "claude", "credential": "llm"],
      ["name": "spare", "provider": "OpenAI", "model": "gpt"],
    ],
  ]
  private static let direct: JSONValue = [
    "models": [["name": "main", "provider": "OpenAI", "model": "gpt"]]
  ]
  private static let gateway: JSONValue = [
    "endpoints": [
      "aiGateway": [
        "url": "http://ai.gateways", "gatewayRef": ["name": "ai", "namespace": "gateways"],
      ]
    ]
  ]
  private static var byDefault: JSONValue {
    var spec = gateway
    spec["defaults"] = ["modelRouting": "Gateway"]
    return spec
  }

  private static let installs = ClassTests.withClasses + ModelRoute.kinds + [.httpRoutes]

  private func count(_ harness: OperatorHarness) async throws -> Int {
    var count = 0
    for kind in ModelRoute.kinds { count += try await harness.list(kind).count }
    return count
  }

  private func withGateway(
    _ agentClass: JSONValue, _ agent: JSONValue,
    _ scenario: @escaping (OperatorHarness) async throws -> Void
  ) async throws {
    try await withOperator(installs: Self.installs) { harness in
      try await harness.createSecret("llm")
      try await harness.applyClass("production", agentClass, isDefault: true)
      try await harness.apply("support", agent)
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await scenario(harness)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func theRouteIsKeptAsRenderedAndGoesWithTheAgentsWish() async throws {
    try await withGateway(Self.gateway, Self.routed) { harness in
      #expect(try await count(harness) == 2 + 2 + 2 + 1 + 2)
      let before = try await harness.canonicalState()
      try await harness.patch(
        .aiGatewayRoutes, "support-models", ["spec": ["parentRefs": [["name": "evil"]]]])
      try await harness.delete(.backendSecurityPolicies, "support-model-main")
      try await harness.settle()
      let after = try await harness.canonicalState()
      #expect(Canonical.differences(before, after).isEmpty)
      let template = try await harness.template()
      try await harness.apply("support", Self.direct)
      try await harness.settle()
      #expect(try await harness.template() != template)
      #expect(try await count(harness) == 0)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
    }
  }

  /// Pods of the old revision still ask the gateway.
  @Test func theRouteStaysUntilTheLastPodThatUsesItIsReplaced() async throws {
    try await withGateway(Self.gateway, Self.routed) { harness in
      let mark = harness.log.count
      try await harness.apply("support", Self.direct)
      try await harness.settle()
      #expect(try await count(harness) == 0)
      let writes = harness.log.writes(since: mark)
      let change = try #require(writes.firstIndex { $0.resource == "deployments" })
      let plurals = Set(ModelRoute.kinds.map(\.plural))
      let removals = writes.indices.filter {
        writes[$0].method == "DELETE" && plurals.contains(writes[$0].resource)
      }
      #expect(removals.count == 9)
      // The Deployment's controller has told of the new pods in between, and the agent of that.
      let told = writes[change...].firstIndex(where: \.isStatusWrite)
      #expect(try #require(told) < (removals.min() ?? 0), "\(writes)")
    }
  }

  @Test func aRouteThatIsStillAskedIsNotDeleted() throws {
    func hold(_ deployment: JSONValue?) throws -> RolloutHold {
      var observed = ObservedState()
      if let deployment {
        var live = KubernetesObject(
          ResourceType.deployments.gvk, namespace: "agents", name: "support")
        for (key, value) in deployment.object ?? [:] { live[key] = value }
        observed.live[.deployments] = [live.key: live]
      }
      return RolloutHold(try Fixtures.rendering(Self.direct), observed, Plan())
    }
    func held(_ hold: RolloutHold, _ resources: [ResourceType], _ name: String = "support")
      -> [ResourceType]
    {
      let key = ObjectKey(namespace: "agents", name: name)
      return resources.filter { hold.holds(.delete($0, key, uid: "1", resourceVersion: "2")) }
    }
    let used = ModelRoute.kinds + [.statefulSets, .services, .secrets, .serviceAccounts]
    // What the new pods may need to be gone.
    let free: [ResourceType] = [.networkPolicies, .horizontalPodAutoscalers]
    let replaced: JSONValue = ["replicas": 2, "updatedReplicas": 2, "availableReplicas": 2]
    let rolling: JSONValue = ["replicas": 3, "updatedReplicas": 2, "availableReplicas": 2]
    #expect(try held(hold(nil), used) == [])
    #expect(try held(hold(["spec": ["replicas": 2], "status": replaced]), used) == [])
    var draining = replaced
    draining["terminatingReplicas"] = 1
    for status in [rolling, draining] {
      let hold = try hold(["spec": ["replicas": 2], "status": status])
      #expect(held(hold, used) == used)
      #expect(held(hold, free) == [])
      // What keeps others out of the store that pods still use.
      #expect(held(hold, free, "support-state") == free)
    }
  }

  @Test func whatTheGatewaySaysBecomesTheAgents() async throws {
    try await withGateway(Self.gateway, Self.routed) { harness in
      func say(_ resource: ResourceType, _ name: String, _ status: JSONValue) async throws {
        _ = try await harness.client.patch(
          resource, harness.key(name), .merge(["status": status]), fieldManager: "gateway",
          subresource: "status")
        try await harness.settle()
      }
      func condition(_ type: String, _ status: String, _ message: String) -> JSONValue {
        [
          "type": .string(type), "status": .string(status), "reason": "ReconciliationFailed",
          "message": .string(message), "lastTransitionTime": "2026-11-21T00:00:00Z",
        ]
      }
      func told() async throws -> String {
        let programmed = try await harness.condition("Programmed")
        return "\(programmed?.reason ?? ""): \(programmed?.message ?? "")"
      }
      try await say(
        .backendSecurityPolicies, "support-model-main",
        ["conditions": [condition("NotAccepted", "True", "secret llm has no key apiKey")]])
      #expect(
        try await told()
          == "ModelRouteNotAccepted: BackendSecurityPolicy support-model-main: "
          + "ReconciliationFailed: secret llm has no key apiKey")
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await say(
        .backendSecurityPolicies, "support-model-main",
        ["conditions": [condition("Accepted", "True", "reconciled")]])
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
      try await say(
        .backendTLSPolicies, "support-model-main",
        ["ancestors": [["conditions": [condition("Accepted", "False", "no such Backend")]]]])
      #expect(try await told().contains("BackendTLSPolicy support-model-main"))
      try await say(.backendTLSPolicies, "support-model-main", ["ancestors": []])
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
    }
  }

  /// The gateway's controller makes it, with the labels of the AIGatewayRoute.
  @Test func whatAGatewaySaysOfTheHTTPRouteThatItMakesIsToldToo() async throws {
    try await withGateway(Self.gateway, Self.routed) { harness in
      let route = try await harness.get(.aiGatewayRoutes, "support-models")
      try await harness.create(
        .httpRoutes, "support-models",
        [
          "metadata": [
            "name": "support-models", "namespace": .string(harness.namespace),
            "labels": route["metadata"]?["labels"] ?? [:],
            "ownerReferences": [
              OwnerReference(
                apiVersion: route.apiVersion, kind: route.kind, name: route.name,
                uid: route.uid ?? "", isController: true
              ).json
            ],
          ],
          "spec": [:],
        ])
      let refused: JSONValue = [
        "status": [
          "parents": [
            [
              "parentRef": ["name": "ai", "namespace": "gateways"],
              "conditions": [
                [
                  "type": "Accepted", "status": "False", "reason": "NotAllowedByListeners",
                  "message": "not from this namespace",
                  "lastTransitionTime": "2026-11-21T00:00:00Z",
                ]
              ],
            ]
          ]
        ]
      ]
      _ = try await harness.client.patch(
        .httpRoutes, harness.key("support-models"), .merge(refused), fieldManager: "gateway",
        subresource: "status")
      try await harness.settle()
      #expect(
        try await harness.condition("Programmed")?.message
          == "gateway gateways/ai: NotAllowedByListeners: not from this namespace")
      // It is the gateway's own, and stays.
      #expect(try await harness.find(.httpRoutes, "support-models") != nil)
    }
  }

  @Test func aClassThatGainsAGatewayRestartsNobody() async throws {
    try await withGateway([:], Self.direct) { harness in
      let template = try await harness.template()
      try await harness.applyClass("production", Self.gateway, isDefault: true)
      try await harness.settle()
      #expect(try await harness.condition("RenderPending") == nil)
      try await harness.applyClass("production", Self.byDefault, isDefault: true)
      try await harness.settle()
      #expect(try await harness.template() == template)
      #expect(try await harness.summary("RenderPending") == "RenderPending=True ClassChanged")
      #expect(try await count(harness) == 0)
      // The next change of the pods takes it along.
      var next = Self.direct
      next["image"] = "registry/support:v2"
      try await harness.apply("support", next)
      try await harness.settle()
      #expect(try await harness.condition("RenderPending") == nil)
      #expect(try await harness.find(.aiGatewayRoutes, "support-models") != nil)
    }
  }

  @Test func aClassThatLosesItsGatewayCutsNobodyOff() async throws {
    try await withGateway(Self.byDefault, Self.direct) { harness in
      #expect(try await harness.find(.aiGatewayRoutes, "support-models") != nil)
      let template = try await harness.template()
      try await harness.applyClass(
        "production", ["capabilities": ["aiGateway": false]], isDefault: true)
      try await harness.settle()
      #expect(try await harness.template() == template)
      #expect(try await harness.summary("RenderPending") == "RenderPending=True ClassChanged")
      #expect(try await harness.find(.aiGatewayRoutes, "support-models") != nil)
      var next = Self.direct
      next["image"] = "registry/support:v2"
      try await harness.apply("support", next)
      try await harness.settle()
      #expect(try await count(harness) == 0)
      #expect(try await harness.condition("RenderPending") == nil)
    }
  }

  @Test func withoutItsDefinitionsTheAgentIsRefusedUntilTheyCome() async throws {
    try await withOperator(installs: ClassTests.withClasses) { harness in
      try await harness.createSecret("llm")
      try await harness.applyClass("production", Self.gateway, isDefault: true)
      try await harness.apply("support", Self.routed)
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False UnsupportedByClass")
      for kind in [ResourceType.aiGatewayRoutes, .aiServiceBackends, .backendSecurityPolicies] {
        try await harness.install(kind)
      }
      try await harness.settle()
      // Envoy Gateway's own are still missing.
      #expect(try await harness.summary("Programmed") == "Programmed=False KindNotInstalled")
      // Each kind once, however many objects of it there would be.
      let text = try await harness.condition("Programmed")?.message ?? ""
      #expect(text.split(separator: "(backends.").count == 2)
      for kind in [ResourceType.envoyBackends, .backendTLSPolicies, .backendTrafficPolicies] {
        try await harness.install(kind)
      }
      try await harness.settle()
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
      #expect(try await count(harness) == 9)
      try await harness.expectNoMoreWrites()
    }
  }
}
