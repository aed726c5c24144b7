import AgentDeploymentAPI
import AgentOperator
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering

/// What the operator would do for one agent, as `plan` and `drift` tell it.
struct PlanReport {
  struct Step {
    enum Action: String {
      case create, update, repair, delete, skip, conflict
    }

    var action: Action
    /// `Deployment support`
    var object: String
    /// Fields that change; empty when only what is no longer rendered goes.
    var paths: [String] = []
    var detail: String?
  }

  var agent: ObjectKey
  var steps: [Step] = []
  var oldRevision: String?
  var newRevision: String
  var pods: PodChange
  /// By `spec.paused`: the steps wait.
  var isPaused: Bool
  var notes: [String] = []
  var quota: QuotaHeadroom?

  init(_ preview: AgentPreview, pods: PodChange) {
    agent = preview.agent.object.key
    self.pods = pods
    isPaused = preview.agent.spec.paused
    quota = preview.quota
    if preview.isQuotaHidden {
      notes.append("the namespace's quotas may not be read, so their head-room is unknown")
    }
    for name in quota?.scoped ?? [] {
      notes.append("ResourceQuota \(name) counts some pods only: its head-room is not judged")
    }
    newRevision = preview.rendering.revision
    let deployment = preview.observed[.deployments, agent]
    oldRevision = deployment?["spec"]?["template"]?["metadata"]?["labels"]?[Revision.label]?.string
    for step in preview.plan.steps + preview.plan.prune { add(step, preview) }
    for case .delete(let resource, let key, _, _) in preview.plan.later {
      steps.append(
        Step(
          action: .delete, object: "\(resource.kind) \(key.name)",
          detail: "no longer rendered, once no pod uses it"))
    }
    for object in preview.plan.skipped {
      steps.append(
        Step(action: .skip, object: Self.title(object), detail: "its kind is not installed"))
    }
    let goes = Set(steps.filter { $0.action == .delete }.map(\.object))
    for title in preview.plan.awaited where !goes.contains(title) {
      notes.append("waits until \(title) is gone")
    }
    for conflict in preview.plan.conflicts {
      let owner = conflict.owner.map { "\($0.kind) \($0.name)" } ?? "somebody else"
      let name = "\(conflict.resource.kind) \(conflict.key.name)"
      steps.append(
        conflict.isLeftover
          ? Step(action: .create, object: name, detail: "once that of \(owner) is gone")
          : Step(action: .conflict, object: name, detail: "belongs to \(owner) and stays as it is"))
    }
    for reference in preview.missing {
      notes.append("\(reference.kind) \(reference.name) does not exist")
    }
    for lost in preview.lostHosts {
      notes.append("host \(lost.host) belongs to \(lost.winner.name), which is older: left out")
    }
    if let cause = preview.pending {
      notes.append("a newer pod template waits for the next change of the spec: \(cause)")
    }
  }

  private static func title(_ object: RenderedObject) -> String {
    "\(object.object.kind) \(object.object.name)"
  }

  private mutating func add(_ step: PlanStep, _ preview: AgentPreview) {
    switch step {
    case .apply(let object, .missing):
      steps.append(Step(action: .create, object: Self.title(object)))
    case .apply(let object, .changed):
      let live = preview.observed[object.resource, object.object.key]
      let paths = live.map {
        LiveComparison.drift(
          rendered: object.object, live: $0,
          metadataOnly: preview.observed.metadataOnly.contains(object.resource), limit: 20)
      }
      let shown = (paths ?? []).map(\.description).filter { !$0.contains(RenderHash.annotation) }
      steps.append(Step(action: .update, object: Self.title(object), paths: shown))
    case .apply(let object, .drifted(let paths)):
      steps.append(
        Step(action: .repair, object: Self.title(object), paths: paths.map(\.description)))
    case .keepReplicas(let key, let replicas):
      steps.append(
        Step(
          action: .update, object: "Deployment \(key.name)",
          detail: isIdle(key, preview)
            ? "\(replicas) replicas: no autoscaler begins without any"
            : "\(replicas) replicas go over to the autoscaler"))
    case .changeSecret(let object, let change, _):
      let detail = if case .rotate = change { "a new value" } else { "without the previous value" }
      steps.append(Step(action: .update, object: Self.title(object), detail: detail))
    case .release(let old, let successor):
      steps.append(
        Step(
          action: .delete, object: old.title,
          detail: "\(Self.title(successor)) follows when it is gone"))
    case .ask(let object):
      steps.append(
        Step(
          action: .update, object: Self.title(object),
          detail: "a fixed number of pods, when no scaler is left"))
    case .delete(let resource, let key, _, _):
      steps.append(
        Step(action: .delete, object: "\(resource.kind) \(key.name)", detail: "no longer rendered"))
    case .releaseUnseen: break
    }
  }

  private func isIdle(_ deployment: ObjectKey, _ preview: AgentPreview) -> Bool {
    preview.observed[.deployments, deployment]?["spec"]?["replicas"] == 0
  }

  /// Something is to be written, now or once the agent is no longer paused.
  private var hasWork: Bool { steps.contains { $0.action != .skip && $0.action != .conflict } }

  /// Something is to be written.
  var changes: Bool { hasWork && !isPaused }

  // MARK: In words

  private static let signs: [Step.Action: (String, Terminal.Style)] = [
    .create: ("+", .green), .update: ("~", .yellow), .repair: ("!", .yellow), .delete: ("-", .red),
    .skip: ("·", .dim), .conflict: ("x", .red),
  ]

  var text: String {
    var lines = [Terminal.styled("AgentDeployment \(agent)", .bold)]
    if steps.isEmpty { lines.append("  nothing to do") }
    for step in steps {
      let (sign, style) = Self.signs[step.action] ?? ("?", .dim)
      var line = "  \(sign) \(step.object)"
      if let detail = step.detail { line += ": \(detail)" }
      lines.append(Terminal.styled(line, style))
      lines += step.paths.map { "      \($0)" }
    }
    if hasWork { lines.append("  \(effect)") }
    lines += quotaLines
    lines += notes.map { "  note: \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private var quotaLines: [String] {
    guard let quota else { return [] }
    return quota.lines.map { line in
      let pods = quota.pods == 1 ? "1 pod" : "\(quota.pods) pods"
      let text =
        "  ResourceQuota \(line.quota), \(line.resource): \(line.used) of \(line.hard) used, "
        + "\(line.most) with up to \(pods) here"
      return line.missing.map { Terminal.styled("\(text): \($0) too little", .red) } ?? text
    }
  }

  /// What it means for the pods.
  var effect: String {
    if isPaused { return "paused: nothing of it is done while spec.paused is true" }
    guard let oldRevision else { return "a new agent, revision \(newRevision)" }
    if let replaced = pods.replaced {
      let all =
        ["\(PodChange.count(replaced)) \(replaced == 1 ? "is" : "are") replaced"] + pods.others
      return oldRevision == newRevision
        ? "\(all.joined(separator: ", ")), revision \(newRevision) stays"
        : "new revision \(newRevision) after \(oldRevision): \(all.joined(separator: ", "))"
    }
    if !pods.others.isEmpty { return "in place: \(pods.others.joined(separator: ", "))" }
    let kinds = Set(steps.map { $0.object.split(separator: " ").first.map(String.init) ?? "" })
    let traffic = Set(
      ["VirtualService", "DestinationRule", "PeerAuthentication", "HTTPRoute"]
        + ModelRoute.kinds.map(\.kind))
    return kinds.isSubset(of: traffic)
      ? "traffic only: no pod is touched" : "in place: no pod is touched"
  }

  var json: JSONValue {
    [
      "namespace": .string(agent.namespace ?? ""), "name": .string(agent.name),
      "steps": .array(
        steps.map {
          [
            "action": .string($0.action.rawValue), "object": .string($0.object),
            "paths": JSONValue($0.paths), "detail": $0.detail.map { .string($0) } ?? .null,
          ]
        }),
      "oldRevision": oldRevision.map { .string($0) } ?? .null,
      "newRevision": .string(newRevision), "restarts": JSONValue(isPaused ? 0 : pods.restarts),
      "ends": JSONValue(isPaused ? 0 : pods.ends), "paused": .bool(isPaused),
      "effect": .string(hasWork ? effect : "nothing to do"), "notes": JSONValue(notes),
      "pods": quota.map { JSONValue($0.pods) } ?? .null,
      "quota": .array(
        (quota?.lines ?? []).map { line in
          [
            "quota": .string(line.quota), "resource": .string(line.resource),
            "hard": line.hard.json, "used": line.used.json, "most": line.most.json,
            "missing": line.missing?.json ?? .null,
          ]
        }),
    ]
  }
}

extension PlanReport {
  /// Asks the server what Deployment and store would become: only that shows also fields that go.
  static func of(_ found: AgentPreview, _ client: KubernetesClient) async throws -> PlanReport {
    var preview = found
    preview.plan.steps = try await kept(found, client)
    var restarts: [RenderedObject] = []
    for case .apply(let object, _) in preview.plan.steps
    where [.deployments, .statefulSets].contains(object.resource) {
      guard let live = preview.observed[object.resource, object.object.key] else { continue }
      let planned = try await client.apply(
        object.object, resource: object.resource, fieldManager: OperatorIdentity.fieldManager,
        dryRun: true)
      if planned["spec"]?["template"] != live["spec"]?["template"] { restarts.append(object) }
    }
    return PlanReport(preview, pods: PodChange(preview, restarts: restarts))
  }

  /// Without repairs of what the server would leave out again, such as many a `false`.
  private static func kept(
    _ preview: AgentPreview, _ client: KubernetesClient
  ) async throws -> [PlanStep] {
    var kept: [PlanStep] = []
    for step in preview.plan.steps {
      guard case .apply(let object, .drifted) = step,
        let live = preview.observed[object.resource, object.object.key],
        let planned = try await planned(object, client)
      else {
        kept.append(step)
        continue
      }
      let isPartial = preview.observed.metadataOnly.contains(object.resource)
      let lasting = LiveComparison.drift(
        rendered: object.object, live: planned, metadataOnly: isPartial)
      let repaired = LiveComparison.drift(
        rendered: object.object, live: live, metadataOnly: isPartial, unkept: Set(lasting))
      if !repaired.isEmpty { kept.append(.apply(object, .drifted(repaired))) }
    }
    return kept
  }

  /// Nil when one apply alone does not repair it, as with a Service's port that was changed.
  private static func planned(
    _ object: RenderedObject, _ client: KubernetesClient
  ) async throws -> KubernetesObject? {
    do {
      return try await client.apply(
        object.object, resource: object.resource, fieldManager: OperatorIdentity.fieldManager,
        dryRun: true)
    } catch let status as APIStatus where status.isInvalid {
      return nil
    }
  }

  static func text(_ reports: [PlanReport], _ form: ReportForm) -> String {
    form.text(table: reports.map(\.text).joined(separator: "\n"), .array(reports.map(\.json)))
  }
}
