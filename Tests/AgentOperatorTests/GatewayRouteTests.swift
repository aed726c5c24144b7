import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import AgentOperator

/// The HTTPRoute of an agent in a cluster with the Gateway API, and what its gateways say.
@Suite struct GatewayRouteTests {
  private static let spec: JSONValue = [
    "traffic": [
      "hosts": ["support.example.com"], "gatewayRefs": [["name": "public", "namespace": "edge"]],
    ]
  ]

  @Test func itIsKeptAsRenderedAndFollowsTheSpec() async throws {
    try await withOperator(installs: [.agentDeployments, .httpRoutes]) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
      let before = try await harness.canonicalState()
      try await harness.patch(.httpRoutes, "support", ["spec": ["hostnames": ["other.example"]]])
      try await harness.settle()
      let after = try await harness.canonicalState()
      #expect(Canonical.differences(before, after).isEmpty)
      #expect(
        try await harness.get(.httpRoutes)["spec"]?["hostnames"] == ["support.example.com"])
      try await harness.apply("support", [:])
      try await harness.settle()
      #expect(try await harness.find(.httpRoutes) == nil)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aGatewaysRefusalIsTold() async throws {
    try await withOperator(installs: [.agentDeployments, .httpRoutes]) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      func answer(_ status: String) async throws {
        let refused: JSONValue = [
          "status": [
            "parents": [
              [
                "parentRef": ["name": "public", "namespace": "edge"],
                "controllerName": "example.com/gateway",
                "conditions": [
                  [
                    "type": "Accepted", "status": .string(status),
                    "reason": "NotAllowedByListeners", "message": "no listener takes this host",
                    "lastTransitionTime": "2026-11-21T00:00:00Z",
                  ]
                ],
              ]
            ]
          ]
        ]
        _ = try await harness.client.patch(
          .httpRoutes, ObjectKey(namespace: harness.namespace, name: "support"), .merge(refused),
          fieldManager: "gateway", subresource: "status")
        try await harness.settle()
      }
      try await answer("False")
      let programmed = try #require(try await harness.condition("Programmed"))
      #expect(programmed.reason == "RouteNotAccepted" && programmed.status == .false)
      #expect(
        programmed.message
          == "gateway edge/public: NotAllowedByListeners: no listener takes this host")
      // It serves in the cluster all the same.
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await answer("True")
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func whenTheMeshComesItTakesOverAndTheRouteGoes() async throws {
    try await withOperator(installs: [.agentDeployments, .httpRoutes]) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      #expect(try await harness.find(.httpRoutes) != nil)
      for resource in Definitions.mesh { try await harness.install(resource) }
      try await harness.settle()
      #expect(try await harness.find(.httpRoutes) == nil)
      #expect(try await harness.find(.virtualServices) != nil)
      for resource in Definitions.mesh { try await harness.uninstall(resource) }
      try await harness.settle()
      #expect(try await harness.find(.httpRoutes) != nil)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func withoutItsDefinitionTheAgentIsRefusedAndFollowsWhenItComes() async throws {
    try await withOperator(installs: [.agentDeployments]) { harness in
      var spec = Self.spec
      spec["traffic"]?["provider"] = "GatewayAPI"
      try await harness.apply("support", spec)
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False UnsupportedByClass")
      try await harness.install(.httpRoutes)
      try await harness.settle()
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
      try await harness.uninstall(.httpRoutes)
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False UnsupportedByClass")
      #expect(try await harness.find(.deployments) != nil)
      try await harness.expectNoMoreWrites()
    }
  }
}
