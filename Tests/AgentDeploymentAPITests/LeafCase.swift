import JSON

@testable import AgentDeploymentAPI

/// For one leaf of the schema: a manifest where it may stand, and a valid value that differs from
/// its default. The table has exactly the leaves of the schema; a test says so.
struct LeafCase: CustomStringConvertible, Sendable {
  var path: String
  var value: String
  var context: String

  init(_ path: String, _ value: String, in context: String = "{}") {
    self.path = path
    self.value = value
    self.context = context
  }

  var description: String { path }
  var manifestPath: ManifestPath { ManifestPath(path) }
  var without: JSONValue { Manifest.agent(context) }
  func with(_ value: JSONValue) -> JSONValue { manifestPath.set(value, in: without) }
  var with: JSONValue { with(Manifest.json(value)) }

  static let secretEnv =
    #"{"env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"a","key":"k"}}}]}"#
  static let configEnv =
    #"{"env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"a","key":"k"}}}]}"#
  static let resourceEnv =
    #"{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}}]}"#
  static let configFrom =
    #"{"configFrom":[{"name":"a","configMapRef":{"name":"a"},"mountPath":"/a"}]}"#
  static let envSecret =
    #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{"k":"A"}}]}"#
  static let fileSecret = #"{"secrets":[{"name":"a","secretRef":{"name":"a"}}]}"#
  static let reloading =
    #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"onChange":"Reload"}],"health":{"reloadPath":"/r"}}"#
  static let generated = #"{"secrets":[{"name":"a","generate":{}}]}"#
  static let rotated = #"{"secrets":[{"name":"a","generate":{"rotateEvery":"24h"}}]}"#
  static let external =
    #"{"secrets":[{"name":"a","externalSecret":{"storeRef":{"name":"s"},"remoteKey":"k"}}]}"#
  static let work =
    #"{"scaling":{"metrics":[{"type":"ActiveWork","target":"10","metric":"active"}]}}"#
  static let queue =
    #"{"scaling":{"metrics":[{"type":"Queue","target":"5","trigger":{"type":"redis-streams","metadata":{"stream":"a"}}}]}}"#
  static let externalQueue =
    #"{"scaling":{"metrics":[{"type":"Queue","target":"5","metric":"queue_depth"}]}}"#
  static let authenticatedQueue =
    #"{"scaling":{"metrics":[{"type":"Queue","target":"5","trigger":{"type":"redis","metadata":{},"authenticationRef":{"name":"a"}}}]}}"#
  static let secretQueue =
    #"{"scaling":{"metrics":[{"type":"Queue","target":"5","trigger":{"type":"redis","metadata":{},"secretTargetRef":[{"parameter":"a","name":"a","key":"a"}]}}]}}"#
  static let schedule =
    #"{"scaling":{"schedule":[{"start":"0 8 * * *","end":"0 19 * * *","replicas":5}]}}"#
  static let delay =
    #"{"traffic":{"faultInjection":{"percent":"1","delay":"1s","expiresAt":"2026-12-01T00:00:00Z"}}}"#
  static let abort =
    #"{"traffic":{"faultInjection":{"percent":"1","abortStatus":503,"expiresAt":"2026-12-01T00:00:00Z"}}}"#
  static let gateway =
    #"{"traffic":{"hosts":["a.example.com"],"gatewayRefs":[{"name":"public"}]}}"#

  static let gatewayRoute =
    #"{"traffic":{"provider":"GatewayAPI","hosts":["a.example.com"],"gatewayRefs":[{"name":"public"}]}}"#

  static let toolRule =
    #"{"protocol":"MCP","traffic":{"tools":[{"names":["search"],"timeout":"10m","retries":{"on":["Reset"]}}]}}"#
  static let mirrored =
    #"{"protocol":"MCP","traffic":{"mirror":{"percent":"5","agentRef":{"name":"next"}}}}"#
  static let limited = #"{"traffic":{"rateLimit":{"requests":10,"per":"Second"}}}"#

  static let objective =
    #"{"slos":[{"name":"a","objective":"99.9","indicator":{"type":"SuccessRate"}}]}"#
  static let latency =
    #"{"slos":[{"name":"a","objective":"99.9","indicator":{"type":"LatencyBelow","threshold":"2s"}}]}"#

  static let agentCaller = #"{"security":{"allowedCallers":[{"agentRef":{"name":"a"}}]}}"#
  static let accountCaller =
    #"{"security":{"allowedCallers":[{"serviceAccountRef":{"name":"a"}}]}}"#
  static let namespaceCaller =
    #"{"security":{"allowedCallers":[{"namespaceRef":{"name":"a"}}]}}"#

  static let toolCaller =
    #"{"protocol":"MCP","security":{"allowedCallers":[{"agentRef":{"name":"a"},"tools":["t"]}]}}"#

  static let podRule =
    #"{"apiGroups":[""],"resources":["pods"],"resourceNames":["a"],"verbs":["get"]}"#
  static let permission = #"{"security":{"rules":[\#(podRule)]}}"#

  static let issuer =
    #"{"security":{"jwt":[{"issuer":"a","requiredClaims":[{"name":"c","values":["v"]}]}]}}"#

  static let all: [LeafCase] =
    written + StateCases.leaves + AvailabilityCases.leaves
    + ModelCases.leaves

  private static let written: [LeafCase] = [
    LeafCase("spec.className", #""production""#),
    LeafCase("spec.protocol", #""MCP""#),
    LeafCase("spec.protocolVersion", #""2025-11-25""#, in: #"{"protocol":"MCP"}"#),
    LeafCase("spec.image", #""registry.example.com/other@sha256:0123""#),
    LeafCase("spec.imagePullSecrets[0].name", #""registry""#),
    LeafCase("spec.command[0]", #""/bin/agent""#),
    LeafCase("spec.args[0]", #""--verbose""#),
    LeafCase("spec.port", "9000"),
    LeafCase(
      "spec.extraPorts[0].name", #""admin""#, in: #"{"extraPorts":[{"name":"a","port":81}]}"#),
    LeafCase("spec.extraPorts[0].port", "8081", in: #"{"extraPorts":[{"name":"a","port":81}]}"#),
    LeafCase(
      "spec.extraPorts[0].appProtocol", #""grpc""#, in: #"{"extraPorts":[{"name":"a","port":81}]}"#),
    LeafCase("spec.env[0].name", #""B""#, in: #"{"env":[{"name":"A"}]}"#),
    LeafCase("spec.env[0].value", #""x""#, in: #"{"env":[{"name":"A"}]}"#),
    LeafCase("spec.env[0].valueFrom.secretKeyRef.name", #""b""#, in: secretEnv),
    LeafCase("spec.env[0].valueFrom.secretKeyRef.key", #""j""#, in: secretEnv),
    LeafCase("spec.env[0].valueFrom.secretKeyRef.optional", "true", in: secretEnv),
    LeafCase("spec.env[0].valueFrom.configMapKeyRef.name", #""b""#, in: configEnv),
    LeafCase("spec.env[0].valueFrom.configMapKeyRef.key", #""j""#, in: configEnv),
    LeafCase("spec.env[0].valueFrom.configMapKeyRef.optional", "true", in: configEnv),
    LeafCase(
      "spec.env[0].valueFrom.fieldRef.fieldPath", #""metadata.labels['team']""#,
      in: #"{"env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}]}"#),
    LeafCase(
      "spec.env[0].valueFrom.resourceFieldRef.resource", #""limits.memory""#, in: resourceEnv),
    LeafCase("spec.env[0].valueFrom.resourceFieldRef.divisor", #""1m""#, in: resourceEnv),
    LeafCase("spec.resources.requests{cpu}", #""500m""#),
    LeafCase("spec.resources.limits{nvidia.com/gpu}", "1"),
    LeafCase("spec.health.livePath", #""/live""#),
    LeafCase("spec.health.readyPath", #""/readiness?full=1""#),
    LeafCase("spec.health.startupTimeout", #""3m""#),
    LeafCase("spec.health.livePeriod", #""1m""#),
    LeafCase("spec.health.readyPeriod", #""15s""#),
    LeafCase("spec.health.probeTimeout", #""1s500ms""#),
    LeafCase("spec.health.reloadPath", #""/-/reload?now=1""#, in: reloading),
    LeafCase("spec.config{agent.max}", #""100""#),
    LeafCase("spec.configFrom[0].name", #""prompts""#, in: configFrom),
    LeafCase("spec.configFrom[0].configMapRef.name", #""b.c""#, in: configFrom),
    LeafCase("spec.configFrom[0].mountPath", #""/etc/agent/prompts""#, in: configFrom),
    LeafCase("spec.configFrom[0].onChange", #""Live""#, in: configFrom),
    LeafCase("spec.secrets[0].name", #""llm""#, in: fileSecret),
    LeafCase("spec.secrets[0].secretRef.name", #""b""#, in: fileSecret),
    LeafCase("spec.secrets[0].generate.length", "64", in: generated),
    LeafCase("spec.secrets[0].generate.rotateEvery", #""720h""#, in: generated),
    LeafCase("spec.secrets[0].generate.keepPrevious", "true", in: rotated),
    LeafCase("spec.secrets[0].maxAge", #""720h""#, in: fileSecret),
    LeafCase("spec.secrets[0].externalSecret.storeRef.name", #""vault""#, in: external),
    LeafCase(
      "spec.secrets[0].externalSecret.storeRef.kind", #""ClusterSecretStore""#, in: external),
    LeafCase("spec.secrets[0].externalSecret.remoteKey", #""prod/crm""#, in: external),
    LeafCase("spec.secrets[0].externalSecret.refreshInterval", #""10m""#, in: external),
    LeafCase("spec.secrets[0].expose", #""Files""#, in: fileSecret),
    LeafCase("spec.secrets[0].keys{k}", #""B""#, in: envSecret),
    LeafCase("spec.secrets[0].onChange", #""Restart""#, in: fileSecret),
    LeafCase("spec.scaling.minReplicas", "3"),
    LeafCase("spec.scaling.maxReplicas", "20"),
    LeafCase(
      "spec.scaling.metrics[0].type", #""Memory""#,
      in: #"{"scaling":{"metrics":[{"type":"CPU","target":"70"}]}}"#),
    LeafCase("spec.scaling.metrics[0].target", #""12.5""#, in: work),
    LeafCase("spec.scaling.metrics[0].metric", #""active_workflows""#, in: work),
    LeafCase("spec.scaling.scaleUp.window", #""0s""#),
    LeafCase("spec.scaling.scaleUp.percentPerMinute", "100"),
    LeafCase("spec.scaling.scaleUp.podsPerMinute", "4"),
    LeafCase("spec.scaling.scaleDown.window", #""10m""#),
    LeafCase("spec.scaling.scaleDown.percentPerMinute", "5"),
    LeafCase("spec.scaling.scaleDown.podsPerMinute", "1"),
    LeafCase("spec.scaling.metrics[0].selector{queue}", #""support""#, in: externalQueue),
    LeafCase("spec.scaling.metrics[0].trigger.type", #""redis""#, in: queue),
    LeafCase("spec.scaling.metrics[0].trigger.metadata{stream}", #""b""#, in: queue),
    LeafCase("spec.scaling.metrics[0].trigger.targetKey", #""lagCount""#, in: queue),
    LeafCase(
      "spec.scaling.metrics[0].trigger.authenticationRef.name", #""b""#, in: authenticatedQueue),
    LeafCase(
      "spec.scaling.metrics[0].trigger.authenticationRef.kind",
      #""ClusterTriggerAuthentication""#, in: authenticatedQueue),
    LeafCase(
      "spec.scaling.metrics[0].trigger.secretTargetRef[0].parameter", #""password""#,
      in: secretQueue),
    LeafCase(
      "spec.scaling.metrics[0].trigger.secretTargetRef[0].name", #""redis""#, in: secretQueue),
    LeafCase(
      "spec.scaling.metrics[0].trigger.secretTargetRef[0].key", #""redis.password""#,
      in: secretQueue),
    LeafCase("spec.scaling.onMetricsFailure.replicas", "5", in: work),
    LeafCase("spec.scaling.idle.after", #""30m""#, in: queue),
    LeafCase("spec.scaling.schedule[0].start", #""30 7 * * MON-FRI""#, in: schedule),
    LeafCase("spec.scaling.schedule[0].end", #""0,30 20-22/2 1 * *""#, in: schedule),
    LeafCase("spec.scaling.schedule[0].timeZone", #""America/Argentina/Salta""#, in: schedule),
    LeafCase("spec.scaling.schedule[0].replicas", "8", in: schedule),
    LeafCase("spec.traffic.provider", #""None""#),
    LeafCase("spec.traffic.hosts[0]", #""*.example.com""#),
    LeafCase("spec.traffic.gatewayRefs[0].name", #""internal""#, in: gateway),
    LeafCase("spec.traffic.gatewayRefs[0].namespace", #""istio-ingress""#, in: gateway),
    LeafCase("spec.traffic.paths[0]", #""/api""#, in: gateway),
    LeafCase("spec.traffic.timeout", #""0s""#),
    LeafCase("spec.traffic.streamIdleTimeout", #""1m""#),
    LeafCase("spec.traffic.retries.attempts", "0"),
    LeafCase("spec.traffic.retries.on[0]", #""Unavailable""#),
    LeafCase("spec.traffic.loadBalancing", #""RoundRobin""#),
    LeafCase(
      "spec.traffic.affinity.type", #""Cookie""#,
      in: #"{"traffic":{"affinity":{"type":"Header","name":"x"}}}"#),
    LeafCase(
      "spec.traffic.affinity.name", #""x-session-id""#,
      in: #"{"traffic":{"affinity":{"type":"Header","name":"x"}}}"#),
    LeafCase(
      "spec.traffic.affinity.ttl", #""1h""#,
      in: #"{"traffic":{"affinity":{"type":"Cookie","name":"x"}}}"#),
    LeafCase("spec.traffic.connections.perPod", "50"),
    LeafCase("spec.traffic.outlierDetection.gatewayErrors", "3"),
    LeafCase("spec.traffic.outlierDetection.interval", #""10s""#),
    LeafCase("spec.traffic.outlierDetection.ejection", #""1m""#),
    LeafCase("spec.traffic.outlierDetection.maxEjectedPercent", "30"),
    LeafCase("spec.traffic.tools[0].names[0]", #""get_forecast""#, in: toolRule),
    LeafCase("spec.traffic.tools[0].timeout", #""0s""#, in: toolRule),
    LeafCase("spec.traffic.tools[0].retries.attempts", "0", in: toolRule),
    LeafCase("spec.traffic.tools[0].retries.on[0]", #""Unavailable""#, in: toolRule),
    LeafCase("spec.traffic.rateLimit.requests", "1000", in: limited),
    LeafCase("spec.traffic.rateLimit.per", #""Minute""#, in: limited),
    LeafCase("spec.traffic.mirror.percent", #""0.5""#, in: mirrored),
    LeafCase("spec.traffic.mirror.to", #""Agent""#, in: mirrored),
    LeafCase("spec.traffic.mirror.agentRef.name", #""other""#, in: mirrored),
    LeafCase("spec.traffic.mirror.readOnlyTools[0]", #""search""#, in: mirrored),
    LeafCase("spec.traffic.faultInjection.percent", #""0.1""#, in: delay),
    LeafCase("spec.traffic.faultInjection.delay", #""5s""#, in: delay),
    LeafCase("spec.traffic.faultInjection.abortStatus", "500", in: abort),
    LeafCase("spec.traffic.faultInjection.expiresAt", #""2026-12-01T12:00:00+01:00""#, in: delay),
    LeafCase("spec.rollout.type", #""RollingUpdate""#),
    LeafCase("spec.availability.maxUnavailable", #""25%""#),
    LeafCase("spec.availability.spread", #""None""#),
    LeafCase("spec.availability.drain.timeout", #""5m""#),
    LeafCase("spec.availability.priorityClassName", #""agents-high""#),
    LeafCase("spec.security.podSecurity", #""Baseline""#),
    LeafCase("spec.security.mtls", #""Permissive""#),
    LeafCase("spec.security.allowedCallers[0].agentRef.name", #""planner""#, in: agentCaller),
    LeafCase("spec.security.allowedCallers[0].agentRef.namespace", #""shop""#, in: agentCaller),
    LeafCase(
      "spec.security.allowedCallers[0].serviceAccountRef.name", #""web""#, in: accountCaller),
    LeafCase(
      "spec.security.allowedCallers[0].serviceAccountRef.namespace", #""shop""#, in: accountCaller
    ),
    LeafCase("spec.security.allowedCallers[0].namespaceRef.name", #""shop""#, in: namespaceCaller),
    LeafCase("spec.security.allowedCallers[0].methods[0]", #""POST""#, in: agentCaller),
    LeafCase("spec.security.allowedCallers[0].tools[0]", #""get_forecast""#, in: toolCaller),
    LeafCase("spec.security.rules[0].apiGroups[0]", #""apps""#, in: permission),
    LeafCase("spec.security.rules[0].resources[0]", #""pods/log""#, in: permission),
    LeafCase("spec.security.rules[0].resourceNames[0]", #""b""#, in: permission),
    LeafCase("spec.security.rules[0].verbs[0]", #""list""#, in: permission),
    LeafCase("spec.security.jwt[0].issuer", #""https://login.example.com""#, in: issuer),
    LeafCase("spec.security.jwt[0].jwksUri", #""https://login.example.com/keys""#, in: issuer),
    LeafCase("spec.security.jwt[0].audiences[0]", #""support""#, in: issuer),
    LeafCase("spec.security.jwt[0].requiredClaims[0].name", #""scope""#, in: issuer),
    LeafCase(
      "spec.security.jwt[0].requiredClaims[0].values[0]", #""agents.invoke""#, in: issuer),
    LeafCase("spec.security.compliance[0]", #""HIPAA""#),
    LeafCase("spec.security.egress.mode", #""Restricted""#),
    LeafCase("spec.security.egress.hosts[0]", #""*.example.com""#),
    LeafCase("spec.security.egress.cidrs[0]", #""10.1.0.0/16""#),
    LeafCase("spec.security.egress.namespaces[0]", #""tools""#),
    LeafCase("spec.security.serviceAccount.name", #""mine""#),
    LeafCase("spec.security.serviceAccount.annotations{iam.gke.io/account}", #""a@b""#),
    LeafCase("spec.observability.metrics.port", "9090"),
    LeafCase("spec.observability.metrics.path", #""/prometheus""#),
    LeafCase("spec.observability.metrics.interval", #""15s""#),
    LeafCase("spec.observability.alerts.preset", #""None""#),
    LeafCase("spec.observability.alerts.labels{team}", #""support""#),
    LeafCase("spec.observability.alerts.latency", #""30s""#),
    LeafCase("spec.observability.alerts.runbooks", #""https://runbooks.example.com/a""#),
    LeafCase("spec.observability.dashboard", #""None""#),
    LeafCase("spec.observability.labels{release}", #""prometheus""#),
    LeafCase("spec.slos[0].name", #""other""#, in: objective),
    LeafCase("spec.slos[0].objective", #""99""#, in: objective),
    LeafCase("spec.slos[0].window", #""168h""#, in: objective),
    LeafCase("spec.slos[0].indicator.type", #""SuccessRate""#, in: objective),
    LeafCase("spec.slos[0].indicator.threshold", #""3s""#, in: latency),
    LeafCase("spec.observability.logLevel", #""Debug""#),
    LeafCase(
      "spec.observability.tracing.endpoint", #""http://otel.monitoring:4317""#,
      in: #"{"observability":{"tracing":{"endpoint":"https://a"}}}"#),
    LeafCase(
      "spec.observability.tracing.samplePercent", #""5""#,
      in: #"{"observability":{"tracing":{"endpoint":"https://a"}}}"#),
    LeafCase("spec.paused", "true"),
    LeafCase("spec.deletionPolicy.state", #""Delete""#, in: generated),
    LeafCase("spec.podTemplate.metadata.labels{team}", #""support""#),
    LeafCase("spec.podTemplate.metadata.annotations{example.com/note}", #""any text""#),
    LeafCase("spec.podTemplate.spec", #"{"hostNetwork":false}"#),
    LeafCase(
      "spec.overrides[0].kind", #""Deployment""#,
      in: #"{"overrides":[{"kind":"Service","patch":{"metadata":{"annotations":{"a":"b"}}}}]}"#),
    LeafCase(
      "spec.overrides[0].name", #""x""#,
      in: #"{"overrides":[{"kind":"Service","patch":{"metadata":{"annotations":{"a":"b"}}}}]}"#),
    LeafCase(
      "spec.overrides[0].patch", #"{"metadata":{"annotations":{"a":"b"}}}"#,
      in: #"{"overrides":[{"kind":"Service","patch":{}}]}"#),
  ]
}

/// A walk over the schema.
struct SchemaNode: Sendable {
  /// As `ManifestPath.schemaPath`.
  var path: String
  var schema: FieldSchema

  static func all(of schema: FieldSchema = AgentDeploymentSpec.schema, at path: String = "spec")
    -> [SchemaNode]
  {
    var nodes = [SchemaNode(path: path, schema: schema)]
    switch schema.shape {
    case .object(let fields):
      for field in fields { nodes += all(of: field.schema, at: "\(path).\(field.name)") }
    case .array(let items, _, _): nodes += all(of: items, at: path + "[]")
    case .map(let values, _): nodes += all(of: values, at: path + "{}")
    default: break
    }
    return nodes
  }

  var isLeaf: Bool {
    switch schema.shape {
    case .object, .array, .map, .unsupported: false
    default: true
    }
  }
}
