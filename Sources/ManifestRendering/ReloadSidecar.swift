import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The container beside the agent that tells it when files of its secrets have changed
/// (`onChange: Reload`). Only from inside the pod can the agent be reached behind strict mutual TLS:
/// Istio does not intercept what goes to 127.0.0.1
/// (https://istio.io/latest/docs/ops/deployment/application-requirements/).
///
/// It is a native sidecar (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/):
/// there before the agent, so that it misses no change, and until after it; and scalers that look at
/// the agent's container do not count it. What it needs equals its limits, so that the pod keeps the
/// quality of service that the agent's own resources give it, and fits under any quota.
struct ReloadSidecar {
  let builder: ManifestBuilder

  private var spec: AgentDeploymentSpec { builder.spec }

  static let containerName = PodTemplate.reloadContainer
  private static let recordVolume = "reload-record"
  private static let recordDirectory = "/var/lib/agent-reload"
  private static let resources: JSONValue = ["cpu": "20m", "memory": "32Mi"]

  private var secrets: [SecretSource] { spec.secrets.filter { $0.onChange == .reload } }

  /// Nil when nothing is to be told.
  var container: JSONValue? {
    guard !secrets.isEmpty, let path = spec.health.reloadPath else { return nil }
    var args = ["reload"]
    for secret in secrets { args += ["--watch", VolumeBuilder.directory(of: secret)] }
    args += ["--url", "http://127.0.0.1:\(spec.port)\(path)"]
    args += ["--record", Self.recordDirectory + "/versions.json", "--log-format", "json"]
    let names = Set(secrets.map(VolumeBuilder.volumeName))
    let mounts = VolumeBuilder(builder: builder).volumes.map(\.mount).filter {
      names.contains($0["name"]?.string ?? "")
    }
    return [
      "name": .string(Self.containerName),
      "image": .string(builder.context.agentClass.effectiveReloadImage),
      "args": JSONValue(args),
      "restartPolicy": "Always",
      "resources": ["requests": Self.resources, "limits": Self.resources],
      "securityContext": PodHardening.reload,
      "terminationMessagePolicy": "FallbackToLogsOnError",
      "volumeMounts": .array(
        mounts + [
          ["name": .string(Self.recordVolume), "mountPath": .string(Self.recordDirectory)]
        ]),
    ]
  }

  /// Beside those of the agent: what it has told outlives a restart of the container.
  var volumes: [JSONValue] {
    container == nil
      ? [] : [["name": .string(Self.recordVolume), "emptyDir": ["sizeLimit": "1Mi"]]]
  }
}
