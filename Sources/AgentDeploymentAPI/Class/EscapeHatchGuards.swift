import JSON
import KubernetesAPI

/// Keeps `podTemplate` and `overrides` within the class's guard rails: what they merge goes past the
/// fields that the guard rails name.
struct EscapeHatchGuards {
  let rails: AgentClass.GuardRails
  /// Called with where, and what the class says.
  let refuse: (FieldPath, String) -> Void

  /// - Parameter spec: as the user wrote it.
  func check(_ spec: JSONValue) {
    if let pod = spec[path: "podTemplate", "spec"] {
      check(pod: pod, ["spec", "podTemplate", "spec"])
    }
    for (i, override) in spec.items("overrides").enumerated() {
      guard let patch = override["patch"] else { continue }
      let path: FieldPath = ["spec", "overrides", .index(i), "patch", "spec"]
      switch override["kind"]?.string {
      case "Deployment", "StatefulSet":
        check(count: patch[path: "spec", "replicas"], path.appending("replicas"))
        if let pod = patch[path: "spec", "template", "spec"] {
          check(pod: pod, path.appending("template").appending("spec"))
        }
      case "HorizontalPodAutoscaler":
        check(count: patch[path: "spec", "maxReplicas"], path.appending("maxReplicas"))
        check(count: patch[path: "spec", "minReplicas"], path.appending("minReplicas"))
      case "ScaledObject":
        for name in ["maxReplicaCount", "minReplicaCount"] {
          check(count: patch["spec"]?[name], path.appending(name))
        }
      default: break
      }
    }
  }

  private func check(count: JSONValue?, _ path: FieldPath) {
    guard let most = rails.maxReplicas, let count = count?.int, count > most else { return }
    refuse(path, "allows at most \(most) replicas, not \(count)")
  }

  private func check(pod: JSONValue, _ path: FieldPath) {
    if let most = rails.maxGrace?.seconds,
      let grace = pod["terminationGracePeriodSeconds"]?.int, Int64(grace) > most
    {
      refuse(
        path.appending("terminationGracePeriodSeconds"),
        "allows a grace period of at most \(most) s, not \(grace)")
    }
    for list in ["containers", "initContainers", "ephemeralContainers"] {
      for (i, container) in pod.items(list).enumerated() {
        check(container: container, path.appending(list).appending(i))
      }
    }
    guard rails.podSecurity == .restricted else { return }
    for field in ["hostNetwork", "hostPID", "hostIPC"] where pod[field]?.bool == true {
      refuse(path.appending(field), "asks for Restricted, which has no \(field)")
    }
    for (i, volume) in pod.items("volumes").enumerated() where volume.has("hostPath") {
      refuse(
        path.appending("volumes").appending(i).appending("hostPath"),
        "asks for Restricted, which has no hostPath volumes")
    }
    check(securityContext: pod["securityContext"], path.appending("securityContext"))
  }

  private func check(container: JSONValue, _ path: FieldPath) {
    if let image = container["image"]?.string {
      for problem in rails.problems(ofImage: image) { refuse(path.appending("image"), problem) }
    }
    guard rails.podSecurity == .restricted else { return }
    let place = path.appending("securityContext")
    check(securityContext: container["securityContext"], place)
    // The agent's own container is hardened already.
    if container["name"] != "agent", container["$patch"] != "delete" {
      let context = container.section("securityContext")
      if context["allowPrivilegeEscalation"] != false {
        refuse(
          place.appending("allowPrivilegeEscalation"), "asks for Restricted, where it is false")
      }
      if context[path: "capabilities", "drop"]?.array?.contains("ALL") != true {
        refuse(
          place.appending("capabilities").appending("drop"),
          "asks for Restricted, where it is [ALL]")
      }
    }
  }

  /// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
  private func check(securityContext context: JSONValue?, _ path: FieldPath) {
    guard let context else { return }
    func forbid(_ field: String, _ isWeak: Bool) {
      if isWeak { refuse(path.appending(field), "asks for Restricted, which does not allow it") }
    }
    forbid("privileged", context["privileged"] == true)
    forbid("allowPrivilegeEscalation", context["allowPrivilegeEscalation"] == true)
    // Null takes the rendered one off.
    let given = context.object ?? [:]
    forbid("runAsNonRoot", given["runAsNonRoot"].map { $0 != true } ?? false)
    forbid("runAsUser", context["runAsUser"]?.int == 0)
    forbid("procMount", context["procMount"].map { $0 != "Default" && !$0.isNull } ?? false)
    let profile = given["seccompProfile"]
    forbid(
      "seccompProfile",
      profile.map { !["RuntimeDefault", "Localhost"].contains($0["type"]?.string) } ?? false)
    let added = context[path: "capabilities", "add"]?.array ?? []
    forbid("capabilities", added.contains { $0 != "NET_BIND_SERVICE" })
    let dropped = context[path: "capabilities", "drop"]
    forbid("capabilities", dropped.map { $0.array?.contains("ALL") != true } ?? false)
  }
}

extension AgentClass.GuardRails {
  /// What the class says against an image.
  func problems(ofImage image: String) -> [String] {
    var problems: [String] = []
    if requireDigest, !image.contains("@sha256:") {
      problems.append("asks for images by digest")
    }
    if !ImageRegistry.isAllowed(image, by: allowedRegistries) {
      problems.append(
        "allows images from \(allowedRegistries.joined(separator: ", ")) only, not from "
          + ImageRegistry.of(image))
    }
    return problems
  }
}
