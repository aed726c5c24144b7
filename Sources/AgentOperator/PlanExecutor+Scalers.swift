import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering

/// What happens before one scaler follows another.
extension PlanExecutor {
  func keep(_ key: ObjectKey, _ replicas: Int) async throws {
    var object = KubernetesObject(
      ResourceType.deployments.gvk, namespace: key.namespace, name: key.name)
    object["spec"] = ["replicas": JSONValue(replicas)]
    _ = try await client.apply(
      object, resource: .deployments, fieldManager: OperatorIdentity.replicasManager, force: true)
  }

  /// Looks for scalers that a new one must not stand beside, and releases the agent's own. The API
  /// server is asked: caches may be behind, most of all those of a new leader.
  ///
  /// - Returns: nil when the new one can be made; always for what is no scaler, and without KEDA.
  func clearWay(for scaler: RenderedObject, _ name: String) async throws -> StepResult? {
    guard ScalerHandOver.kinds.contains(scaler.resource), cache.isInstalled(.scaledObjects) else {
      return nil
    }
    let key = scaler.object.key
    var others = [(ResourceType.horizontalPodAutoscalers, key)]
    if scaler.resource == .horizontalPodAutoscalers {
      others = [
        (.scaledObjects, key), (.horizontalPodAutoscalers, ScalerHandOver.autoscalerOfKEDA(key)),
      ]
    }
    var awaited: [String] = []
    for (resource, key) in others {
      let live = try await client.getIfPresent(resource, key, representation: .metadata)
      guard let live, let maker = live.controllerReference else { continue }
      if let result = try await release(live, resource, for: scaler) { return result }
      let isOfAgent = maker.groupKind == OperatorIdentity.ownerKind && maker.name == owner.name
      if isOfAgent || ScalerHandOver.isOfKEDA(live) {
        awaited.append("\(resource.kind) \(key.name)")
      }
    }
    return awaited.isEmpty ? nil : .held(name, until: awaited)
  }

  /// Releases a scaler of the agent that our caches do not show, as without our label.
  ///
  /// - Returns: nil where there is none but the new one, or nothing is left to do about it.
  func releaseUnseen(for successor: RenderedObject) async throws -> StepResult? {
    for resource in ScalerHandOver.kinds where resource != successor.resource {
      if resource == .scaledObjects, !cache.isInstalled(resource) { continue }
      let live = try await client.getIfPresent(
        resource, successor.object.key, representation: .metadata)
      if let live, let result = try await release(live, resource, for: successor) { return result }
    }
    return nil
  }

  /// - Returns: nil when it is not the agent's, or deleted already.
  private func release(
    _ live: KubernetesObject, _ resource: ResourceType, for successor: RenderedObject
  ) async throws -> StepResult? {
    guard live.controllerReference?.uid == ownerUID, live.deletionTimestamp == nil,
      let uid = live.uid, let version = live.resourceVersion
    else { return nil }
    let old = ScalerHandOver.OldScaler(
      resource: resource, key: live.key, uid: uid, resourceVersion: version)
    return try await release(old, for: successor)
  }

  /// Deletes a scaler if the API server, and KEDA's webhook with it, would take the other one: what
  /// is refused must not leave the agent without any.
  func release(
    _ old: ScalerHandOver.OldScaler, for successor: RenderedObject
  ) async throws -> StepResult {
    var trial = successor.object
    trial["metadata"]?["resourceVersion"] = .string(Self.noVersion)
    if successor.resource == .scaledObjects {
      // Nothing else keeps the webhook from refusing it only because the old one is still there.
      trial["metadata"]?["annotations"]?["scaledobject.keda.sh/transfer-hpa-ownership"] = "true"
      trial["spec"]?["advanced"]?["horizontalPodAutoscalerConfig"]?["name"] = .string(old.key.name)
    }
    do {
      _ = try await client.apply(
        trial, resource: successor.resource, fieldManager: OperatorIdentity.fieldManager,
        force: true, dryRun: true)
    } catch let status as APIStatus where status.isConflict || status.isAlreadyExists {
      guard let live = try await metadata(of: successor) else { throw status }
      if let conflict = Planner.conflict(successor, live, ownerUID, owner.name) {
        return .existed("\(successor.object.kind) \(successor.object.name)", conflict)
      }
    }
    try await delete(old.resource, old.key, old.uid, old.resourceVersion)
    return .released
  }
}
