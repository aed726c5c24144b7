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
