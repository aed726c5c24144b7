/// Cases for the rules of routes and their providers.
extension RuleCases {
  /// Fields of traffic that the Gateway API has no words for: one rule of the same form each.
  static let withoutMesh: [RuleCases] = [
    ("streamIdleTimeout", #""5s""#), ("retries", "{}"), ("loadBalancing", #""Random""#),
    ("affinity", #"{"type":"Header","name":"x"}"#), ("connections", "{}"),
    ("outlierDetection", "{}"), ("rateLimit", #"{"requests":1,"per":"Hour"}"#),
    ("faultInjection", #"{"percent":"1","delay":"1s","expiresAt":"2026-12-01T00:00:00Z"}"#),
  ].map { field, value in
    RuleCases(
      "spec.traffic", "the Gateway API's standard channel has no words for \(field):",
      at: "spec.traffic.\(field)",
      good: [LeafCase.gatewayRoute, #"{"traffic":{"provider":"Istio","\#(field)":\#(value)}}"#],
      bad: [
        #"{"traffic":{"provider":"GatewayAPI","hosts":["a.example.com"],"gatewayRefs":[{"name":"g"}],"\#(field)":\#(value)}}"#
      ])
  }

  private static let old = #""protocol":"MCP","protocolVersion":"2025-11-25""#
  static let toolRules: [RuleCases] = [
    RuleCases(
      "spec", "traffic.tools goes by the headers", at: "spec.traffic",
      good: [
        LeafCase.toolRule,
        #"{"protocol":"MCP","protocolVersion":"2026-07-28","traffic":{"tools":[{"names":["a"],"timeout":"1s"}]}}"#,
      ],
      bad: [
        #"{"traffic":{"tools":[{"names":["a"],"timeout":"1s"}]}}"#,
        #"{"protocol":"A2A","traffic":{"tools":[{"names":["a"],"timeout":"1s"}]}}"#,
        #"{\#(old),"traffic":{"tools":[{"names":["a"],"timeout":"1s"}]}}"#,
      ]),
    RuleCases(
      "spec", "traffic.mirror goes by the headers", at: "spec.traffic",
      good: [
        LeafCase.mirrored,
        #"{"protocol":"A2A","traffic":{"mirror":{"percent":"5","agentRef":{"name":"next"}}}}"#,
      ],
      bad: [#"{\#(old),"traffic":{"mirror":{"percent":"5","agentRef":{"name":"next"}}}}"#]),
    RuleCases(
      "spec", "tools of security.allowedCallers go by the headers", at: "spec.security",
      good: [
        #"{"protocol":"MCP","protocolVersion":"2026-07-28","security":{"allowedCallers":[{"agentRef":{"name":"a"},"tools":["t"]}]}}"#,
        #"{\#(old),"security":{"allowedCallers":[{"agentRef":{"name":"a"}}]}}"#,
      ],
      bad: [
        #"{\#(old),"security":{"allowedCallers":[{"agentRef":{"name":"a"},"tools":["t"]}]}}"#
      ]),
    RuleCases(
      "spec", "traffic.mirror.readOnlyTools is for MCP", at: "spec.traffic",
      good: [
        #"{"protocol":"MCP","traffic":{"mirror":{"percent":"5","agentRef":{"name":"b"},"readOnlyTools":["a"]}}}"#
      ],
      bad: [
        #"{"traffic":{"mirror":{"percent":"5","agentRef":{"name":"b"},"readOnlyTools":["a"]}}}"#
      ]),
    RuleCases(
      "spec", "only MCP has versions", at: "spec.protocolVersion",
      good: [#"{"protocol":"MCP","protocolVersion":"2025-03-26"}"#],
      bad: [
        #"{"protocolVersion":"2025-03-26"}"#, #"{"protocol":"A2A","protocolVersion":"2026-07-28"}"#,
      ]),
    RuleCases(
      "spec.traffic", "the Gateway API's standard channel has no words for retries of tools",
      at: "spec.traffic.tools",
      good: [
        LeafCase.toolRule,
        #"{"protocol":"MCP","traffic":{"provider":"GatewayAPI","hosts":["a.example.com"],"gatewayRefs":[{"name":"g"}],"tools":[{"names":["a"],"timeout":"1s"}]}}"#,
      ],
      bad: [
        #"{"protocol":"MCP","traffic":{"provider":"GatewayAPI","hosts":["a.example.com"],"gatewayRefs":[{"name":"g"}],"tools":[{"names":["a"],"retries":{}}]}}"#
      ]),
    RuleCases(
      "spec.traffic.hosts[]", "this is the name of a Service", at: "spec.traffic.hosts[0]",
      good: [
        #"{"traffic":{"hosts":["a.example.com","*.svc-a.example.com","svc.example.com"]}}"#
      ],
      bad: [
        #"{"traffic":{"hosts":["other.agents.svc.cluster.local"]}}"#,
        #"{"traffic":{"hosts":["other.agents.svc"]}}"#,
        #"{"traffic":{"hosts":["*.svc.cluster.local"]}}"#,
      ]),
    RuleCases(
      "spec.traffic.tools", "each tool may stand in one rule", at: "spec.traffic.tools",
      good: [
        #"{"protocol":"MCP","traffic":{"tools":[{"names":["a","b"],"timeout":"1s"},{"names":["c"],"timeout":"1s"}]}}"#
      ],
      bad: [
        #"{"protocol":"MCP","traffic":{"tools":[{"names":["a","b"],"timeout":"1s"},{"names":["c","a"],"timeout":"2s"}]}}"#
      ]),
    RuleCases(
      "spec.traffic.tools[]", "a rule without timeout and retries", at: "spec.traffic.tools[0]",
      good: [#"{"protocol":"MCP","traffic":{"tools":[{"names":["a"],"retries":{}}]}}"#],
      bad: [#"{"protocol":"MCP","traffic":{"tools":[{"names":["a"]}]}}"#]),
    RuleCases(
      "spec.traffic.tools[].names", "name a tool", at: "spec.traffic.tools[0].names",
      good: [LeafCase.toolRule],
      bad: [#"{"protocol":"MCP","traffic":{"tools":[{"names":[],"timeout":"1s"}]}}"#]),
    RuleCases(
      "spec.traffic.mirror.percent", "must be greater than 0", at: "spec.traffic.mirror.percent",
      good: [LeafCase.mirrored],
      bad: [
        #"{"traffic":{"mirror":{"percent":"0","agentRef":{"name":"b"}}}}"#,
        #"{"traffic":{"mirror":{"percent":"100.1","agentRef":{"name":"b"}}}}"#,
      ]),
  ]
}
