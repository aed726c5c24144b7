import AgentDeploymentAPI
import KubernetesAPI
import ManifestRendering

/// What each condition says, and when (design/api.md, section 4).
struct ConditionRules {
  let agent: AgentDeployment
  let report: ReconcileReport
  let health: DeploymentHealth?
  /// The agent's own, whatever became of applying it now.
  let hasService: Bool
  /// What a gateway says against the agent's HTTPRoute.
  var routeProblem: String? = nil
  /// What a gateway says against the route to its models.
  var modelRouteProblem: String? = nil
  /// What its scaler says.
  var scaling: Condition? = nil
  /// Nil without a managed store.
  var state: StateHealth? = nil

  /// Conditions that are only there while they hold.
  static let optional = [
    "RenderPending", "SecretRotationDue", "SecretSyncFailed", "StateAtRisk",
    ScalingCondition.type,
  ]

  var all: [Condition] {
    let accepted = accepted
    let resolved = resolvedRefs
    let available = available
    return [
      ready(accepted, resolved, available), accepted, resolved, available, programmed, progressing,
      reconciling, stalled,
    ]
      + [renderPending, secretRotationDue, secretSyncFailed, stateAtRisk, scaling].compactMap { $0 }
  }

  /// Only there while a credential is too old. It tells since when, not how old: the age would be
  /// another one each time.
  private var secretRotationDue: Condition? {
    let due = report.secretAges.filter(\.isDue)
    guard !due.isEmpty else { return nil }
    let texts = due.map { age in
      let since = KubernetesTime(unixSeconds: age.dueAt ?? age.changedAt).secondsText
      return "\(age.name) (Secret \(age.secretName)) since \(since) (\(age.field))"
    }
    return Condition(
      type: "SecretRotationDue", status: .true, reason: "MaxAgeExceeded",
      message: "older than it should be: \(texts.joined(separator: ", ")); put a new value in")
  }

  /// Only there while a store does not give the new value of a Secret whose old one goes on being
  /// used. What never came is in `ResolvedRefs`.
  private var secretSyncFailed: Condition? {
    let failed = report.syncProblems.filter(\.hasOldValue)
    guard !failed.isEmpty else { return nil }
    let texts = failed.map { "\($0.summary) \($0.message)" }
    return Condition(
      type: "SecretSyncFailed", status: .true, reason: "ExternalSecretNotReady",
      message: "the old value is used, a new one does not come: \(texts.joined(separator: "; "))")
  }

  /// Only there while something waits.
  private var renderPending: Condition? {
    if report.pending == nil, report.rendering.holdsState {
      return Condition(
        type: "RenderPending", status: .true, reason: "StatePending",
        message: "the class or the operator shapes the store's pod otherwise now: it waits for the "
          + "next change of spec.state")
    }
    return report.pending.map { cause in
      let what =
        cause == .classChanged
        ? "class \(report.agentClass.name) shapes pods otherwise now"
        : "this version of the operator renders pods otherwise"
      return Condition(
        type: "RenderPending", status: .true, reason: cause.rawValue,
        message: "\(what): it waits for the next change that restarts the pods")
    }
  }

  /// What the agent remembers is out of its reach.
  private var stateAtRisk: Condition? {
    guard let state, !state.isReady else { return nil }
    return Condition(
      type: "StateAtRisk", status: .true, reason: state.exists ? "StoreNotReady" : "StoreMissing",
      message: "the managed store does not answer: see StatefulSet \(state.name)")
  }

  private var accepted: Condition {
    if let lost = lostHosts {
      return Condition(type: "Accepted", status: .false, reason: "Conflict", message: lost)
    }
    var message = "the spec is valid"
    if report.agentClass.object != nil { message += " for class \(report.agentClass.name)" }
    if !report.rivals.isEmpty {
      message += "; marked as default too, but younger: \(report.rivals.joined(separator: ", "))"
    }
    return Condition(type: "Accepted", status: .true, reason: "Valid", message: message)
  }

  /// Accepted, every reference there, and enough replicas that answer. Traffic objects that the
  /// cluster cannot hold do not make a serving agent unready.
  private func ready(
    _ accepted: Condition, _ resolved: Condition, _ available: Condition
  ) -> Condition {
    if accepted.status == .false { return copy(accepted, as: "Ready") }
    if resolved.status == .false { return copy(resolved, as: "Ready") }
    if available.status != .true { return copy(available, as: "Ready") }
    if let unreachable {
      return Condition(
        type: "Ready", status: .false, reason: unreachable.reason, message: unreachable.message)
    }
    if report.isPaused {
      return Condition(
        type: "Ready", status: .true, reason: "Paused",
        message: "serves; changes wait until spec.paused is false")
    }
    if health?.isComplete == false {
      return Condition(
        type: "Ready", status: .true, reason: "RolloutInProgress",
        message: "serves; \(rolloutText)")
    }
    return Condition(
      type: "Ready", status: .true, reason: "Ready",
      message: "\(health?.available ?? 0) of \(health?.desired ?? 0) replicas available")
  }

  /// Why nobody reaches the pods: their Service is somebody else's, or could not be made.
  private var unreachable: (reason: String, message: String)? {
    let isMissing = !hasService || report.conflicts.contains { isService($0) }
    return isMissing ? serviceProblem : nil
  }

  private func isService(_ conflict: OwnershipConflict) -> Bool {
    conflict.resource == .services && conflict.key == agent.object.key
  }

  /// The Service is somebody else's, or could not be applied.
  private var serviceProblem: (reason: String, message: String)? {
    if let conflict = report.conflicts.first(where: isService) {
      return (conflict.isLeftover ? "Creating" : "ApplyConflict", conflict.text)
    }
    return report.failures.first { $0.object == "Service \(agent.name)" }.map {
      ("ApplyFailed", "\($0.object): \($0.message)")
    }
  }

  /// Nil: the agent has all hosts that it names.
  private var lostHosts: String? {
    guard !report.lostHosts.isEmpty else { return nil }
    let hosts = report.lostHosts.map {
      "\($0.host) belongs to AgentDeployment \($0.winner.namespace ?? "default")/\($0.winner.name)"
    }
    return
      "\(hosts.joined(separator: "; ")), which is older; the rest of the spec holds. Name other "
      + "hosts in spec.traffic.hosts or other paths, or wait: what it gives up goes to the next"
  }

  private var resolvedRefs: Condition {
    guard !report.missing.isEmpty else {
      return Condition(
        type: "ResolvedRefs", status: .true, reason: "AllFound",
        message: "everything that the spec refers to exists")
    }
    let names = report.missing.map { reference in
      let problem =
        reference.kind == .secret
        ? report.syncProblems.first { $0.secretName == reference.name }?.text : nil
      return "\(reference.kind.rawValue) \(reference.namespace.map { "\($0)/" } ?? "")"
        + "\(reference.name) (\(reference.field)"
        + (problem.map { ", \($0)" } ?? "") + ")"
    }
    return Condition(
      type: "ResolvedRefs", status: .false, reason: "RefNotFound",
      message: "not found in namespace \(agent.namespace): \(names.joined(separator: ", "))")
  }

  private var available: Condition { Self.available(health) }

  /// - Parameter health: nil when there is no Deployment.
  static func available(_ health: DeploymentHealth?) -> Condition {
    guard let health else {
      return Condition(
        type: "Available", status: .false, reason: "DeploymentMissing",
        message: "the Deployment does not exist yet")
    }
    if health.isAvailable {
      return Condition(
        type: "Available", status: .true, reason: "MinimumReplicasAvailable",
        message: "\(health.available) of \(health.desired) replicas available")
    }
    if let failure = health.failureMessage {
      return Condition(
        type: "Available", status: .false, reason: "ReplicaFailure", message: failure)
    }
    return Condition(
      type: "Available", status: .false, reason: "MinimumReplicasUnavailable",
      message: "\(health.available) of \(health.desired) replicas available")
  }

  private var programmed: Condition {
    if let serviceProblem {
      return Condition(
        type: "Programmed", status: .false, reason: serviceProblem.reason,
        message: serviceProblem.message)
    }
    let failures = report.failures.filter { failure in
      ClusterCache.optional.contains(failure.resource)
    }
    if let failure = failures.first {
      return Condition(
        type: "Programmed", status: .false, reason: "ApplyFailed",
        message: "\(failure.object): \(failure.message)")
    }
    if !report.skipped.isEmpty {
      var kinds: [String] = []
      for skipped in report.skipped.map({ "\($0.resource.kind) (\($0.resource))" })
      where !kinds.contains(skipped) {
        kinds.append(skipped)
      }
      return Condition(
        type: "Programmed", status: .false, reason: "KindNotInstalled",
        message:
          "not installed in this cluster, skipped: \(kinds.joined(separator: ", ")); "
          + "they follow once the definitions are, or \(remedy)")
    }
    if let routeProblem {
      return Condition(
        type: "Programmed", status: .false, reason: "RouteNotAccepted", message: routeProblem)
    }
    if let modelRouteProblem {
      return Condition(
        type: "Programmed", status: .false, reason: "ModelRouteNotAccepted",
        message: modelRouteProblem)
    }
    let (reason, message) =
      switch agent.spec.traffic.provider {
      case .istio: ("RoutesApplied", "the mesh routes to this agent" + faults)
      case .gatewayAPI: ("RoutesApplied", "the gateways' route to this agent is applied")
      case .none: ("NoTrafficProvider", "no mesh: the Service alone routes")
      }
    return Condition(type: "Programmed", status: .true, reason: reason, message: message)
  }

  private var faults: String {
    report.rendering.validUntil.map {
      ", with faults on purpose until \(KubernetesTime(unixSeconds: $0).secondsText)"
    } ?? ""
  }

  /// What to do when the kinds that were skipped will never come.
  private var remedy: String {
    let traffic: [ResourceType] = [
      .peerAuthentications, .authorizationPolicies, .requestAuthentications, .serviceEntries,
      .destinationRules,
      .virtualServices, .envoyFilters, .httpRoutes,
    ]
    return report.skipped.allSatisfy { traffic.contains($0.resource) }
      ? "set spec.traffic.provider to None" : "correct the capabilities of the agent's class"
  }

  private var progressing: Condition {
    if report.isPaused {
      return Condition(
        type: "Progressing", status: .false, reason: "Paused", message: "spec.paused is true")
    }
    guard let health else {
      return Condition(
        type: "Progressing", status: .true, reason: "Creating", message: "creating the objects")
    }
    return Self.progressing(health)
  }

  static func progressing(_ health: DeploymentHealth) -> Condition {
    if health.progressDeadlineExceeded {
      return Condition(
        type: "Progressing", status: .false, reason: "ProgressDeadlineExceeded",
        message:
          "revision \(health.revision) does not become available: \(health.rolloutText)")
    }
    return health.isComplete
      ? Condition(
        type: "Progressing", status: .false, reason: "Completed",
        message: "revision \(health.revision) is rolled out")
      : Condition(
        type: "Progressing", status: .true, reason: "RollingOut", message: health.rolloutText)
  }

  /// kstatus: true while there is work to do.
  private var reconciling: Condition {
    let conflict = report.conflicts.first { !$0.isLeftover } ?? report.conflicts.first
    if let conflict, !report.isPaused {
      // Somebody else's: a person's work, see `stalled`.
      return Condition(
        type: "Reconciling", status: conflict.isLeftover ? .true : .false,
        reason: conflict.isLeftover ? "InProgress" : "ApplyConflict", message: conflict.text)
    }
    let isSettled =
      report.failures.isEmpty && report.missing.isEmpty && report.awaited.isEmpty
      && health?.isComplete == true
    return isSettled || report.isPaused
      ? Condition(
        type: "Reconciling", status: .false, reason: report.isPaused ? "Paused" : "Settled",
        message: report.isPaused ? "spec.paused is true" : "everything is as rendered")
      : Condition(
        type: "Reconciling", status: .true, reason: "InProgress",
        message: report.failures.first.map { "\($0.object): \($0.message)" }
          ?? (report.awaited.isEmpty ? rolloutText : "waits until \(report.awaitedText)"))
  }

  /// kstatus: true when a person has to do something.
  private var stalled: Condition {
    if let failure = report.failures.first(where: \.isPermanent) {
      return Condition(
        type: "Stalled", status: .true, reason: "ApplyFailed",
        message: "\(failure.object): \(failure.message)")
    }
    if let conflict = report.conflicts.first(where: { !$0.isLeftover }) {
      return Condition(
        type: "Stalled", status: .true, reason: "ApplyConflict",
        message: "\(conflict.text); rename the AgentDeployment or delete that object")
    }
    if health?.progressDeadlineExceeded == true {
      return Condition(
        type: "Stalled", status: .true, reason: "ProgressDeadlineExceeded", message: rolloutText)
    }
    if let lost = lostHosts {
      return Condition(type: "Stalled", status: .true, reason: "Conflict", message: lost)
    }
    return Condition(
      type: "Stalled", status: .false, reason: "NotStalled", message: "nothing needs a person")
  }

  private var rolloutText: String {
    health?.rolloutText ?? "the Deployment does not exist yet"
  }

  private func copy(_ condition: Condition, as type: String) -> Condition {
    Condition(
      type: type, status: condition.status, reason: condition.reason, message: condition.message)
  }
}
