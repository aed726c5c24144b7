package import JSON

extension ResourceType {
  /// An object of this resource: items of built-in lists come without their kind, partial objects
  /// with another one.
  package func object(_ json: JSONValue) -> KubernetesObject {
    var object = KubernetesObject(json)
    if object.kind.isEmpty || object.kind == "PartialObjectMetadata" {
      object["apiVersion"] = .string(apiVersion)
      object["kind"] = .string(kind)
    }
    return object
  }
}
