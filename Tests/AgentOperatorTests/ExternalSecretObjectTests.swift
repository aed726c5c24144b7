import AgentDeploymentAPI
import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import AgentOperator

/// `secrets[].externalSecret` in a cluster, with the External Secrets operator played by hand.
@Suite struct ExternalSecretObjectTests {
  private static let spec: JSONValue = [
    "secrets": [
      [
        "name": "crm", "expose": "Env", "keys": ["token": "CRM_TOKEN"],
        "externalSecret": ["storeRef": ["name": "vault"], "remoteKey": "prod/crm"],
      ]
    ]
  ]

  @Test func theSecretIsWaitedForAndItsProblemToldOn() async throws {
    try await withOperator(
      installs: [.agentDeployments, .externalSecrets] + Definitions.mesh
    ) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      #expect(try await harness.find(.externalSecrets, "support-crm") != nil)
      let refs = try #require(try await harness.condition("ResolvedRefs"))
      #expect(refs.status == .false)
      #expect(refs.message.contains("Secret support-crm (spec.secrets[0].externalSecret, the "))
      let failed: JSONValue = [
        "status": [
          "conditions": [
            [
              "type": "Ready", "status": "False", "reason": "SecretSyncedError",
              "message": "no such key", "lastTransitionTime": "2026-11-21T00:00:00Z",
            ]
          ]
        ]
      ]
      _ = try await harness.client.patch(
        .externalSecrets, harness.key("support-crm"), .merge(failed), fieldManager: "eso",
        subresource: "status")
      try await harness.settle()
      #expect(
        try await harness.condition("ResolvedRefs")?.message.contains(
          "SecretSyncedError: no such key") == true)
      try await harness.create(.secrets, "support-crm", ["data": ["token": "YQ=="]])
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      // A new value restarts what has it in a variable.
      let before = try await harness.get(.deployments)["spec"]?["template"]
      try await harness.patch(.secrets, "support-crm", ["data": ["token": "Yg=="]])
      try await harness.settle()
      let after = try await harness.get(.deployments)["spec"]?["template"]
      #expect(before != after)
      try await harness.apply("support", [:])
      try await harness.settle()
      #expect(try await harness.find(.externalSecrets, "support-crm") == nil)
    }
  }

  /// The Secret of an ExternalSecret has the name of the one that is generated from now on, and the
  /// External Secrets operator would make it again as long as the ExternalSecret is there.
  @Test func aSecretThatIsGeneratedFromNowOnTakesItsPlace() async throws {
    try await withOperator(
      installs: [.agentDeployments, .externalSecrets] + Definitions.mesh
    ) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let external = try await harness.get(.externalSecrets, "support-crm")
      try await harness.create(
        .secrets, "support-crm",
        [
          "metadata": [
            "name": "support-crm", "namespace": .string(harness.namespace),
            "labels": .object(
              JSONObject(
                external.labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "ownerReferences": [
              [
                "apiVersion": .string(external.apiVersion), "kind": "ExternalSecret",
                "name": "support-crm", "uid": .string(external.uid ?? ""), "controller": true,
              ]
            ],
          ],
          "data": ["token": "YQ=="],
        ])
      try await harness.settle()
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      let generated: JSONValue = [
        "secrets": [
          [
            "name": "crm", "expose": "Env", "keys": ["value": "CRM_TOKEN"],
            "generate": ["length": 32],
          ]
        ]
      ]
      try await harness.apply("support", generated)
      try await harness.settle()
      #expect(try await harness.find(.externalSecrets, "support-crm") == nil)
      let secret = try await harness.get(.secrets, "support-crm")
      // Retained, as generated ones are.
      #expect(secret.controllerReference == nil)
      #expect(secret["data"]?["token"] == nil && secret["data"]?["value"] != nil)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      #expect(try await harness.events().filter { $0.hasPrefix("ApplyConflict") } == [])
      try await harness.expectNoMoreWrites()
    }
  }

  /// What the External Secrets operator writes after a try.
  private func report(
    _ harness: OperatorHarness, _ status: String, _ reason: String, _ message: String
  ) async throws {
    let condition: JSONValue = [
      "type": "Ready", "status": .string(status), "reason": .string(reason),
      "message": .string(message), "lastTransitionTime": "2026-11-21T00:00:00Z",
    ]
    _ = try await harness.client.patch(
      .externalSecrets, harness.key("support-crm"),
      .merge(["status": ["conditions": [condition]]]), fieldManager: "eso", subresource: "status")
    try await harness.settle()
  }

  /// The value of before goes on being used: nobody would know.
  @Test func aStoreThatFailsLaterIsToldOn() async throws {
    try await withOperator(
      installs: [.agentDeployments, .externalSecrets] + Definitions.mesh
    ) { harness in
      func events() async throws -> [String] {
        try await harness.events().filter { $0.hasPrefix("SecretSyncFailed") }
      }
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      // It never came: that is what ResolvedRefs is for.
      try await report(harness, "False", "SecretSyncedError", "no such key")
      #expect(try await harness.summary("ResolvedRefs") == "ResolvedRefs=False RefNotFound")
      #expect(try await harness.condition("SecretSyncFailed") == nil)
      try await harness.create(.secrets, "support-crm", ["data": ["token": "YQ=="]])
      try await report(harness, "True", "SecretSynced", "secret synced")
      #expect(try await harness.condition("SecretSyncFailed") == nil)
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      #expect(try await events() == [])
      let template = try await harness.template()

      try await report(harness, "False", "SecretSyncedError", "403 from vault, request 1")
      let failed = try #require(try await harness.condition("SecretSyncFailed"))
      #expect(failed.status == .true && failed.reason == "ExternalSecretNotReady")
      for part in [
        "Secret support-crm (spec.secrets[0].externalSecret): SecretSyncedError",
        "403 from vault, request 1",
      ] {
        #expect(failed.message.contains(part), "\(failed.message)")
      }
      // It serves, with the old value.
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      #expect(try await harness.summary("ResolvedRefs") == "ResolvedRefs=True AllFound")
      #expect(try await harness.template() == template)
      #expect(try await events().count == 1)
      // The same in other words is no news, but what is said is up to date.
      try await report(harness, "False", "SecretSyncedError", "403 from vault, request 2")
      #expect(
        try await harness.condition("SecretSyncFailed")?.message.contains("request 2") == true)
      #expect(try await events().count == 1)
      try await harness.expectNoMoreWrites()
      // Another reason is.
      try await report(harness, "False", "SecretDeleted", "gone")
      #expect(try await events().count == 2)

      try await report(harness, "True", "SecretSynced", "secret synced")
      #expect(try await harness.condition("SecretSyncFailed") == nil)
      #expect(try await events().count == 2)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aPausedAgentIsToldOnToo() async throws {
    try await withOperator(
      installs: [.agentDeployments, .externalSecrets] + Definitions.mesh
    ) { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      try await harness.create(.secrets, "support-crm", ["data": ["token": "YQ=="]])
      var spec = Self.spec
      spec["paused"] = true
      try await harness.apply("support", spec)
      try await harness.settle()
      try await report(harness, "False", "SecretSyncedError", String(repeating: "x", count: 5000))
      let failed = try #require(try await harness.condition("SecretSyncFailed"))
      #expect(failed.message.utf8.count < 1000)
      #expect(try await harness.summary("Ready") == "Ready=True Paused")
    }
  }

  @Test func withoutThatOperatorItIsRefusedUntilItComes() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False UnsupportedByClass")
      try await harness.install(.externalSecrets)
      try await harness.settle()
      #expect(try await harness.condition("Accepted")?.status == .true)
      #expect(try await harness.find(.externalSecrets, "support-crm") != nil)
    }
  }
}
