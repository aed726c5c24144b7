import JSON
import KubernetesAPI

@testable import AgentDeploymentAPI

/// Good and bad manifests for one rule of the schema, as data: the Swift validator, the embedded
/// cluster's CEL and a real API server have to agree on all of them.
struct RuleCases: CustomStringConvertible, Sendable {
  /// The node that has the rule, as `ManifestPath.schemaPath`.
  var node: String
  /// How the rule's message starts.
  var message: String
  /// Where the errors are.
  var field: String
  /// The members of `spec`, without the image.
  var good: [String]
  var bad: [String]

  init(_ node: String, _ message: String, at field: String, good: [String], bad: [String]) {
    self.node = node
    self.message = message
    self.field = field
    self.good = good
    self.bad = bad
  }

  var description: String { "\(node): \(message)" }

  static let all: [RuleCases] =
    written + withoutMesh + toolRules + scaling + StateCases.rules + AvailabilityCases.rules
    + ModelCases.rules + durations

  private static let written: [RuleCases] = [
    RuleCases(
      "spec", "no extra port may be spec.port", at: "spec.extraPorts",
      good: [#"{"port":8081,"extraPorts":[{"name":"a","port":8080}]}"#],
      bad: [
        #"{"extraPorts":[{"name":"a","port":8080}]}"#,
        #"{"port":9000,"extraPorts":[{"name":"b","port":1},{"name":"a","port":9000}]}"#,
      ]),
    RuleCases(
      "spec", "observability.metrics.port may not be 80", at: "spec.observability",
      good: [
        #"{"observability":{"metrics":{"port":81}}}"#,
        #"{"port":80,"observability":{"metrics":{"port":80}}}"#,
      ],
      bad: [#"{"observability":{"metrics":{"port":80}}}"#]),
    RuleCases(
      "spec.env[].valueFrom.resourceFieldRef", "cpu is divided by",
      at: "spec.env[0].valueFrom.resourceFieldRef.divisor",
      good: [
        #"{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":"1m"}}}]}"#,
        #"{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"requests.cpu","divisor":1}}}]}"#,
        #"{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.memory","divisor":"1Mi"}}}]}"#,
        #"{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"requests.ephemeral-storage","divisor":"1k"}}}]}"#,
        #"{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.memory","divisor":1}}}]}"#,
      ],
      bad: [
        #"{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":"1Mi"}}}]}"#,
        #"{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"requests.cpu","divisor":"1k"}}}]}"#,
        #"{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.memory","divisor":"1m"}}}]}"#,
      ]),
    RuleCases(
      "spec", "a variable may come from env or from secrets[].keys", at: "spec.env",
      good: [
        #"{"env":[{"name":"B"}],"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{"k":"A"}}]}"#
      ],
      bad: [
        #"{"env":[{"name":"A"}],"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{"k":"A"}}]}"#
      ]),
    RuleCases(
      "spec", "no two secrets may give the same variable", at: "spec.secrets",
      good: [
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{"k":"A"}},{"name":"b","secretRef":{"name":"b"},"expose":"Env","keys":{"k":"B"}}]}"#
      ],
      bad: [
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{"k":"A"}},{"name":"b","secretRef":{"name":"b"},"expose":"Env","keys":{"j":"A"}}]}"#
      ]),
    RuleCases(
      "spec", "security.mtls needs a mesh", at: "spec.security",
      good: [
        #"{"traffic":{"provider":"None"},"security":{"mtls":"Disabled"}}"#,
        #"{"traffic":{"provider":"None"},"security":{}}"#, #"{"security":{"mtls":"Strict"}}"#,
      ],
      bad: [
        #"{"traffic":{"provider":"None"},"security":{"mtls":"Strict"}}"#,
        #"{"traffic":{"provider":"GatewayAPI"},"security":{"mtls":"Strict"}}"#,
      ]),
    RuleCases(
      "spec.observability.labels", "the operator's own labels may not be changed",
      at: "spec.observability.labels",
      good: [#"{"observability":{"labels":{"release":"prometheus"}}}"#],
      bad: [
        #"{"observability":{"labels":{"agentdeploy.dev/agent":"x"}}}"#,
        #"{"observability":{"labels":{"app.kubernetes.io/name":"x"}}}"#,
      ]),
    RuleCases(
      "spec.observability.alerts.labels", "the alert has its own",
      at: "spec.observability.alerts.labels",
      good: [#"{"observability":{"alerts":{"labels":{"team":"support"}}}}"#],
      bad: [
        #"{"observability":{"alerts":{"labels":{"severity":"info"}}}}"#,
        #"{"observability":{"alerts":{"labels":{"team":"a","pod":"b"}}}}"#,
        #"{"observability":{"alerts":{"labels":{"__name__":"x"}}}}"#,
      ]),
    RuleCases(
      "spec.slos[].objective", "must be at least 50 and below 100", at: "spec.slos[0].objective",
      good: [
        #"{"slos":[{"name":"a","objective":"99.999","indicator":{"type":"SuccessRate"}}]}"#,
        #"{"slos":[{"name":"a","objective":"50","indicator":{"type":"SuccessRate"}}]}"#,
      ],
      bad: [
        #"{"slos":[{"name":"a","objective":"100","indicator":{"type":"SuccessRate"}}]}"#,
        #"{"slos":[{"name":"a","objective":"49.9","indicator":{"type":"SuccessRate"}}]}"#,
      ]),
    RuleCases(
      "spec.slos[].indicator", "LatencyBelow needs a threshold",
      at: "spec.slos[0].indicator.threshold",
      good: [
        #"{"slos":[{"name":"a","objective":"99","indicator":{"type":"LatencyBelow","threshold":"2s"}}]}"#
      ],
      bad: [
        #"{"slos":[{"name":"a","objective":"99","indicator":{"type":"LatencyBelow"}}]}"#,
        #"{"slos":[{"name":"a","objective":"99","indicator":{"type":"SuccessRate","threshold":"2s"}}]}"#,
      ]),
    RuleCases(
      "spec.extraPorts", "port numbers must be unique", at: "spec.extraPorts",
      good: [#"{"extraPorts":[{"name":"a","port":1},{"name":"b","port":2}]}"#],
      bad: [#"{"extraPorts":[{"name":"a","port":1},{"name":"b","port":1}]}"#]),
    RuleCases(
      "spec.extraPorts[]", "the names http and metrics are taken", at: "spec.extraPorts[0].name",
      good: [#"{"extraPorts":[{"name":"https","port":8443}]}"#],
      bad: [
        #"{"extraPorts":[{"name":"http","port":81}]}"#,
        #"{"extraPorts":[{"name":"metrics","port":81}]}"#,
      ]),
    RuleCases(
      "spec.extraPorts[]", "port 80 is the Service's port", at: "spec.extraPorts[0].port",
      good: [#"{"extraPorts":[{"name":"a","port":8079}]}"#],
      bad: [#"{"extraPorts":[{"name":"a","port":80}]}"#]),
    RuleCases(
      "spec.env[]", "give value or valueFrom, not both", at: "spec.env[0]",
      good: [#"{"env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}"#],
      bad: [
        #"{"env":[{"name":"A","value":"","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}"#
      ]),
    RuleCases(
      "spec.env[].valueFrom", "give exactly one of secretKeyRef", at: "spec.env[0].valueFrom",
      good: [#"{"env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"a","key":"k"}}}]}"#],
      bad: [
        #"{"env":[{"name":"A","valueFrom":{}}]}"#,
        #"{"env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"},"secretKeyRef":{"name":"a","key":"k"}}}]}"#,
      ]),
    RuleCases(
      "spec.resources", "requests.cpu must not be more", at: "spec.resources.requests",
      good: [
        #"{"resources":{"requests":{"cpu":"1000m"},"limits":{"cpu":1}}}"#,
        #"{"resources":{"requests":{"cpu":"8"}}}"#,
        #"{"resources":{"requests":{"cpu":1},"limits":{"cpu":2}}}"#,
      ],
      bad: [
        #"{"resources":{"requests":{"cpu":"1001m"},"limits":{"cpu":1}}}"#,
        #"{"resources":{"requests":{"cpu":2},"limits":{"cpu":"1.5"}}}"#,
        #"{"resources":{"requests":{"cpu":2},"limits":{"cpu":1}}}"#,
      ]),
    RuleCases(
      "spec.resources", "requests.memory must not be more", at: "spec.resources.requests",
      good: [
        #"{"resources":{"requests":{"memory":"1024Mi"},"limits":{"memory":"1Gi"}}}"#,
        #"{"resources":{"requests":{"memory":"1G"},"limits":{"memory":"1Gi"}}}"#,
      ],
      bad: [#"{"resources":{"requests":{"memory":"1Gi"},"limits":{"memory":"1G"}}}"#]),
    RuleCases(
      "spec.configFrom", "each mountPath may stand only once", at: "spec.configFrom",
      good: [
        #"{"configFrom":[{"name":"a","configMapRef":{"name":"a"},"mountPath":"/a"},{"name":"b","configMapRef":{"name":"a"},"mountPath":"/b"}]}"#
      ],
      bad: [
        #"{"configFrom":[{"name":"a","configMapRef":{"name":"a"},"mountPath":"/a"},{"name":"b","configMapRef":{"name":"a"},"mountPath":"/a"}]}"#
      ]),
    RuleCases(
      "spec.configFrom[]", "the name config is taken", at: "spec.configFrom[0].name",
      good: [#"{"configFrom":[{"name":"configs","configMapRef":{"name":"a"},"mountPath":"/a"}]}"#],
      bad: [#"{"configFrom":[{"name":"config","configMapRef":{"name":"a"},"mountPath":"/a"}]}"#]),
    RuleCases(
      "spec.configFrom[]", "/tmp and config, secrets", at: "spec.configFrom[0].mountPath",
      good: [
        #"{"configFrom":[{"name":"a","configMapRef":{"name":"a"},"mountPath":"/etc/agent/configs"}]}"#
      ],
      bad: [
        #"{"configFrom":[{"name":"a","configMapRef":{"name":"a"},"mountPath":"/tmp"}]}"#,
        #"{"configFrom":[{"name":"a","configMapRef":{"name":"a"},"mountPath":"/etc/agent/config/x"}]}"#,
        #"{"configFrom":[{"name":"a","configMapRef":{"name":"a"},"mountPath":"/etc/agent/secrets/a"}]}"#,
      ]),
    RuleCases(
      "spec.secrets[]", "give exactly one of secretRef, externalSecret and generate",
      at: "spec.secrets[0]",
      good: [#"{"secrets":[{"name":"a","generate":{}}]}"#, LeafCase.external],
      bad: [
        #"{"secrets":[{"name":"a"}]}"#,
        #"{"secrets":[{"name":"a","generate":{},"externalSecret":{"storeRef":{"name":"a"},"remoteKey":"k"}}]}"#,
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"generate":{"length":32}}]}"#,
      ]),
    RuleCases(
      "spec.secrets[]", "expose Env needs keys", at: "spec.secrets[0].expose",
      good: [
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{"k":"A"}}]}"#
      ],
      bad: [
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env"}]}"#,
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{}}]}"#,
      ]),
    RuleCases(
      "spec.secrets[]", "keys needs expose: Env", at: "spec.secrets[0].expose",
      good: [#"{"secrets":[{"name":"a","secretRef":{"name":"a"},"keys":{}}]}"#],
      bad: [
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"keys":{"k":"A"}}]}"#,
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Files","keys":{"k":"A"}}]}"#,
      ]),
    RuleCases(
      "spec.secrets[]", "a generated Secret has the key value", at: "spec.secrets[0].keys",
      good: [
        #"{"secrets":[{"name":"a","generate":{},"expose":"Env","keys":{"value":"A"}}]}"#,
        #"{"secrets":[{"name":"a","generate":{"rotateEvery":"1h","keepPrevious":true},"expose":"Env","keys":{"value":"A","previous":"B"}}]}"#,
      ],
      bad: [
        #"{"secrets":[{"name":"a","generate":{},"expose":"Env","keys":{"token":"A"}}]}"#,
        #"{"secrets":[{"name":"a","generate":{"rotateEvery":"1h"},"expose":"Env","keys":{"previous":"A"}}]}"#,
      ]),
    RuleCases(
      "spec.secrets[]", "maxAge must be longer than generate.rotateEvery",
      at: "spec.secrets[0].maxAge",
      good: [
        #"{"secrets":[{"name":"a","generate":{"rotateEvery":"24h"},"maxAge":"25h"}]}"#,
        #"{"secrets":[{"name":"a","generate":{},"maxAge":"1h"}]}"#,
      ],
      bad: [#"{"secrets":[{"name":"a","generate":{"rotateEvery":"24h"},"maxAge":"24h"}]}"#]),
    RuleCases(
      "spec.secrets[].generate", "without rotateEvery there is no previous value",
      at: "spec.secrets[0].generate.keepPrevious",
      good: [
        LeafCase.rotated, #"{"secrets":[{"name":"a","generate":{"keepPrevious":false}}]}"#,
      ],
      bad: [#"{"secrets":[{"name":"a","generate":{"keepPrevious":true}}]}"#]),
    RuleCases(
      "spec.secrets[]", "each variable may stand only once", at: "spec.secrets[0].keys",
      good: [
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{"k":"A","j":"B"}}]}"#
      ],
      bad: [
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{"k":"A","j":"A"}}]}"#
      ]),
    RuleCases(
      "spec.secrets[]", "variables of a running process never change",
      at: "spec.secrets[0].onChange",
      good: [
        LeafCase.reloading,
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{"k":"A"},"onChange":"Ignore"}]}"#,
      ],
      bad: [
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Env","keys":{"k":"A"},"onChange":"Reload"}],"health":{"reloadPath":"/r"}}"#
      ]),
    RuleCases(
      "spec", "onChange: Reload needs health.reloadPath", at: "spec.secrets",
      good: [
        LeafCase.reloading,
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"},"onChange":"Restart"}],"health":{}}"#,
      ],
      bad: [
        #"{"secrets":[{"name":"b","generate":{}},{"name":"a","secretRef":{"name":"a"},"onChange":"Reload"}]}"#,
        #"{"secrets":[{"name":"a","generate":{},"onChange":"Reload"}],"health":{"livePath":"/a"}}"#,
      ]),
    RuleCases(
      "spec", "health.reloadPath is called for secrets with onChange: Reload", at: "spec.health",
      good: [LeafCase.reloading, #"{"health":{"livePath":"/a"}}"#],
      bad: [
        #"{"health":{"reloadPath":"/r"}}"#,
        #"{"secrets":[{"name":"a","secretRef":{"name":"a"}}],"health":{"reloadPath":"/r"}}"#,
      ]),
    RuleCases(
      "spec.scaling", "minReplicas must not be more", at: "spec.scaling.minReplicas",
      good: [
        #"{"scaling":{"minReplicas":3,"maxReplicas":3}}"#, #"{"scaling":{"minReplicas":30}}"#,
        #"{"scaling":{"maxReplicas":1}}"#,
      ],
      bad: [#"{"scaling":{"minReplicas":4,"maxReplicas":3}}"#]),
    RuleCases(
      "spec.scaling.metrics", "each metric may stand only once", at: "spec.scaling.metrics",
      good: [
        #"{"scaling":{"metrics":[{"type":"ActiveWork","target":"1","metric":"a"},{"type":"ActiveWork","target":"1","metric":"b"},{"type":"CPU","target":"70"},{"type":"Memory","target":"70"}]}}"#
      ],
      bad: [
        #"{"scaling":{"metrics":[{"type":"CPU","target":"70"},{"type":"CPU","target":"80"}]}}"#,
        #"{"scaling":{"metrics":[{"type":"ActiveWork","target":"1","metric":"a"},{"type":"ActiveWork","target":"2","metric":"a"}]}}"#,
      ]),
    RuleCases(
      "spec.scaling.metrics[]", "metric is needed with ActiveWork",
      at: "spec.scaling.metrics[0].metric",
      good: [#"{"scaling":{"metrics":[{"type":"ActiveWork","target":"10","metric":"a"}]}}"#],
      bad: [
        #"{"scaling":{"metrics":[{"type":"ActiveWork","target":"10"}]}}"#,
        #"{"scaling":{"metrics":[{"type":"CPU","target":"10","metric":"a"}]}}"#,
      ]),
    RuleCases(
      "spec.scaling.metrics[]", "must be a whole percentage", at: "spec.scaling.metrics[0].target",
      good: [
        #"{"scaling":{"metrics":[{"type":"ActiveWork","target":"0.5","metric":"a"}]}}"#,
        #"{"scaling":{"metrics":[{"type":"CPU","target":"150"}]}}"#,
      ],
      bad: [
        #"{"scaling":{"metrics":[{"type":"CPU","target":"0"}]}}"#,
        #"{"scaling":{"metrics":[{"type":"CPU","target":"70.5"}]}}"#,
        #"{"scaling":{"metrics":[{"type":"Memory","target":"1000"}]}}"#,
        #"{"scaling":{"metrics":[{"type":"ActiveWork","target":"0.0","metric":"a"}]}}"#,
      ]),
    RuleCases(
      "spec.traffic", "without a mesh", at: "spec.traffic.provider",
      good: [
        #"{"traffic":{"provider":"None"}}"#, #"{"traffic":{"provider":"Istio","timeout":"1m"}}"#,
      ],
      bad: [
        #"{"traffic":{"provider":"None","hosts":["a.example.com"]}}"#,
        #"{"traffic":{"provider":"None","retries":{}}}"#,
        #"{"traffic":{"provider":"None","connections":{"perPod":5}}}"#,
      ]),
    RuleCases(
      "spec.traffic", "a gateway needs hosts", at: "spec.traffic.gatewayRefs",
      good: [
        #"{"traffic":{"hosts":["a.example.com"],"gatewayRefs":[{"name":"a"}]}}"#,
        #"{"traffic":{"hosts":["a.example.com"]}}"#, #"{"traffic":{"gatewayRefs":[]}}"#,
      ],
      bad: [
        #"{"traffic":{"gatewayRefs":[{"name":"a"}]}}"#,
        #"{"traffic":{"gatewayRefs":[{"name":"a"}],"hosts":[]}}"#,
      ]),
    RuleCases(
      "spec.traffic", "affinity decides", at: "spec.traffic.loadBalancing",
      good: [
        #"{"traffic":{"loadBalancing":"Random","affinity":{"type":"None"}}}"#,
        #"{"traffic":{"loadBalancing":"Random"}}"#,
      ],
      bad: [#"{"traffic":{"loadBalancing":"Random","affinity":{"type":"Header","name":"x"}}}"#]),
    RuleCases(
      "spec.traffic.gatewayRefs", "each gateway may stand only once",
      at: "spec.traffic.gatewayRefs",
      good: [
        #"{"traffic":{"hosts":["a.example.com"],"gatewayRefs":[{"name":"a"},{"name":"a","namespace":"x"}]}}"#
      ],
      bad: [
        #"{"traffic":{"hosts":["a.example.com"],"gatewayRefs":[{"name":"a"},{"name":"a"}]}}"#,
        #"{"traffic":{"hosts":["a.example.com"],"gatewayRefs":[{"name":"a","namespace":"x"},{"name":"a","namespace":"x"}]}}"#,
      ]),
    RuleCases(
      "spec.traffic.affinity", "Header and Cookie need a name", at: "spec.traffic.affinity.name",
      good: [#"{"traffic":{"affinity":{"type":"None"}}}"#],
      bad: [
        #"{"traffic":{"affinity":{"type":"Header"}}}"#,
        #"{"traffic":{"affinity":{"type":"None","name":"x"}}}"#,
      ]),
    RuleCases(
      "spec.traffic.affinity", "only a Cookie has a ttl", at: "spec.traffic.affinity.ttl",
      good: [#"{"traffic":{"affinity":{"type":"Cookie","name":"x","ttl":"1h"}}}"#],
      bad: [#"{"traffic":{"affinity":{"type":"Header","name":"x","ttl":"1h"}}}"#]),
    RuleCases(
      "spec.traffic.faultInjection", "give exactly one of delay and abortStatus",
      at: "spec.traffic.faultInjection",
      good: [LeafCase.delay, LeafCase.abort],
      bad: [
        #"{"traffic":{"faultInjection":{"percent":"1","expiresAt":"2026-12-01T00:00:00Z"}}}"#,
        #"{"traffic":{"faultInjection":{"percent":"1","delay":"1s","abortStatus":500,"expiresAt":"2026-12-01T00:00:00Z"}}}"#,
      ]),
    RuleCases(
      "spec.traffic.faultInjection.percent", "must be greater than 0",
      at: "spec.traffic.faultInjection.percent",
      good: [
        #"{"traffic":{"faultInjection":{"percent":"0.0001","delay":"1s","expiresAt":"2026-12-01T00:00:00Z"}}}"#,
        #"{"traffic":{"faultInjection":{"percent":"100.0000","delay":"1s","expiresAt":"2026-12-01T00:00:00Z"}}}"#,
      ],
      bad: [
        #"{"traffic":{"faultInjection":{"percent":"0.0000","delay":"1s","expiresAt":"2026-12-01T00:00:00Z"}}}"#,
        #"{"traffic":{"faultInjection":{"percent":"100.0001","delay":"1s","expiresAt":"2026-12-01T00:00:00Z"}}}"#,
      ]),
    RuleCases(
      "spec.traffic.faultInjection.expiresAt", "must be a day of the calendar",
      at: "spec.traffic.faultInjection.expiresAt",
      good: [
        #"{"traffic":{"faultInjection":{"percent":"1","delay":"1s","expiresAt":"2028-02-29T23:59:59.5+02:00"}}}"#
      ],
      bad: [
        #"{"traffic":{"faultInjection":{"percent":"1","delay":"1s","expiresAt":"2026-02-29T00:00:00Z"}}}"#,
        #"{"traffic":{"faultInjection":{"percent":"1","delay":"1s","expiresAt":"2026-02-20T24:00:00Z"}}}"#,
        #"{"traffic":{"faultInjection":{"percent":"1","delay":"1s","expiresAt":"2026-13-01T00:00:00Z"}}}"#,
      ]),
    RuleCases(
      "spec.availability.maxUnavailable", "must be between 1 and 1000",
      at: "spec.availability.maxUnavailable",
      good: [
        #"{"availability":{"maxUnavailable":1000}}"#, #"{"availability":{"maxUnavailable":"1%"}}"#,
      ],
      bad: [
        #"{"availability":{"maxUnavailable":0}}"#, #"{"availability":{"maxUnavailable":-1}}"#,
        #"{"availability":{"maxUnavailable":1001}}"#,
      ]),
    RuleCases(
      "spec", "serviceAccountRef, methods and tools of security.allowedCallers need",
      at: "spec.security",
      good: [
        #"{"traffic":{"provider":"None"},"security":{"allowedCallers":[{"agentRef":{"name":"a"}},{"namespaceRef":{"name":"a"}}]}}"#,
        #"{"security":{"allowedCallers":[{"serviceAccountRef":{"name":"a"},"methods":["GET"]}]}}"#,
      ],
      bad: [
        #"{"traffic":{"provider":"None"},"security":{"allowedCallers":[{"serviceAccountRef":{"name":"a"}}]}}"#,
        #"{"traffic":{"provider":"None"},"security":{"allowedCallers":[{"agentRef":{"name":"a"},"methods":["GET"]}]}}"#,
      ]),
    RuleCases(
      "spec", "tools of security.allowedCallers are those of an MCP server", at: "spec.security",
      good: [LeafCase.toolCaller],
      bad: [
        #"{"security":{"allowedCallers":[{"agentRef":{"name":"a"},"tools":["t"]}]}}"#,
        #"{"protocol":"A2A","security":{"allowedCallers":[{"agentRef":{"name":"a"},"tools":["t"]}]}}"#,
      ]),
    RuleCases(
      "spec.security.allowedCallers[]", "tools are called by POST alone",
      at: "spec.security.allowedCallers[0].methods",
      good: [LeafCase.toolCaller, LeafCase.agentCaller],
      bad: [
        #"{"protocol":"MCP","security":{"allowedCallers":[{"agentRef":{"name":"a"},"methods":["POST"],"tools":["t"]}]}}"#
      ]),
    RuleCases(
      "spec.security.allowedCallers[].tools", "name a tool",
      at: "spec.security.allowedCallers[0].tools",
      good: [LeafCase.toolCaller],
      bad: [
        #"{"protocol":"MCP","security":{"allowedCallers":[{"agentRef":{"name":"a"},"tools":[]}]}}"#
      ]),
    RuleCases(
      "spec.security", "rules are for the agent's own ServiceAccount", at: "spec.security.rules",
      good: [
        LeafCase.permission, #"{"security":{"rules":[],"serviceAccount":{"name":"mine"}}}"#,
        #"{"security":{"rules":[\#(LeafCase.podRule)],"serviceAccount":{"annotations":{"a":"b"}}}}"#,
      ],
      bad: [
        #"{"security":{"rules":[\#(LeafCase.podRule)],"serviceAccount":{"name":"mine"}}}"#
      ]),
    RuleCases(
      "spec.security.rules[]", "escalate, bind and impersonate", at: "spec.security.rules[0].verbs",
      good: [LeafCase.permission],
      bad: ["escalate", "bind", "impersonate"].map { verb in
        #"{"security":{"rules":[{"apiGroups":["a"],"resources":["b"],"verbs":["get","\#(verb)"]}]}}"#
      }),
    RuleCases(
      "spec.security.rules[]", "an agent does not give permissions",
      at: "spec.security.rules[0].apiGroups",
      good: [LeafCase.permission],
      bad: [
        #"{"security":{"rules":[{"apiGroups":["apps","rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["get"]}]}}"#
      ]),
    RuleCases(
      "spec.security.rules[]", "Secrets have to be named", at: "spec.security.rules[0].resources",
      good: [
        LeafCase.permission,
        #"{"security":{"rules":[{"apiGroups":[""],"resources":["secrets"],"resourceNames":["a"],"verbs":["get"]}]}}"#,
        #"{"security":{"rules":[{"apiGroups":["example.com"],"resources":["secrets"],"verbs":["get"]}]}}"#,
      ],
      bad: [
        #"{"security":{"rules":[{"apiGroups":["apps",""],"resources":["pods","secrets"],"verbs":["get"]}]}}"#
      ]),
    RuleCases(
      "spec.security.rules[]", "what is to be created has no name yet",
      at: "spec.security.rules[0].resourceNames",
      good: [
        LeafCase.permission,
        #"{"security":{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["create"]}]}}"#,
      ],
      bad: [
        #"{"security":{"rules":[{"apiGroups":[""],"resources":["pods"],"resourceNames":["a"],"verbs":["create"]}]}}"#
      ]),
    RuleCases(
      "spec.security.rules[]", "quotas and limits are the platform's",
      at: "spec.security.rules[0].verbs",
      good: [
        LeafCase.permission,
        #"{"security":{"rules":[{"apiGroups":[""],"resources":["resourcequotas"],"verbs":["get","list","watch"]}]}}"#,
        #"{"security":{"rules":[{"apiGroups":["example.com"],"resources":["limitranges"],"verbs":["delete"]}]}}"#,
      ],
      bad: ["resourcequotas", "limitranges"].map { resource in
        #"{"security":{"rules":[{"apiGroups":[""],"resources":["pods","\#(resource)"],"verbs":["get","patch"]}]}}"#
      }),
    RuleCases(
      "spec.security.rules[].apiGroups", "name one", at: "spec.security.rules[0].apiGroups",
      good: [LeafCase.permission],
      bad: [#"{"security":{"rules":[{"apiGroups":[],"resources":["pods"],"verbs":["get"]}]}}"#]),
    RuleCases(
      "spec.security.rules[].resources", "name one", at: "spec.security.rules[0].resources",
      good: [LeafCase.permission],
      bad: [#"{"security":{"rules":[{"apiGroups":[""],"resources":[],"verbs":["get"]}]}}"#]),
    RuleCases(
      "spec.security.rules[].resourceNames", "name one",
      at: "spec.security.rules[0].resourceNames",
      good: [LeafCase.permission],
      bad: [
        #"{"security":{"rules":[{"apiGroups":[""],"resources":["pods"],"resourceNames":[],"verbs":["get"]}]}}"#
      ]),
    RuleCases(
      "spec.security.rules[].verbs", "name one", at: "spec.security.rules[0].verbs",
      good: [LeafCase.permission],
      bad: [#"{"security":{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":[]}]}}"#]),
    RuleCases(
      "spec", "security.jwt needs a mesh", at: "spec.security",
      good: [LeafCase.issuer, #"{"traffic":{"provider":"None"},"security":{"jwt":[]}}"#],
      bad: [#"{"traffic":{"provider":"None"},"security":{"jwt":[{"issuer":"a"}]}}"#]),
    RuleCases(
      "spec.security.jwt[].requiredClaims[].values", "name a value",
      at: "spec.security.jwt[0].requiredClaims[0].values",
      good: [LeafCase.issuer],
      bad: [
        #"{"security":{"jwt":[{"issuer":"a","requiredClaims":[{"name":"c","values":[]}]}]}}"#
      ]),
    RuleCases(
      "spec.security.egress", "hosts, cidrs and namespaces restrict",
      at: "spec.security.egress.mode",
      good: [
        #"{"security":{"egress":{"mode":"Open"}}}"#,
        #"{"security":{"egress":{"hosts":["api.example.com"]}}}"#,
      ],
      bad: [
        #"{"security":{"egress":{"mode":"Open","hosts":["api.example.com"]}}}"#,
        #"{"security":{"egress":{"mode":"Open","namespaces":["tools"]}}}"#,
      ]),
    RuleCases(
      "spec.security.egress.cidrs[]", "the cloud's metadata address",
      at: "spec.security.egress.cidrs[0]",
      good: [#"{"security":{"egress":{"cidrs":["169.254.169.254/31","0.0.0.0/0"]}}}"#],
      bad: [#"{"security":{"egress":{"cidrs":["169.254.169.254/32"]}}}"#]),
    RuleCases(
      "spec.security", "without mutual TLS nobody knows", at: "spec.security.allowedCallers",
      good: [
        #"{"security":{"mtls":"Disabled","allowedCallers":[{"agentRef":{"name":"a"}}]}}"#,
        #"{"security":{"mtls":"Permissive","allowedCallers":[{"serviceAccountRef":{"name":"a"}}]}}"#,
      ],
      bad: [
        #"{"security":{"mtls":"Disabled","allowedCallers":[{"agentRef":{"name":"a"}},{"serviceAccountRef":{"name":"a"}}]}}"#,
        #"{"security":{"mtls":"Disabled","allowedCallers":[{"agentRef":{"name":"a"},"methods":["GET"]}]}}"#,
      ]),
    RuleCases(
      "spec.security.allowedCallers[]", "give exactly one of agentRef",
      at: "spec.security.allowedCallers[0]",
      good: [LeafCase.agentCaller, LeafCase.namespaceCaller],
      bad: [
        #"{"security":{"allowedCallers":[{}]}}"#,
        #"{"security":{"allowedCallers":[{"agentRef":{"name":"a"},"namespaceRef":{"name":"a"}}]}}"#,
      ]),
    RuleCases(
      "spec.security.allowedCallers[].methods", "name a method",
      at: "spec.security.allowedCallers[0].methods",
      good: [#"{"security":{"allowedCallers":[{"agentRef":{"name":"a"},"methods":["POST"]}]}}"#],
      bad: [#"{"security":{"allowedCallers":[{"agentRef":{"name":"a"},"methods":[]}]}}"#]),
    RuleCases(
      "spec.security.serviceAccount", "annotations are for the agent's own",
      at: "spec.security.serviceAccount",
      good: [#"{"security":{"serviceAccount":{"annotations":{"a":"b"}}}}"#],
      bad: [#"{"security":{"serviceAccount":{"name":"a","annotations":{"a":"b"}}}}"#]),
    RuleCases(
      "spec.observability.tracing.samplePercent", "must be from 0",
      at: "spec.observability.tracing.samplePercent",
      good: [#"{"observability":{"tracing":{"endpoint":"http://a","samplePercent":"0"}}}"#],
      bad: [#"{"observability":{"tracing":{"endpoint":"http://a","samplePercent":"101"}}}"#]),
    RuleCases(
      "spec.podTemplate.metadata.labels", "selectors and the mesh rely on",
      at: "spec.podTemplate.metadata.labels",
      good: [#"{"podTemplate":{"metadata":{"labels":{"app.kubernetes.io/part-of":"x"}}}}"#],
      bad: [
        #"{"podTemplate":{"metadata":{"labels":{"agentdeploy.dev/agent":"x"}}}}"#,
        #"{"podTemplate":{"metadata":{"labels":{"app.kubernetes.io/name":"x"}}}}"#,
      ]),
  ]

  /// Bounds of durations: one rule of the same form at each of them.
  private static let durations: [RuleCases] = LeafCase.all.compactMap { leaf in
    let path = leaf.manifestPath.schemaPath
    guard let node = SchemaNode.all().first(where: { $0.path == path }),
      case .string(let bounds) = node.schema.shape, bounds.pattern == .duration,
      let rule = node.schema.rules.first
    else { return nil }
    func spec(_ value: JSONValue) -> String { (leaf.with(value)["spec"] ?? [:]).serialized() }
    let mayBeZero = rule.message.contains(", or 0s ")
    return RuleCases(
      path, "must be between", at: leaf.path,
      good: [spec(Manifest.json(leaf.value))] + (mayBeZero ? [spec("0s"), spec("0h0ms")] : []),
      bad: [spec("99999h")] + (mayBeZero ? [] : [spec("0s"), spec("0h0m0s0ms")]))
  }
}
