extension Manifests {
  private static let monitor = """
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata: {name: a, namespace: ns}
    spec: {selector: {matchLabels: {app: a}}, endpoints: [{port: http}]}
    """

  private static let jwt = """
    apiVersion: security.istio.io/v1
    kind: RequestAuthentication
    metadata: {name: a, namespace: ns}
    spec: {jwtRules: [{issuer: i}]}
    """

  private static let principal = """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: a, namespace: ns}
    spec: {action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}]}]}
    """

  private static let route = "{timeout: 5s, route: [{destination: {host: a, port: {number: 80}}}]}"

  static let istio: [RuleCase] = [
    RuleCase(
      "istio-circuit-breaker", bad: destinationRule("circuitBreaker: {interval: 30s}"),
      good: destinationRule("outlierDetection: {interval: 30s}")),
    RuleCase(
      "istio-consecutive-errors", bad: destinationRule("outlierDetection: {consecutiveErrors: 5}"),
      good: destinationRule("outlierDetection: {consecutiveGatewayErrors: 5}")),
    RuleCase(
      "istio-least-conn",
      bad: destinationRule(
        "portLevelSettings: [{port: {number: 1}, loadBalancer: {simple: LEAST_CONN}}]"),
      good: destinationRule("loadBalancer: {simple: LEAST_REQUEST}")),
    RuleCase(
      "istio-implicit-locality-failover", bad: destinationRule("outlierDetection: {interval: 1s}"),
      good: destinationRule(
        "outlierDetection: {interval: 1s}, loadBalancer: {localityLbSetting: {enabled: false}}")),
    RuleCase(
      "istio-small-connection-pool",
      bad: destinationRule(
        "connectionPool: {tcp: {maxConnections: 100}, http: {http2MaxRequests: 1023}}"),
      good: destinationRule(
        "connectionPool: {tcp: {maxConnections: 1024}, http: {http2MaxRequests: 0}}"),
      count: 2),
    RuleCase(
      "istio-requests-per-connection",
      bad: destinationRule("connectionPool: {http: {maxRequestsPerConnection: 10}}"),
      good: destinationRule("connectionPool: {http: {maxRequestsPerConnection: 0}}")),
    RuleCase(
      "istio-max-retries", bad: destinationRule("connectionPool: {http: {maxRetries: 3}}"),
      good: destinationRule("connectionPool: {http: {maxRetries: 1024}}")),
    RuleCase(
      "istio-old-version", bad: virtualService(route, version: "v1beta1"),
      good: virtualService(route)),
    RuleCase(
      "istio-permanent-fault",
      bad: virtualService("{fault: {delay: {percentage: {value: 0.1}, fixedDelay: 5s}}}"),
      good: virtualService(route)),
    RuleCase(
      "istio-no-default-route", bad: virtualService("{match: [{uri: {prefix: /api}}]}"),
      good: virtualService("{match: [{uri: {prefix: /api}}]}, {match: [{uri: {prefix: /}}]}")),
    RuleCase(
      "istio-implicit-mesh-gateway", bad: virtualService(route, hosts: "a, a.example.com"),
      good: virtualService(route), count: 2),
    RuleCase(
      "istio-no-timeout", bad: virtualService("{route: [{destination: {host: a}}]}"),
      good: virtualService("{timeout: 0s, route: [{destination: {host: a}}]}")),
    RuleCase(
      "istio-no-peer-authentication",
      bad: join(
        virtualService(route), destinationRule(""), configMap("encryption.in_transit: \"true\"")),
      good: join(virtualService(route), configMap("encryption.in_transit: \"true\""), peer()),
      count: 2),
    RuleCase("istio-optional-token", bad: jwt, good: join(jwt, principal)),
    RuleCase(
      "istio-strict-metrics-port", bad: join(peer(), service, monitor, deployment()),
      good: join(
        peer(", portLevelMtls: {\"8080\": {mode: PERMISSIVE}}"), service, monitor, deployment())),
    RuleCase(
      "unresolved-host",
      bad: join(virtualService(route), destinationRule("").replacing("a.example.com", with: "b")),
      good: join(virtualService(route), destinationRule(""), service), count: 2),
  ]
}
