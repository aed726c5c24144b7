public import JSON

/// What rendered pods say of their own security. Rendering puts it into the pods, and the guard rails
/// judge what a user's changes leave of it.
public enum PodHardening {
  /// The `securityContext` of an agent's pod.
  public static func pod(_ level: Security.PodSecurity) -> JSONValue {
    level == .restricted
      ? ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]]
      : ["seccompProfile": ["type": "RuntimeDefault"]]
  }

  /// Of its container.
  public static func agent(_ level: Security.PodSecurity) -> JSONValue {
    var context = container
    if level == .restricted {
      context["readOnlyRootFilesystem"] = true
      context["runAsNonRoot"] = true
    }
    return context
  }

  /// As in manifests/install.yaml; the kubelet has to know that it is not root.
  private static let reloadUser = 65532

  /// Of the sidecar that tells it to reload.
  public static let reload: JSONValue = [
    "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]],
    "readOnlyRootFilesystem": true, "runAsNonRoot": true,
    "runAsUser": JSONValue(reloadUser), "runAsGroup": JSONValue(reloadUser),
  ]

  /// The user of Redis' and Valkey's images; also the group that owns the volume.
  private static let stateUser = 999

  /// Of the pod of a managed store.
  public static let statePod: JSONValue = [
    "runAsNonRoot": true, "runAsUser": JSONValue(stateUser), "runAsGroup": JSONValue(stateUser),
    "fsGroup": JSONValue(stateUser), "fsGroupChangePolicy": "OnRootMismatch",
    "seccompProfile": ["type": "RuntimeDefault"],
  ]

  /// Of its container.
  public static let state: JSONValue = [
    "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]],
    "readOnlyRootFilesystem": true,
  ]

  private static let container: JSONValue = [
    "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]],
  ]
}
