import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  func destinationRule() -> RenderedObject {
    let outliers = spec.traffic.outlierDetection
    var policy: JSONValue = [
      "loadBalancer": loadBalancer,
      "connectionPool": [
        "tcp": ["maxConnections": JSONValue(poolSize), "connectTimeout": "5s"], "http": httpPool,
      ],
      "outlierDetection": [
        "consecutiveGatewayErrors": JSONValue(outliers.gatewayErrors),
        // Off: an agent's own 500s (its model is down) hit every pod alike; ejecting helps nobody.
        "consecutive5xxErrors": 0,
        "interval": .string(outliers.interval.protobufSeconds),
        "baseEjectionTime": .string(outliers.ejection.protobufSeconds),
        "maxEjectionPercent": JSONValue(outliers.maxEjectedPercent),
      ],
    ]
    // Strict and Permissive are left to Istio's automatic mutual TLS.
    if spec.security.mtls == .disabled { policy["tls"] = ["mode": "DISABLE"] }
    return object(
      .destinationRules, wave: .traffic, isOptionalKind: true,
      [("spec", ["host": .string(names.serviceHost), "trafficPolicy": policy])])
  }

  private var httpPool: JSONValue {
    var pool: JSONValue = [
      "http1MaxPendingRequests": JSONValue(poolSize), "http2MaxRequests": JSONValue(poolSize),
    ]
    // Istio refuses 0s; left out, the proxy's own default of an hour holds.
    if spec.traffic.streamIdleTimeout.milliseconds > 0 {
      pool["idleTimeout"] = .string(spec.traffic.streamIdleTimeout.protobufSeconds)
    }
    return pool
  }

  private var loadBalancer: JSONValue {
    var balancer: JSONValue
    switch spec.traffic.affinity {
    case .none:
      balancer = ["simple": .string(spec.traffic.loadBalancing.istioName)]
    case .header(let name):
      balancer = ["consistentHash": ["httpHeaderName": .string(name)]]
    case .cookie(let name, let ttl):
      balancer = [
        "consistentHash": [
          "httpCookie": ["name": .string(name), "ttl": .string(ttl.protobufSeconds)]
        ]
      ]
    }
    balancer["localityLbSetting"] = localities
    return balancer
  }

  /// Outlier detection switches locality failover on by itself: off without regions.
  /// https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting
  private var localities: JSONValue {
    guard let regions = spec.availability.regions else { return ["enabled": false] }
    var setting: JSONValue = ["enabled": true]
    switch regions.routing {
    case .failover(let pairs):
      if !pairs.isEmpty {
        setting["failover"] = .array(
          pairs.sorted { $0.from < $1.from }.map {
            ["from": .string($0.from), "to": .string($0.to)]
          })
      }
    case .distribute(let shares):
      // In the user's order: the first that holds a caller counts.
      setting["distribute"] = .array(
        shares.map { share in
          var to: JSONValue = [:]
          for (place, percent) in share.percents.sorted(by: { $0.key < $1.key }) {
            to[place] = JSONValue(percent)
          }
          return ["from": .string(share.from), "to": to]
        })
    }
    return setting
  }

  /// The caps are for one client proxy, and a gateway is one client for the whole world: they must
  /// fit all replicas at full load, with a quarter to spare.
  private var poolSize: Int {
    let full = spec.scaling.maxReplicas * spec.traffic.connectionsPerPod
    return max(1024, (full * 5 + 3) / 4)
  }
}

extension Traffic.LoadBalancing {
  var istioName: String {
    switch self {
    case .leastRequest: "LEAST_REQUEST"
    case .roundRobin: "ROUND_ROBIN"
    case .random: "RANDOM"
    }
  }
}
