import JSON
import KubernetesAPI

/// `metadata`, which the API server checks by rules of its own and not by the CRD's schema.
enum MetadataChecks {
  /// meta/v1 ObjectMeta.
  private static let fields = [
    "name", "generateName", "namespace", "labels", "annotations", "finalizers", "ownerReferences",
    "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
    "deletionGracePeriodSeconds", "managedFields", "selfLink",
  ]

  /// As the root rule of the CRD.
  static let namePattern = Pattern(
    "^[a-z]([-a-z0-9]*[a-z0-9])?$",
    "a name of lower case letters, digits and '-' that starts with a letter")
  static let maxNameLength = 40

  static func check(
    _ metadata: JSONValue?, isNamespaced: Bool, _ nameProblem: (String) -> String?,
    _ report: (FieldError) -> Void
  ) {
    let path: FieldPath = ["metadata"]
    guard let metadata, !metadata.isNull else {
      report(FieldError(["metadata", "name"], .required, "is required"))
      return
    }
    guard let members = metadata.object else {
      report(
        FieldError(path, .typeInvalid, "must be of type object, not \(metadata.typeName)"))
      return
    }
    for key in members.keys where !fields.contains(key) {
      let nearest = NearestName.of(key, among: fields)
      report(
        FieldError(
          path.appending(String(key.prefix(64))), .unknownField,
          "unknown field \"\(key.prefix(64))\"", fix: nearest.map { "did you mean \($0)?" }))
    }
    checkName(members["name"], nameProblem, report)
    if let namespace = members["namespace"], !namespace.isNull, isNamespaced {
      checkText(namespace, path.appending("namespace"), report) {
        NameFormat.dns1123Label.problem(in: $0)
      }
    }
    checkLabels(metadata["labels"], path.appending("labels"), report)
    checkAnnotations(metadata["annotations"], path.appending("annotations"), report)
  }

  private static func checkName(
    _ name: JSONValue?, _ nameProblem: (String) -> String?, _ report: (FieldError) -> Void
  ) {
    let path: FieldPath = ["metadata", "name"]
    guard let name, !name.isNull, name != "" else {
      report(FieldError(path, .required, "is required"))
      return
    }
    checkText(name, path, report, nameProblem)
  }

  /// What is wrong with an agent's name.
  static let agentNameProblem: @Sendable (String) -> String? = { text in
    let length = text.unicodeScalars.count
    // Names of objects, revisions and hosts are made from it; a Service's may have 63 characters.
    if length > maxNameLength {
      return "must have at most \(maxNameLength) characters, not \(length)"
    }
    return namePattern.matches(text) ? nil : "must be \(namePattern.meaning)"
  }

  private static func checkText(
    _ value: JSONValue, _ path: FieldPath, _ report: (FieldError) -> Void,
    _ problem: (String) -> String?
  ) {
    guard let text = value.string else {
      report(FieldError(path, .typeInvalid, "must be of type string, not \(value.typeName)"))
      return
    }
    if let problem = problem(text) { report(FieldError(path, .invalid, problem)) }
  }

  static func checkLabels(
    _ labels: JSONValue?, _ path: FieldPath, _ report: (FieldError) -> Void
  ) {
    checkMap(
      labels, path, report, key: { NameFormat.labelKey.problem(in: $0) },
      value: { NameFormat.labelValue.problem(in: $0) })
  }

  static func checkAnnotations(
    _ annotations: JSONValue?, _ path: FieldPath, _ report: (FieldError) -> Void
  ) {
    // The API server compares annotation keys in lower case.
    checkMap(
      annotations, path, report, key: { NameFormat.labelKey.problem(in: $0.lowercased()) },
      value: { _ in nil })
  }

  private static func checkMap(
    _ map: JSONValue?, _ path: FieldPath, _ report: (FieldError) -> Void,
    key keyProblem: (String) -> String?, value valueProblem: (String) -> String?
  ) {
    guard let map, !map.isNull else { return }
    guard let members = map.object else {
      report(FieldError(path, .typeInvalid, "must be of type object, not \(map.typeName)"))
      return
    }
    for (key, value) in members {
      let place = path.appending(key)
      if let problem = keyProblem(key) {
        report(FieldError(place, .invalid, "the key \(problem)"))
      }
      checkText(value, place, report, valueProblem)
    }
  }
}
