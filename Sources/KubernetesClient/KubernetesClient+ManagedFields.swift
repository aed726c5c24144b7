extension KubernetesClient {
  /// The same client, whose objects come without `metadata.managedFields`: often half of an object,
  /// and not even read then. What is sent is not changed.
  public func omittingManagedFields() -> KubernetesClient {
    var client = self
    client.omitsManagedFields = true
    return client
  }

  /// The same client, whose objects come with their managed fields.
  public func includingManagedFields() -> KubernetesClient {
    var client = self
    client.omitsManagedFields = false
    return client
  }

  /// The names that lead to the managed fields, from an object or from what holds it.
  func omitted(in container: String? = nil) -> [String] {
    guard omitsManagedFields else { return [] }
    return (container.map { [$0] } ?? []) + ["metadata", "managedFields"]
  }
}
