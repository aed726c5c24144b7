import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// Names one behaviour of an agent: image, configuration and everything else that its answers depend
/// on. Credentials, scaling and traffic are not part of it (design/api.md, decision 7).
public enum Revision {
  public static let label = "agentdeploy.dev/revision"

  /// The first 10 hexadecimal characters of the SHA-256 over the canonical JSON of the inputs.
  static func hash(of agent: AgentDeployment, _ context: RenderingContext) -> String {
    String(SHA256.hexDigest(of: inputs(agent, context).serializedBytes(.canonical)).prefix(10))
  }

  private static func inputs(_ agent: AgentDeployment, _ context: RenderingContext) -> JSONValue {
    let spec = agent.spec
    var inputs: JSONValue = [
      "protocol": .string(spec.protocol.rawValue),
      "image": .string(spec.image),
      "command": JSONValue(spec.command),
      "args": JSONValue(spec.args),
      "port": JSONValue(spec.port),
      "extraPorts": .array(
        spec.extraPorts.map {
          [
            "name": .string($0.name), "port": JSONValue($0.port),
            "appProtocol": JSONValue($0.appProtocol),
          ]
        }),
      "env": .array(spec.env.map(EnvironmentBuilder.json)),
      "requests": JSONValue(spec.resources.requests),
      "limits": JSONValue(spec.resources.limits),
      "health": [
        "live": json(spec.health.live), "ready": json(spec.health.ready),
        "startup": JSONValue(spec.health.startupTimeout.milliseconds),
        "livePeriod": JSONValue(spec.health.livePeriod.milliseconds),
        "readyPeriod": JSONValue(spec.health.readyPeriod.milliseconds),
        "timeout": JSONValue(spec.health.probeTimeout.milliseconds),
      ],
      "config": JSONValue(spec.config),
      // How it lies in the ConfigMap, whose content cannot change: another layout is another name.
      "configLayout": 2,
      "configFrom": .array(spec.configFrom.map { configSource($0, context) }),
      // These reach the agent as environment, through the revision's immutable ConfigMap.
      "metrics": [
        JSONValue(spec.observability.metricsPort), .string(spec.observability.metricsPath),
      ],
      "logLevel": .string(spec.observability.logLevel.rawValue),
    ]
    if let path = spec.health.reloadPath { inputs["health"]?["reload"] = .string(path) }
    if let state = StateConnection(agent, ObjectNames(agent, revision: "", context)) {
      inputs["state"] = JSONValue(state.variables)
    }
    let files = ModelFiles(agent, context).files
    if !files.isEmpty { inputs["modelFiles"] = JSONValue(files) }
    if let telemetry = TelemetryEnvironment(agent) {
      inputs["tracing"] = JSONValue(telemetry.variables)
    }
    if let template = spec.podTemplate {
      inputs["podTemplate"] = [
        "labels": JSONValue(template.labels), "annotations": JSONValue(template.annotations),
        "spec": .object(template.spec),
      ]
    }
    return inputs
  }

  private static func json(_ check: Health.Check) -> JSONValue {
    switch check {
    case .http(let path): .string(path)
    case .tcp: .null
    }
  }

  private static func configSource(_ source: ConfigSource, _ context: RenderingContext) -> JSONValue
  {
    var json: JSONValue = [
      "name": .string(source.name), "configMap": .string(source.configMapName),
      "mountPath": .string(source.mountPath), "onChange": .string(source.onChange.rawValue),
    ]
    if source.onChange == .rollout, let content = context.configMaps[source.configMapName] {
      json["data"] = .object(content.data)
      json["binaryData"] = .object(content.binaryData)
    }
    return json
  }
}

extension JSONValue {
  init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }
}
