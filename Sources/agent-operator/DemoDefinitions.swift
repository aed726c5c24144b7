import JSON
import KubernetesAPI

/// Kinds that the demonstration needs beside the embedded cluster's own.
enum DemoDefinitions {
  /// What an agent is made of, in the order of the tree.
  static let children: [ResourceType] = [
    .deployments, .statefulSets, .persistentVolumeClaims, .services, .horizontalPodAutoscalers,
    .podDisruptionBudgets, .configMaps,
    .secrets, .serviceAccounts, .roles, .roleBindings, .networkPolicies, .virtualServices,
    .destinationRules,
    .peerAuthentications, .authorizationPolicies, .requestAuthentications, .serviceEntries,
    .envoyFilters, .httpRoutes, .podMonitors,
    .prometheusRules,
  ]

  /// Stand-ins for the definitions of Istio, the Gateway API and the Prometheus operator: the same names,
  /// any content.
  static let optional: [JSONValue] = [
    definition(of: .virtualServices, singular: "virtualservice", shortName: "vs"),
    definition(of: .destinationRules, singular: "destinationrule", shortName: "dr"),
    definition(of: .peerAuthentications, singular: "peerauthentication", shortName: "pa"),
    definition(
      of: .authorizationPolicies, singular: "authorizationpolicy", shortName: "ap"),
    definition(
      of: .requestAuthentications, singular: "requestauthentication", shortName: "ra"),
    definition(of: .serviceEntries, singular: "serviceentry", shortName: "se"),
    definition(of: .envoyFilters, singular: "envoyfilter", shortName: "ef"),
    definition(of: .httpRoutes, singular: "httproute", shortName: "hr"),
    definition(of: .podMonitors, singular: "podmonitor", shortName: "pmon"),
    definition(of: .prometheusRules, singular: "prometheusrule", shortName: "promrule"),
  ]

  private static func definition(
    of resource: ResourceType, singular: String, shortName: String
  ) -> JSONValue {
    [
      "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
      "metadata": ["name": .string(resource.description)],
      "spec": [
        "group": .string(resource.group), "scope": "Namespaced",
        "names": [
          "kind": .string(resource.kind), "listKind": .string(resource.kind + "List"),
          "plural": .string(resource.plural), "singular": .string(singular),
          "shortNames": [.string(shortName)],
        ],
        "versions": [
          [
            "name": .string(resource.version), "served": true, "storage": true,
            "subresources": ["status": [:]],
            "schema": [
              "openAPIV3Schema": [
                "type": "object", "description": "A stand-in for the real definition.",
                "properties": [
                  "spec": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
                  "status": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
                ],
              ]
            ],
          ]
        ],
      ],
    ]
  }
}
