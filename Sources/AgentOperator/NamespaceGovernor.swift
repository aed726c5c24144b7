import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import ManifestRendering

/// Keeps what classes give the namespaces of their agents: quota, limits and the Pod Security label.
///
/// It comes with the first agent of the class and goes with the last, because it is about the
/// namespace as a place for these agents: a quota that nobody can explain any more must not stay. The
/// objects belong to the class and go with it too. A namespace that enforces more than the class asks
/// is left as it is.
///
/// An operator of some agents only gives, and takes nothing back: it does not know who else is there.
///
/// Done in the reconciles of the agents, so that a namespace is right before its first pods; nothing
/// is done before the caches of these kinds are complete.
struct NamespaceGovernor: Sendable {
  let client: KubernetesClient
  let cache: ClusterCache
  let classes: ClassDirectory
  let uses: ClassUse
  let logger: Logger

  /// - Returns: what could not be written.
  func govern(_ namespace: String) async -> [PlanExecutor.Failure] {
    guard classes.governs,
      ClusterCache.governed.allSatisfy({ cache.store(of: $0)?.isSynced == true })
    else { return [] }
    let used = uses.classes(in: namespace).compactMap { try? classes.agentClass(named: $0).get() }
    let desired = used.flatMap { NamespaceGovernance.objects(of: $0, in: namespace) }
    var failures: [PlanExecutor.Failure] = []
    failures += await label(namespace, NamespaceGovernance.podSecurity(of: used))
    for object in desired { failures += await apply(object) }
    if !cache.isShared { failures += await prune(namespace, keeping: desired) }
    return failures
  }

  private func attempt(
    _ object: KubernetesObject, _ resource: ResourceType, _ body: () async throws -> Void
  ) async -> [PlanExecutor.Failure] {
    do {
      try await body()
      return []
    } catch {
      return [
        PlanExecutor.Failure(
          object: "\(object.kind) \(object.name)", resource: resource, error: error)
      ]
    }
  }

  // MARK: Objects

  private func apply(_ rendered: RenderedObject) async -> [PlanExecutor.Failure] {
    let (object, resource) = (rendered.object, rendered.resource)
    let live = cache.store(of: resource)?.get(object.key)
    if let live {
      let hash = RenderHash.annotation
      let isRight =
        live.annotations[hash] == object.annotations[hash]
        && LiveComparison.drift(rendered: object, live: live, metadataOnly: false).isEmpty
      if isRight { return [] }
    }
    return await attempt(object, resource) {
      if live == nil, try await isClassGone(of: object) { return }
      var sent = object
      // What is missing is created, never put on top of something unseen.
      if live == nil { sent["metadata"]?["resourceVersion"] = .string(PlanExecutor.noVersion) }
      do {
        let applied = try await client.apply(
          sent, resource: resource, fieldManager: OperatorIdentity.fieldManager, force: true)
        _ = cache.store(of: resource)?.recordWrite(applied)
        logger.info(
          "applied",
          metadata: ["kind": .string(object.kind), "name": .string("\(object.key)")])
      } catch let status as APIStatus where live == nil && status.isConflict {
        // Another agent of the namespace was first, or it is somebody else's.
        let there = try await client.getIfPresent(resource, object.key, representation: .metadata)
        guard there?.controllerReference?.uid == object.controllerReference?.uid else {
          throw status
        }
      }
    }
  }

  /// Whether the class was deleted, or is on its way out, without its watch having told yet: what is
  /// made for it now would go to the garbage collector, whose deletes would bring us back at once.
  private func isClassGone(of object: KubernetesObject) async throws -> Bool {
    guard let owner = object.controllerReference else { return false }
    let live = try await client.getIfPresent(
      .agentClasses, ObjectKey(namespace: nil, name: owner.name), representation: .metadata)
    return live?.uid != owner.uid || live?.deletionTimestamp != nil
  }

  private func prune(
    _ namespace: String, keeping desired: [RenderedObject]
  ) async -> [PlanExecutor.Failure] {
    var failures: [PlanExecutor.Failure] = []
    for owner in cache.classes.keys().compactMap({ cache.classes.get($0) }) {
      for resource in [ResourceType.resourceQuotas, .limitRanges] {
        let owned = cache.store(of: resource)?.owned(by: owner.uid ?? "") ?? []
        for object in owned where object.namespace == namespace && object.deletionTimestamp == nil {
          if desired.contains(where: { $0.resource == resource && $0.object.key == object.key }) {
            continue
          }
          // What has not been looked at since the start uses its class all the same.
          let agentClass = try? classes.agentClass(named: owner.name).get()
          let isWanted =
            agentClass.map {
              NamespaceGovernance.objects(of: $0, in: namespace).contains {
                $0.resource == resource
              }
            } ?? true
          if isWanted, isUsed(owner.name, in: namespace) { continue }
          failures += await attempt(object, resource) { try await delete(object, resource) }
        }
      }
    }
    return failures
  }

  private func isUsed(_ className: String, in namespace: String) -> Bool {
    cache.agents.keys().contains { key in
      guard key.namespace == namespace, let agent = cache.agents.get(key),
        agent.deletionTimestamp == nil
      else { return false }
      let named = AgentDeployment.className(in: agent.json)
      // An invalid class is the same class.
      return (named ?? classes.catalog.nameForUnnamed) == className
    }
  }

  private func delete(_ object: KubernetesObject, _ resource: ResourceType) async throws {
    do {
      _ = try await client.delete(
        resource, object.key,
        preconditions: Preconditions(
          uid: object.uid ?? "", resourceVersion: object.resourceVersion ?? ""))
      logger.info(
        "pruned", metadata: ["kind": .string(object.kind), "name": .string("\(object.key)")])
    } catch let status as APIStatus where status.isNotFound && !status.isUnknownResource {}
    if let uid = object.uid {
      _ = cache.store(of: resource)?.recordDelete(object.key, uid: ObjectUID(uid))
    }
  }

  // MARK: The namespace

  private func label(_ namespace: String, _ level: String?) async -> [PlanExecutor.Failure] {
    let key = ObjectKey(namespace: nil, name: namespace)
    guard let live = cache.namespaces.get(key), live.deletionTimestamp == nil else { return [] }
    let ours = live.annotations[NamespaceGovernance.podSecurityAnnotation]
    let enforced = live.labels[NamespaceGovernance.enforceLabel]
    var level = level
    if let ours, let lower = level, !NamespaceGovernance.isAtLeast(lower, ours),
      isAnyUsed(in: namespace, asking: ours)
    {
      level = ours
    }
    if let level {
      // Also when somebody has raised it since, which stays theirs when our level follows.
      let isOursLower = ours.map { NamespaceGovernance.isAtLeast(level, $0) } ?? true
      if isOursLower, NamespaceGovernance.isAtLeast(enforced, level) { return [] }
    } else {
      guard ours != nil, !isAnyUsed(in: namespace) else { return [] }
    }
    var object = NamespaceGovernance.namespace(namespace, podSecurity: level)
    // A namespace that is deleted meanwhile must not come back.
    if let uid = live.uid { object["metadata"]?["uid"] = .string(uid) }
    return await attempt(object, .namespaces) {
      let applied = try await client.apply(
        object, resource: .namespaces, fieldManager: OperatorIdentity.fieldManager, force: true)
      _ = cache.namespaces.recordWrite(applied)
      logger.info(
        "labelled",
        metadata: ["namespace": .string(namespace), "enforce": .string(level ?? "none")])
    }
  }

  /// Whether agents that may not have been looked at yet may want the label.
  ///
  /// - Parameter least: only those that want this level or more; nil: any level.
  private func isAnyUsed(in namespace: String, asking least: String? = nil) -> Bool {
    if cache.isShared { return true }
    return classes.labelling.contains { name in
      guard isUsed(name, in: namespace) else { return false }
      // One that cannot be read keeps what it asked for before.
      guard let least, case .success(let known) = classes.agentClass(named: name) else {
        return true
      }
      return NamespaceGovernance.isAtLeast(NamespaceGovernance.podSecurity(of: [known]), least)
    }
  }
}
