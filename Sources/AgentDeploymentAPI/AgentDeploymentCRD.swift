public import JSON
import KubernetesAPI

/// The CustomResourceDefinition, made from the same description as validation and defaulting.
public enum AgentDeploymentCRD {
  /// apiextensions.k8s.io/v1; what `crds/agentdeployments.yaml` holds.
  public static let json = CustomResourceDefinition(
    resource: AgentDeployment.resource, shortName: "agd", categories: ["agents"],
    description: "An AI agent and everything it needs to run in production, from one image.",
    spec: AgentDeploymentSpec.schema, isSpecRequired: true, status: AgentDeploymentStatus.schema,
    rules: [
      [
        "rule": .string(
          "size(self.metadata.name) <= \(MetadataChecks.maxNameLength) "
            + "&& self.metadata.name.matches('\(MetadataChecks.namePattern.text)')"),
        "message": .string(
          "metadata.name must have at most \(MetadataChecks.maxNameLength) characters and be "
            + MetadataChecks.namePattern.meaning),
      ]
    ],
    columns: [
      .init("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
      .init("Status", ".status.conditions[?(@.type==\"Ready\")].reason"),
      .init("Revision", ".status.currentRevision"),
      .init("Replicas", ".status.readyReplicas", type: "integer"),
      .init("Class", ".status.className", isWide: true),
      .init("Protocol", ".spec.protocol", isWide: true),
      .init("URL", ".status.url", isWide: true),
      .init("Image", ".spec.image", isWide: true),
      .init("Age", ".metadata.creationTimestamp", type: "date"),
    ]
  ).json
}
