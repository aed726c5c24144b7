import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// A local rate limit in the sidecars of the agent's pods
/// (https://istio.io/latest/docs/tasks/policy-enforcement/rate-limit/#local-rate-limits).
extension ManifestBuilder {
  func rateLimit() -> [RenderedObject] {
    guard let limit = spec.traffic.rateLimit else { return [] }
    let filter: JSONValue = [
      "workloadSelector": ["labels": names.selector],
      // After others' patches, next to the router: who is refused by them uses up no limit. Without
      // one `istioctl analyze` warns (IST0151).
      "priority": 10,
      // Only where the agent answers: a scrape of the metrics' own port is no request.
      "configPatches": .array(agentPorts.map { patch(limit, port: $0) }),
    ]
    return [object(.envoyFilters, wave: .traffic, isOptionalKind: true, [("spec", filter)])]
  }

  private func patch(_ limit: Traffic.RateLimit, port: Int) -> JSONValue {
    [
      "applyTo": "HTTP_FILTER",
      "match": [
        "context": "SIDECAR_INBOUND",
        "listener": [
          "filterChain": [
            "destinationPort": JSONValue(port),
            "filter": [
              "name": "envoy.filters.network.http_connection_manager",
              "subFilter": ["name": "envoy.filters.http.router"],
            ],
          ]
        ],
      ],
      "patch": [
        "operation": "INSERT_BEFORE",
        "value": [
          "name": "envoy.filters.http.local_ratelimit",
          "typed_config": [
            "@type": "type.googleapis.com/udpa.type.v1.TypedStruct",
            "type_url": .string(Self.rateLimitType), "value": configuration(limit),
          ],
        ],
      ],
    ]
  }

  private static let rateLimitType =
    "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"

  /// https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
  private func configuration(_ limit: Traffic.RateLimit) -> JSONValue {
    let always: JSONValue = ["numerator": 100, "denominator": "HUNDRED"]
    return [
      "stat_prefix": "http_local_rate_limiter",
      "token_bucket": [
        "max_tokens": JSONValue(limit.requests), "tokens_per_fill": JSONValue(limit.requests),
        "fill_interval": .string("\(limit.per.seconds)s"),
      ],
      // Both are 0 % unless they are given.
      "filter_enabled": ["runtime_key": "local_rate_limit_enabled", "default_value": always],
      "filter_enforced": ["runtime_key": "local_rate_limit_enforced", "default_value": always],
    ]
  }
}
