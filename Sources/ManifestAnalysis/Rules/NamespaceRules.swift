/// Namespaces, quotas and limits.
enum NamespaceRules {
  static let all = [extendedResource, quotaWithoutLimits, nodeSelector, reservedPrefix]

  private static let extendedResource = LintRule(
    "quota-extended-resource-limit", ["K1"], .error,
    "quotas count only requests of extended resources",
    why: """
      For extended resources such as GPUs a quota knows the prefix requests. alone: requests and \
      limits are always equal there. An entry with limits. is refused or never enforced.
      """,
    fix: "keep requests.RESOURCE and remove the entry",
    source:
      "https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-for-extended-resources"
  ) { set, found in
    for quota in set.all("", "ResourceQuota") {
      for limit in quota.spec["hard"].members {
        guard let key = limit.key, key.hasPrefix("limits."), key.contains("/") else { continue }
        let request = quota.spec["hard"]["requests." + key.dropFirst("limits.".count)]
        found.add(
          limit, atKey: true, "\(key) is not enforced: quotas on extended resources are requests.*",
          edits: request.exists ? [.remove(limit.pointer)] : [])
      }
    }
  }

  private static let quotaWithoutLimits = LintRule(
    "quota-without-limit-range", ["K2"], .warning,
    "a quota refuses pods without requests or limits",
    why: """
      Once a quota counts cpu or memory, every pod must say its requests and limits: injected \
      proxies, init containers and Jobs that do not are refused. A LimitRange gives them defaults.
      """,
    fix: "add a LimitRange with default and defaultRequest to the namespace",
    source: "https://kubernetes.io/docs/concepts/policy/resource-quotas/", needsEverything: true
  ) { set, found in
    for quota in set.all("", "ResourceQuota") {
      let counted = quota.spec["hard"].members.first {
        ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]
          .contains($0.key)
      }
      let hasDefaults = set.all("", "LimitRange").contains { $0.namespace == quota.namespace }
      guard let counted, !hasDefaults else { continue }
      found.add(
        counted, atKey: true,
        "namespace \(quota.namespace ?? "") has no LimitRange: pods without requests and limits are "
          + "refused")
    }
  }

  private static let nodeSelector = LintRule(
    "namespace-node-selector", ["K3"], .warning, "the namespace's node selector is usually ignored",
    why:
      "Only the admission plugin PodNodeSelector reads this annotation, and it is off by default.",
    fix: "put a nodeSelector into the pods",
    source:
      "https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podnodeselector"
  ) { set, found in
    for namespace in set.all("", "Namespace") {
      let node = namespace.root[[
        "metadata", "annotations", "scheduler.alpha.kubernetes.io/node-selector",
      ]]
      guard node.exists else { continue }
      found.add(node, atKey: true, "ignored unless the admission plugin PodNodeSelector is on")
    }
  }

  private static let known: Set<String> = [
    "kubernetes.io/description", "kubernetes.io/service-account.name",
    "kubernetes.io/service-account.uid", "kubernetes.io/change-cause",
    "kubernetes.io/enforce-mountable-secrets", "kubernetes.io/egress-bandwidth",
    "kubernetes.io/ingress-bandwidth", "kubernetes.io/ingress.class", "kubernetes.io/limit-ranger",
    "kubernetes.io/metadata.name", "kubernetes.io/psp", "kubernetes.io/legacy-token-last-used",
    "kubernetes.io/legacy-token-invalid-since", "kubernetes.io/tls-acme", "kubernetes.io/os",
    "kubernetes.io/arch", "kubernetes.io/hostname", "kubernetes.io/cluster-service",
    "kubernetes.io/bootstrapping", "kubernetes.io/role", "kubernetes.io/initial-events-list",
    "kubernetes.io/config.hash", "kubernetes.io/config.mirror", "kubernetes.io/config.seen",
    "kubernetes.io/config.source", "kubernetes.io/kube-apiserver.advertise-address.endpoint",
  ]

  private static let reservedPrefix = LintRule(
    "reserved-prefix", ["K3"], .warning, "kubernetes.io/ belongs to Kubernetes",
    why:
      "Names under kubernetes.io/ are reserved; one that Kubernetes does not define means nothing.",
    fix:
      "use app.kubernetes.io/managed-by and the other recommended labels, or a prefix of your own",
    source: "https://kubernetes.io/docs/reference/labels-annotations-taints/"
  ) { set, found in
    for object in set.objects {
      for map in ["labels", "annotations"] {
        for node in object.root["metadata"][map].members {
          guard let key = node.key, key.hasPrefix("kubernetes.io/"), !known.contains(key) else {
            continue
          }
          found.add(node, atKey: true, "\(key) stands in a reserved prefix and means nothing there")
        }
      }
    }
  }
}
