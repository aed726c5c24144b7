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
    service["http"] = [route]
    return object(
      .virtualServices, wave: .traffic, isOptionalKind: true, [("spec", service)])
  }

  private var gatewayNames: [String] {
    spec.traffic.gatewayRefs.map { "\($0.namespace ?? names.namespace)/\($0.name)" }
  }

  private var route: JSONValue {
    var route: JSONValue = ["name": "default"]
    if let match { route["match"] = .array(match) }
    if let fault = activeFault?.fault { route["fault"] = json(fault) }
    // Without one a route has no timeout; Istio refuses 0s.
    if spec.traffic.timeout.milliseconds > 0 {
      route["timeout"] = .string(spec.traffic.timeout.protobufSeconds)
    }
    // Always explicit: the mesh's own default would replay paid model calls.
    let retries = spec.traffic.retries
    route["retries"] =
      retries.attempts == 0
      ? ["attempts": 0]
      : [
        "attempts": JSONValue(retries.attempts),
        "retryOn": .string(retries.on.map(\.envoyName).joined(separator: ",")),
      ]
    route["route"] = [
      [
        "destination": ["host": .string(names.serviceHost), "port": ["number": 80]],
        "weight": 100,
      ]
    ]
    return route
  }

  /// Nil matches everything. With gateways, `paths` limits what they let in; calls inside the mesh
  /// reach every path, or `/.well-known/agent-card.json` and probes would be 404 there.
  private var match: [JSONValue]? {
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
