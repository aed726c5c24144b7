import JSON
import KubernetesAPI
package import ManifestRendering

/// Compares what is rendered with what is there. Pure: the same values give the same plan.
package enum Planner {
  /// - Parameters:
  ///   - ownerUID: of the AgentDeployment.
  ///   - keptRevisions: revisions whose ConfigMaps may still be needed by running pods.
  ///   - now: seconds since 1970; decides which generated Secrets are due.
  package static func plan(
    _ rendering: Rendering, observed: ObservedState, ownerUID: String, ownerName: String,
    keptRevisions: Set<String>, now: Int64
  ) -> Plan {
    var plan = Plan()
    var rendered: [ResourceType: Set<ObjectKey>] = [:]
    for object in rendering.objects {
      let key = object.object.key
      rendered[object.resource, default: []].insert(key)
      if object.isOptionalKind, !observed.availableOptional.contains(object.resource) {
        plan.skipped.append(object)
        continue
      }
      let toFixed = ScalerHandOver(toFixedNumberOf: object, observed, ownerUID: ownerUID)
      let handOver = toFixed ?? ScalerHandOver(to: object, observed, ownerUID: ownerUID)
      plan.steps += handOver.steps
      plan.awaited += handOver.awaited
      if handOver.isDue, toFixed == nil { continue }
      add(
        handOver.isDue ? object.withoutReplicas : object, live: observed[object.resource, key],
        metadataOnly: observed.metadataOnly.contains(object.resource),
        unkept: observed.unkeptFields[object.resource] ?? [], ownerUID: ownerUID,
        ownerName: ownerName, to: &plan)
      leaveReplicas(of: object, observed, &plan)
    }
    plan.steps += secretChanges(rendering, observed, plan, now: now)
    LostSecret.mark(in: &plan, observed, now: now)
    plan.steps = inWaves(plan.steps)
    // One scaler goes only for another, or with all scaling: never because the other cannot be made.
    let isKept = ScalerHandOver.kinds.contains { rendered[$0] != nil }
    let kept = isKept ? Set(ScalerHandOver.kinds) : []
    let prune = prune(rendered, observed, ownerUID, keptRevisions, keeping: kept)
    // What controls an object in the place of a rendered one cannot wait until that is made.
    let owners = Set(plan.conflicts.compactMap(\.owner?.uid))
    let rest = prune.filter { !$0.deletes(anyOf: owners) }
    plan.steps += prune.filter { $0.deletes(anyOf: owners) }
    let hold = RolloutHold(rendering, observed, plan)
    plan.prune = rest.filter { !hold.holds($0) }
    plan.later = rest.filter { hold.holds($0) }
    return plan
  }

  /// What one rendered object needs, given what stands in its place.
  static func add(
    _ object: RenderedObject, live: KubernetesObject?, metadataOnly: Bool,
    unkept: Set<FieldPath> = [], ownerUID: String, ownerName: String, to plan: inout Plan
  ) {
    if let live, let conflict = conflict(object, live, ownerUID, ownerName) {
      plan.conflicts.append(conflict)
      return
    }
    guard let reason = reason(object, live, metadataOnly, unkept, ownerUID) else { return }
    if let step = replicasHandOver(object, live) { plan.steps.append(step) }
    plan.steps.append(.apply(object, reason))
  }

  /// A scaler that is on its way out would set the number back at once, and the two would take turns
  /// until it is gone, which is when we look again.
  private static func leaveReplicas(
    of object: RenderedObject, _ observed: ObservedState, _ plan: inout Plan
  ) {
    guard plan.steps.last == .apply(object, .drifted([["spec", "replicas"]])) else { return }
    let scalers = ScalerHandOver.remaining(beside: object, observed)
    guard !scalers.isEmpty else { return }
    plan.steps.removeLast()
    plan.awaited += scalers
  }

  private static func reason(
    _ object: RenderedObject, _ live: KubernetesObject?, _ metadataOnly: Bool,
    _ unkept: Set<FieldPath>, _ ownerUID: String
  ) -> ApplyReason? {
    guard let live else { return .missing }
    let hash = object.object.annotation(RenderHash.annotation)
    guard live.annotation(RenderHash.annotation) == hash else { return .changed }
    // The deletion policy, which the hash does not cover: retained objects have no owner.
    let isOwned = live.controllerReference?.uid == ownerUID
    if object.mayBeRetained, isOwned == object.isRetained { return .changed }
    let drift = LiveComparison.drift(
      rendered: object.object, live: live, metadataOnly: metadataOnly, unkept: unkept)
    return drift.isEmpty ? nil : .drifted(drift)
  }

  static func conflict(
    _ object: RenderedObject, _ live: KubernetesObject, _ ownerUID: String, _ ownerName: String
  ) -> OwnershipConflict? {
    if isOurs(live, ownerUID, ownerName) { return nil }
    let owner = live.controllerReference
    let isPredecessors =
      owner?.groupKind == OperatorIdentity.ownerKind && owner?.name == ownerName
    // The External Secrets operator gives a Secret the labels of its ExternalSecret.
    let isExternalSecrets =
      owner?.groupKind == ResourceType.externalSecrets.groupKind
      && live.label("agentdeploy.dev/agent") == ownerName
    return OwnershipConflict(
      resource: object.resource, key: object.object.key, owner: owner,
      isLeftover: isPredecessors || isExternalSecrets)
  }

  /// Whether the agent controls it, or nobody does and the label in our own domain says so: a retained
  /// Secret, or an object whose owner reference was taken off. Another manager's word is respected.
  static func isOurs(_ live: KubernetesObject, _ ownerUID: String, _ ownerName: String) -> Bool {
    if let owner = live.controllerReference { return owner.uid == ownerUID }
    let manager = live.label("app.kubernetes.io/managed-by") ?? "agent-operator"
    return manager == "agent-operator" && live.label("agentdeploy.dev/agent") == ownerName
  }

  private static func replicasHandOver(
    _ object: RenderedObject, _ live: KubernetesObject?
  ) -> PlanStep? {
    guard object.resource == .deployments, object.object["spec"]?["replicas"] == nil, let live,
      live.annotation(ScalingAnnotation.name) == ScalingAnnotation.fixed,
      let replicas = live["spec"]?["replicas"]?.int
    else { return nil }
    return .keepReplicas(object.object.key, replicas)
  }

  /// Stable: within a wave the order of the rendering holds.
  private static func inWaves(_ steps: [PlanStep]) -> [PlanStep] {
    steps.enumerated().sorted { a, b in
      let (x, y) = (a.element.wave ?? .workload, b.element.wave ?? .workload)
      return x == y ? a.offset < b.offset : x < y
    }.map(\.element)
  }

  private static func prune(
    _ rendered: [ResourceType: Set<ObjectKey>], _ observed: ObservedState, _ ownerUID: String,
    _ keptRevisions: Set<String>, keeping kept: Set<ResourceType>
  ) -> [PlanStep] {
    // What is not served cannot be deleted either.
    let unavailable = Set(ClusterCache.optional).subtracting(observed.availableOptional)
    let kinds = observed.live.filter { !kept.contains($0.key) && !unavailable.contains($0.key) }
    let steps = kinds.flatMap { resource, objects in
      objects.compactMap { key, live -> (order: String, key: ObjectKey, step: PlanStep)? in
        guard rendered[resource]?.contains(key) != true, live.deletionTimestamp == nil,
          live.controllerReference?.uid == ownerUID, let uid = live.uid,
          let version = live.resourceVersion,
          // Others' are followed too: somebody may have given theirs our owner.
          !observed.metadataOnly.contains(resource)
            || live.label("app.kubernetes.io/managed-by") == "agent-operator"
        else { return nil }
        if resource == .configMaps, let revision = live.label(Revision.label),
          keptRevisions.contains(revision)
        {
          return nil
        }
        return (
          resource.description, key, .delete(resource, key, uid: uid, resourceVersion: version)
        )
      }
    }
    return steps.sorted { ($0.order, $0.key) < ($1.order, $1.key) }.map(\.step)
  }
}

extension PlanStep {
  fileprivate func deletes(anyOf uids: Set<String>) -> Bool {
    if case .delete(_, _, let uid, _) = self { uids.contains(uid) } else { false }
  }
}
