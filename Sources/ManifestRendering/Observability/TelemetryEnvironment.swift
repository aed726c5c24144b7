import AgentDeploymentAPI

/// What an OpenTelemetry SDK is told when traces are to go somewhere, by variable name
/// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
///
/// What the user sets by the same name stands: all of this gives way to `config`, `secrets` and `env`.
struct TelemetryEnvironment {
  private let agent: AgentDeployment
  private let tracing: Observability.Tracing

  /// Nil when nobody says where traces go: neither the agent nor its class.
  init?(_ agent: AgentDeployment) {
    guard let tracing = agent.spec.observability.tracing else { return nil }
    self.agent = agent
    self.tracing = tracing
  }

  var variables: [String: String] {
    var variables = [
      "OTEL_EXPORTER_OTLP_ENDPOINT": tracing.endpoint,
      // W3C: what Istio's proxies pass on too.
      "OTEL_PROPAGATORS": "tracecontext,baggage",
      "OTEL_RESOURCE_ATTRIBUTES": attributes.map { "\($0)=\($1)" }.joined(separator: ","),
    ]
    variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = transport
    if let percent = tracing.samplePercent {
      variables["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio"
      variables["OTEL_TRACES_SAMPLER_ARG"] = EnvironmentBuilder.ratio(ofPercent: percent)
    }
    return variables
  }

  /// https://opentelemetry.io/docs/specs/semconv/resource/
  private var attributes: [(String, String)] {
    var attributes = [("service.namespace", agent.namespace)]
    if let version = ObjectNames.version(ofImage: agent.spec.image) {
      attributes.append(("service.version", version))
    }
    attributes.append(("k8s.namespace.name", agent.namespace))
    attributes.append(("k8s.deployment.name", agent.name))
    return attributes
  }

  /// SDKs differ in what they speak when nobody says: told by OTLP's two well-known ports, left alone
  /// for any other.
  private var transport: String? {
    let authority = tracing.endpoint.split(separator: "/", omittingEmptySubsequences: true)
      .dropFirst().first
    switch authority?.split(separator: ":").dropFirst().first {
    case "4317": return "grpc"
    case "4318": return "http/protobuf"
    default: return nil
    }
  }
}
