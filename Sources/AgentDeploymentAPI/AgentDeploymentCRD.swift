public import JSON
import KubernetesAPI

/// The CustomResourceDefinition, made from the same description as validation and defaulting.
public enum AgentDeploymentCRD {
  /// apiextensions.k8s.io/v1; what `crds/agentdeployments.yaml` holds.
  public static let json: JSONValue = [
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": [
      "name": .string("\(AgentDeployment.resource.plural).\(AgentDeployment.resource.group)")
    ],
    "spec": [
      "group": .string(AgentDeployment.resource.group),
      "names": [
        "kind": .string(AgentDeployment.kind),
        "listKind": .string(AgentDeployment.kind + "List"),
        "plural": .string(AgentDeployment.resource.plural),
        "singular": "agentdeployment",
        "shortNames": ["agd"],
        "categories": ["agents"],
      ],
      "scope": "Namespaced",
      "versions": [
        [
          "name": .string(AgentDeployment.resource.version),
          "served": true,
          "storage": true,
          "subresources": ["status": [:]],
          "additionalPrinterColumns": columns,
          "schema": ["openAPIV3Schema": schema],
        ]
      ],
    ],
  ]

  private static let schema: JSONValue = [
    "description":
      "An AI agent and everything it needs to run in production, from one image.",
    "type": "object",
    "required": ["spec"],
    "properties": [
      "apiVersion": [
        "description": "Version of the API: agentdeploy.dev/v1alpha1.", "type": "string",
      ],
      "kind": ["description": "AgentDeployment.", "type": "string"],
      "metadata": ["type": "object"],
      "spec": AgentDeploymentSpec.schema.openAPI(path: "spec"),
      "status": AgentDeploymentStatus.schema.openAPI(path: "status"),
    ],
    "x-kubernetes-validations": [
      [
        "rule": .string(
          "size(self.metadata.name) <= \(MetadataChecks.maxNameLength) "
            + "&& self.metadata.name.matches('\(MetadataChecks.namePattern.text)')"),
        "message": .string(
          "metadata.name must have at most \(MetadataChecks.maxNameLength) characters and be "
            + MetadataChecks.namePattern.meaning),
      ]
    ],
  ]

  private static let columns: JSONValue = [
    column("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
    column("Status", ".status.conditions[?(@.type==\"Ready\")].reason"),
    column("Revision", ".status.currentRevision"),
    column("Replicas", ".status.readyReplicas", type: "integer"),
    column("Protocol", ".spec.protocol", isWide: true),
    column("URL", ".status.url", isWide: true),
    column("Image", ".spec.image", isWide: true),
    column("Age", ".metadata.creationTimestamp", type: "date"),
  ]

  private static func column(
    _ name: String, _ path: String, type: String = "string", isWide: Bool = false
  ) -> JSONValue {
    var column: JSONValue = [
      "name": .string(name), "type": .string(type), "jsonPath": .string(path),
    ]
    if isWide { column["priority"] = 1 }
    return column
  }
}
