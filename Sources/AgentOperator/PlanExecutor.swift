import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import ManifestRendering

/// Sends a plan: wave after wave, the objects of a wave at the same time.
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
    var isNamespaceTerminating: Bool {
      failures.contains { ($0.error as? APIStatus)?.isNamespaceTerminating == true }
    }
  }

  let client: KubernetesClient
  let cache: ClusterCache
  let metrics: RuntimeMetrics
  let logger: Logger

  func execute(_ plan: Plan) async -> Outcome {
    var outcome = Outcome()
    var rest = plan.steps[...]
    while let wave = rest.first.map({ $0.wave ?? .workload }) {
      let steps = rest.prefix { ($0.wave ?? .workload) == wave }
      rest = rest.dropFirst(steps.count)
      outcome.failures += await send(Array(steps))
    }
    // Never on top of a half-applied generation (correctness rule 34).
    if outcome.failures.isEmpty, plan.conflicts.isEmpty {
      outcome.failures += await send(plan.prune)
    }
    return outcome
  }

  /// Hand-overs come first: what follows in the wave relies on them.
  private func send(_ steps: [PlanStep]) async -> [Failure] {
    var failures: [Failure] = []
    for case .keepReplicas(let key, let replicas) in steps {
      if let failure = await attempt(
        "Deployment \(key.name)", .deployments, { try await keep(key, replicas) })
      {
        return [failure]
      }
    }
    await withTaskGroup(of: Failure?.self) { group in
      for step in steps {
        switch step {
        case .keepReplicas: continue
        case .apply(let rendered, let reason):
          group.addTask {
            await self.attempt(
              "\(rendered.object.kind) \(rendered.object.name)", rendered.resource
            ) { try await self.apply(rendered, reason) }
          }
        case .delete(let resource, let key, let uid, let version):
          group.addTask {
            await self.attempt("\(resource.kind) \(key.name)", resource) {
              try await self.delete(resource, key, uid, version)
            }
          }
        }
      }
      for await case let failure? in group { failures.append(failure) }
    }
    return failures.sorted { $0.object < $1.object }
  }

  private func attempt(
    _ object: String, _ resource: ResourceType, _ body: () async throws -> Void
  ) async -> Failure? {
    do {
      try await body()
      return nil
    } catch {
      metrics.applied("failed")
      return Failure(object: object, resource: resource, error: error)
    }
  }

  private func apply(_ rendered: RenderedObject, _ reason: ApplyReason) async throws {
    if reason == .missing, !rendered.generatedKeys.isEmpty {
      try await createGeneratedSecret(rendered)
    }
    let applied: KubernetesObject
    do {
      applied = try await send(rendered.object, rendered.resource)
    } catch let status as APIStatus where status.isInvalid {
      guard case .drifted(let paths) = reason else { throw status }
      // A changed key of a list map (a Service's port) cannot be applied back: the entry with our
      // key is added beside the foreign one. Replacing the lists removes both.
      try await replaceLists(at: paths, of: rendered)
      applied = try await send(rendered.object, rendered.resource)
    }
    _ = cache.children[rendered.resource]?.recordWrite(applied)
    switch reason {
    case .missing: metrics.applied("created")
    case .changed, .drifted: metrics.applied("changed")
    }
    logger.info(
      "applied",
      metadata: [
        "kind": .string(rendered.object.kind), "name": .string(rendered.object.name),
        "reason": .string(reason.description),
      ])
  }

  private func send(
    _ object: KubernetesObject, _ resource: ResourceType
  ) async throws -> KubernetesObject {
    try await client.apply(
      object, resource: resource, fieldManager: OperatorIdentity.fieldManager, force: true)
  }

  /// `create`, never apply: a value that exists must not be overwritten, whatever the cache says.
  private func createGeneratedSecret(_ rendered: RenderedObject) async throws {
    var generator = SystemRandomNumberGenerator()
    var secret = rendered.object
    secret["metadata"]?["annotations"] = nil
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
    do {
      _ = try await client.create(
        secret, resource: .secrets, fieldManager: OperatorIdentity.secretsManager)
    } catch let status as APIStatus where status.isAlreadyExists {
      logger.debug("generated secret exists", metadata: ["name": .string(secret.name)])
    }
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

  private func keep(_ key: ObjectKey, _ replicas: Int) async throws {
    var object = KubernetesObject(
      ResourceType.deployments.gvk, namespace: key.namespace, name: key.name)
    object["spec"] = ["replicas": JSONValue(replicas)]
    _ = try await client.apply(
      object, resource: .deployments, fieldManager: OperatorIdentity.replicasManager, force: true)
  }

  private func delete(
    _ resource: ResourceType, _ key: ObjectKey, _ uid: String, _ version: String
  ) async throws {
    do {
      let kept = try await client.delete(
        resource, key, preconditions: Preconditions(uid: uid, resourceVersion: version))
      logger.info(
        "pruned", metadata: ["kind": .string(resource.kind), "name": .string(key.name)])
      // Some kinds answer with the object although it is gone (Services, ServiceAccounts).
      if let kept, kept.deletionTimestamp != nil {
        _ = cache.children[resource]?.recordWrite(kept)
        return
      }
    } catch let status as APIStatus where status.isNotFound {}
    _ = cache.children[resource]?.recordDelete(key, uid: uid)
  }
}

extension ApplyReason: CustomStringConvertible {
  var description: String {
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
