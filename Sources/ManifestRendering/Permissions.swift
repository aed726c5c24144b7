import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// What the agent may do at the API server: nothing, unless the spec says so.
extension ManifestBuilder {
  /// A Role with exactly the rules, bound to the agent's own ServiceAccount. Before the workload, so
  /// that the agent never starts without them.
  func permissions() -> [RenderedObject] {
    let rules = spec.security.rules
    guard !rules.isEmpty else { return [] }
    let group = ResourceType.roles.group
    return [
      object(.roles, wave: .identity, [("rules", .array(rules.map(json)))]),
      object(
        .roleBindings, wave: .config,
        [
          (
            "roleRef",
            ["apiGroup": .string(group), "kind": "Role", "name": .string(names.agent)]
          ),
          (
            "subjects",
            [
              [
                "kind": "ServiceAccount", "name": .string(names.agent),
                "namespace": .string(names.namespace),
              ]
            ]
          ),
        ]),
    ]
  }

  private func json(_ rule: Security.PolicyRule) -> JSONValue {
    var json: JSONValue = [
      "apiGroups": JSONValue(rule.apiGroups), "resources": JSONValue(rule.resources),
      "verbs": JSONValue(rule.verbs),
    ]
    if !rule.resourceNames.isEmpty { json["resourceNames"] = JSONValue(rule.resourceNames) }
    return json
  }
}
