import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// Tools that are agents: found, missing, and in another namespace.
@Suite struct ToolTests {
  private static let spec: JSONValue = [
    "tools": [["name": "weather", "agentRef": ["name": "weather-mcp"]]]
  ]

  @Test(arguments: Lane.all) func aMissingOneHealsWhenItComes(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let condition = try #require(try await harness.condition("ResolvedRefs"))
      #expect(condition.status == .false)
      #expect(
        condition.message.contains("AgentDeployment weather-mcp (spec.tools[0].agentRef.name)"))
      // It runs all the same: an agent may start without one of its tools.
      #expect(try await harness.find(.deployments) != nil)
      try await harness.apply("weather-mcp")
      try await harness.settle()
      #expect(try await harness.summary("ResolvedRefs") == "ResolvedRefs=True AllFound")
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }

  /// The garbage collector's deletes make a reconcile see it before the watch of agents tells.
  @Test func oneThatGoesIsMissedAlthoughItsEventIsLate() async throws {
    try await withOperator { harness in
      try await harness.apply("weather-mcp")
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      #expect(try await harness.summary("ResolvedRefs") == "ResolvedRefs=True AllFound")
      harness.faults.addToWatches { resource, _ in
        resource == "agentdeployments" ? .late(.seconds(4)) : nil
      }
      try await harness.delete(.agentDeployments, "weather-mcp")
      try await harness.advance(by: .seconds(10))
      #expect(try await harness.condition("ResolvedRefs")?.status == .false)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func oneOfAnotherNamespaceIsFoundThere() async throws {
    try await withOperator { harness in
      try await harness.createNamespace("tools")
      let spec: JSONValue = [
        "tools": [["name": "search", "agentRef": ["name": "search", "namespace": "tools"]]]
      ]
      try await harness.apply("support", spec)
      try await harness.settle()
      let condition = try #require(try await harness.condition("ResolvedRefs"))
      #expect(condition.message.contains("AgentDeployment tools/search"))
      try await harness.apply("search", in: "tools")
      try await harness.settle()
      #expect(try await harness.summary("ResolvedRefs") == "ResolvedRefs=True AllFound")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func twoThatCallEachOtherAreBothReady() async throws {
    try await withOperator { harness in
      let back: JSONValue = ["tools": [["name": "s", "agentRef": ["name": "support"]]]]
      try await harness.apply("support", Self.spec)
      try await harness.apply("weather-mcp", back)
      try await harness.settle()
      for name in ["support", "weather-mcp"] {
        #expect(try await harness.summary("Ready", of: name) == "Ready=True Ready")
      }
      try await harness.expectNoMoreWrites()
    }
  }
}
