import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// Copies of requests and rate limits in a cluster.
@Suite struct RouteRuleTests {
  private static let mirror: JSONValue = [
    "traffic": ["mirror": ["percent": "5", "agentRef": ["name": "next"]]]
  ]

  @Test func theOtherAgentMayComeLaterAndGo() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.mirror)
      try await harness.settle()
      let refs = try #require(try await harness.condition("ResolvedRefs"))
      #expect(refs.status == .false)
      #expect(refs.message.contains("AgentDeployment next (spec.traffic.mirror.agentRef.name)"))
      try await harness.apply("next")
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      let mirrors = try await harness.get(.virtualServices)["spec"]?["http"]?[0]?["mirrors"]
      #expect(
        mirrors?[0]?["destination"]?["host"]
          == .string("next.\(harness.namespace).svc.cluster.local"))
      try await harness.delete(.agentDeployments, "next")
      try await harness.settle()
      #expect(try await harness.summary("ResolvedRefs") == "ResolvedRefs=False RefNotFound")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aRateLimitComesAndGoesWithItsField() async throws {
    try await withOperator(installs: ClassTests.withClasses + [.envoyFilters]) { harness in
      let limit: JSONValue = ["traffic": ["rateLimit": ["requests": 100, "per": "Second"]]]
      try await harness.applyClass("default", isDefault: true)
      try await harness.apply("support", limit)
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False UnsupportedByClass")
      #expect(try await harness.find(.deployments) == nil)
      try await harness.applyClass(
        "default", ["capabilities": ["envoyFilters": true]], isDefault: true)
      try await harness.settle()
      #expect(try await harness.find(.envoyFilters) != nil)
      let before = try await harness.canonicalState()
      try await harness.patch(.envoyFilters, "support", ["spec": ["workloadSelector": nil]])
      try await harness.settle()
      let after = try await harness.canonicalState()
      #expect(Canonical.differences(before, after).isEmpty)
      try await harness.apply("support", [:])
      try await harness.settle()
      #expect(try await harness.find(.envoyFilters) == nil)
      try await harness.expectNoMoreWrites()
    }
  }
}
