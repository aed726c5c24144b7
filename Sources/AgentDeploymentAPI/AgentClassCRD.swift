public import JSON

/// The CustomResourceDefinition of the platform's side.
public enum AgentClassCRD {
  /// apiextensions.k8s.io/v1; what `crds/agentclasses.yaml` holds.
  public static let json = CustomResourceDefinition(
    resource: AgentClass.resource, shortName: "agc", categories: [],
    description: "What a platform offers its agents and asks of them. Agents name it in "
      + "spec.className; the one with the annotation \(AgentClass.isDefaultAnnotation): \"true\" is "
      + "for those that name none.",
    spec: AgentClassSpec.schema, isSpecRequired: false, status: nil, rules: [],
    columns: [
      // A dot in an annotation's name ends it for the printer unless it is escaped.
      .init("Default", ".metadata.annotations.agentdeploy\\.dev/is-default-class"),
      .init("Max replicas", ".spec.guardRails.maxReplicas", type: "integer"),
      .init("Digest", ".spec.guardRails.requireDigest", type: "boolean"),
      .init("Age", ".metadata.creationTimestamp", type: "date"),
    ]
  ).json
}
