import AgentDeploymentAPI
import JSON
import KubernetesAPI

@testable import AgentOperator

/// The custom resource definitions that scenarios install.
enum Definitions {
  /// Installed where a scenario says nothing else.
  static let mesh: [ResourceType] = [.peerAuthentications, .destinationRules, .virtualServices]

  /// What agents are made of there.
  static let everything = ClusterCache.builtIn + ClusterCache.metadataOnly + mesh

  static func json(of resource: ResourceType, version: String? = nil) -> JSONValue {
    switch resource {
    case .agentDeployments: AgentDeploymentCRD.json
    case .agentClasses: AgentClassCRD.json
    default: mesh(resource, version)
    }
  }

  /// A stand-in for Istio's: the same names, any content.
  private static func mesh(_ resource: ResourceType, _ version: String?) -> JSONValue {
    [
      "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
      "metadata": ["name": .string(resource.description)],
      "spec": [
        "group": .string(resource.group), "scope": "Namespaced",
        "names": [
          "kind": .string(resource.kind), "listKind": .string(resource.kind + "List"),
          "plural": .string(resource.plural), "singular": .string(resource.kind.lowercased()),
        ],
        "versions": [
          [
            "name": .string(version ?? resource.version), "served": true, "storage": true,
            "subresources": ["status": [:]],
            "schema": [
              "openAPIV3Schema": [
                "type": "object",
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
