import JSON
import KubernetesAPI

/// What `spec.podTemplate.spec` may not do. Its fields are Kubernetes' own and checked by the API
/// server when the Deployment is applied.
enum PodTemplateChecks {
  static func check(_ pod: JSONValue, _ report: (FieldError) -> Void) {
    let path: FieldPath = ["spec", "podTemplate", "spec"]
    if pod.has("$patch") {
      report(
        FieldError(
          path.appending("$patch"), .forbidden, "the rendered pod may not be replaced as a whole"))
    }
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
    if pod.has("serviceAccountName") || pod.has("serviceAccount") {
      let key = pod.has("serviceAccountName") ? "serviceAccountName" : "serviceAccount"
      report(
        FieldError(
          path.appending(key), .forbidden, "is not merged: use spec.security.serviceAccount.name"))
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
      for key in ["$patch", "image", "command", "args", "restartPolicy"]
      where container.object?[key] != nil {
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
      if container.has("image") {
        report(
          FieldError(
            path.appending(i).appending("image"), .forbidden, "is not merged: use spec.image"))
      }
    }
  }
}
