import JSON
import KubernetesAPI

/// What CEL cannot say within the API server's cost limits (it takes every map key for a string of
/// megabytes) or not see at all (free-form patches). The operator refuses it with `Accepted=False`.
enum SpecChecks {
  /// - Parameter spec: valid against the schema, defaults filled in.
  static func check(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    checkConfigKeys(spec, report)
    VariableChecks.check(spec, report)
    CredentialChecks.check(spec, report)
    for list in ["requests", "limits"] {
      for key in spec[path: "resources", list]?.object?.keys ?? [] {
        checkResourceName(key, ["spec", "resources", .key(list), .key(key)], report)
      }
    }
    checkExtendedResources(spec, report)
    for (i, secret) in spec.items("secrets").enumerated() {
      for key in secret.members("keys").keys {
        guard let problem = NameFormat.configMapKey.problem(in: key) else { continue }
        report(FieldError(["spec", "secrets", .index(i), "keys", .key(key)], .invalid, problem))
      }
    }
    TriggerChecks.check(spec, report)
    RegionChecks.check(spec, report)
    ScheduleChecks.check(spec, report)
    checkMetadataKeys(spec, report)
    ProtectedPaths.check(spec, report)
  }

  private static func checkConfigKeys(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    var size = 0
    for (key, value) in spec.members("config") {
      size += key.utf8.count + (value.string?.utf8.count ?? 0)
      if let problem = NameFormat.configMapKey.problem(in: key) {
        report(FieldError(["spec", "config", .key(key)], .invalid, "the key \(problem)"))
      }
    }
    // A ConfigMap holds at most 1 MiB (core validation, MaxSecretSize), with room for its metadata.
    if size > 1_000_000 {
      report(
        FieldError(
          ["spec", "config"], .tooLong,
          "must have at most 1000000 bytes altogether, not \(size)",
          fix: "put large files into a ConfigMap of their own and name it in configFrom"))
    }
  }

  private static let computeResources = ["cpu", "memory", "ephemeral-storage"]

  private static func checkResourceName(
    _ name: String, _ path: FieldPath, _ report: (FieldError) -> Void
  ) {
    if computeResources.contains(name) || name.hasPrefix("hugepages-") { return }
    guard name.contains("/") else {
      let nearest = NearestName.of(name, among: computeResources)
      let fix =
        name.lowercased().contains("gpu")
        ? "write nvidia.com/gpu or the like"
        : nearest.map { "did you mean \($0)?" }
      report(
        FieldError(
          path, .notSupported,
          "unknown resource \"\(name.prefix(64))\": must be cpu, memory, ephemeral-storage, "
            + "hugepages-<size> or <domain>/<name>", fix: fix))
      return
    }
    if let problem = NameFormat.labelKey.problem(in: name) {
      report(FieldError(path, .invalid, "the resource name \(problem)"))
    }
  }

  /// Extended resources are whole and never overcommitted (core validation).
  private static func checkExtendedResources(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    let requests = spec[path: "resources", "requests"]?.object ?? [:]
    let limits = spec[path: "resources", "limits"]?.object ?? [:]
    for (list, members) in [("requests", requests), ("limits", limits)] {
      for (name, value) in members where Resources.isNotOvercommitted(name) {
        guard let quantity = try? Quantity(value) else { continue }
        let path: FieldPath = ["spec", "resources", .key(list), .key(name)]
        if quantity.nanos % 1_000_000_000 != 0 {
          report(FieldError(path, .invalid, "must be a whole number, not \(quantity)"))
        } else if list == "requests", let limit = limits[name],
          let limited = try? Quantity(limit), limited != quantity
        {
          report(
            FieldError(
              path, .invalid, "must equal limits.\(name), which is \(limited)",
              fix: "give it in limits only"))
        }
      }
    }
  }

  private static func checkMetadataKeys(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    MetadataChecks.checkLabels(
      spec[path: "podTemplate", "metadata", "labels"],
      ["spec", "podTemplate", "metadata", "labels"], report)
    MetadataChecks.checkAnnotations(
      spec[path: "podTemplate", "metadata", "annotations"],
      ["spec", "podTemplate", "metadata", "annotations"], report)
    MetadataChecks.checkLabels(
      spec[path: "observability", "labels"], ["spec", "observability", "labels"], report)
    for name in spec[path: "observability", "alerts", "labels"]?.object?.keys ?? []
    where !Pattern.environmentVariable.matches(name) {
      report(
        FieldError(
          ["spec", "observability", "alerts", "labels", .key(name)], .invalid,
          "a Prometheus label's name has letters, digits and '_' and starts with no digit"))
    }
    MetadataChecks.checkAnnotations(
      spec[path: "security", "serviceAccount", "annotations"],
      ["spec", "security", "serviceAccount", "annotations"], report)
  }
}
