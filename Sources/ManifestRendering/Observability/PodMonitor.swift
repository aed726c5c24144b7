import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// What Prometheus scrapes. A PodMonitor and not a ServiceMonitor: the sidecar's port is the
  /// pods', no Service's; and the Service stays what clients see, with no port that only monitoring
  /// may reach.
  ///
  /// - The agent itself, wherever a plain-text scrape gets in: without strict mutual TLS, or on a
  ///   metrics port of its own, which the PeerAuthentication excepts and the NetworkPolicy opens to
  ///   monitoring only.
  /// - The sidecar, whose port takes plain text in any mode. It answers with its own figures and,
  ///   merged, the agent's, which it fetches from inside the pod: with strict mutual TLS and one
  ///   port for everything this is the only way in
  ///   (https://istio.io/latest/docs/ops/integrations/prometheus/).
  func podMonitor() -> RenderedObject {
    let hasSidecar = series.requestSource == .sidecar
    let isReachable = !hasSidecar || spec.security.mtls != .strict || separateMetricsPort != nil
    var endpoints: [JSONValue] = []
    if isReachable {
      endpoints.append(
        endpoint(port: metricsPortName, path: spec.observability.metricsPath, relabelings: []))
    }
    if hasSidecar { endpoints.append(sidecarEndpoint(isMerged: !isReachable)) }
    return monitored(
      .podMonitors,
      [
        (
          "spec",
          [
            "selector": ["matchLabels": names.selector],
            "podMetricsEndpoints": .array(endpoints),
          ]
        )
      ])
  }

  static let sidecarMetricsPort = 15020

  /// The sidecar's port is no port of a container's, so its address is made from the agent's.
  private func sidecarEndpoint(isMerged: Bool) -> JSONValue {
    var endpoint = endpoint(
      port: "http", path: "/stats/prometheus",
      relabelings: [
        [
          "sourceLabels": ["__address__"], "regex": "(.+):\\d+",
          "replacement": .string("$1:\(Self.sidecarMetricsPort)"), "targetLabel": "__address__",
        ]
      ])
    let requests = "istio_requests_total|istio_request_duration_milliseconds.*"
    // Of the proxy's hundreds of series those that the rules read; merged, all of the agent's too.
    let others =
      "(envoy|istio_agent|istio_build|istio_tcp|istio_request_bytes|istio_response_bytes"
      + "|istio_request_messages|istio_response_messages)(_.*)?"
    endpoint["metricRelabelings"] = [
      [
        "sourceLabels": ["__name__"], "action": .string(isMerged ? "drop" : "keep"),
        "regex": .string(isMerged ? others : requests),
      ],
      Self.inboundOnly,
    ]
    return endpoint
  }

  /// What the agent calls is counted by those it calls.
  private static let inboundOnly: JSONValue = [
    "sourceLabels": ["__name__", "reporter"], "action": "drop", "regex": "istio_.*;source",
  ]

  private func endpoint(port: String, path: String, relabelings: [JSONValue]) -> JSONValue {
    let interval = spec.observability.scrapeInterval
    // Prometheus refuses a timeout above the interval; 10 s is its own default.
    let timeout = min(interval, KubernetesDuration(seconds: 10))
    let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var endpoint: JSONValue = [
      "port": .string(port), "path": .string(String(parts.first ?? "/metrics")),
      "interval": .string(interval.description), "scrapeTimeout": .string(timeout.description),
    ]
    if parts.count > 1, let params = Self.parameters(String(parts[1])) {
      endpoint["params"] = params
    }
    endpoint["relabelings"] = .array(
      relabelings + [
        Self.podLabel(ObjectNames.agentLabel, as: "agent"),
        Self.podLabel(Revision.label, as: "revision"),
      ])
    return endpoint
  }

  /// `a=1&a=2` as Prometheus' map of lists; nil when there are none.
  private static func parameters(_ query: String) -> JSONValue? {
    var parameters: [String: [String]] = [:]
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      parameters[String(parts[0]), default: []].append(parts.count > 1 ? String(parts[1]) : "")
    }
    guard !parameters.isEmpty else { return nil }
    return .object(
      JSONObject(parameters.sorted { $0.key < $1.key }.map { ($0.key, JSONValue($0.value)) }))
  }

  private static func podLabel(_ label: String, as name: String) -> JSONValue {
    let meta = String(label.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    return [
      "sourceLabels": [.string("__meta_kubernetes_pod_label_\(meta)")],
      "targetLabel": .string(name),
    ]
  }

  private var metricsPortName: String {
    let port = spec.observability.metricsPort
    if port == spec.port { return "http" }
    return spec.extraPorts.first { $0.port == port }?.name ?? "metrics"
  }
}
