import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

@Suite struct StatusTests {
  static let full = AgentDeploymentStatus(
    observedGeneration: 7, className: "production",
    classDefaults: ["spec.traffic.timeout"], url: "https://support.example.com",
    internalUrl: "http://support.agents.svc:80", selector: "agentdeploy.dev/agent=support",
    replicas: 6, readyReplicas: 5, currentRevision: "3f9c1a7b20", updateRevision: "8e02d5c41d",
    secrets: [
      .init(
        name: "llm", secretName: "support-llm", changedAt: "2026-11-21T07:08:32Z",
        rotatesAt: "2026-12-21T07:08:32Z", rotationDue: false)
    ],
    resources: [
      .init(apiVersion: "apps/v1", kind: "Deployment", name: "support", state: .inProgress),
      .init(apiVersion: "v1", kind: "Service", name: "support", state: .current),
    ],
    regions: [.init(name: "europe-west1", endpoints: 4, active: true)],
    conditions: [
      Condition(
        type: "Ready", status: .true, reason: "MinimumReplicasAvailable", message: "5 of 6 ready",
        observedGeneration: 7, lastTransitionTime: "2026-11-21T07:08:32Z")
    ])

  @Test func survivesJSON() {
    #expect(AgentDeploymentStatus(Self.full.json) == Self.full)
    #expect(AgentDeploymentStatus(AgentDeploymentStatus().json) == AgentDeploymentStatus())
    #expect(AgentDeploymentStatus(.null) == AgentDeploymentStatus())
  }

  @Test func isWhatTheSchemaDescribes() {
    for status in [Self.full, AgentDeploymentStatus()] {
      var validator = FieldValidator()
      validator.validate(status.json, against: AgentDeploymentStatus.schema, at: ["status"])
      #expect(validator.errors == [])
    }
    // Both ways: a full status has every field of the schema.
    let known = AgentDeploymentStatus.schema.fields.map(\.name)
    #expect(Set(Self.full.json.object?.keys ?? []) == Set(known))
    for list in ["secrets", "resources", "regions", "conditions"] {
      guard case .array(let items, _, _) = AgentDeploymentStatus.schema.field(list)?.shape else {
        Issue.record("no list \(list)")
        continue
      }
      #expect(
        Set(Self.full.json[list]?[0]?.object?.keys ?? []) == Set(items.fields.map(\.name)))
    }
  }

  @Test func keepsWithinTheInventorysBound() {
    var status = AgentDeploymentStatus()
    for i in 0..<100 {
      status.resources.append(
        .init(apiVersion: "v1", kind: "ConfigMap", name: "a\(i)", state: .current))
    }
    #expect(status.json["resources"]?.array?.count == AgentDeploymentStatus.maxResources)
  }
}
