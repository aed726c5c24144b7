import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// The AuthorizationPolicy of an agent that names its callers, in a cluster.
@Suite struct CallerPolicyTests {
  private static let spec: JSONValue = [
    "security": ["allowedCallers": [["agentRef": ["name": "planner"]]]]
  ]

  @Test func itIsKeptAsRenderedAndGoesWithTheField() async throws {
    try await withOperator(
      installs: [.agentDeployments, .authorizationPolicies] + Definitions.mesh
    ) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let before = try await harness.canonicalState()
      let anybody: JSONValue = ["spec": ["rules": [[:]]]]
      try await harness.patch(.authorizationPolicies, "support", anybody)
      try await harness.settle()
      let after = try await harness.canonicalState()
      #expect(Canonical.differences(before, after).isEmpty)
      #expect(try await harness.find(.authorizationPolicies) != nil)
      try await harness.apply("support", [:])
      try await harness.settle()
      #expect(try await harness.find(.authorizationPolicies) == nil)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func withoutItsDefinitionTheConditionSaysSo() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let programmed = try #require(try await harness.condition("Programmed"))
      #expect(programmed.reason == "KindNotInstalled")
      #expect(programmed.message.contains("AuthorizationPolicy"))
      try await harness.install(.authorizationPolicies)
      try await harness.settle()
      #expect(try await harness.summary("Programmed") == "Programmed=True RoutesApplied")
      try await harness.expectNoMoreWrites()
    }
  }
}
