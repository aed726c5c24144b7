public import KubernetesAPI

/// Names by which the cluster knows the operator. Changing one of the field managers orphans every
/// field applied under the old name (correctness rule 25).
public enum OperatorIdentity {
  /// Owns what is rendered.
  public static let fieldManager = "agentdeploy-operator"
  /// Owns a Deployment's replicas between a fixed number and the autoscaler's first decision.
  public static let replicasManager = "agentdeploy-operator-replicas"
  /// Owns the random values of generated Secrets.
  public static let secretsManager = "agentdeploy-operator-secrets"
  public static let controllerName = "agentdeployment"
  public static let reportingController = "agentdeploy.dev/agent-operator"
  public static let ownerKind = ResourceType.agentDeployments.groupKind
}
