import JSON
import KubernetesAPI

/// What a production workload has around it.
enum HardeningRules {
  static let all = [securityContext, disruptionBudget, spread, networkPolicy]

  private static let securityContext = LintRule(
    "no-security-context", ["K20"], .security, "containers run with more rights than they need",
    why: """
      Without a security context a container may run as root, gain privileges and write to its own \
      file system; a namespace that enforces the restricted profile refuses it.
      """,
    fix: "runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, "
      + "seccompProfile: {type: RuntimeDefault}",
    source: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted"
  ) { set, found in
    for workload in set.workloads {
      let pod = workload.podSpec["securityContext"]
      for container in workload.containers {
        let own = container["securityContext"]
        var missing: [String] = []
        if (own["runAsNonRoot"].bool ?? pod["runAsNonRoot"].bool) != true {
          missing.append("runAsNonRoot")
        }
        if own["allowPrivilegeEscalation"].bool != false {
          missing.append("allowPrivilegeEscalation: false")
        }
        if !own["capabilities"]["drop"].elements.contains(where: { $0.string == "ALL" }) {
          missing.append("capabilities.drop: [ALL]")
        }
        guard !missing.isEmpty else { continue }
        found.add(
          own.exists ? own : container, atKey: own.exists,
          "container \(container["name"].string ?? "") lacks \(missing.joined(separator: ", "))")
      }
    }
  }

  private static let disruptionBudget = LintRule(
    "no-disruption-budget", ["K20"], .warning, "a node drain may take all pods at once",
    why: "Without a PodDisruptionBudget an eviction asks nobody.",
    fix: "add a PodDisruptionBudget with maxUnavailable: 1",
    source: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/", needsEverything: true
  ) { set, found in
    let covered = Set(
      set.all("policy", "PodDisruptionBudget").flatMap { budget -> [String] in
        // Without one it selects nothing; before policy/v1 an empty one did so, too.
        guard budget.spec["selector"].value?.object != nil,
          let selector = selector(budget.spec["selector"]),
          !selector.isEmpty || budget.gvk.version == "v1"
        else { return [] }
        return set.workloads(in: budget.namespace, selectedBy: selector).map(\.object.title)
      })
    for workload in scaled(set) where !covered.contains(workload.object.title) {
      found.add(
        workload.object.root["metadata"]["name"], "no PodDisruptionBudget selects its pods")
    }
  }

  private static let spread = LintRule(
    "no-spread", ["K20"], .warning, "all pods may land on one node",
    why:
      "Without a spread constraint or anti-affinity one node can hold every replica, and take it down.",
    fix: "add topologySpreadConstraints for topology.kubernetes.io/zone and kubernetes.io/hostname",
    source: "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/"
  ) { set, found in
    for workload in scaled(set)
    where !workload.podSpec["topologySpreadConstraints"].exists
      && !workload.podSpec["affinity"]["podAntiAffinity"].exists
    {
      found.add(workload.podSpec, atKey: true, "nothing keeps its pods apart")
    }
  }

  private static let networkPolicy = LintRule(
    "no-network-policy", ["K20"], .security, "everybody may reach these pods",
    why: "Pods that no NetworkPolicy selects accept and open every connection in the cluster.",
    fix: "add a NetworkPolicy that names who may come in and where the pods may go",
    source: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    needsEverything: true
  ) { set, found in
    var coveredNamespaces: Set<String?> = []
    var covered: Set<String> = []
    for policy in set.all("networking.k8s.io", "NetworkPolicy") {
      guard let selector = selector(policy.spec["podSelector"]) else { continue }
      if selector.isEmpty {
        coveredNamespaces.insert(policy.namespace)
      } else {
        covered.formUnion(
          set.workloads(in: policy.namespace, selectedBy: selector).map(\.object.title))
      }
    }
    for workload in set.workloads
    where workload.isLongRunning && !coveredNamespaces.contains(workload.namespace)
      && !covered.contains(workload.object.title)
    {
      found.add(workload.object.root["metadata"]["name"], "no NetworkPolicy selects its pods")
    }
  }

  /// Nil for one that a server refuses. Nulls are what is left out.
  private static func selector(_ node: ManifestNode) -> LabelSelector? {
    let members = (node.value?.object ?? [:]).filter { !$0.value.isNull }
    return try? LabelSelector(.object(JSONObject(members)))
  }

  /// Workloads of which there can be several pods.
  private static func scaled(_ set: ManifestSet) -> [Workload] {
    var maxima: [String: Int] = [:]
    for scaler in set.autoscalers {
      let target = scaler.spec["scaleTargetRef"]
      guard let kind = target["kind"].string, let name = target["name"].string,
        let maximum = scaler.spec["maxReplicas"].int
      else { continue }
      let title = ManifestObject.title(kind, scaler.namespace, name)
      maxima[title] = maxima[title] ?? maximum
    }
    return set.workloads.filter { workload in
      let replicas = maxima[workload.object.title] ?? workload.object.spec["replicas"].int ?? 1
      return ["Deployment", "StatefulSet"].contains(workload.object.kind) && replicas > 1
    }
  }
}
