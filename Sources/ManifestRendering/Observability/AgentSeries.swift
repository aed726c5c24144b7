import AgentDeploymentAPI

/// Where the figures about one agent are found.
///
/// The agent's PodMonitor puts the labels `agent` and `revision` on everything it scrapes, also on
/// what the sidecar exports. So a mesh-wide scrape of the same sidecars is not counted twice, and
/// both halves of a rollout are told apart whatever the agent itself exports.
struct AgentSeries: Sendable {
  /// Who counts the agent's requests.
  enum RequestSource: Sendable, Hashable {
    /// Its own metrics.
    case agent
    /// The sidecar beside it.
    case sidecar
    /// A waypoint of Istio's ambient mode, which the mesh's own monitoring scrapes.
    case waypoint
  }

  let agent: String
  let namespace: String
  let requestSource: RequestSource
  /// Requests there that are no user's.
  let probePaths: [String]

  /// Of the agent and its revisions' Deployments; never of another agent whose name starts alike.
  private var deploymentPattern: String { "\(agent)(-[0-9a-f]{10})?" }
  /// A Deployment's pods are named `<deployment>-<ReplicaSet's hash>-<five characters>`.
  private var podPattern: String { "\(deploymentPattern)-[a-z0-9]+-[a-z0-9]{5}" }
  /// KEDA names the autoscaler that it makes after its ScaledObject.
  private var scalerPattern: String { "(keda-hpa-)?\(agent)" }

  // MARK: - Scraped by the agent's own monitor

  func own(_ metric: MetricFamily) -> Series {
    Series(metric: metric, matchers: [])
      .with("namespace", .equal, namespace).with("agent", .equal, agent)
  }

  var up: Series { own(.up) }

  /// Requests of users.
  var requests: Series { isMeshed ? mesh(.meshRequests) : withoutProbes(own(.requests)) }

  /// A histogram of request durations, in `secondsPerUnit`.
  var requestDuration: Series {
    isMeshed ? mesh(.meshRequestDuration) : withoutProbes(own(.requestDuration))
  }

  var isMeshed: Bool { requestSource != .agent }

  /// `requestDuration` times this is milliseconds.
  var isDurationInMilliseconds: Bool { isMeshed }

  /// Per second, over a window.
  func rate(_ series: Series, _ window: String) -> PrometheusQuery {
    revised("rate(\(series)[\(raw: window)])", series)
  }

  /// Over a window.
  func increase(_ series: Series, _ window: String) -> PrometheusQuery {
    revised("increase(\(series)[\(raw: window)])", series)
  }

  /// A waypoint is no pod of the agent's, so its series have the revision in Istio's label only.
  private func revised(_ rates: PrometheusQuery, _ series: Series) -> PrometheusQuery {
    guard requestSource == .waypoint, series.metric.source == .mesh else { return rates }
    return """
      label_replace(\(rates), "revision", "$1", "destination_canonical_revision", "(.*)")
      """
  }

  /// Requests per second that ended in a server error, one vector for all kinds of errors.
  func failedRequests(_ window: String) -> PrometheusQuery {
    guard isMeshed else {
      return rate(requests.with("status_code", .matches, "5.."), window)
    }
    // Of gRPC's codes those that are the server's fault; its HTTP status is 200 all the same. `or`
    // takes a series once that matches both.
    let http = rate(requests.with("response_code", .matches, "5.."), window)
    let grpc = rate(requests.with("grpc_response_status", .matches, Self.grpcServerErrors), window)
    return "\(http) or \(grpc)"
  }

  /// UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS.
  private static let grpcServerErrors = "2|4|12|13|14|15"

  /// Requests that clients' proxies and gateways could send to no pod: no healthy host, no
  /// connection, an overflow, no cluster. No proxy beside the agent has seen them.
  /// https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
  var unreached: Series? {
    guard requestSource == .sidecar else { return nil }
    return Series(metric: .meshRequests, matchers: [])
      .with("reporter", .equal, "source")
      .with("destination_service_namespace", .equal, namespace)
      .with("destination_service_name", .equal, agent)
      .with("response_flags", .matches, "(.*,)?(UH|UF|UO|NC)(,.*)?")
  }

  private func mesh(_ metric: MetricFamily) -> Series {
    guard requestSource == .waypoint else {
      return own(metric).with("reporter", .equal, "destination")
    }
    return Series(metric: metric, matchers: [])
      .with("reporter", .equal, "waypoint")
      .with("destination_service_namespace", .equal, namespace)
      .with("destination_service_name", .equal, agent)
  }

  private func withoutProbes(_ series: Series) -> Series {
    series.with(
      "endpoint", .notMatches, probePaths.map(Series.literal).joined(separator: "|"))
  }

  // MARK: - The cluster's view

  func container(_ metric: MetricFamily) -> Series {
    Series(metric: metric, matchers: [])
      .with("namespace", .equal, namespace).with("pod", .matches, podPattern)
      .with("container", .equal, PodTemplateBuilder.containerName)
  }

  func pod(_ metric: MetricFamily) -> Series {
    Series(metric: metric, matchers: [])
      .with("namespace", .equal, namespace).with("pod", .matches, podPattern)
  }

  func deployment(_ metric: MetricFamily) -> Series {
    Series(metric: metric, matchers: [])
      .with("namespace", .equal, namespace).with("deployment", .matches, deploymentPattern)
  }

  func scaler(_ metric: MetricFamily) -> Series {
    Series(metric: metric, matchers: [])
      .with("namespace", .equal, namespace)
      .with("horizontalpodautoscaler", .matches, scalerPattern)
  }

  /// Adds the revision to a vector by pod, from the pod's scrape. A pod that is not scraped stays.
  func withRevision(_ byPod: PrometheusQuery) -> PrometheusQuery {
    """
    (\(byPod)) * on (pod) group_left (revision) group by (pod, revision) (\(up))
    or on (pod) (\(byPod))
    """
  }
}
