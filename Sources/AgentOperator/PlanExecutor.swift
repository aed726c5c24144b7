import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import ManifestRendering

/// Sends a plan in stages, the objects of a stage at the same time.
struct PlanExecutor: Sendable {
  struct Failure: Sendable {
    /// `Deployment support`
    var object: String
    var resource: ResourceType
    var error: any Error

    var message: String {
      (error as? APIStatus)?.message ?? String(describing: error)
    }
    /// Trying again will not help before somebody changes something.
    var isPermanent: Bool {
      guard let status = error as? APIStatus else { return false }
      return status.isInvalid || status.isForbidden
    }
  }

  struct Outcome: Sendable {
    var failures: [Failure] = []
    /// Somebody else's objects in the place of ones that seemed to be missing.
    var conflicts: [OwnershipConflict] = []
    /// `Deployment support`: seemed to be missing, but was there.
    var existing: Set<String> = []
    /// `Deployment support`: sent, and stayed as it was.
    var unchanged: Set<String> = []
    /// What was not made, and scalers that our caches did not show and that have to go first.
    var held: [String: [String]] = [:]
    /// A scaler has gone: its successor can be looked at.
    var hasReleased = false
    var isNamespaceTerminating: Bool {
      failures.contains { ($0.error as? APIStatus)?.isNamespaceTerminating == true }
    }
  }

  let client: KubernetesClient
  let cache: ClusterCache
  let foreign: ForeignObjects
  let ownWrites: OwnWrites
  /// Whose objects these are.
  let owner: ObjectKey
  let ownerUID: String
  let metrics: RuntimeMetrics
  let logger: Logger

  func execute(_ plan: Plan) async -> Outcome {
    var outcome = Outcome()
    for steps in Self.stages(of: plan.steps) { await send(steps, &outcome) }
    // Never on top of a half-applied generation (correctness rule 34).
    if outcome.failures.isEmpty, plan.conflicts.isEmpty, outcome.conflicts.isEmpty {
      await send(plan.prune, &outcome)
      outcome.hasReleased =
        outcome.hasReleased
        || plan.prune.contains {
          guard case .delete(let resource, _, _, _) = $0 else { return false }
          return ScalerHandOver.kinds.contains(resource)
        }
    }
    return outcome
  }

  /// Waves that need nothing of each other go together, because a user waits for the sum of all
  /// stages. What is needed: roles by the bindings to them, accounts and configuration by pods, and
  /// the workload by what scales it and sends to it.
  static func stages(of steps: [PlanStep]) -> [[PlanStep]] {
    let hasNewRole = steps.contains {
      guard case .apply(let rendered, .missing) = $0 else { return false }
      return rendered.resource == .roles
    }
    let stages = Dictionary(grouping: steps) { step in
      switch step.wave ?? .workload {
      case .identity: 0
      case .config: hasNewRole ? 1 : 0
      case .workload: 2
      case .scaling, .policy, .traffic: 3
      }
    }
    return stages.sorted { $0.key < $1.key }.map(\.value)
  }

  /// What became of a step.
  enum StepResult: Sendable {
    case done
    /// Sent, and the object is as it was before.
    case unchanged(String)
    case failed(Failure)
    /// Seemed to be missing, but was there: ours, or somebody else's.
    case existed(String, OwnershipConflict?)
    /// Not made before these scalers are gone.
    case held(String, until: [String])
    /// A scaler went.
    case released
  }

  /// Hand-overs come first: what follows in the stage relies on them.
  private func send(_ steps: [PlanStep], _ outcome: inout Outcome) async {
    for case .keepReplicas(let key, let replicas) in steps {
      let result = await attempt("Deployment \(key.name)", .deployments) {
        try await keep(key, replicas)
        return .done
      }
      if case .failed(let failure) = result {
        outcome.failures.append(failure)
        return
      }
    }
    let results = await withTaskGroup(of: StepResult.self) { group in
      for step in steps {
        switch step {
        case .keepReplicas: continue
        case .apply(let rendered, let reason):
          let name = "\(rendered.object.kind) \(rendered.object.name)"
          group.addTask {
            await self.ownWrites.during(
              rendered.resource, rendered.object.key, of: self.owner
            ) {
              await self.attempt(name, rendered.resource) {
                if reason == .missing { return try await self.create(rendered, name) }
                return try await self.apply(rendered, reason) ? .done : .unchanged(name)
              }
            }
          }
        case .changeSecret(let rendered, let change, let version):
          group.addTask {
            await self.ownWrites.during(.secrets, rendered.object.key, of: self.owner) {
              let name = "Secret \(rendered.object.name)"
              return await self.attempt(name, .secrets) {
                // Not as it was: nothing has been done.
                try await self.change(rendered, change, version: version)
                  ? .done : .existed(name, nil)
              }
            }
          }
        case .release(let old, let successor):
          group.addTask {
            await self.attempt(
              "\(successor.object.kind) \(successor.object.name)", successor.resource
            ) { try await self.release(old, for: successor) }
          }
        case .ask(let rendered):
          group.addTask {
            await self.attempt("\(rendered.object.kind) \(rendered.object.name)", rendered.resource)
            {
              _ = try await self.client.apply(
                rendered.sent, resource: rendered.resource,
                fieldManager: OperatorIdentity.fieldManager, force: true, dryRun: true)
              return .done
            }
          }
        case .releaseUnseen(let successor):
          group.addTask {
            await self.attempt(
              "\(successor.object.kind) \(successor.object.name)", successor.resource
            ) { try await self.releaseUnseen(for: successor) ?? .done }
          }
        case .delete(let resource, let key, let uid, let version):
          group.addTask {
            await self.attempt("\(resource.kind) \(key.name)", resource) {
              try await self.delete(resource, key, uid, version)
              return .done
            }
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var failures: [Failure] = []
    for result in results {
      switch result {
      case .done: continue
      case .unchanged(let name): outcome.unchanged.insert(name)
      case .failed(let failure): failures.append(failure)
      case .existed(let name, let conflict):
        outcome.existing.insert(name)
        if let conflict { outcome.conflicts.append(conflict) }
      case .held(let name, let scalers): outcome.held[name] = scalers
      case .released: outcome.hasReleased = true
      }
    }
    outcome.failures += failures.sorted { $0.object < $1.object }
    outcome.conflicts.sort { ($0.resource.kind, $0.key) < ($1.resource.kind, $1.key) }
  }

  private func attempt(
    _ object: String, _ resource: ResourceType, _ body: () async throws -> StepResult
  ) async -> StepResult {
    do {
      return try await body()
    } catch {
      metrics.applied("failed")
      return .failed(Failure(object: object, resource: resource, error: error))
    }
  }

  /// A version that no object has: etcd's first write is 2. An apply ignores it where it creates and
  /// is refused where something exists (shared/conformance, "Server-side apply").
  static let noVersion = "1"

  /// Applies what seems to be missing, but never on top of something unseen: the caches hold only
  /// what carries our label, so an object of that name may be somebody else's.
  private func create(_ rendered: RenderedObject, _ name: String) async throws -> StepResult {
    let isSuspect = foreign.contains(rendered.resource, rendered.object.key)
    if isSuspect, let live = try await metadata(of: rendered) {
      return try await adopt(live, rendered, name)
    }
    if let result = try await clearWay(for: rendered, name) { return result }
    do {
      if rendered.generatedKeys.isEmpty {
        var object = rendered.sent
        object["metadata"]?["resourceVersion"] = .string(Self.noVersion)
        _ = try record(try await send(object, rendered.resource), of: rendered, .missing)
      } else {
        try await createGeneratedSecret(rendered)
        _ = try await apply(rendered, .missing)
      }
      if isSuspect { foreign.note(rendered.resource, rendered.object.key, isForeign: false) }
      return .done
    } catch let status as APIStatus where status.isConflict || status.isAlreadyExists {
      // Gone again? The next run creates it.
      guard let live = try await metadata(of: rendered) else { throw status }
      return try await adopt(live, rendered, name)
    }
  }

  /// Metadata, and all of a Deployment: how many pods it has may have to be kept.
  func metadata(of rendered: RenderedObject) async throws -> KubernetesObject? {
    try await client.getIfPresent(
      rendered.resource, rendered.object.key,
      representation: rendered.resource == .deployments ? .object : .metadata)
  }

  /// Applies if it is ours.
  private func adopt(
    _ live: KubernetesObject, _ rendered: RenderedObject, _ name: String
  ) async throws -> StepResult {
    var plan = Plan()
    Planner.add(
      rendered, live: live, metadataOnly: true, ownerUID: ownerUID, ownerName: owner.name, to: &plan
    )
    foreign.note(rendered.resource, rendered.object.key, isForeign: !plan.conflicts.isEmpty)
    for step in plan.steps {
      switch step {
      case .keepReplicas(let key, let replicas): try await keep(key, replicas)
      case .apply(let rendered, let reason): _ = try await apply(rendered, reason)
      default: break
      }
    }
    return .existed(name, plan.conflicts.first)
  }

  /// - Returns: whether the object is another one now.
  private func apply(_ rendered: RenderedObject, _ reason: ApplyReason) async throws -> Bool {
    let before = cache.children[rendered.resource]?.resourceVersion(of: rendered.object.key)
    let applied: ObjectText
    do {
      applied = try await send(rendered.sent, rendered.resource)
    } catch let status as APIStatus where status.isInvalid {
      guard case .drifted(let paths) = reason else { throw status }
      // A changed key of a list map (a Service's port) cannot be applied back: the entry with our
      // key is added beside the foreign one. Replacing the lists removes both.
      try await replaceLists(at: paths, of: rendered)
      applied = try await send(rendered.sent, rendered.resource)
    }
    return try record(applied, of: rendered, reason, before: before)
  }

  private func record(
    _ applied: ObjectText, of rendered: RenderedObject, _ reason: ApplyReason,
    before: String? = nil
  ) throws -> Bool {
    // The server writes nothing when everything is as it was.
    let isSame = before != nil && before == applied.resourceVersion
    _ = try cache.children[rendered.resource]?.recordWrite(applied)
    switch reason {
    case .missing: metrics.applied("created")
    case .changed, .drifted: metrics.applied(isSame ? "unchanged" : "changed")
    }
    logger.debug(
      "applied",
      metadata: [
        "kind": .string(rendered.object.kind), "name": .string(rendered.object.name),
        "reason": .string(reason.description),
      ])
    guard case .drifted(let paths) = reason else { return !isSame }
    // Also when others have changed something else of it meanwhile.
    let isKeptOut = try isKeptOut(paths, of: rendered, applied)
    return !isSame && !isKeptOut
  }

  /// Whether all that was to be repaired are zeros that the server left out again.
  private func isKeptOut(
    _ paths: [FieldPath], of rendered: RenderedObject, _ applied: ObjectText
  ) throws -> Bool {
    let live = try applied.object()
    let isPartial = ClusterCache.metadataOnly.contains(rendered.resource)
    let lasting = Set(
      LiveComparison.drift(
        rendered: rendered.object, live: live, metadataOnly: isPartial, limit: 100))
    // Others' values come back in place of ours: that is no zero which is left out.
    let contested = LiveComparison.drift(
      rendered: rendered.object, live: live, metadataOnly: isPartial, unkept: lasting, limit: 100)
    let zeros = lasting.subtracting(contested)
    cache.unkeptFields.note(zeros, of: rendered.resource, in: owner.namespace ?? "default")
    return zeros.isSuperset(of: paths)
  }

  private func send(
    _ object: KubernetesObject, _ resource: ResourceType
  ) async throws -> ObjectText {
    let applied = try await client.applyForText(
      object, resource: resource, fieldManager: OperatorIdentity.fieldManager, force: true,
      representation: resource == .secrets ? .metadata : .object)
    ownWrites.answered(resource, applied.key, version: applied.resourceVersion)
    return applied
  }

  /// `create`, never apply: a value that exists must not be overwritten, whatever the cache says.
  private func createGeneratedSecret(_ rendered: RenderedObject) async throws {
    var generator = SystemRandomNumberGenerator()
    var secret = rendered.object
    secret["metadata"]?["annotations"] = rendered.lostAt.map {
      [SecretRotation.annotation: .string(KubernetesTime(unixSeconds: $0).secondsText)]
    }
    // Owned by the apply alone, which takes it off again when the deletion policy becomes Retain.
    secret["metadata"]?["ownerReferences"] = nil
    secret["data"] = .object(
      JSONObject(
        rendered.generatedKeys.sorted { $0.key < $1.key }.map { key, length in
          (
            key: key,
            value: .string(
              Base64.encode(GeneratedValue.make(length: length, using: &generator)))
          )
        }))
    let created = try await client.create(
      secret, resource: .secrets, fieldManager: OperatorIdentity.secretsManager)
    ownWrites.answered(.secrets, created.key, version: created.resourceVersion)
  }

  private func replaceLists(at paths: [FieldPath], of rendered: RenderedObject) async throws {
    var patch: JSONValue = [:]
    for path in paths {
      var keys: [String] = []
      for case .key(let key) in path.components.prefix(while: {
        if case .key = $0 { true } else { false }
      }) {
        keys.append(key)
      }
      guard let value = rendered.object.json.value(at: keys) else { continue }
      patch.set(value, at: keys)
    }
    _ = try await client.patch(
      rendered.resource, rendered.object.key, .merge(patch),
      fieldManager: OperatorIdentity.fieldManager)
  }

  func delete(
    _ resource: ResourceType, _ key: ObjectKey, _ uid: String, _ version: String
  ) async throws {
    do {
      let kept = try await client.delete(
        resource, key, preconditions: Preconditions(uid: uid, resourceVersion: version))
      logger.info(
        "pruned", metadata: ["kind": .string(resource.kind), "name": .string(key.name)])
      // Some kinds answer with the object although it is gone (Services, ServiceAccounts).
      if let kept, kept.deletionTimestamp != nil {
        // No event would take out again what no watch shows, as without our label.
        if cache.children[resource]?.contains(key) == true {
          _ = cache.children[resource]?.recordWrite(kept)
        }
        return
      }
    } catch let status as APIStatus where status.isNotFound && !status.isUnknownResource {}
    _ = cache.children[resource]?.recordDelete(key, uid: ObjectUID(uid))
  }
}

extension ApplyReason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing: "missing"
    case .changed: "changed"
    case .drifted(let paths): "drift at " + paths.map(\.description).joined(separator: ", ")
    }
  }
}

extension JSONValue {
  fileprivate func value(at keys: [String]) -> JSONValue? {
    keys.reduce(Optional(self)) { value, key in value?[key] }
  }

  fileprivate mutating func set(_ value: JSONValue, at keys: [String]) {
    guard let first = keys.first else {
      self = value
      return
    }
    var child = self[first] ?? [:]
    child.set(value, at: Array(keys.dropFirst()))
    self[first] = child
  }
}
