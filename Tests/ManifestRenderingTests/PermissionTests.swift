import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// `security.rules`: what the agent may do at the API server.
@Suite struct PermissionTests {
  static let rules: JSONValue = [
    ["apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]],
    [
      "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["mine"], "verbs": ["get"],
    ],
  ]

  @Test func aRoleHasExactlyTheRulesAndTheAgentAloneGetsIt() throws {
    let rendering = try Samples.render(["security": ["rules": Self.rules]])
    let role = try #require(rendering["Role"])
    #expect(role.name == "support" && role.namespace == "agents")
    #expect(role["rules"] == Self.rules)
    let binding = try #require(rendering["RoleBinding"])
    #expect(
      binding["roleRef"]
        == ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "support"])
    #expect(
      binding["subjects"]
        == [["kind": "ServiceAccount", "name": "support", "namespace": "agents"]])
    // Whoever else runs as that account gets no token by itself.
    #expect(rendering["ServiceAccount"]?["automountServiceAccountToken"] == false)
    #expect(rendering.podSpec?["automountServiceAccountToken"] == true)
    let waves = ["ServiceAccount", "Role", "RoleBinding", "Deployment"].compactMap { kind in
      rendering.objects.first { $0.object.kind == kind }?.wave.rawValue
    }
    #expect(waves == waves.sorted() && waves[1] < waves[2] && waves[2] < waves[3])
  }

  @Test(arguments: [[:], ["security": ["rules": []]]] as [JSONValue])
  func withoutRulesThereIsNeitherRoleNorToken(_ spec: JSONValue) throws {
    let rendering = try Samples.render(spec)
    #expect(rendering["Role"] == nil && rendering["RoleBinding"] == nil)
    #expect(rendering.podSpec?["automountServiceAccountToken"] == false)
  }

  @Test(
    arguments: [
      ("Role", ["rules": []]), ("RoleBinding", ["subjects": []]),
      ("RoleBinding", ["roleRef": ["name": "admin"]]),
    ] as [(String, JSONValue)]) func overridesDoNotWidenThem(_ kind: String, _ patch: JSONValue)
    throws
  {
    let json = try Samples.agent(["security": ["rules": Self.rules]]).object.json
    var changed = json
    changed["spec"]?["overrides"] = [["kind": .string(kind), "patch": patch]]
    guard case .failure(let failure) = AgentDeployment.decode(changed) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.first?.path.description.hasPrefix("spec.overrides[0].patch") == true)
  }
}
