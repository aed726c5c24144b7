import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import Testing

@testable import AgentOperator

/// What the spec refers to: missing, appearing, changing.
@Suite struct ReferenceTests {
  private let needsSecret: JSONValue = [
    "secrets": [
      [
        "name": "llm", "secretRef": ["name": "support-llm"], "expose": "Env",
        "keys": ["api-key": "API_KEY"],
      ]
    ]
  ]
  private let needsConfigMap: JSONValue = [
    "configFrom": [
      ["name": "prompts", "configMapRef": ["name": "support-prompts"], "mountPath": "/etc/prompts"]
    ]
  ]

  @Test(arguments: Lane.all)
  func aMissingSecretIsNamedAndTheRestApplied(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", needsSecret)
      try await harness.settle()
      let condition = try #require(try await harness.condition("ResolvedRefs"))
      #expect(condition.status == .false && condition.reason == "RefNotFound")
      #expect(condition.message.contains("Secret support-llm (spec.secrets[0].secretRef.name)"))
      #expect(try await harness.summary("Ready") == "Ready=False RefNotFound")
      for resource: ResourceType in [.deployments, .services, .virtualServices] {
        #expect(try await harness.find(resource) != nil, "\(resource)")
      }
      let mark = harness.log.count
      try await harness.createSecret("support-llm")
      try await harness.settle()
      #expect(try await harness.summary("ResolvedRefs") == "ResolvedRefs=True AllFound")
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      // The Secret's value is none of the operator's business.
      #expect(!harness.log.since(mark).contains { $0.resource == "secrets" && !$0.isWatch })
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all)
  func aMissingConfigMapHealsAndBecomesPartOfTheRevision(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", needsConfigMap)
      try await harness.settle()
      let condition = try #require(try await harness.condition("ResolvedRefs"))
      #expect(condition.message.contains("ConfigMap support-prompts"))
      try await harness.createConfigMap("support-prompts", ["system.md": "be kind"])
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      let revision = try await harness.revision()
      let copy = try await harness.get(.configMaps, "support-\(revision)-prompts")
      #expect(copy["data"] == ["system.md": "be kind"] && copy["immutable"] == true)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all)
  func aChangedConfigMapIsANewRevisionAndOldCopiesGo(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.createConfigMap("support-prompts", ["system.md": "version 0"])
      try await harness.apply("support", needsConfigMap)
      try await harness.settle()
      var revisions = [try await harness.revision()]
      for version in 1...4 {
        try await harness.patch(
          .configMaps, "support-prompts", ["data": ["system.md": "version \(version)"]])
        if lane == .embedded { try await harness.advance(by: .seconds(2)) }
        try await harness.settle()
        let revision = try await harness.revision()
        #expect(!revisions.contains(revision))
        revisions.append(revision)
        let copy = try await harness.get(.configMaps, "support-\(revision)-prompts")
        #expect(copy["data"]?["system.md"]?.string == "version \(version)")
      }
      let copies = try await harness.children().filter { $0.hasSuffix("-prompts") }
      if lane == .embedded {
        // The current one and the two before it; a real server's copies are all of one second.
        #expect(
          Set(copies) == Set(revisions.suffix(3).map { "ConfigMap support-\($0)-prompts" }))
      } else {
        #expect(copies.count == 3)
      }
      #expect(try await harness.find(.configMaps, "support-prompts") != nil)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func copiesOfRunningPodsAreKeptUntilTheRolloutIsComplete() async throws {
    try await withOperator { harness in
      try await harness.apply("support", ["config": ["v": "0"]])
      try await harness.settle()
      let first = try await harness.revision()
      // None of these ever becomes ready: pods of the first revision serve all the time.
      for version in 1...4 {
        try await harness.apply(
          "support", ["image": "registry/support:broken", "config": ["v": "\(version)"]])
        try await harness.settle()
      }
      #expect(try await harness.revision() == first)
      #expect(try await harness.find(.configMaps, "support-\(first)-config") != nil)
      #expect(try await harness.condition("Ready")?.status == .true)
      try await harness.apply("support", ["config": ["v": "9"]])
      try await harness.settle()
      let copies = try await harness.children().filter { $0.hasSuffix("-config") }
      #expect(copies.count == 3, "\(copies)")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all)
  func aChangedSecretRestartsOrNotAsAsked(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      for name in ["restarting", "ignored"] { try await harness.createSecret(name) }
      func source(_ name: String, _ onChange: String) -> JSONValue {
        [
          "name": .string(name), "secretRef": ["name": .string(name)],
          "onChange": .string(onChange),
        ]
      }
      try await harness.apply(
        "support", ["secrets": [source("restarting", "Restart"), source("ignored", "Ignore")]])
      try await harness.settle()
      func template() async throws -> JSONValue? {
        try await harness.get(.deployments)["spec"]?["template"]
      }
      let revision = try await harness.revision()
      let before = try await template()
      try await harness.patch(.secrets, "ignored", ["data": ["api-key": "bmV3"]])
      try await harness.settle()
      #expect(try await template() == before)
      try await harness.patch(.secrets, "restarting", ["data": ["api-key": "bmV3"]])
      try await harness.settle()
      #expect(try await template() != before)
      #expect(try await harness.revision() == revision)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test(arguments: Lane.all)
  func aServiceAccountOfTheUsersIsLookedForAgain(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", ["security": ["serviceAccount": ["name": "mine"]]])
      try await harness.settle()
      #expect(
        try await harness.condition("ResolvedRefs")?.message.contains("ServiceAccount mine") == true
      )
      try await harness.create(.serviceAccounts, "mine")
      if lane == .real { return }  // half a minute there
      try await harness.advance(by: .seconds(31))
      #expect(try await harness.summary("ResolvedRefs") == "ResolvedRefs=True AllFound")
      try await harness.expectNoMoreWrites()
    }
  }
}

/// Secrets whose values the operator makes.
@Suite struct GeneratedSecretTests {
  private func spec(_ policy: String? = nil) -> JSONValue {
    var spec: JSONValue = ["secrets": [["name": "session", "generate": ["length": 24]]]]
    if let policy { spec["deletionPolicy"] = ["state": .string(policy)] }
    return spec
  }

  private func value(_ harness: OperatorHarness) async throws -> String {
    try await harness.find(.secrets, "support-session")?["data"]?["value"]?.string ?? ""
  }

  @Test(arguments: Lane.all)
  func aValueIsMadeOnceAndOutlivesEverything(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", spec())
      try await harness.settle()
      let value = try await value(harness)
      #expect(value.utf8.count == 32)  // 24 bytes in base64
      try await harness.apply(
        "support",
        ["image": "registry/support:v2", "secrets": spec()["secrets"] ?? []])
      try await harness.settle()
      try await harness.restart()
      try await harness.settle()
      try await harness.patch(
        .secrets, "support-session", ["metadata": ["labels": ["app.kubernetes.io/name": nil]]])
      try await harness.settle()
      #expect(try await self.value(harness) == value)
      // Kept when the agent goes, used again when it comes back.
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      #expect(try await harness.find(.deployments) == nil)
      #expect(try await self.value(harness) == value)
      try await harness.apply("support", spec())
      try await harness.settle()
      #expect(try await self.value(harness) == value)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
      // Nobody ever read or logged it.
      #expect(!harness.logs.lines.contains { $0.text.contains(value) })
      #expect(try await !harness.events().contains { $0.contains(value) })
    }
  }

  @Test(arguments: Lane.all)
  func itGoesWithTheAgentWhenThePolicySaysSo(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", spec("Delete"))
      try await harness.settle()
      #expect(try await !value(harness).isEmpty)
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      #expect(try await harness.find(.secrets, "support-session") == nil)
      #expect(try await harness.children() == [])
    }
  }

  @Test(arguments: Lane.all, [false, true])
  func aChangedPolicyHoldsForWhatExists(lane: Lane, retains: Bool) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", spec(retains ? "Delete" : "Retain"))
      try await harness.settle()
      let value = try await value(harness)
      try await harness.apply("support", spec(retains ? "Retain" : "Delete"))
      try await harness.settle()
      #expect(try await self.value(harness) == value)
      #expect(try await !harness.events().contains { $0.hasPrefix("DriftCorrected") })
      try await harness.expectNoMoreWrites()
      try await harness.delete(.agentDeployments, "support")
      try await harness.settle()
      let isThere = try await harness.find(.secrets, "support-session") != nil
      #expect(isThere == retains)
    }
  }

  @Test(arguments: Lane.all)
  func aSecretThatIsDeletedByHandIsMadeAnew(lane: Lane) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply("support", spec())
      try await harness.settle()
      let value = try await value(harness)
      try await harness.delete(.secrets, "support-session")
      try await harness.settle()
      #expect(try await !self.value(harness).isEmpty)
      #expect(try await self.value(harness) != value)
      try await harness.expectNoMoreWrites()
    }
  }
}
