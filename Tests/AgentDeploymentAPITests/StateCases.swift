@testable import AgentDeploymentAPI

/// `spec.state`: values, rules and checks.
enum StateCases {
  static let managed = #"{"state":{"type":"Managed","managed":{}}}"#
  static let external =
    #"{"secrets":[{"name":"redis","secretRef":{"name":"r"}}],"state":{"type":"External","external":{"address":"a:1","credential":"redis"}}}"#

  static let leaves: [LeafCase] = [
    LeafCase("spec.state.type", #""Managed""#, in: #"{"state":{"type":"None"}}"#),
    LeafCase("spec.state.managed.image", #""registry.example.com/valkey:8""#, in: managed),
    LeafCase("spec.state.managed.storage", #""10Gi""#, in: managed),
    LeafCase("spec.state.managed.storageClassName", #""fast""#, in: managed),
    LeafCase("spec.state.managed.resources.requests{cpu}", #""250m""#, in: managed),
    LeafCase("spec.state.managed.resources.limits{memory}", #""1Gi""#, in: managed),
    LeafCase("spec.state.managed.persistence", #""Snapshot""#, in: managed),
    LeafCase("spec.state.external.address", #""redis.shared.svc:6380""#, in: external),
    LeafCase("spec.state.external.tls", "true", in: external),
    LeafCase(
      "spec.state.external.credential", #""redis""#,
      in:
        #"{"secrets":[{"name":"redis","secretRef":{"name":"r"}}],"state":{"type":"External","external":{"address":"a:1"}}}"#
    ),
    LeafCase("spec.state.external.key", #""redis-password""#, in: external),
    LeafCase("spec.state.external.cluster", "true", in: external),
  ]

  static let rules: [RuleCases] = [
    RuleCases(
      "spec.state", "External needs external", at: "spec.state.external",
      good: [external, managed, #"{"state":{"type":"None"}}"#],
      bad: [
        #"{"state":{"type":"External"}}"#,
        #"{"state":{"type":"None","external":{"address":"a:1"}}}"#,
      ]),
    RuleCases(
      "spec.state", "only Managed has managed", at: "spec.state.managed",
      good: [managed, #"{"state":{"type":"Managed"}}"#],
      bad: [
        #"{"state":{"type":"None","managed":{}}}"#,
        #"{"state":{"type":"External","managed":{},"external":{"address":"a:1"}}}"#,
      ]),
    RuleCases(
      "spec.state.managed", "persistence None has no volume",
      at: "spec.state.managed.persistence",
      good: [
        #"{"state":{"type":"Managed","managed":{"persistence":"None"}}}"#,
        #"{"state":{"type":"Managed","managed":{"persistence":"Snapshot","storage":"2Gi"}}}"#,
      ],
      bad: [
        #"{"state":{"type":"Managed","managed":{"persistence":"None","storage":"2Gi"}}}"#,
        #"{"state":{"type":"Managed","managed":{"persistence":"None","storageClassName":"a"}}}"#,
      ]),
    RuleCases(
      "spec.state.managed.storage", "must be at least 16Mi", at: "spec.state.managed.storage",
      good: [
        #"{"state":{"type":"Managed","managed":{"storage":"16Mi"}}}"#,
        #"{"state":{"type":"Managed","managed":{"storage":"1.5Ti"}}}"#,
      ],
      bad: [
        #"{"state":{"type":"Managed","managed":{"storage":"0"}}}"#,
        #"{"state":{"type":"Managed","managed":{"storage":"16M"}}}"#,
      ]),
    RuleCases(
      "spec.state.managed.resources", "requests.cpu must not be more",
      at: "spec.state.managed.resources.requests",
      good: [resources(#"{"requests":{"cpu":1},"limits":{"cpu":"1000m"}}"#)],
      bad: [resources(#"{"requests":{"cpu":2},"limits":{"cpu":"1"}}"#)]),
    RuleCases(
      "spec.state.managed.resources", "requests.memory must not be more",
      at: "spec.state.managed.resources.requests",
      good: [resources(#"{"requests":{"memory":"1Gi"},"limits":{"memory":"1024Mi"}}"#)],
      bad: [resources(#"{"requests":{"memory":"2Gi"},"limits":{"memory":"1Gi"}}"#)]),
    RuleCases(
      "spec.state.managed.resources.requests", "a store has cpu, memory",
      at: "spec.state.managed.resources.requests",
      good: [resources(#"{"requests":{"cpu":"1","ephemeral-storage":"1Gi"}}"#)],
      bad: [resources(#"{"requests":{"nvidia.com/gpu":"1"}}"#)]),
    RuleCases(
      "spec.state.managed.resources.limits", "a store has cpu, memory",
      at: "spec.state.managed.resources.limits",
      good: [resources(#"{"limits":{"cpu":"1"}}"#)], bad: [resources(#"{"limits":{"cpus":"1"}}"#)]),
    RuleCases(
      "spec.state.external", "a key is one of a credential", at: "spec.state.external.key",
      good: [external, #"{"state":{"type":"External","external":{"address":"a:1"}}}"#],
      bad: [#"{"state":{"type":"External","external":{"address":"a:1","key":"k"}}}"#]),
    RuleCases(
      "spec", "state.external.credential must be the name", at: "spec.state",
      good: [external],
      bad: [
        #"{"state":{"type":"External","external":{"address":"a:1","credential":"redis"}}}"#,
        #"{"secrets":[{"name":"r","secretRef":{"name":"redis"}}],"state":{"type":"External","external":{"address":"a:1","credential":"redis"}}}"#,
      ]),
    RuleCases(
      "spec", "the managed store's password has the name state", at: "spec.secrets",
      good: [
        #"{"secrets":[{"name":"state","secretRef":{"name":"a"}}],"state":{"type":"Managed"}}"#,
        #"{"secrets":[{"name":"state","generate":{}}],"state":{"type":"None"}}"#,
      ],
      bad: [#"{"secrets":[{"name":"state","generate":{}}],"state":{"type":"Managed"}}"#]),
  ]

  private static func resources(_ text: String) -> String {
    #"{"state":{"type":"Managed","managed":{"resources":\#(text)}}}"#
  }

  static let checks: [CheckCase] = [
    CheckCase(
      #"{"config":{"redis.host":"a"},"state":{"type":"Managed"}}"#, "spec.config[redis.host]",
      .forbidden),
    CheckCase(#"{"config":{"redis.host":"a"},"state":{"type":"None"}}"#),
    CheckCase(
      #"{"secrets":[{"name":"s","secretRef":{"name":"s"},"expose":"Env","keys":{"k":"REDIS_URL"}}],"state":{"type":"Managed"}}"#,
      "spec.secrets[0].keys.k", .forbidden),
    CheckCase(
      #"{"overrides":[{"kind":"StatefulSet","patch":{"spec":{"replicas":2}}}]}"#,
      "spec.overrides[0].patch.spec.replicas", .forbidden),
    CheckCase(
      #"{"overrides":[{"kind":"PersistentVolumeClaim","patch":{"spec":{"resources":{}}}}]}"#,
      "spec.overrides[0].patch.spec.resources", .forbidden),
    CheckCase(
      #"{"overrides":[{"kind":"StatefulSet","patch":{"spec":{"template":{"spec":{"nodeSelector":{"a":"b"}}}}}}]}"#
    ),
  ]
}
