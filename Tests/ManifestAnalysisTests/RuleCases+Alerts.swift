extension Manifests {
  private static func bucket(_ threshold: String) -> String {
    rule("histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[5m]))) > \(threshold)")
  }

  static let alerts: [RuleCase] = [
    RuleCase("promql-syntax", bad: rule("rate(x)"), good: rule("rate(x[5m])")),
    RuleCase(
      "promql-ratio-of-itself", bad: rule("rate(x{a=\"b\"}[5m]) / rate(x[5m]) > 0.1"),
      good: rule("sum(rate(x{a=\"b\"}[5m])) / sum(rate(x[5m])) > 0.1")),
    RuleCase(
      "promql-never-matches", bad: rule("sum by (a) (x) / sum by (b) (y)"),
      good: rule("sum by (a) (x) / sum by (a) (y)")),
    RuleCase("promql-threshold-above-buckets", bad: bucket("10"), good: bucket("9.9")),
    RuleCase(
      "promql-quantile-without-le", bad: rule("histogram_quantile(0.9, sum(rate(x_bucket[5m])))"),
      good: rule("histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))")),
    RuleCase(
      "promql-rate-of-aggregate", bad: rule("rate(sum(x)[5m:1m])"),
      good: rule("sum(rate(x[5m]))")),
    RuleCase(
      "promql-unknown-metric", bad: rule("cpu_usage_percent > 80"),
      good: rule("rate(container_cpu_usage_seconds_total[5m]) > 1")),
    RuleCase(
      "promql-absolute-memory", bad: rule("memory_usage_bytes / (1024*1024*1024) > 0.8"),
      good: rule("container_memory_working_set_bytes / on (pod) limits > 0.8")),
  ]

  private static let mirror = "traffic: {mirror: {percent: \"5\", agentRef: {name: b}}}"
  private static func gatewayRoute(_ path: String) -> String {
    "traffic: {provider: GatewayAPI, hosts: [a.example.com], paths: [\(path)], gatewayRefs: [{name: g}]}"
  }

  private static func ownGateway(_ name: String) -> String {
    """
    security: {allowedCallers: []}, traffic: {provider: GatewayAPI, hosts: [a.example.com], \
    gatewayRefs: [{name: \(name)}, {name: \(name)b, namespace: edge}]}
    """
  }

  static let agents: [RuleCase] = [
    RuleCase("agent-invalid", bad: agent("port: eighty, scalling: {}"), good: agent(""), count: 2),
    RuleCase(
      "agent-unknown-kind", bad: agent("").replacing("AgentDeployment", with: "AgentDeploymnet"),
      good: agent("")),
    RuleCase(
      "agent-twice", bad: agent("") + "\n---\n" + agent("port: 9000"),
      good: agent("") + "\n---\n" + agent("", name: "b")),
    RuleCase("agent-image-latest", bad: agent("", image: "r/a"), good: agent("", image: "r/a:v1")),
    RuleCase(
      "agent-state-at-risk", bad: agent("protocol: MCP, protocolVersion: \"2025-11-25\""),
      good: agent(
        "protocol: MCP, protocolVersion: \"2025-11-25\", traffic: {affinity: {type: Header, name: s}}"
      )),
    RuleCase(
      "agent-host-conflict",
      bad: agent("traffic: {hosts: [a.example.com], paths: [/a]}") + "\n---\n"
        + agent("traffic: {hosts: [b.example.com, a.example.com]}", name: "b"),
      good: agent(gatewayRoute("/a")) + "\n---\n" + agent(gatewayRoute("/b"), name: "b")),
    RuleCase(
      "agent-gateway-name-too-long",
      bad: agent(ownGateway(String(repeating: "g", count: 64))),
      good: agent(ownGateway(String(repeating: "g", count: 63)))),
    RuleCase(
      "agent-mirror-without-target", bad: agent(mirror),
      good: agent(mirror) + "\n---\n" + agent("", name: "b")),
    RuleCase(
      "agent-memory-target-above-limit",
      bad: agent(
        "resources: {requests: {memory: 1Gi}, limits: {memory: 1Gi}}, scaling: {metrics: [{type: Memory, target: \"120\"}]}"
      ),
      good: agent(
        "resources: {requests: {memory: 1Gi}, limits: {memory: 2Gi}}, scaling: {metrics: [{type: Memory, target: \"120\"}]}"
      )),
    RuleCase(
      "agent-model-key-in-pods", bad: agent(routed("")), good: agent(routed(", expose: None"))),
  ]

  private static func routed(_ secret: String) -> String {
    "modelRouting: Gateway, models: [{name: main, provider: OpenAI, model: gpt-5, credential: llm}], secrets: [{name: llm, secretRef: {name: llm}\(secret)}]"
  }
}
