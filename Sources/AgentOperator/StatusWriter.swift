import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient

/// Writes a status only when it says something else than the one that is there (correctness rule 40).
struct StatusWriter {
  let client: KubernetesClient
  let cache: ClusterCache
  let ownWrites: OwnWrites

  /// - Returns: whether something was written.
  /// - Throws: also a conflict: whether anything follows that would bring us back is not known.
  func write(_ status: AgentDeploymentStatus, to object: KubernetesObject) async throws -> Bool {
    let json = status.json
    guard object["status"] != json else { return false }
    var patch = KubernetesObject(
      ResourceType.agentDeployments.gvk, namespace: object.namespace, name: object.name)
    // A successor of the same name must not get its predecessor's status.
    if let uid = object.uid { patch["metadata"]?["uid"] = .string(uid) }
    patch["status"] = json
    do {
      try await ownWrites.during(.agentDeployments, object.key, of: object.key) {
        let written = try await client.applyForText(
          patch, resource: .agentDeployments, fieldManager: OperatorIdentity.fieldManager,
          subresource: "status")
        ownWrites.answered(.agentDeployments, written.key, version: written.resourceVersion)
        if Self.isEdited(try written.object(), since: object) {
          ownWrites.overtaken(.agentDeployments, object.key)
        }
        try cache.recordWrite(ofAgent: written)
      }
      return true
    } catch let status as APIStatus where status.isNotFound && !status.isUnknownResource {
      // Deleted, and the watch has not told yet. Until it does, children would be made for the
      // garbage collector only, again and again.
      if let uid = object.uid { cache.recordDelete(ofAgent: object.key, uid: ObjectUID(uid)) }
      return false
    }
  }

  /// Whether anything but the status is different: the spec (by its generation) or metadata.
  private static func isEdited(_ new: KubernetesObject, since old: KubernetesObject) -> Bool {
    // The old one comes from a store, which keeps less.
    var (new, old) = (ObjectStore.withoutManagedFields(new).metadata, old.metadata)
    new["resourceVersion"] = nil
    old["resourceVersion"] = nil
    return new != old
  }
}
