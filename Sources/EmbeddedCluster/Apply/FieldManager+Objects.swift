import JSON
import KubernetesAPI

extension FieldManager {
  static let lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration"

  /// `apps/v1, Kind=Deployment`, as in the server's messages.
  static func text(_ gvk: GroupVersionKind) -> String {
    "\(gvk.group)/\(gvk.version), Kind=\(gvk.kind)"
  }

  /// The object to store: the old ownership entries with their times, when nothing but times
  /// differs, so that a request that changes nothing writes nothing.
  static func keepingTimes(old: JSONValue, new: JSONValue) -> JSONValue {
    let path = ("metadata", "managedFields")
    guard let before = old[path: path.0, path.1], let after = new[path: path.0, path.1],
      before != after
    else { return new }
    var candidate = new
    candidate["metadata"]?["managedFields"] = before
    var (a, b) = (candidate, old)
    a["metadata"]?["resourceVersion"] = nil
    b["metadata"]?["resourceVersion"] = nil
    // Most writes change something: that is found out before the owners are looked at.
    return a == b && withoutTimes(before) == withoutTimes(after) ? candidate : new
  }

  private static func withoutTimes(_ json: JSONValue) -> Set<JSONValue> {
    Set(
      (json.array ?? []).map { entry in
        var entry = entry
        entry["time"] = nil
        return entry
      })
  }

  private static let scaleVersion = "autoscaling/v1"
  private static let scaleReplicas = FieldSet([[.field("spec"), .field("replicas")]])

  /// The `managedFields` of a scale: who owns its parent's replicas.
  ///
  /// - Parameter replicasPath: field names, `["spec", "replicas"]`.
  static func ownersOfScale(_ managedFields: JSONValue?, replicasPath: [String]) -> JSONValue? {
    let path = replicasPath.map { PathElement.field($0) }
    var shown = ManagedFields()
    for (identity, entry) in ManagedFields(managedFields)?.entries ?? [:]
    where entry.set.contains(path) {
      shown.entries[identity.with(scaleVersion)] = ManagedFields.Entry(
        apiVersion: scaleVersion, set: scaleReplicas, time: entry.time)
    }
    return shown.json
  }

  /// The parent's `managedFields` after a write to its scale (apimachinery
  /// `pkg/util/managedfields/scalehandler.go`).
  ///
  /// Who no longer owns the scale's replicas loses the parent's; who newly does gets an entry
  /// without a time, as on real servers.
  static func ownersOfParent(
    _ managedFields: JSONValue?, scale: JSONValue?, replicasPath: [String], apiVersion: String
  ) -> JSONValue? {
    guard var managed = ManagedFields(managedFields) else { return managedFields }
    let set = FieldSet([replicasPath.map { .field($0) }])
    let owners = Set(
      (ManagedFields(scale)?.entries ?? [:]).filter { !$0.value.set.isEmpty }.keys
        .map { $0.with(apiVersion) })
    for (identity, entry) in managed.entries where !owners.contains(identity.with(apiVersion)) {
      managed.entries[identity]?.set = entry.set.subtracting(set)
    }
    managed.entries = managed.entries.filter { !$0.value.set.isEmpty }
    for owner in owners {
      let known = managed.entries.keys.first { $0.with(apiVersion) == owner } ?? owner
      let entry =
        managed.entries[known]
        ?? ManagedFields.Entry(apiVersion: apiVersion, set: FieldSet(), time: nil)
      managed.entries[known] = ManagedFields.Entry(
        apiVersion: entry.apiVersion, set: entry.set.union(set), time: entry.time)
    }
    return managed.json
  }

  func filter(_ set: FieldSet) -> FieldSet {
    switch resets {
    case .none: set
    case .status: set.removingField("status")
    case .allButStatus: set.keepingField("status")
    case .spec(nil): set.removingField("spec")
    case .spec(let member?): set.removingField("spec").removingField(member, below: "metadata")
    }
  }

  /// Without the fields that only the server sets, which nobody owns.
  func stripped(_ set: FieldSet) -> FieldSet {
    set.subtracting(Self.serverFields)
  }

  private static let serverFields = FieldSet(
    [["apiVersion"], ["kind"], ["metadata"]].map { $0.map { .field($0) } }
      + [
        "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation",
        "managedFields", "resourceVersion",
      ].map { [.field("metadata"), .field($0)] })

  func version(_ apiVersion: String) -> TypeSchema? {
    apiVersion == gvk.apiVersion ? schema : otherVersions[apiVersion]
  }

  /// Brings entries in line with schemas that changed since they were written.
  func reconcile(_ managed: inout ManagedFields) {
    for (identity, entry) in managed.entries {
      guard let schema = version(entry.apiVersion) else { continue }
      managed.entries[identity]?.set = entry.set.reconciled(with: schema)
    }
  }

  func withoutManagedFields(_ object: JSONValue) -> JSONValue {
    guard object[path: "metadata", "managedFields"] != nil else { return object }
    var object = object
    object["metadata"]?["managedFields"] = nil
    return object
  }

  func with(_ managed: ManagedFields, _ object: JSONValue) -> JSONValue {
    var object = object
    if let json = managed.json {
      object["metadata", default: [:]]["managedFields"] = json
    }
    return object
  }

  // MARK: - kubectl's last-applied annotation

  /// Fields that a client-side apply set and nobody changed since: taking them over is no conflict
  /// for `kubectl apply --server-side`.
  func allowedByLastApplied(_ live: JSONValue) -> FieldSet {
    guard
      let text = live[path: "metadata", "annotations", Self.lastAppliedAnnotation]?.string,
      let last = try? JSONValue(parsing: text), last["apiVersion"]?.string == gvk.apiVersion,
      schema.applyFaults(in: last).isEmpty
    else { return FieldSet() }
    let comparison = TypedComparison(from: last, to: live, schema: schema)
    return schema.fieldSet(of: last).subtracting(comparison.modified)
      .subtracting(comparison.added).subtracting(comparison.removed)
  }

  /// Keeps the annotation current, so that a later client-side apply still knows what to remove.
  func withLastApplied(_ object: JSONValue, _ applied: JSONValue) -> JSONValue {
    guard
      let text = object[path: "metadata", "annotations", Self.lastAppliedAnnotation]?.string,
      !text.isEmpty
    else { return object }
    var configuration = applied
    if applied[path: "metadata", "annotations"] != nil {
      configuration["metadata"]?["annotations"]?[Self.lastAppliedAnnotation] = nil
      if configuration[path: "metadata", "annotations"]?.object?.isEmpty == true {
        configuration["metadata"]?["annotations"] = nil
      }
    }
    var object = object
    object["metadata"]?["annotations"]?[Self.lastAppliedAnnotation] = .string(
      configuration.serialized(.canonical) + "\n")
    return object
  }
}

extension JSONValue {
  /// A member, which is created when it is missing.
  subscript(key: String, default value: @autoclosure () -> JSONValue) -> JSONValue {
    get { self[key] ?? value() }
    set { self[key] = newValue }
  }
}
