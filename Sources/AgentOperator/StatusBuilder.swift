import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering

/// Builds the status from what is there now. Nothing is taken from the old status but transition
/// times and the name of the revision that served before (correctness rule 41).
enum StatusBuilder {
  static func status(
    of agent: AgentDeployment, _ report: ReconcileReport, _ observed: ObservedState,
    previous: JSONValue?, now: String
  ) -> AgentDeploymentStatus {
    let generation = agent.object.generation ?? 0
    let health = observed[.deployments, agent.object.key].map(DeploymentHealth.init)
    let revision = report.rendering.revision
    var conditions = conditions(in: previous)
    let current = ConditionRules(
      agent: agent, report: report, health: health,
      hasService: observed[.services, agent.object.key] != nil,
      routeProblem: observed[.httpRoutes, agent.object.key].flatMap(RouteAcceptance.problem),
      modelRouteProblem: ModelRouteAcceptance.problem(report.rendering, observed),
      scaling: ScalingCondition(report: report, observed: observed).condition,
      state: StateHealth.of(agent, observed)
    ).all
    conditions.removeAll { old in
      ConditionRules.optional.contains(old.type) && !current.contains { $0.type == old.type }
    }
    for var condition in current {
      condition.observedGeneration = generation
      conditions.set(condition, now: now)
    }
    let servesNewest = health.map { $0.isComplete && $0.revision == revision } ?? false
    return AgentDeploymentStatus(
      observedGeneration: generation,
      className: report.agentClass.name,
      classDefaults: agent.classDefaults.map(\.description),
      url: agent.spec.traffic.hosts.first.map { "https://\($0)" },
      internalUrl: "http://\(agent.name).\(agent.namespace).svc:80",
      selector: "agentdeploy.dev/agent=\(agent.name)",
      replicas: health?.replicas ?? 0,
      readyReplicas: health?.ready ?? 0,
      currentRevision: servesNewest ? revision : previous?["currentRevision"]?.string,
      updateRevision: revision,
      secrets: report.secretAges.map { age in
        AgentDeploymentStatus.Secret(
          name: age.name, secretName: age.secretName,
          changedAt: KubernetesTime(unixSeconds: age.changedAt).secondsText,
          rotatesAt: age.rotatesAt.map { KubernetesTime(unixSeconds: $0).secondsText },
          rotationDue: age.isDue)
      },
      resources: inventory(report, observed),
      regions: regions(agent, report),
      conditions: conditions)
  }

  /// For a spec that cannot be used: what was accepted before stays reported, with how it does.
  ///
  /// - Parameter health: of the Deployment that runs; nil when there is none.
  static func refused(
    _ object: KubernetesObject, runs health: DeploymentHealth? = nil, reason: String,
    message: String, now: String
  ) -> AgentDeploymentStatus {
    let generation = object.generation ?? 0
    var status =
      object["status"].map { AgentDeploymentStatus($0) } ?? AgentDeploymentStatus()
    status.observedGeneration = generation
    let text = String(decoding: message.utf8.prefix(2000), as: UTF8.self)
    let available = ConditionRules.available(health)
    let state =
      available.status == .true
      ? "the last accepted revision goes on running; "
      : "of the last accepted revision: \(available.message); "
    var refused = [
      Condition(type: "Accepted", status: .false, reason: reason, message: text),
      Condition(
        type: "Ready", status: .false, reason: reason,
        message: status.updateRevision != nil ? state + text : text),
      Condition(
        type: "Reconciling", status: .false, reason: reason, message: "waits for a valid spec"),
      Condition(type: "Stalled", status: .true, reason: reason, message: text),
    ]
    if status.updateRevision != nil {
      status.replicas = health?.replicas ?? 0
      status.readyReplicas = health?.ready ?? 0
      refused.append(available)
      if let health { refused.append(ConditionRules.progressing(health)) }
    }
    for var condition in refused {
      condition.observedGeneration = generation
      status.conditions.set(condition, now: now)
    }
    return status
  }

  static func conditions(in status: JSONValue?) -> [Condition] {
    status?["conditions"]?.array?.compactMap(Condition.init) ?? []
  }

  private static func regions(
    _ agent: AgentDeployment, _ report: ReconcileReport
  ) -> [AgentDeploymentStatus.Region] {
    guard let regions = agent.spec.availability.regions, let endpoints = report.endpoints else {
      return []
    }
    return regions.status(endpoints)
  }

  private static func isSettled(_ live: KubernetesObject, _ resource: ResourceType) -> Bool {
    switch resource {
    case .deployments: DeploymentHealth(live).isComplete
    case .statefulSets: StateHealth(live).isSettled
    default: true
    }
  }

  private static func inventory(
    _ report: ReconcileReport, _ observed: ObservedState
  ) -> [AgentDeploymentStatus.Resource] {
    let failed = Set(report.failures.map(\.object))
    let skipped = Set(report.skipped.map(\.resource))
    let resources = report.rendering.objects.prefix(AgentDeploymentStatus.maxResources)
    return resources.map { rendered in
      let key = rendered.object.key
      let state: AgentDeploymentStatus.Resource.State =
        if failed.contains("\(rendered.object.kind) \(key.name)")
          || report.conflicts.contains(where: { $0.resource == rendered.resource && $0.key == key })
        {
          .failed
        } else if skipped.contains(rendered.resource) {
          .skipped
        } else if let live = observed[rendered.resource, key] {
          Self.isSettled(live, rendered.resource) ? .current : .inProgress
        } else {
          .inProgress
        }
      return AgentDeploymentStatus.Resource(
        apiVersion: rendered.resource.apiVersion, kind: rendered.object.kind, name: key.name,
        state: state)
    }
  }
}
