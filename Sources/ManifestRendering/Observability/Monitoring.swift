import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// Everything that makes one agent seen: what is scraped, alerted on, recorded and shown.
struct Monitoring {
  let series: AgentSeries
  let spec: AgentDeploymentSpec
  /// Base of `runbook_url`; nil: none is known.
  let runbooks: String?

  var objectives: [ObjectiveRules] {
    spec.slos.map { ObjectiveRules(series: series, objective: $0) }
  }

  var resources: ResourceAlerts { ResourceAlerts(series: series, resources: spec.resources) }

  /// Empty when alerts are off and there are no objectives.
  var groups: [RuleGroup] {
    var groups: [RuleGroup] = []
    if spec.observability.alerts.preset == .standard {
      let availability = AvailabilityAlerts(
        series: series, startupTimeout: spec.health.startupTimeout,
        mayBeIdle: spec.scaling.mayBeIdle, hasScaler: spec.scaling.hasScaler,
        drain: spec.availability.sessionMetric.map {
          AvailabilityAlerts.Drain(
            sessionMetric: $0, scrapeInterval: spec.observability.scrapeInterval)
        })
      let traffic = TrafficAlerts(series: series, latency: spec.observability.alerts.latency)
      let work = WorkAlerts(series: series, agentProtocol: spec.protocol)
      let secrets = SecretAlerts(series: series, secrets: spec.secrets)
      groups.append(
        RuleGroup(
          name: "\(series.agent).alerts", interval: nil,
          rules: (availability.rules + traffic.rules + resources.rules + work.rules
            + secrets.rules)
            .map(RuleGroup.Rule.alert)))
    }
    return groups + objectives.flatMap(\.groups)
  }

  var format: RuleFormat {
    RuleFormat(
      agent: series.agent, namespace: series.namespace, labels: spec.observability.alerts.labels,
      runbooks: spec.observability.alerts.runbooks ?? runbooks)
  }
}

extension ManifestBuilder {
  var monitoring: Monitoring {
    Monitoring(series: series, spec: spec, runbooks: context.agentClass.endpoints.runbooks)
  }

  var series: AgentSeries {
    var probePaths: [String] = []
    for path in [spec.health.live, spec.health.ready].compactMap(\.path)
      + [spec.observability.metricsPath]
    {
      let path = String(path.prefix { $0 != "?" })
      if !probePaths.contains(path) { probePaths.append(path) }
    }
    return AgentSeries(
      agent: names.agent, namespace: names.namespace,
      requestSource: requestSource,
      probePaths: probePaths.sorted())
  }

  private var requestSource: AgentSeries.RequestSource {
    guard spec.traffic.provider == .istio else { return .agent }
    return context.agentClass.capabilities.ambient ? .waypoint : .sidecar
  }

  /// Nothing where the Prometheus operator, whose labels all queries go by, is not there.
  func monitoringObjects() -> [RenderedObject] {
    let capabilities = context.agentClass.capabilities
    guard capabilities.prometheusOperator else { return [] }
    var objects = [podMonitor()] + prometheusRule()
    if spec.observability.dashboard == .standard {
      objects.append(capabilities.grafanaOperator ? grafanaDashboard() : dashboardConfigMap())
    }
    return objects
  }

  /// A kind of object that monitoring selects, with the labels that it selects by.
  func monitored(
    _ resource: ResourceType, name: String? = nil, labels: [String: String] = [:],
    isOptionalKind: Bool = true, _ content: [(String, JSONValue)]
  ) -> RenderedObject {
    var rendered = object(
      resource, name: name, wave: .policy, isOptionalKind: isOptionalKind, content)
    for (key, value) in labels.merging(spec.observability.labels, uniquingKeysWith: { $1 })
      .sorted(by: { $0.key < $1.key })
    {
      rendered.object["metadata"]?["labels"]?[key] = .string(value)
    }
    return rendered
  }

  func prometheusRule() -> [RenderedObject] {
    let monitoring = monitoring
    let groups = monitoring.groups
    guard !groups.isEmpty else { return [] }
    let format = monitoring.format
    return [
      monitored(.prometheusRules, [("spec", ["groups": .array(groups.map(format.json(_:)))])])
    ]
  }
}

extension Health.Check {
  var path: String? {
    switch self {
    case .http(let path): path
    case .tcp: nil
    }
  }
}
