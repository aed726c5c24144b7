import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The agent's route through gateways of the Gateway API, in the words of its standard channel
/// (https://gateway-api.sigs.k8s.io/reference/spec/#httproute). What the spec asks beyond them has been
/// refused by then.
extension ManifestBuilder {
  func httpRoute() -> RenderedObject {
    let traffic = spec.traffic
    let parents: [JSONValue] = traffic.gatewayRefs.map { gateway in
      [
        // What the API server fills in is set: it would look like drift otherwise.
        "group": "gateway.networking.k8s.io", "kind": "Gateway",
        "namespace": .string(gateway.namespace ?? names.namespace), "name": .string(gateway.name),
      ]
    }
    let route: JSONValue = [
      "parentRefs": .array(parents), "hostnames": JSONValue(traffic.hosts),
      "rules": .array(routes.map(gatewayRule)),
    ]
    return object(.httpRoutes, wave: .traffic, isOptionalKind: true, [("spec", route)])
  }

  private func gatewayRule(_ route: AgentRoute) -> JSONValue {
    let places: [JSONValue] = spec.traffic.paths.map {
      ["path": ["type": "PathPrefix", "value": .string($0)]]
    }
    let headers = route.conditions.flatMap(headers)
    // Without a name, which older definitions do not have.
    var rule: JSONValue = [
      "matches": .array(
        headers.isEmpty
          ? places
          : places.flatMap { place in
            headers.map { headers in
              var match = place
              match["headers"] = headers
              return match
            }
          })
    ]
    if let mirror = route.mirror { rule["filters"] = [filter(mirror)] }
    // Always explicit: an implementation's own default may be shorter than an answer takes.
    rule["timeouts"] = ["request": .string(route.timeout.description)]
    var backend = backend(names.agent)
    backend["weight"] = 1
    rule["backendRefs"] = [backend]
    return rule
  }

  /// One list of headers for each thing that a request may be: regular expressions are not in what all
  /// implementations have to do.
  private func headers(_ condition: AgentRoute.Condition) -> [JSONValue] {
    func header(_ name: String, _ value: String) -> JSONValue {
      ["type": "Exact", "name": .string(name), "value": .string(value)]
    }
    switch condition {
    case .methods(let names):
      return names.map { [header(MCPRequests.methodHeader, $0)] }
    case .tool(let name):
      return [
        [
          header(MCPRequests.methodHeader, MCPRequests.toolCall),
          header(MCPRequests.nameHeader, name),
        ]
      ]
    }
  }

  private func filter(_ mirror: Traffic.Mirror) -> JSONValue {
    var copy: JSONValue = ["backendRef": backend(mirror.agent)]
    let (whole, rest) = mirror.percent.tenThousandths.quotientAndRemainder(dividingBy: 10_000)
    if rest == 0 {
      copy["percent"] = .int(whole)
    } else {
      copy["fraction"] = [
        "numerator": .int(mirror.percent.tenThousandths), "denominator": 1_000_000,
      ]
    }
    return ["type": "RequestMirror", "requestMirror": copy]
  }

  private func backend(_ agent: String) -> JSONValue {
    ["group": "", "kind": "Service", "name": .string(agent), "port": 80]
  }
}
