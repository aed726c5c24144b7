import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The agent's container.
struct ContainerBuilder {
  let builder: ManifestBuilder

  private var spec: AgentDeploymentSpec { builder.spec }

  func container() -> JSONValue {
    var container: JSONValue = [
      "name": .string(PodTemplateBuilder.containerName), "image": .string(spec.image),
    ]
    if !spec.command.isEmpty { container["command"] = JSONValue(spec.command) }
    if !spec.args.isEmpty { container["args"] = JSONValue(spec.args) }
    container["ports"] = .array(ports)
    let environment = EnvironmentBuilder(builder: builder)
    container["envFrom"] = environment.sources.isEmpty ? nil : .array(environment.sources)
    container["env"] = .array(environment.variables())
    var resources: JSONValue = [:]
    if !spec.resources.requests.isEmpty {
      resources["requests"] = JSONValue(spec.resources.requests)
    }
    if !spec.resources.limits.isEmpty { resources["limits"] = JSONValue(spec.resources.limits) }
    container["resources"] = resources
    container["startupProbe"] = startupProbe
    container["livenessProbe"] = probe(
      spec.health.live, every: spec.health.livePeriod, failures: 3)
    container["readinessProbe"] = probe(
      spec.health.ready, every: spec.health.readyPeriod, failures: 3)
    container["lifecycle"] = ["preStop": preStop]
    container["securityContext"] = PodHardening.agent(spec.security.podSecurity)
    container["terminationMessagePolicy"] = "FallbackToLogsOnError"
    container["volumeMounts"] = .array(VolumeBuilder(builder: builder).volumes.map(\.mount))
    return container
  }

  /// The kubelet waits for the hook, at most for the grace period, before it tells the agent to end.
  private var preStop: JSONValue {
    spec.availability.drainPath.map { ["httpGet": ["path": .string($0), "port": "http"]] }
      ?? ["sleep": ["seconds": JSONValue(PodTemplateBuilder.preStopSeconds)]]
  }

  private var ports: [JSONValue] {
    var ports: [JSONValue] = [port("http", spec.port)]
    ports += spec.extraPorts.map { port($0.name, $0.port) }
    if let metrics = builder.separateMetricsPort { ports.append(port("metrics", metrics)) }
    return ports
  }

  private func port(_ name: String, _ number: Int) -> JSONValue {
    ["name": .string(name), "containerPort": JSONValue(number), "protocol": "TCP"]
  }

  private static let startupPeriodSeconds = 5

  /// The whole budget for starting; the other probes begin only after it, so they need no delays.
  private var startupProbe: JSONValue {
    var probe = check(spec.health.live)
    let budget = Int(spec.health.startupTimeout.seconds)
    probe["periodSeconds"] = JSONValue(Self.startupPeriodSeconds)
    probe["timeoutSeconds"] = JSONValue(min(Self.startupPeriodSeconds, timeoutSeconds))
    probe["failureThreshold"] = JSONValue(
      max(1, (budget + Self.startupPeriodSeconds - 1) / Self.startupPeriodSeconds))
    return probe
  }

  private func probe(_ kind: Health.Check, every period: KubernetesDuration, failures: Int)
    -> JSONValue
  {
    var probe = check(kind)
    probe["periodSeconds"] = JSONValue(max(1, period.seconds))
    probe["timeoutSeconds"] = JSONValue(timeoutSeconds)
    probe["failureThreshold"] = JSONValue(failures)
    return probe
  }

  private var timeoutSeconds: Int { max(1, Int(spec.health.probeTimeout.seconds)) }

  private func check(_ kind: Health.Check) -> JSONValue {
    switch kind {
    case .http(let path): ["httpGet": ["path": .string(path), "port": "http"]]
    case .tcp: ["tcpSocket": ["port": "http"]]
    }
  }
}
