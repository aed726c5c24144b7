import JSON

/// Load balancing, connection pools and outlier detection of DestinationRules.
enum IstioDestinationRules {
  static let all = [
    circuitBreaker, consecutiveErrors, leastConnections, localityFailover, smallPool,
    requestsPerConnection, maximumRetries,
  ]

  private static let reference =
    "https://istio.io/latest/docs/reference/config/networking/destination-rule/"

  /// The traffic policies of all DestinationRules: of hosts, of ports and of subsets.
  private static func policies(_ set: ManifestSet) -> [ManifestNode] {
    set.destinationRules.flatMap { rule -> [ManifestNode] in
      let own =
        [rule.spec["trafficPolicy"]] + rule.spec["subsets"].elements.map { $0["trafficPolicy"] }
      return own.filter(\.exists).flatMap { [$0] + $0["portLevelSettings"].elements }
    }
  }

  private static let circuitBreaker = LintRule(
    "istio-circuit-breaker", ["I1"], .error, "DestinationRules have no circuitBreaker",
    why: """
      No version of DestinationRule has this field. Strict validation rejects the object; a lax \
      client has it pruned silently, and there is no circuit breaker at all. What is meant is \
      called outlierDetection.
      """,
    fix: "name it outlierDetection", source: reference + "#OutlierDetection"
  ) { set, found in
    for policy in policies(set) where policy["circuitBreaker"].exists {
      let breaker = policy["circuitBreaker"]
      found.add(
        breaker, atKey: true,
        "circuitBreaker is no field of a DestinationRule: it is rejected or dropped, and nothing "
          + "breaks the circuit",
        edits: policy["outlierDetection"].exists
          ? [] : [.renameKey(breaker.pointer, to: "outlierDetection")])
    }
  }

  private static let consecutiveErrors = LintRule(
    "istio-consecutive-errors", ["I2"], .deprecated,
    "consecutiveErrors is deprecated, and its successor counts an agent's own 500s",
    why: """
      consecutiveErrors counted 502, 503 and 504. Its successor for these is \
      consecutiveGatewayErrors; consecutive5xxErrors includes them and every other 5xx, and is on \
      by default with 5. An outage of a model provider makes every pod answer 500 alike, and would \
      eject healthy pods.
      """,
    fix: "write consecutiveGatewayErrors, and consecutive5xxErrors: 0",
    source: reference + "#OutlierDetection"
  ) { set, found in
    for policy in policies(set) {
      for block in ["outlierDetection", "circuitBreaker"] {
        let errors = policy[block]["consecutiveErrors"]
        guard errors.exists else { continue }
        var edits: [FixEdit] = []
        if !policy[block]["consecutiveGatewayErrors"].exists {
          edits = [.renameKey(errors.pointer, to: "consecutiveGatewayErrors")]
          if !policy[block]["consecutive5xxErrors"].exists {
            edits.append(.insert("consecutive5xxErrors", 0, after: errors.pointer))
          }
        }
        found.add(
          errors, atKey: true, "consecutiveErrors is deprecated; it counted gateway errors only",
          edits: edits)
      }
    }
  }

  private static let leastConnections = LintRule(
    "istio-least-conn", ["I3"], .deprecated, "LEAST_CONN is deprecated",
    why: "Envoy never counted connections here; LEAST_REQUEST is the same under its right name.",
    fix: "write LEAST_REQUEST", source: reference + "#LoadBalancerSettings-SimpleLB"
  ) { set, found in
    for policy in policies(set) {
      let simple = policy["loadBalancer"]["simple"]
      guard simple.string == "LEAST_CONN" else { continue }
      found.add(
        simple, "LEAST_CONN is deprecated", edits: [.replace(simple.pointer, with: "LEAST_REQUEST")]
      )
    }
  }

  private static let localityFailover = LintRule(
    "istio-implicit-locality-failover", ["I6"], .warning,
    "outlier detection switches locality failover on",
    why: """
      With outlier detection Istio activates locality-aware load balancing by itself: each client \
      prefers pods of its own zone, and a zone with one pod gets all requests of its zone's gateway.
      """,
    fix:
      "add localityLbSetting: {enabled: false} to loadBalancer, or write the localities you mean",
    source: reference + "#LocalityLoadBalancerSetting"
  ) { set, found in
    for policy in policies(set) where !policy["loadBalancer"]["localityLbSetting"].exists {
      for block in ["outlierDetection", "circuitBreaker"] where policy[block].exists {
        found.add(
          policy[block], atKey: true,
          "outlier detection without localityLbSetting makes every client prefer its own zone")
      }
    }
  }

  private static let smallPool = LintRule(
    "istio-small-connection-pool", ["I7"], .warning,
    "connection pool limits count per client proxy",
    why: """
      The limits hold for each client's proxy over all pods together, and http2MaxRequests counts \
      HTTP/1.1 requests too. One ingress gateway is one client: it serves that many requests at a \
      time in total and answers 503 to the rest.
      """,
    fix: "at least maximum replicas x concurrent requests of a pod x 1.25, and never below 1024",
    source: reference + "#ConnectionPoolSettings"
  ) { set, found in
    for policy in policies(set) {
      let pool = policy["connectionPool"]
      for node in [
        pool["tcp"]["maxConnections"], pool["http"]["http1MaxPendingRequests"],
        pool["http"]["http2MaxRequests"],
      ] {
        guard let limit = node.int, limit > 0, limit < 1024 else { continue }
        found.add(node, "\(limit) is the limit of one client proxy for all pods together")
      }
    }
  }

  private static let requestsPerConnection = LintRule(
    "istio-requests-per-connection", ["I8"], .warning,
    "maxRequestsPerConnection churns connections",
    why: """
      Every so many requests the connection is closed and opened again, with a TLS handshake; \
      streams and server-sent events suffer most. Without the field there is no limit.
      """,
    fix: "leave it out", source: reference + "#ConnectionPoolSettings-HTTPSettings"
  ) { set, found in
    for policy in policies(set) {
      let limit = policy["connectionPool"]["http"]["maxRequestsPerConnection"]
      guard let count = limit.int, count > 0 else { continue }
      found.add(limit, "a new connection after every \(count) requests")
    }
  }

  private static let maximumRetries = LintRule(
    "istio-max-retries", ["I9"], .warning, "maxRetries is no number of attempts",
    why: """
      maxRetries bounds the retries that are outstanding in a whole cluster. How often a request is \
      tried is said by the VirtualService's retries; without it the mesh's default of two attempts \
      counts.
      """,
    fix: "write retries: {attempts: 2, retryOn: \"connect-failure,refused-stream\"} into the "
      + "VirtualService's routes; never replay a paid model call",
    source: reference + "#ConnectionPoolSettings-HTTPSettings"
  ) { set, found in
    for policy in policies(set) {
      let retries = policy["connectionPool"]["http"]["maxRetries"]
      guard let count = retries.int, count > 0, count < 100 else { continue }
      found.add(retries, "maxRetries: \(count) is no number of attempts, but of retries at a time")
    }
  }
}
