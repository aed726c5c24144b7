import JSON
import KubernetesAPI

/// What `spec.podTemplate.spec` may not do. Its fields are Kubernetes' own and checked by the API
/// server when the Deployment is applied.
enum PodTemplateChecks {
  static func check(_ pod: JSONValue, _ report: (FieldError) -> Void) {
    let path: FieldPath = ["spec", "podTemplate", "spec"]
    if pod.isNamed(PodSpecMerge.directive) {
      report(
        FieldError(
          path.appending(PodSpecMerge.directive), .forbidden,
          "the rendered pod may not be replaced as a whole"))
    }
    var members = pod
    members[PodSpecMerge.directive] = nil
    checkDirectives(members, path, report)
    for key in ["containers", "initContainers", "volumes"] where pod.has(key) {
      checkNames(pod, key, path.appending(key), report)
    }
    if let containers = pod.object?["containers"] {
      checkAgent(containers, path.appending("containers"), report)
    }
    if let containers = pod.object?["initContainers"] {
      checkReload(containers, path.appending("initContainers"), report)
    }
    if let policy = pod["restartPolicy"], policy != "Always", !policy.isNull {
      report(
        FieldError(
          path.appending("restartPolicy"), .forbidden,
          "a Deployment's pods always restart: remove it"))
    }
    if let key = ["serviceAccountName", "serviceAccount"].first(where: pod.isNamed) {
      report(
        FieldError(
          path.appending(key), .forbidden, "is not merged: use spec.security.serviceAccount.name"))
    }
  }

  /// What begins with a dollar is for the merge; left where nothing reads it, it would be a field of the
  /// pod that the API server does not know.
  ///
  /// - Parameters:
  ///   - list: that the value is an element of.
  ///   - isMerged: not below a list that is replaced as a whole.
  private static func checkDirectives(
    _ value: JSONValue, _ path: FieldPath, in list: String? = nil, isMerged: Bool = true,
    _ report: (FieldError) -> Void
  ) {
    for (key, member) in value.object ?? [:] {
      let place = path.appending(key)
      if key.hasPrefix("$") {
        let problem = isMerged ? problem(ofDirective: key, member, of: value, in: list) : inList
        if let problem {
          report(FieldError(place, .forbidden, problem.message, fix: problem.fix))
        }
        continue
      }
      checkDirectives(member, place, isMerged: isMerged, report)
      let isKeyed = isMerged && PodSpecMerge.mergeKeys[key] != nil
      for (i, element) in (member.array ?? []).enumerated() {
        checkDirectives(element, place.appending(i), in: key, isMerged: isKeyed, report)
      }
    }
  }

  private static let inList: (message: String, fix: String?) = (
    "is not merged: the list is replaced as a whole", "remove it"
  )

  private static func problem(
    ofDirective key: String, _ member: JSONValue, of value: JSONValue, in list: String?
  ) -> (message: String, fix: String?)? {
    switch key {
    case PodSpecMerge.directive:
      return member == "delete" || member == "replace"
        ? nil : ("may be delete or replace", "remove it for a merge")
    case PodSpecMerge.retainKeys:
      // The only ones that Kubernetes' own merge has it for. Elsewhere it would take away, without naming
      // it, what may not be removed.
      guard list == "volumes" else {
        return ("is for entries of volumes only", "remove it, and what is not wanted with null")
      }
      let kept = member.array ?? []
      let others = (value.object ?? [:]).keys.filter { !$0.hasPrefix("$") && value.has($0) }
      guard member.array != nil, others.allSatisfy({ kept.contains(.string($0)) }) else {
        return ("must be a list of all keys that stand beside it, and of those to keep", nil)
      }
      return nil
    default:
      return (
        "is no directive of this merge",
        "remove it; there are \(PodSpecMerge.directive), and \(PodSpecMerge.retainKeys) for volumes"
      )
    }
  }

  private static func checkNames(
    _ pod: JSONValue, _ key: String, _ path: FieldPath, _ report: (FieldError) -> Void
  ) {
    guard let list = pod[key]?.array else {
      report(FieldError(path, .typeInvalid, "must be of type array"))
      return
    }
    var seen: Set<String> = []
    for (i, element) in list.enumerated() {
      if element[PodSpecMerge.directive] == "replace" {
        report(
          FieldError(
            path.appending(i).appending(PodSpecMerge.directive), .forbidden,
            "what is rendered of \(key) may not be replaced as a whole",
            fix: "remove entries by name, with \(PodSpecMerge.directive): delete"))
        continue
      }
      guard let name = element["name"]?.string, !name.isEmpty else {
        report(
          FieldError(
            path.appending(i).appending("name"), .required,
            "is required: entries are merged by name",
            fix: key == "containers" ? "the agent's container is named agent" : nil))
        continue
      }
      if !seen.insert(name).inserted {
        report(FieldError(path.appending(i), .duplicate, "duplicate name \"\(name)\""))
      }
    }
  }

  /// Its resources and the like may be changed, but not what it does: changes would go unnoticed.
  private static func checkReload(
    _ containers: JSONValue, _ path: FieldPath, _ report: (FieldError) -> Void
  ) {
    if containers.isNull {
      report(FieldError(path, .forbidden, "may not be removed as a whole: remove them by name"))
    }
    for (i, container) in (containers.array ?? []).enumerated()
    where container["name"]?.string == PodTemplate.reloadContainer {
      for key in [PodSpecMerge.directive, "image", "command", "args", "restartPolicy"]
      where container.isNamed(key) {
        report(
          FieldError(
            path.appending(i).appending(key), .forbidden,
            "is not merged: \(PodTemplate.reloadContainer) is what onChange: Reload is made of",
            fix: key == "image" ? "the class's reload.image names its image" : nil))
      }
    }
  }

  private static func checkAgent(
    _ containers: JSONValue, _ path: FieldPath, _ report: (FieldError) -> Void
  ) {
    if containers.isNull {
      report(FieldError(path, .forbidden, "the agent's container may not be removed"))
    }
    for (i, container) in (containers.array ?? []).enumerated()
    where container["name"] == "agent" {
      if container.has("$patch") {
        report(
          FieldError(
            path.appending(i), .forbidden, "the agent's container may not be removed or replaced"))
      }
      // The revision's name, version label and status follow the field.
      if container.isNamed("image") {
        report(
          FieldError(
            path.appending(i).appending("image"), .forbidden, "is not merged: use spec.image"))
      }
    }
  }
}

extension JSONValue {
  /// Also by a null, which takes away what is rendered.
  fileprivate func isNamed(_ key: String) -> Bool { object?[key] != nil }
}
