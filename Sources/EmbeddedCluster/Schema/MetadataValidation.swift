import JSON
import KubernetesAPI

/// What every object's metadata must satisfy (apimachinery `pkg/api/validation`).
enum MetadataValidation {
  static let maximumAnnotationBytes = 256 << 10

  static func create(
    _ object: JSONValue, _ gvk: GroupVersionKind, isCustom: Bool
  ) -> [FieldCause] {
    let metadata = object["metadata"] ?? [:]
    var causes: [FieldCause] = []
    let name = metadata["name"]?.string ?? ""
    if name.isEmpty {
      causes.append(.required("metadata.name", "name or generateName is required"))
    } else if let fault = nameFault(name, gvk) {
      causes.append(.invalid("metadata.name", JSONValue.string(name).serialized(), fault))
    }
    if let generation = metadata["generation"]?.int, generation < 0 {
      causes.append(
        .invalid(
          "metadata.generation", String(generation), "must be greater than or equal to 0"))
    }
    return causes + common(metadata, isCustom)
  }

  static func update(
    old: JSONValue, new: JSONValue, _ gvk: GroupVersionKind, isCustom: Bool
  ) -> [FieldCause] {
    let before = old["metadata"] ?? [:]
    let metadata = new["metadata"] ?? [:]
    var causes: [FieldCause] = []
    for key in ["name", "namespace", "uid", "creationTimestamp"] {
      guard let value = metadata[key], value != before[key] else { continue }
      let cause = FieldCause.invalid(
        "metadata.\(key)", value.serialized(), "field is immutable")
      // Why twice: the generic registry and the kind's own validation both look.
      causes += [cause, cause]
    }
    if before["deletionTimestamp"] != nil {
      let known = Set(before["finalizers"]?.array ?? [])
      let added = (metadata["finalizers"]?.array ?? []).filter { !known.contains($0) }
      if !added.isEmpty {
        let list = "[]string{" + added.map { $0.serialized() }.joined(separator: ", ") + "}"
        let cause = FieldCause.forbidden(
          "metadata.finalizers",
          "no new finalizers can be added if the object is being deleted, found new finalizers "
            + list)
        causes += [cause, cause]
      }
    }
    let faults = common(metadata, isCustom)
    // Each layer reports the controllers anew.
    let repeated = faults.filter { $0.message.contains("Only one reference") }
    return causes + faults + repeated + repeated + repeated
  }

  private static func nameFault(_ name: String, _ gvk: GroupVersionKind) -> String? {
    switch (gvk.group, gvk.kind) {
    case ("", "Namespace"): NameMessages.label(name)
    case ("", "Service"):
      // Since 1.34 a service's name may begin with a digit.
      NameMessages.label(name)
    case ("rbac.authorization.k8s.io", _):
      name == "." || name == ".." || name.contains("/") || name.contains("%")
        ? "may not contain '/' or '%'" : nil
    default: NameMessages.subdomain(name)
    }
  }

  private static func common(_ metadata: JSONValue, _ isCustom: Bool) -> [FieldCause] {
    var causes = labels(metadata["labels"], "metadata.labels")
    var size = 0
    for (key, value) in metadata["annotations"]?.object ?? [:] {
      size += key.utf8.count + (value.string?.utf8.count ?? 0)
      for fault in NameMessages.qualifiedName(key.lowercased()) {
        causes.append(
          .invalid("metadata.annotations", JSONValue.string(key).serialized(), fault))
      }
    }
    if size > maximumAnnotationBytes {
      causes.append(
        FieldCause(
          reason: "FieldValueTooLong", field: "metadata.annotations",
          message: "Too long: may not be more than \(maximumAnnotationBytes) bytes"))
    }
    causes += owners(metadata["ownerReferences"])
    for (position, finalizer) in (metadata["finalizers"]?.array ?? []).enumerated() {
      causes += finalizerFaults(
        finalizer.string ?? "", "metadata.finalizers[\(position)]", isCustom)
    }
    return causes
  }

  static func labels(_ labels: JSONValue?, _ path: String) -> [FieldCause] {
    var causes: [FieldCause] = []
    for (key, value) in labels?.object ?? [:] {
      for fault in NameMessages.qualifiedName(key) {
        causes.append(.invalid(path, JSONValue.string(key).serialized(), fault))
      }
      if let fault = NameMessages.labelValue(value.string ?? "") {
        causes.append(.invalid(path, value.serialized(), fault))
      }
    }
    return causes
  }

  private static func owners(_ references: JSONValue?) -> [FieldCause] {
    guard let list = references?.array else { return [] }
    let path = "metadata.ownerReferences"
    var causes: [FieldCause] = []
    var controller: JSONValue?
    for reference in list {
      let apiVersion = reference["apiVersion"]?.string ?? ""
      if apiVersion.isEmpty || apiVersion.hasSuffix("/") {
        causes.append(
          .invalid("\(path).apiVersion", "\"\(apiVersion)\"", "version must not be empty"))
      }
      for key in ["kind", "name", "uid"] where reference[key]?.string?.isEmpty != false {
        causes.append(.invalid("\(path).\(key)", "\"\"", "must not be empty"))
      }
      guard reference["controller"] == true else { continue }
      if let first = controller {
        func text(_ value: JSONValue) -> String {
          "\(value["kind"]?.string ?? "")/\(value["name"]?.string ?? "")"
        }
        causes.append(
          .invalid(
            path, ownersText(list),
            "Only one reference can have Controller set to true. Found \"true\" in references for "
              + "\(text(first)) and \(text(reference))"))
      } else {
        controller = reference
      }
    }
    return causes
  }

  /// In the order of the Go structure's fields.
  private static func ownersText(_ list: [JSONValue]) -> String {
    let keys = ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"]
    return JSONValue.array(
      list.map { reference in
        .object(
          JSONObject(
            keys.compactMap { key in reference[key].map { (key: key, value: $0) } }))
      }
    ).serialized()
  }

  /// Custom resources may have any qualified name, such as KEDA's `finalizer.keda.sh`; built-in kinds
  /// have rules of their own (`validateKubeFinalizerName` of pkg/apis/core/validation).
  private static func finalizerFaults(
    _ name: String, _ path: String, _ isCustom: Bool
  ) -> [FieldCause] {
    let value = JSONValue.string(name).serialized()
    var causes = NameMessages.qualifiedName(name).map { FieldCause.invalid(path, value, $0) }
    if !isCustom, !name.contains("/"), causes.isEmpty,
      !["orphan", "foregroundDeletion", "kubernetes"].contains(name)
    {
      causes.append(
        .invalid(
          path, value, "name is neither a standard finalizer name nor is it fully qualified"))
    }
    return causes
  }
}
