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
    service["http"] = .array(portRoutes + routes.map(json))
    // So that the fault ends in time whatever becomes of the agent's spec meanwhile.
    let annotations = activeFault.map { [FaultAnnotation.name: $0.fault.expiresAt] } ?? [:]
    return object(
      .virtualServices, wave: .traffic, isOptionalKind: true, annotations: annotations,
      [("spec", service)])
  }

  private var gatewayNames: [String] {
    spec.traffic.gatewayRefs.map { "\($0.namespace ?? names.namespace)/\($0.name)" }
  }

  /// The Service's other ports, before the agent's own routes: Istio holds the routes of a host against
  /// every port of it that speaks HTTP, and goes to the port that the route names
  /// (https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination).
  private var portRoutes: [JSONValue] {
    var ports = spec.extraPorts.filter(\.mayBeHTTP).map { ($0.name, $0.port) }
    if let metrics = separateMetricsPort { ports.append(("metrics", metrics)) }
    return ports.map { name, port in
      var json: JSONValue = ["name": .string("port-\(name)")]
      json["match"] = [["port": JSONValue(port), "gateways": ["mesh"]]]
      addPolicy(spec.traffic.timeout, spec.traffic.retries, to: &json)
      json["route"] = destination(port)
      return json
    }
  }

  private func json(_ route: AgentRoute) -> JSONValue {
    var json: JSONValue = ["name": .string(route.name)]
    if let match = match(route) { json["match"] = .array(match) }
    addPolicy(route.timeout, route.retries, to: &json)
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
    json["route"] = destination(80)
    return json
  }

  private func destination(_ port: Int) -> JSONValue {
    [
      [
        "destination": [
          "host": .string(names.serviceHost), "port": ["number": JSONValue(port)],
        ], "weight": 100,
      ]
    ]
  }

  /// What holds on the way, whatever the port.
  private func addPolicy(
    _ timeout: KubernetesDuration, _ retries: Traffic.Retries, to route: inout JSONValue
  ) {
    if let fault = activeFault?.fault { route["fault"] = json(fault) }
    // Without one a route has no timeout; Istio refuses 0s.
    if timeout.milliseconds > 0 { route["timeout"] = .string(timeout.protobufSeconds) }
    // Always explicit: the mesh's own default would replay paid model calls.
    route["retries"] =
      retries.attempts == 0
      ? ["attempts": 0]
      : [
        "attempts": JSONValue(retries.attempts),
        "retryOn": .string(retries.on.map(\.envoyName).joined(separator: ",")),
      ]
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

  /// From where, and with what paths; nil: from everywhere, with any. `paths` limits what gateways let
  /// in; calls inside the mesh reach every path, or `/.well-known/agent-card.json` and probes would be
  /// 404 there.
  private var places: [JSONValue]? {
    guard spec.traffic.paths != ["/"], !gatewayNames.isEmpty else { return nil }
    return spec.traffic.paths.map {
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

extension ExtraPort {
  /// As Istio tells it, by the protocol or else the beginning of the name; what neither tells it finds out
  /// (https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/).
  fileprivate var mayBeHTTP: Bool {
    let told = appProtocol ?? String(name.prefix { $0 != "-" })
    return !Self.otherProtocols.contains(told.lowercased())
  }

  private static let otherProtocols: Set<String> = [
    "tcp", "tls", "https", "udp", "mongo", "mysql", "redis", "kubernetes.io/wss",
  ]
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
