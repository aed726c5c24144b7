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
