import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import ManifestRendering

/// What a reconcile tells of itself: log lines, events, the status.
extension AgentReconciler {
  /// One line a run; each object has one of its own at the level debug.
  ///
  /// - Parameter without: names of objects that are as they were.
  private func log(_ plan: Plan, without unchanged: Set<String>, _ logger: Logger) {
    var created: [String] = []
    var changed: [String] = []
    var repaired: [String] = []
    for case .apply(let rendered, let reason) in plan.steps {
      let name = "\(rendered.object.kind) \(rendered.object.name)"
      guard !unchanged.contains(name) else { continue }
      switch reason {
      case .missing: created.append(name)
      case .changed: changed.append(name)
      case .drifted: repaired.append(name)
      }
    }
    var metadata: Logger.Metadata = [:]
    for (key, names) in [("created", created), ("changed", changed), ("repaired", repaired)]
    where !names.isEmpty {
      metadata[key] = .string(names.joined(separator: ", "))
    }
    if !metadata.isEmpty { logger.info("applied", metadata: metadata) }
  }

  func report(
    _ plan: Plan, _ outcome: PlanExecutor.Outcome, _ agent: AgentDeployment, _ rendering: Rendering,
    before: ObservedState, _ logger: Logger
  ) {
    let failed = Set(outcome.failures.map(\.object)).union(outcome.held.keys)
      .union(outcome.unchanged)
    log(plan, without: failed.union(outcome.existing), logger)
    for step in plan.steps {
      if case .changeSecret(let rendered, .rotate, _) = step {
        let name = "Secret \(rendered.object.name)"
        guard !failed.contains(name), !outcome.existing.contains(name) else { continue }
        events.record(
          .normal, "SecretRotated", action: "Rotate", regarding: agent.object,
          note: "\(name) has a new value")
      }
      guard case .apply(let rendered, let reason) = step else { continue }
      let name = "\(rendered.object.kind) \(rendered.object.name)"
      guard !failed.contains(name) else { continue }
      switch reason {
      case .missing where rendered.resource == .deployments && !outcome.existing.contains(name),
        .changed
      where rendered.resource == .deployments
        && before[.deployments, rendered.object.key].map(DeploymentHealth.init)?.revision
          != rendering.revision:
        events.record(
          .normal, "RevisionCreated", action: "Apply", regarding: agent.object,
          note: "revision \(rendering.revision) of image \(agent.spec.image)")
      case .drifted(let paths):
        // Paths, never values: a value may be confidential.
        let fields = paths.map(\.description).joined(separator: ", ")
        events.record(
          .warning, "DriftCorrected", action: "Apply", regarding: agent.object,
          note: "\(name) was changed by somebody else at \(fields)")
      case .missing, .changed: break
      }
    }
    for failure in outcome.failures {
      events.record(
        .warning, "ApplyFailed", action: "Apply", regarding: agent.object,
        note: "\(failure.object): \(failure.message)")
    }
    for conflict in plan.conflicts where !conflict.isLeftover {
      events.record(
        .warning, "ApplyConflict", action: "Apply", regarding: agent.object, note: conflict.text)
    }
  }

  func writeStatus(
    _ agent: AgentDeployment, _ report: ReconcileReport, _ observed: ObservedState, _ logger: Logger
  ) async throws {
    // What is in the cache now: this run may have taken a while.
    let key = agent.object.key
    let isSame = cache.agents.resourceVersion(of: key) == agent.object.resourceVersion
    guard let current = isSame ? agent.object : cache.agents.get(key),
      current.uid == agent.object.uid
    else { return }
    let now = KubernetesTime(unixSeconds: clock.wallTime).secondsText
    let status = StatusBuilder.status(
      of: agent, report, observed, previous: current["status"], now: now)
    let before = current["status"]
    let old = StatusBuilder.conditions(in: before)
    guard
      try await StatusWriter(client: client, cache: cache, ownWrites: ownWrites).write(
        status, to: current)
    else {
      return
    }
    reportFailover(agent, status.regions, before: before)
    if old["ResolvedRefs"]?.status != .false, let refs = status.conditions["ResolvedRefs"],
      refs.status == .false
    {
      events.record(
        .warning, "RefNotFound", action: "Resolve", regarding: agent.object, note: refs.message)
    }
    if !report.lostHosts.isEmpty, let accepted = status.conditions["Accepted"],
      accepted.message != old["Accepted"]?.message
    {
      events.record(
        .warning, accepted.reason, action: "Arbitrate", regarding: agent.object,
        note: accepted.message)
    }
    if old["SecretRotationDue"]?.status != .true, let due = status.conditions["SecretRotationDue"] {
      events.record(
        .warning, "SecretRotationDue", action: "Check", regarding: agent.object, note: due.message)
    }
    let said = old["SecretSyncFailed"]?.message ?? ""
    if let failed = status.conditions["SecretSyncFailed"],
      report.syncProblems.contains(where: { $0.hasOldValue && !said.contains($0.summary) })
    {
      events.record(
        .warning, "SecretSyncFailed", action: "Check", regarding: agent.object,
        note: failed.message)
    }
    let ready = status.conditions["Ready"]
    if let ready, ready.status != old["Ready"]?.status {
      logger.info(
        "ready changed",
        metadata: [
          "ready": .string(ready.status.rawValue), "reason": .string(ready.reason),
          "revision": .string(report.rendering.revision),
        ])
    }
  }
}
