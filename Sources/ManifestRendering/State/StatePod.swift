import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The pod of a managed store.
struct StatePod {
  let builder: ManifestBuilder
  let store: StateStore.Managed

  private var names: ObjectNames { builder.names }

  static let containerName = "state"
  /// To write what is in memory.
  private static let graceSeconds = 60

  func template() -> JSONValue {
    var pod: JSONValue = [
      "automountServiceAccountToken": false,
      "enableServiceLinks": false,
      "terminationGracePeriodSeconds": JSONValue(Self.graceSeconds),
      "securityContext": PodHardening.statePod,
      "containers": [container],
      "volumes": .array(volumes),
    ]
    let secrets = builder.spec.imagePullSecrets
    if !secrets.isEmpty {
      pod["imagePullSecrets"] = .array(secrets.map { ["name": .string($0)] })
    }
    if let priority = builder.spec.availability.priorityClassName {
      pod["priorityClassName"] = .string(priority)
    }
    return [
      "metadata": [
        "labels": names.statePodLabels,
        "annotations": [
          "kubectl.kubernetes.io/default-container": .string(Self.containerName)
        ],
      ],
      "spec": pod,
    ]
  }

  private var image: String {
    store.image ?? builder.context.agentClass.stateImage ?? StateStore.Managed.defaultImage
  }

  private var container: JSONValue {
    var resources: JSONValue = ["limits": JSONValue(store.resources.limits)]
    resources["requests"] = JSONValue(store.resources.requests)
    return [
      "name": .string(Self.containerName), "image": .string(image),
      "command": JSONValue(StateServer(store: store).startCommand),
      "ports": [
        ["name": "redis", "containerPort": JSONValue(StateConnection.port), "protocol": "TCP"]
      ],
      "resources": resources,
      "startupProbe": probe(StateServer.liveCommand, every: 2, failures: 60),
      "livenessProbe": probe(StateServer.liveCommand, every: 20, failures: 3),
      "readinessProbe": probe(StateServer.readyCommand, every: 5, failures: 2),
      "securityContext": PodHardening.state,
      "terminationMessagePolicy": "FallbackToLogsOnError",
      "volumeMounts": [
        ["name": "data", "mountPath": .string(StateServer.dataDirectory)],
        [
          "name": "auth", "mountPath": .string(StateServer.passwordDirectory), "readOnly": true,
        ],
        ["name": "run", "mountPath": .string(StateServer.runDirectory)],
      ],
    ]
  }

  private func probe(_ command: [String], every period: Int, failures: Int) -> JSONValue {
    [
      "exec": ["command": JSONValue(command)], "periodSeconds": JSONValue(period),
      "timeoutSeconds": 5, "failureThreshold": JSONValue(failures),
    ]
  }

  private var volumes: [JSONValue] {
    let data: JSONValue =
      store.persistence == .none
      ? ["emptyDir": [:]] : ["persistentVolumeClaim": ["claimName": .string(names.state)]]
    let sources: [(String, JSONValue)] = [
      ("data", data),
      ("auth", ["secret": ["secretName": .string(names.state), "defaultMode": 0o440]]),
      ("run", ["emptyDir": ["medium": "Memory", "sizeLimit": "1Mi"]]),
    ]
    return sources.map { name, source in
      var volume: JSONValue = ["name": .string(name)]
      for (key, value) in source.object ?? [:] { volume[key] = value }
      return volume
    }
  }
}
