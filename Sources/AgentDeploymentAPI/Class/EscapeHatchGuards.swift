import JSON
import KubernetesAPI

/// Keeps `podTemplate` and `overrides` within the class's guard rails: what they merge goes past the
/// fields that the guard rails name. Pods are judged as they come out, since a change may take away
/// what is rendered as well as add to it.
struct EscapeHatchGuards {
  let rails: AgentClass.GuardRails
  /// Of the agent.
  let name: String
  let spec: AgentDeploymentSpec
  /// What the pods are rendered to keep to.
  let podSecurity: Security.PodSecurity
  /// Called with where, what the class says, and what to write instead.
  let refuse: (FieldPath, String, String?) -> Void

  func check() {
    checkCounts()
    for stages in [agentPod, statePod] {
      for (problem, path) in stages.problems(problems) {
        refuse(path, problem.message, problem.fix)
      }
    }
  }

  // MARK: Numbers of pods

  private func checkCounts() {
    for (i, override) in spec.overrides.enumerated() {
      let path: FieldPath = ["spec", "overrides", .index(i), "patch", "spec"]
      let patch = override.patch.section("spec")
      func check(_ field: String, removed: Int? = nil) {
        guard let most = rails.maxReplicas, let value = patch[field],
          let count = value.isNull ? removed : value.int, count > most
        else { return }
        refuse(path.appending(field), "allows at most \(most) replicas, not \(count)", nil)
      }
      switch override.kind {
      case "HorizontalPodAutoscaler":
        check("maxReplicas")
        check("minReplicas")
      case "ScaledObject":
        check("maxReplicaCount", removed: Self.kedaMaxReplicas)
        check("minReplicaCount")
      default: break
      }
    }
  }

  /// Without a number (https://keda.sh/docs/latest/reference/scaledobject-spec/#maxreplicacount).
  private static let kedaMaxReplicas = 100

  // MARK: Pods

  private var agentPod: [PodStage] {
    var pod: JSONValue = [
      "terminationGracePeriodSeconds": JSONValue(
        spec.availability.drainTimeout.seconds + Availability.graceMarginSeconds),
      "securityContext": PodHardening.pod(podSecurity),
      "containers": [
        ["name": "agent", "securityContext": PodHardening.agent(podSecurity)]
      ],
    ]
    if spec.secrets.contains(where: { $0.onChange == .reload }) {
      pod["initContainers"] = [
        [
          "name": .string(PodTemplate.reloadContainer),
          "securityContext": PodHardening.reload,
        ]
      ]
    }
    var stages = [PodStage(template: Self.template(pod))]
    if let user = spec.podTemplate {
      stages.append(
        PodStage(
          template: user.merged(onto: stages[0].template),
          patch: [
            "metadata": ["annotations": JSONValue(user.annotations)], "spec": .object(user.spec),
          ],
          path: ["spec", "podTemplate"]))
    }
    return overridden(stages, "Deployment", name)
  }

  private var statePod: [PodStage] {
    guard case .managed = spec.state else { return [] }
    let pod: JSONValue = [
      "securityContext": PodHardening.statePod,
      "containers": [["name": "state", "securityContext": PodHardening.state]],
    ]
    return overridden(
      [PodStage(template: Self.template(pod))], "StatefulSet",
      StateStore.Managed.objectName(agent: name))
  }

  private static func template(_ pod: JSONValue) -> JSONValue {
    ["metadata": ["labels": [:], "annotations": [:]], "spec": pod]
  }

  private func overridden(_ stages: [PodStage], _ kind: String, _ name: String) -> [PodStage] {
    spec.overrides.enumerated().reduce(into: stages) { stages, override in
      let (i, override) = override
      guard override.isFor(kind, name), let patch = override.patch[path: "spec", "template"],
        let last = stages.last
      else { return }
      stages.append(
        PodStage(
          template: last.template.applyingMergePatch(patch), patch: patch,
          path: ["spec", "overrides", .index(i), "patch", "spec", "template"]))
    }
  }

  private func problems(of template: JSONValue) -> [PodProblem] {
    let pod = template.section("spec")
    let security = rails.podSecurity.map {
      PodSecurityStandard(level: $0, isNamed: rails.namesPodSecurity).problems(of: template)
    }
    return graceProblems(pod) + imageProblems(pod) + (security ?? [])
  }

  private func graceProblems(_ pod: JSONValue) -> [PodProblem] {
    let grace = pod["terminationGracePeriodSeconds"]?.int ?? Self.defaultGraceSeconds
    guard let most = rails.maxGrace?.seconds, Int64(grace) > most else { return [] }
    return [
      PodProblem(
        path: ["spec", "terminationGracePeriodSeconds"],
        message: "allows a grace period of at most \(most) s, not \(grace)")
    ]
  }

  /// Kubernetes' own.
  private static let defaultGraceSeconds = 30

  /// Of containers, and of volumes that are images.
  private func imageProblems(_ pod: JSONValue) -> [PodProblem] {
    let containers = PodLists.containers.flatMap { list in
      PodLists.elements(of: pod, list, at: ["spec"]).map {
        (image: $0.element["image"], path: $0.path.appending("image"))
      }
    }
    let volumes = PodLists.elements(of: pod, "volumes", at: ["spec"]).map {
      (
        image: $0.element[path: "image", "reference"],
        path: $0.path.appending("image").appending("reference")
      )
    }
    return (containers + volumes).flatMap { image, path in
      (image?.string.map(rails.problems) ?? []).map { PodProblem(path: path, message: $0) }
    }
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
