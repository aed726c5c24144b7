import AgentDeploymentAPI
import JSON
public import KubernetesAPI

/// What a managed store's pod runs on is a record of its StatefulSet, and the rule is that of
/// `AppliedRendering`: neither an edit of the class nor a new version of the operator restarts it; a
/// change of `spec.state` does, and then takes in the rest.
public enum AppliedState {
  /// The StatefulSet that holds it.
  public static func statefulSet(of agent: ObjectKey) -> ObjectKey {
    ObjectKey(namespace: agent.namespace, name: ObjectNames.state(agent: agent.name))
  }

  /// - Parameter template: of the store's pod, as this version and the class shape it.
  static func newest(of agent: AgentDeployment, _ template: JSONValue) -> AppliedRendering {
    AppliedRendering(input: input(of: agent), podPart: .init(), template: template)
  }

  /// Hash over what the user gives the pod.
  private static func input(of agent: AgentDeployment) -> String {
    let spec = agent.object["spec"]
    let input: JSONValue = [
      "state": spec?["state"] ?? .null, "imagePullSecrets": spec?["imagePullSecrets"] ?? .null,
      "priority": spec?["availability"]?["priorityClassName"] ?? .null,
    ]
    return String(SHA256.hexDigest(of: input.serializedBytes(.canonical)).prefix(16))
  }
}
