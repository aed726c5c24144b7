import JSON
public import KubernetesAPI

/// What stores keep of objects. Objects are whole JSON trees, so what is dropped here is what an
/// operator saves: performance.md asks for at most 2 KiB a cached child.
extension ObjectStore {
  /// Drops the managed fields and kubectl's copy of the last applied configuration: often half of an
  /// object, and read by nobody here.
  public static let withoutManagedFields: @Sendable (KubernetesObject) -> KubernetesObject = {
    object in
    var object = object
    object["metadata"]?["managedFields"] = nil
    object["metadata"]?["annotations"]?["kubectl.kubernetes.io/last-applied-configuration"] = nil
    return object
  }

  /// Keeps the metadata (without managed fields) and the named members of the object: `["spec"]`, or
  /// none for kinds whose content is not compared.
  public static func keeping(_ members: [String])
    -> @Sendable (KubernetesObject) ->
    KubernetesObject
  {
    { object in
      let whole = withoutManagedFields(object)
      var kept: JSONValue = [:]
      for member in ["apiVersion", "kind", "metadata"] + members {
        if let value = whole[member] { kept[member] = value }
      }
      return KubernetesObject(kept)
    }
  }
}
