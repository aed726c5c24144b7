import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  func virtualService() -> RenderedObject {
    var hosts: [JSONValue] = [.string(names.serviceHost)]
    hosts += spec.traffic.hosts.map(JSONValue.string)
    var service: JSONValue = ["hosts": .array(hosts)]
    if !spec.traffic.gatewayRefs.isEmpty {
      // `mesh` too, or naming a gateway would take the route away from calls inside the cluster.
      service["gateways"] = JSONValue(gatewayNames + ["mesh"])
    }
    service["http"] = .array(routes.map(json))
    // So that the fault ends in time whatever becomes of the agent's spec meanwhile.
    let annotations = activeFault.map { [FaultAnnotation.name: $0.fault.expiresAt] } ?? [:]
    return object(
      .virtualServices, wave: .traffic, isOptionalKind: true, annotations: annotations,
      [("spec", service)])
  }

  private var gatewayNames: [String] {
    spec.traffic.gatewayRefs.map { "\($0.namespace ?? names.namespace)/\($0.name)" }
  }

  private func json(_ route: AgentRoute) -> JSONValue {
    var json: JSONValue = ["name": .string(route.name)]
    if let match = match(route) { json["match"] = .array(match) }
    if let fault = activeFault?.fault { json["fault"] = self.json(fault) }
    // Without one a route has no timeout; Istio refuses 0s.
    if route.timeout.milliseconds > 0 { json["timeout"] = .string(route.timeout.protobufSeconds) }
    // Always explicit: the mesh's own default would replay paid model calls.
    json["retries"] =
      route.retries.attempts == 0
      ? ["attempts": 0]
      : [
        "attempts": JSONValue(route.retries.attempts),
        "retryOn": .string(route.retries.on.map(\.envoyName).joined(separator: ",")),
      ]
    if let mirror = route.mirror {
      json["mirrors"] = [
        [
          "destination": [
            "host": .string(names.serviceHost(of: mirror.agent)), "port": ["number": 80],
          ],
          "percentage": ["value": .double(mirror.percent.double)],
        ]
      ]
    }
    json["route"] = [
      [
        "destination": ["host": .string(names.serviceHost), "port": ["number": 80]],
        "weight": 100,
      ]
    ]
    return json
  }

  /// Nil matches everything.
  private func match(_ route: AgentRoute) -> [JSONValue]? {
    guard !route.conditions.isEmpty else { return places }
    return (places ?? [[:]]).flatMap { place in
      route.conditions.map { condition in
        var match = place
        match["headers"] = headers(condition)
        return match
      }
    }
  }

  /// Istio wants the names of headers in lower case.
  private func headers(_ condition: AgentRoute.Condition) -> JSONValue {
    let method = MCPRequests.methodHeader.lowercased()
    switch condition {
    case .methods(let names): return [method: ["regex": .string(names.joined(separator: "|"))]]
    case .tool(let name):
      return [
        method: ["exact": .string(MCPRequests.toolCall)],
        MCPRequests.nameHeader.lowercased(): ["exact": .string(name)],
      ]
    }
  }

  /// From where, and with what paths; nil: from everywhere, with any. With gateways, `paths` limits what
  /// they let in; calls inside the mesh reach every path, or `/.well-known/agent-card.json` and probes
  /// would be 404 there.
  private var places: [JSONValue]? {
    guard spec.traffic.paths != ["/"] else { return nil }
    let prefixes = spec.traffic.paths
    guard !gatewayNames.isEmpty else { return prefixes.map { ["uri": ["prefix": .string($0)]] } }
    return prefixes.map {
      ["uri": ["prefix": .string($0)], "gateways": JSONValue(gatewayNames)]
    } + [["gateways": ["mesh"]]]
  }

  private func json(_ fault: Traffic.FaultInjection) -> JSONValue {
    let percentage: JSONValue = ["value": .double(Double(fault.percent) ?? 0)]
    var json: JSONValue = [:]
    if let delay = fault.delay {
      json["delay"] = ["fixedDelay": .string(delay.protobufSeconds), "percentage": percentage]
    }
    if let status = fault.abortStatus {
      json["abort"] = ["httpStatus": JSONValue(status), "percentage": percentage]
    }
    return json
  }
}

extension Traffic.Retries.Condition {
  /// https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
  var envoyName: String {
    switch self {
    case .connectFailure: "connect-failure"
    case .refusedStream: "refused-stream"
    case .unavailable: "unavailable"
    case .cancelled: "cancelled"
    case .gatewayError: "gateway-error"
    case .reset: "reset"
    case .retriable4xx: "retriable-4xx"
    }
  }
}
