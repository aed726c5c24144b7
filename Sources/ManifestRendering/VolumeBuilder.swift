import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The pod's volumes, each with its mount in the agent's container.
struct VolumeBuilder {
  struct Volume {
    var volume: JSONValue
    var mount: JSONValue
  }

  let builder: ManifestBuilder

  private var spec: AgentDeploymentSpec { builder.spec }
  private var names: ObjectNames { builder.names }

  static let configPath = "/etc/agent/config"
  static let secretsPath = "/etc/agent/secrets"

  var volumes: [Volume] {
    // The root file system is read-only; this is the place for temporary files.
    var all = [
      Volume(
        volume: ["name": "tmp", "emptyDir": [:]], mount: ["name": "tmp", "mountPath": "/tmp"]),
      readOnly("config", at: Self.configPath, config),
    ]
    for source in spec.configFrom {
      let isCopied =
        source.onChange == .rollout && builder.context.configMaps[source.configMapName] != nil
      let name = isCopied ? names.configCopy(source) : source.configMapName
      all.append(
        readOnly(
          "config-\(source.name)", at: source.mountPath, ["configMap": ["name": .string(name)]]))
    }
    for secret in spec.secrets where secret.expose == .files {
      all.append(
        readOnly(
          Self.volumeName(of: secret), at: Self.directory(of: secret),
          ["secret": ["secretName": .string(names.secret(secret))]]))
    }
    if let state = StateConnection(builder.agent, names), let password = state.password {
      all.append(
        readOnly(
          "state-password", at: StateConnection.directory,
          [
            "secret": [
              "secretName": .string(password.secret),
              "items": [["key": .string(password.key), "path": "password"]],
            ]
          ]))
    }
    return all
  }

  /// Each variable of the revision's ConfigMap is a file too, under the name that the user gave it.
  private var config: JSONValue {
    var variables: JSONValue = ["name": .string(names.configMap)]
    let keys = spec.config.keys.sorted()
    if keys.contains(where: { ConfigVariable.name(forKey: $0) != $0 }) {
      var paths: [String: String] = [:]
      for name in EnvironmentBuilder(builder: builder).configured.keys { paths[name] = name }
      for key in keys { paths[ConfigVariable.name(forKey: key)] = key }
      variables["items"] = .array(
        paths.sorted { $0.key < $1.key }.map {
          ["key": .string($0.key), "path": .string($0.value)]
        })
    }
    guard !ModelFiles(builder.agent, builder.context).files.isEmpty else {
      return ["configMap": variables]
    }
    let files: JSONValue = ["configMap": ["name": .string(names.files)]]
    return ["projected": ["sources": [["configMap": variables], files]]]
  }

  static func volumeName(of secret: SecretSource) -> String { "secret-\(secret.name)" }
  /// Where the keys of a secret that is exposed as files are.
  static func directory(of secret: SecretSource) -> String { "\(secretsPath)/\(secret.name)" }

  private func readOnly(_ name: String, at path: String, _ source: JSONValue) -> Volume {
    var volume: JSONValue = ["name": .string(name)]
    for (key, value) in source.object ?? [:] { volume[key] = value }
    return Volume(
      volume: volume,
      mount: ["name": .string(name), "mountPath": .string(path), "readOnly": true])
  }
}
