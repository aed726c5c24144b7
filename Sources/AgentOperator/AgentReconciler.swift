import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import ManifestRendering

/// One pass over one AgentDeployment: observe, plan, apply in stages, prune, report.
struct AgentReconciler: Sendable {
  let client: KubernetesClient
  let cache: ClusterCache
  let classes: ClassDirectory
  let uses: ClassUse
  let references: ReferenceIndex
  let configMaps: ConfigMapCache
  let secretTimes: SecretTimes
  let secretMetrics: SecretAgeMetrics
  let regions: RegionDirectory
  let ownWrites: OwnWrites
  let hosts: HostClaims
  let foreign = ForeignObjects()
  let events: EventRecorder
  let metrics: RuntimeMetrics
  let clock: any RuntimeClock
  let settings: RenderingSettings

  func reconcile(_ key: ObjectKey, _ logger: Logger) async throws -> Controller.Result {
    let known = cache.agents.get(key)
    hosts.set(known, of: key)
    guard let object = known else {
      references.set([], of: key)
      return try await leave(key, logger)
    }
    // Nothing is done for an object that is going away: its children would come back to life while
    // the garbage collector works (correctness rule 39).
    guard object.deletionTimestamp == nil else { return try await leave(key, logger) }

    var agentClass: AgentClass
    var agent: AgentDeployment
    switch decode(object) {
    case .success(let decoded): (agent, agentClass) = decoded
    case .failure(let errors): return try await refuse(object, errors, logger)
    }

    if let early = agent.validate(now: clock.wallTime).first {
      return try await refuseForNow(agent, early, logger)
    }

    let prepared = try await prepare(agent, agentClass)
    (agent, agentClass) = (prepared.agent, prepared.agentClass)
    let (rendering, observed) = (prepared.rendering, prepared.observed)
    let (missing, pending) = (prepared.missing, prepared.pending)
    var ages = try await secretAges(of: agent)
    secretMetrics.set(ages, of: key)
    if agent.spec.paused {
      let endpoints = try await endpoints(of: agent)
      let report = ReconcileReport(
        rendering: rendering, missing: missing, isPaused: true, agentClass: agentClass,
        rivals: rivals(of: agent), pending: pending?.cause, lostHosts: prepared.lostHosts,
        endpoints: endpoints, secretAges: ages,
        syncProblems: secretSyncProblems(of: agent))
      try await writeStatus(agent, report, observed.without(prepared.plan.conflicts), logger)
      // Nothing is rotated meanwhile, but its age still counts.
      for i in ages.indices { ages[i].rotatesAt = nil }
      let moments = [nextMoment(ages), RegionDirectory.lookAgain(endpoints)]
      return try await endFaults(of: object, at: moments.compactMap { $0 }.min(), logger)
    }

    var plan = prepared.plan
    // One child alone is missed by somebody, and comes back at once; several may be the garbage
    // collector's.
    let replaced = plan.replaced(of: object, foreign)
    if replaced > 1, try await isGone(object) { return .done }
    let executor = PlanExecutor(
      client: client, cache: cache, foreign: foreign, ownWrites: ownWrites, owner: key,
      ownerUID: object.uid ?? "", metrics: metrics, logger: logger)
    uses.set(agentClass.object == nil ? nil : agentClass.name, of: key)
    // Before the first pods.
    let governance = await govern(key, logger)
    var outcome = await executor.execute(plan)
    outcome.failures = governance + outcome.failures
    if outcome.isNamespaceTerminating { return .done }
    plan.conflicts += outcome.conflicts
    plan.awaited += outcome.held.values.flatMap(\.self).sorted()
    // Users wait for the status, not for the events; of an agent that is gone there are none.
    var isThere = true
    defer {
      if isThere { self.report(plan, outcome, agent, rendering, before: observed, logger) }
    }
    if replaced == 1, try await isGone(object) {
      isThere = false
      return .done
    }

    let endpoints = try await endpoints(of: agent)
    let report = ReconcileReport(
      rendering: rendering, missing: missing, isPaused: false, agentClass: agentClass,
      rivals: rivals(of: agent), pending: pending?.cause, lostHosts: prepared.lostHosts,
      skipped: plan.skipped, conflicts: plan.conflicts,
      endpoints: endpoints, failures: outcome.failures,
      secretAges: ages, syncProblems: secretSyncProblems(of: agent), awaited: plan.awaited)
    // Nothing was sent: what came in meanwhile has queued the next run.
    let result = plan.isEmpty ? observed : cache.existing(rendering)
    try await writeStatus(agent, report, result.without(plan.conflicts), logger)

    if let failure = outcome.failures.first { throw failure.error }
    // What follows from it: pods that restart, and the time of the next one.
    if plan.changesSecrets(outcome) { return .requeue(after: .milliseconds(50)) }
    if outcome.hasReleased { return .requeue(after: .zero) }
    let time = again(plan, outcome, missing, rendering, ages, endpoints)
    return time.map { .requeue(after: .seconds($0)) } ?? .done
  }

  /// In how many seconds, at the latest, something is to be looked at that no event tells.
  private func again(
    _ plan: Plan, _ outcome: PlanExecutor.Outcome, _ missing: [Reference], _ rendering: Rendering,
    _ ages: [SecretAge], _ endpoints: [String: Int]?
  ) -> Int64? {
    var times: [Int64] = []
    if let pause = RegionDirectory.lookAgain(endpoints) { times.append(pause) }
    // A watch that is behind may never show what goes meanwhile.
    if !outcome.held.isEmpty { times.append(2) }
    if !plan.conflicts.isEmpty {
      times.append(plan.conflicts.contains(where: \.isLeftover) ? 2 : 60)
    }
    if let validUntil = rendering.validUntil { times.append(max(1, validUntil - clock.wallTime)) }
    if let moment = nextMoment(ages) { times.append(moment) }
    // Other ServiceAccounts are not watched, nor maybe other namespaces and other shards' agents.
    let isUnseen = missing.contains {
      $0.kind == .serviceAccount || $0.namespace != nil || ($0.kind == .agent && cache.isShared)
    }
    if isUnseen { times.append(30) }
    return times.min()
  }

  /// For an agent that is not rendered.
  ///
  /// - Parameter seconds: after which to look again in any case; nil: not.
  private func endFaults(
    of object: KubernetesObject, at seconds: Int64? = nil, _ logger: Logger
  ) async throws -> Controller.Result {
    let faults = FaultExpiry(
      client: client, cache: cache, ownWrites: ownWrites, clock: clock, logger: logger)
    let times = [try await faults.end(of: object), seconds.map { .seconds($0) }]
    return times.compactMap { $0 }.min().map { .requeue(after: $0) } ?? .done
  }

  private func govern(_ key: ObjectKey, _ logger: Logger) async -> [PlanExecutor.Failure] {
    await NamespaceGovernor(
      client: client, cache: cache, classes: classes, uses: uses, logger: logger
    ).govern(key.namespace ?? "default")
  }

  /// With the last agent of a class goes what the class gave its namespace.
  private func leave(_ key: ObjectKey, _ logger: Logger) async throws -> Controller.Result {
    uses.set(nil, of: key)
    secretMetrics.set([], of: key)
    if let failure = await govern(key, logger).first { throw failure.error }
    return .done
  }

  /// Everything that is to be done for an agent, found out without writing anything.
  struct Preparation {
    /// As its pods are shaped: of an older class when that has to wait.
    var agent: AgentDeployment
    var agentClass: AgentClass
    var rendering: Rendering
    var missing: [Reference]
    var pending: PendingRendering?
    var observed: ObservedState
    var plan: Plan
    /// Hosts that the spec names and another agent has.
    var lostHosts: [LostHost]
  }

  func prepare(_ wanted: AgentDeployment, _ agentClass: AgentClass) async throws -> Preparation {
    let object = wanted.object
    let lostHosts = hosts.lost(by: wanted) { object in
      switch decode(object) {
      case .success(let (agent, _)): agent.hostClaim
      case .failure: HostClaim(ofUnreadable: object.json)
      }
    }
    var agent = wanted.withoutHosts(Set(lostHosts.map(\.host)))
    let (context, missing) = try await resolveReferences(of: agent, agentClass)
    let newest = agent.render(context)
    let pending = try await pending(agent, context, newest)
    let rendering = pending?.rendering ?? newest
    let observed = cache.observed(for: rendering, ownerUID: object.uid ?? "")
    agent = pending?.agent ?? agent
    let plan = Planner.plan(
      rendering, observed: observed, ownerUID: object.uid ?? "", ownerName: object.name,
      keptRevisions: keptRevisions(agent, rendering, observed), now: clock.wallTime)
    return Preparation(
      agent: agent, agentClass: agentClass, rendering: rendering, missing: missing,
      pending: pending, observed: observed, plan: plan, lostHosts: lostHosts)
  }

  private func rivals(of agent: AgentDeployment) -> [String] {
    agent.spec.className == nil ? Array(classes.catalog.defaultNames.dropFirst()) : []
  }

  /// A class that is missing or invalid brings us back when it changes.
  func decode(
    _ object: KubernetesObject
  ) -> Result<(AgentDeployment, AgentClass), FieldErrors> {
    classes.agentClass(named: AgentDeployment.className(in: object.json)).flatMap { agentClass in
      AgentDeployment.decode(object.json, agentClass: agentClass).map { ($0, agentClass) }
    }
  }

  /// What was accepted before stays as it is: a typing error must not take a working agent down.
  private func refuse(
    _ object: KubernetesObject, _ errors: FieldErrors, _ logger: Logger
  ) async throws -> Controller.Result {
    let message = errors.errors.map(\.description).joined(separator: "; ")
    let deployment = cache.children[.deployments]?.get(object.key).flatMap {
      Planner.isOurs($0, object.uid ?? "", object.name) ? $0 : nil
    }
    let status = StatusBuilder.refused(
      object, runs: deployment.map(DeploymentHealth.init), reason: errors.conditionReason,
      message: message,
      now: KubernetesTime(unixSeconds: clock.wallTime).secondsText)
    let before = StatusBuilder.conditions(in: object["status"])["Accepted"]
    let accepted = status.conditions["Accepted"]
    // Not when it is the pods alone of which the status tells something new.
    let isRefusedAnew =
      before?.message != accepted?.message
      || before?.observedGeneration != accepted?.observedGeneration
    if try await StatusWriter(client: client, cache: cache, ownWrites: ownWrites).write(
      status, to: object), isRefusedAnew
    {
      events.record(
        .warning, errors.conditionReason, action: "Validate", regarding: object, note: message)
      logger.info("refused", metadata: ["errors": .string(message)])
    }
    return try await endFaults(of: object, logger)
  }

  /// Time alone makes it valid, so it is looked at again then.
  private func refuseForNow(
    _ agent: AgentDeployment, _ error: FieldError, _ logger: Logger
  ) async throws -> Controller.Result {
    var error = error
    // It tells the time, and the status would change with each look.
    error.fix = nil
    let result = try await refuse(agent.object, FieldErrors([error]), logger)
    let expiry = agent.spec.traffic.faultInjection.flatMap { KubernetesTime($0.expiresAt) }
    guard let expiry else { return result }
    let valid = expiry.unixSeconds - AgentDeployment.longestFaultInjection
    let untilValid = Duration.seconds(max(1, valid - clock.wallTime))
    // Faults of before may end sooner.
    if case .requeue(let untilEnd) = result { return .requeue(after: min(untilValid, untilEnd)) }
    return .requeue(after: untilValid)
  }

  /// Whether the agent was deleted, or is on its way out, without its watch having told yet: what is
  /// made for it now would go to the garbage collector, whose deletes would bring us back at once.
  private func isGone(_ object: KubernetesObject) async throws -> Bool {
    let live = try await client.getIfPresent(
      .agentDeployments, object.key, representation: .metadata)
    if let live, live.uid == object.uid {
      guard live.deletionTimestamp != nil else { return false }
      // Of the foreground: it stays until its children are gone.
      if let whole = try await client.getIfPresent(.agentDeployments, object.key) {
        cache.recordEnd(ofAgent: whole)
        return true
      }
    }
    guard let uid = object.uid else { return false }
    cache.recordDelete(ofAgent: object.key, uid: ObjectUID(uid))
    return true
  }

  // MARK: References

  private func resolveReferences(
    of agent: AgentDeployment, _ agentClass: AgentClass
  ) async throws -> (RenderingContext, [Reference]) {
    let all = Reference.all(of: agent)
    // Before anything is read: what appears from now on brings us back.
    references.set(all, of: agent.object.key)
    var context = settings.context(now: clock.wallTime, agentClass)
    context.secretVersions = rotationVersions(of: agent)
    if case .managed = agent.spec.state {
      context.appliedState = try await appliedState(of: agent.object)
    }
    var missing: [Reference] = []
    for reference in all {
      let key = ObjectKey(
        namespace: reference.namespace ?? agent.namespace, name: reference.name)
      switch reference.kind {
      case .secret:
        if let live = cache.children[.secrets]?.get(key) {
          if reference.restartsOnChange {
            context.secretVersions[reference.name] =
              "\(live.uid ?? "")/\(live.resourceVersion ?? "")"
          }
          continue
        }
      case .configMap:
        if let live = cache.children[.configMaps]?.get(key) {
          if reference.isCopied {
            context.configMaps[reference.name] = try await configMaps.content(of: live)
          }
          continue
        }
      case .agent:
        if cache.agents.contains(key) { continue }
        // Another shard's, or in a namespace that is not followed.
        if reference.namespace != nil || cache.isShared, try await isElsewhere(key) { continue }
      case .serviceAccount:
        if cache.children[.serviceAccounts]?.contains(key) == true { continue }
        if try await client.getIfPresent(.serviceAccounts, key, representation: .metadata) != nil {
          continue
        }
      }
      if !reference.isOptional { missing.append(reference) }
    }
    return (context, missing)
  }

  /// Whether the agent exists, or may exist where the operator may not look.
  private func isElsewhere(_ key: ObjectKey) async throws -> Bool {
    do {
      return try await client.getIfPresent(.agentDeployments, key, representation: .metadata) != nil
    } catch let status as APIStatus where status.isForbidden {
      return true
    }
  }

  /// Revisions whose ConfigMaps running pods may still read: all of them until the rollout is
  /// complete, then the current one and the two before it (correctness rule 33).
  private func keptRevisions(
    _ agent: AgentDeployment, _ rendering: Rendering, _ observed: ObservedState
  ) -> Set<String> {
    let owned = (observed.live[.configMaps] ?? [:]).values
    let byAge = owned.sorted {
      ($0.metadata["creationTimestamp"]?.string ?? "", $0.name)
        > ($1.metadata["creationTimestamp"]?.string ?? "", $1.name)
    }
    let revisions = byAge.compactMap { $0.label(Revision.label) }
    let deployment = observed[.deployments, agent.object.key].map(DeploymentHealth.init)
    guard let deployment, deployment.isComplete, deployment.revision == rendering.revision else {
      return Set(revisions)
    }
    // Of which not all is rendered when an older version of the operator has made it.
    var kept = [rendering.revision]
    for revision in revisions where !kept.contains(revision) && kept.count < 3 {
      kept.append(revision)
    }
    return Set(kept)
  }
}

/// What rendering is told beside the spec and the class, the same for all agents.
public struct RenderingSettings: Sendable, Hashable {
  public var clusterDomain: String

  public init(clusterDomain: String = "cluster.local") { self.clusterDomain = clusterDomain }

  func context(now: Int64, _ agentClass: AgentClass) -> RenderingContext {
    RenderingContext(now: now, clusterDomain: clusterDomain, agentClass: agentClass)
  }
}

extension Plan {
  /// How much is missing of an agent that was complete before.
  fileprivate func replaced(of agent: KubernetesObject, _ foreign: ForeignObjects) -> Int {
    guard agent["status"]?["observedGeneration"]?.int == agent.generation else { return 0 }
    return steps.count {
      guard case .apply(let rendered, .missing) = $0 else { return false }
      return !foreign.contains(rendered.resource, rendered.object.key)
    }
  }
}
