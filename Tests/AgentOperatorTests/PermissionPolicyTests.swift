import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// The Role of an agent that talks to the API server, in a cluster.
@Suite struct PermissionPolicyTests {
  private static let spec: JSONValue = [
    "security": [
      "rules": [["apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]]]
    ]
  ]

  @Test func theRoleIsKeptAsRenderedAndGoesWithTheField() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let before = try await harness.canonicalState()
      let everything: JSONValue = [
        "rules": [["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]]]
      ]
      try await harness.patch(.roles, "support", everything)
      try await harness.patch(
        .roleBindings, "support",
        ["subjects": [["kind": "ServiceAccount", "name": "thief", "namespace": "agents"]]])
      try await harness.settle()
      let after = try await harness.canonicalState()
      #expect(Canonical.differences(before, after).isEmpty)
      #expect(try await harness.find(.roleBindings) != nil)
      try await harness.apply("support", [:])
      try await harness.settle()
      #expect(try await harness.find(.roles) == nil)
      #expect(try await harness.find(.roleBindings) == nil)
      try await harness.expectNoMoreWrites()
    }
  }

  /// What the API server answers to who would give more than it has
  /// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-creation-or-update).
  @Test func whatTheOperatorMayNotGiveStallsTheAgentAndNothingElse() async throws {
    try await withOperator(starts: false) { harness in
      harness.faults.add { $0.resource == "roles" && $0.isStateWrite ? .status(403) : nil }
      harness.start()
      try await harness.apply("support", Self.spec)
      try await harness.until("it stalls") {
        try await harness.condition("Stalled")?.status == .true
      }
      let stalled = try #require(try await harness.condition("Stalled"))
      #expect(stalled.reason == "ApplyFailed" && stalled.message.hasPrefix("Role support: "))
      #expect(try await harness.find(.deployments) != nil)
    }
  }
}
