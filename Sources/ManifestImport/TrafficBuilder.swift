import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// `spec.traffic` from a VirtualService and a DestinationRule.
struct TrafficBuilder {
  let related: RelatedObjects
  let maxReplicas: Int

  func traffic() -> JSONValue {
    guard related.virtualService != nil || related.destinationRule != nil else {
      return ["provider": "None"]
    }
    var traffic: JSONValue = [:]
    if let service = related.virtualService { add(service, to: &traffic) }
    if let policy = related.destinationRule?[path: "spec", "trafficPolicy"] {
      add(policy, to: &traffic)
    }
    return traffic
  }

  private func add(_ service: KubernetesObject, to traffic: inout JSONValue) {
    let hosts = (service[path: "spec", "hosts"]?.array ?? []).filter {
      $0.string.map { !related.hosts.contains($0) } ?? false
    }
    if !hosts.isEmpty { traffic["hosts"] = .array(hosts) }
    let gateways = (service[path: "spec", "gateways"]?.array ?? []).compactMap(\.string)
      .filter { $0 != "mesh" }
    if !gateways.isEmpty {
      traffic["gatewayRefs"] = .array(
        gateways.map { gateway in
          let parts = gateway.split(separator: "/").map(String.init)
          return parts.count == 2
            ? ["name": .string(parts[1]), "namespace": .string(parts[0])]
            : ["name": .string(gateway)]
        })
    }
    let routes = service[path: "spec", "http"]?.array ?? []
    guard routes.count == 1, let route = routes.first else { return }
    if let timeout = route["timeout"]?.string.flatMap({ KubernetesDuration($0) }) {
      traffic["timeout"] = .string(timeout.description)
    }
    if let retries = route["retries"] { traffic["retries"] = self.retries(retries) }
    let matches = route["match"]?.array ?? []
    let prefixes = matches.compactMap { $0[path: "uri", "prefix"] }
    if !matches.isEmpty, prefixes.count == matches.count { traffic["paths"] = .array(prefixes) }
  }

  private func retries(_ retries: JSONValue) -> JSONValue {
    var json: JSONValue = ["attempts": retries["attempts"] ?? 0]
    let words = [
      "connect-failure": "ConnectFailure", "refused-stream": "RefusedStream",
      "unavailable": "Unavailable", "cancelled": "Cancelled", "gateway-error": "GatewayError",
      "reset": "Reset", "retriable-4xx": "Retriable4xx",
    ]
    let conditions = (retries["retryOn"]?.string ?? "").split(separator: ",").compactMap {
      words[String($0)]
    }
    if !conditions.isEmpty, json["attempts"] != 0 { json["on"] = JSONValue(conditions) }
    return json
  }

  private func add(_ policy: JSONValue, to traffic: inout JSONValue) {
    let words = [
      "LEAST_REQUEST": "LeastRequest", "LEAST_CONN": "LeastRequest", "ROUND_ROBIN": "RoundRobin",
      "RANDOM": "Random",
    ]
    if let simple = policy[path: "loadBalancer", "simple"]?.string, let word = words[simple] {
      traffic["loadBalancing"] = .string(word)
    }
    if let header = policy[path: "loadBalancer", "consistentHash", "httpHeaderName"] {
      traffic["affinity"] = ["type": "Header", "name": header]
    }
    if let cookie = policy[path: "loadBalancer", "consistentHash", "httpCookie"] {
      traffic["affinity"] = ["type": "Cookie"]
      for key in ["name", "ttl"] where cookie[key] != nil {
        traffic["affinity"]?[key] = cookie[key]
      }
    }
    if let outliers = policy["outlierDetection"] ?? policy["circuitBreaker"],
      outliers != [:]
    {
      traffic["outlierDetection"] = [:]
      for (from, to) in [
        ("consecutiveErrors", "gatewayErrors"), ("consecutiveGatewayErrors", "gatewayErrors"),
        ("interval", "interval"), ("baseEjectionTime", "ejection"),
        ("maxEjectionPercent", "maxEjectedPercent"),
      ] where outliers[from] != nil {
        // For Istio 0 is nothing said.
        if to == "maxEjectedPercent", outliers[from] == 0 { continue }
        traffic["outlierDetection"]?[to] = outliers[from]
      }
    }
    let http = policy[path: "connectionPool", "http"]
    if let idle = http?["idleTimeout"]?.string.flatMap({ KubernetesDuration($0) }) {
      traffic["streamIdleTimeout"] = .string(idle.description)
    }
    // The rendered pool is max(1024, maxReplicas x perPod x 1.25).
    if let requests = http?["http2MaxRequests"]?.int, requests > 1024 {
      traffic["connections"] = ["perPod": JSONValue(max(1, requests * 4 / 5 / max(1, maxReplicas)))]
    }
  }
}
