import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// Who may call the agent, as the mesh knows them.
extension ManifestBuilder {
  /// Where the agent answers.
  var agentPorts: [Int] { ([spec.port] + spec.extraPorts.map(\.port)).sorted() }

  /// Namespaces whose pods bring requests from outside. Once the callers are named, only an agent that
  /// asks for a gateway has any.
  var gateways: [String] {
    let references = spec.traffic.gatewayRefs
    guard spec.security.allowedCallers == nil || !references.isEmpty else { return [] }
    // Of the agent's own namespace they are told from its other pods.
    let own = spec.traffic.provider == .gatewayAPI ? names.namespace : nil
    let named = references.compactMap(\.namespace).filter { $0 != own }
    return Set(context.agentClass.namespaces.gateway + named).sorted()
  }

  /// On the pods of a gateway: what the Gateway API asks of implementations
  /// (https://gateway-api.sigs.k8s.io/geps/gep-1762/), and Envoy Gateway's own.
  private static let gatewayLabels = [
    "gateway.networking.k8s.io/gateway-name", "gateway.envoyproxy.io/owning-gateway-name",
  ]

  /// Peers for gateways of the Gateway API that may run in the agent's own namespace. Istio's Gateways
  /// choose pods by labels that only they know: these are callers with a ServiceAccount.
  var ownGateways: [JSONValue] {
    guard spec.traffic.provider == .gatewayAPI else { return [] }
    let own = spec.traffic.gatewayRefs.filter { $0.namespace ?? names.namespace == names.namespace }
    // A longer name is no label's value.
    return own.map(\.name).filter { $0.utf8.count <= 63 }.flatMap { name in
      Self.gatewayLabels.map { ["podSelector": ["matchLabels": [$0: .string(name)]]] }
    }
  }

  /// With mutual TLS the mesh knows who calls.
  private var knowsCallers: Bool {
    spec.traffic.provider == .istio && spec.security.mtls != .disabled
  }

  /// Lets in the callers alone. One that allows anything denies everything else
  /// (https://istio.io/latest/docs/concepts/security/#implicit-enablement), so monitoring has to be
  /// among them; the kubelet's probes go to the sidecar's own port, which no policy guards.
  func callerPolicy() -> [RenderedObject] {
    guard let callers = spec.security.allowedCallers, knowsCallers else { return [] }
    var rules: [JSONValue] = callers.flatMap(self.rules).uniqued()
    if !gateways.isEmpty {
      rules.append([
        "from": [["source": ["namespaces": JSONValue(gateways)]]],
        "to": [["operation": ["ports": texts(agentPorts)]]],
      ])
    }
    rules += metricsRule
    var policy: JSONValue = ["selector": ["matchLabels": names.selector], "action": "ALLOW"]
    // Without a rule it matches nothing: nobody is let in.
    if !rules.isEmpty { policy["rules"] = .array(rules) }
    return [
      object(.authorizationPolicies, wave: .policy, isOptionalKind: true, [("spec", policy)])
    ]
  }

  private func rules(_ caller: Security.Caller) -> [JSONValue] {
    let from: JSONValue = [["source": source(caller)]]
    guard caller.tools.isEmpty else {
      return toolConditions(caller.tools.sorted()).map { conditions in
        [
          "from": from,
          "to": [["operation": ["ports": texts([spec.port]), "methods": ["POST"]]]],
          "when": .array(conditions),
        ]
      }
    }
    var operation: JSONValue = ["ports": texts(agentPorts)]
    if !caller.methods.isEmpty { operation["methods"] = JSONValue(caller.methods.sorted()) }
    return [["from": from, "to": [["operation": operation]]]]
  }

  /// Calls of these tools, and everything that is no tool's call. Both ask for the header, which MCP
  /// 2026-07-28 makes mandatory and has servers compare with the body: without it a request could
  /// call anything (https://modelcontextprotocol.io/specification, Streamable HTTP, Standard Headers).
  private func toolConditions(_ tools: [String]) -> [[JSONValue]] {
    let method = "request.headers[\(MCPRequests.methodHeader.lowercased())]"
    let name = "request.headers[\(MCPRequests.nameHeader.lowercased())]"
    return [
      [
        ["key": .string(method), "values": [.string(MCPRequests.toolCall)]],
        ["key": .string(name), "values": JSONValue(tools)],
      ],
      [["key": .string(method), "values": ["*"], "notValues": [.string(MCPRequests.toolCall)]]],
    ]
  }

  /// A port of its own is scraped in plain text, without an identity; the NetworkPolicy lets only
  /// monitoring reach it.
  private var metricsRule: [JSONValue] {
    if let port = separateMetricsPort {
      return [["to": [["operation": ["ports": texts([port])]]]]]
    }
    let monitoring = context.agentClass.namespaces.monitoring
    guard !monitoring.isEmpty else { return [] }
    // What nodes carry is no request to them: a rule that asks for parts of one would never hold
    // (https://istio.io/latest/docs/ambient/usage/l4-policy/).
    var scrape: JSONValue =
      isAmbient ? [:] : ["methods": ["GET"], "paths": [.string(spec.observability.metricsPath)]]
    scrape["ports"] = texts([spec.observability.metricsPort])
    return [
      [
        "from": [["source": ["namespaces": JSONValue(monitoring.sorted())]]],
        "to": [["operation": scrape]],
      ]
    ]
  }

  /// `cluster.local` stands for the mesh's own trust domain, whatever its name
  /// (https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/).
  private func source(_ caller: Security.Caller) -> JSONValue {
    switch caller.source {
    case .agent(let name, let place), .serviceAccount(let name, let place):
      ["principals": [.string("cluster.local/ns/\(place ?? names.namespace)/sa/\(name)")]]
    case .namespace(let name): ["namespaces": [.string(name)]]
    }
  }

  private func texts(_ ports: [Int]) -> JSONValue { .array(ports.map { .string(String($0)) }) }
}

extension [JSONValue] {
  /// Without repetitions, in the same order.
  func uniqued() -> [JSONValue] {
    var kept: [JSONValue] = []
    for value in self where !kept.contains(value) { kept.append(value) }
    return kept
  }
}
