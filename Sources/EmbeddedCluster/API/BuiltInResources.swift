import KubernetesAPI

/// The built-in resources this cluster serves, with what discovery says of them in Kubernetes 1.36.
enum BuiltInResources {
  static let allVerbs = [
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
  ]
  private static let statusVerbs = ["get", "patch", "update"]

  static let groups: [ResourceRegistry.Group] = [
    ("", ["v1"]), ("apps", ["v1"]), ("events.k8s.io", ["v1"]), ("authentication.k8s.io", ["v1"]),
    ("authorization.k8s.io", ["v1"]), ("autoscaling", ["v2", "v1"]), ("batch", ["v1"]),
    ("networking.k8s.io", ["v1"]), ("policy", ["v1"]), ("rbac.authorization.k8s.io", ["v1"]),
    ("storage.k8s.io", ["v1"]), ("apiextensions.k8s.io", ["v1"]), ("scheduling.k8s.io", ["v1"]),
    ("coordination.k8s.io", ["v1"]), ("discovery.k8s.io", ["v1"]),
  ].map { ResourceRegistry.Group(name: $0.0, versions: $0.1, isCustom: false) }

  static func definitions() -> [ResourceDefinition] {
    core + workloads + networking + policies + others
  }

  private static let scaleSubresource = ResourceDefinition.Subresource(
    name: "scale", kind: GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale"),
    verbs: statusVerbs)

  private static func resource(
    _ group: String, _ plural: String, _ kind: String, version: String = "v1",
    short: [String] = [], all: Bool = false, cluster: Bool = false, status: Bool = false,
    scale: Bool = false, verbs: [String] = allVerbs,
    more: [ResourceDefinition.Subresource] = [], storageKey: String? = nil,
    storage: GroupVersionKind? = nil
  ) -> ResourceDefinition {
    let type = ResourceType(
      group: group, version: version, plural: plural, kind: kind, isNamespaced: !cluster)
    var subresources = more
    if scale { subresources.append(scaleSubresource) }
    if status { subresources.append(.init(name: "status", kind: nil, verbs: statusVerbs)) }
    subresources.sort { $0.name < $1.name }
    return ResourceDefinition(
      type: type, singular: kind.lowercased(), shortNames: short, categories: all ? ["all"] : [],
      verbs: verbs, subresources: subresources, storageKey: storageKey, storageVersion: storage,
      rules: ResourceRules(builtIn: type.gvk),
      scale: scale
        ? .init(
          specReplicas: ["spec", "replicas"], statusReplicas: ["status", "replicas"],
          labelSelector: nil) : nil)
  }

  private static func sub(
    _ name: String, _ kind: String, _ apiVersion: String? = nil, _ verbs: [String]
  ) -> ResourceDefinition.Subresource {
    .init(
      name: name, kind: GroupVersionKind(apiVersion: apiVersion ?? "", kind: kind), verbs: verbs)
  }

  private static var core: [ResourceDefinition] {
    let coreEvent = GroupVersionKind(group: "", version: "v1", kind: "Event")
    return [
      resource("", "configmaps", "ConfigMap", short: ["cm"]),
      resource("", "endpoints", "Endpoints", short: ["ep"]),
      resource("", "events", "Event", short: ["ev"]),
      resource(
        "events.k8s.io", "events", "Event", short: ["ev"], storageKey: "events",
        storage: coreEvent),
      resource("", "limitranges", "LimitRange", short: ["limits"]),
      resource(
        "", "namespaces", "Namespace", short: ["ns"], cluster: true, status: true,
        verbs: allVerbs.filter { $0 != "deletecollection" },
        more: [.init(name: "finalize", kind: nil, verbs: ["update"])]),
      resource("", "nodes", "Node", short: ["no"], cluster: true, status: true),
      resource(
        "", "persistentvolumeclaims", "PersistentVolumeClaim", short: ["pvc"], status: true),
      resource(
        "", "persistentvolumes", "PersistentVolume", short: ["pv"], cluster: true, status: true),
      resource("", "pods", "Pod", short: ["po"], all: true, status: true, more: podSubresources),
      resource("", "podtemplates", "PodTemplate"),
      resource("", "resourcequotas", "ResourceQuota", short: ["quota"], status: true),
      resource("", "secrets", "Secret"),
      resource(
        "", "serviceaccounts", "ServiceAccount", short: ["sa"],
        more: [sub("token", "TokenRequest", "authentication.k8s.io/v1", ["create"])]),
      resource(
        "", "services", "Service", short: ["svc"], all: true, status: true,
        more: [
          sub(
            "proxy", "ServiceProxyOptions", nil,
            ["create", "delete", "get", "patch", "update"])
        ]),
    ]
  }

  private static var podSubresources: [ResourceDefinition.Subresource] {
    [
      sub("attach", "PodAttachOptions", nil, ["create", "get"]),
      sub("binding", "Binding", nil, ["create"]),
      .init(name: "ephemeralcontainers", kind: nil, verbs: statusVerbs),
      sub("eviction", "Eviction", "policy/v1", ["create"]),
      sub("exec", "PodExecOptions", nil, ["create", "get"]),
      .init(name: "log", kind: nil, verbs: ["get"]),
      sub("portforward", "PodPortForwardOptions", nil, ["create", "get"]),
      sub("proxy", "PodProxyOptions", nil, ["create", "delete", "get", "patch", "update"]),
      .init(name: "resize", kind: nil, verbs: statusVerbs),
    ]
  }

  private static var workloads: [ResourceDefinition] {
    [
      resource("apps", "controllerrevisions", "ControllerRevision"),
      resource("apps", "daemonsets", "DaemonSet", short: ["ds"], all: true, status: true),
      resource(
        "apps", "deployments", "Deployment", short: ["deploy"], all: true, status: true,
        scale: true),
      resource(
        "apps", "replicasets", "ReplicaSet", short: ["rs"], all: true, status: true, scale: true),
      resource(
        "apps", "statefulsets", "StatefulSet", short: ["sts"], all: true, status: true,
        scale: true),
      resource("batch", "cronjobs", "CronJob", short: ["cj"], all: true, status: true),
      resource("batch", "jobs", "Job", all: true, status: true),
      resource(
        "autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler", version: "v2",
        short: ["hpa"], all: true, status: true),
      resource(
        "autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler",
        short: ["hpa"], all: true, status: true,
        storageKey: "horizontalpodautoscalers.autoscaling",
        storage: GroupVersionKind(
          group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler")),
    ]
  }

  private static var networking: [ResourceDefinition] {
    [
      resource("networking.k8s.io", "ingresses", "Ingress", short: ["ing"], status: true),
      resource("networking.k8s.io", "ingressclasses", "IngressClass", cluster: true),
      resource("networking.k8s.io", "networkpolicies", "NetworkPolicy", short: ["netpol"]),
      resource("discovery.k8s.io", "endpointslices", "EndpointSlice"),
    ]
  }

  private static var policies: [ResourceDefinition] {
    let rbac = "rbac.authorization.k8s.io"
    return [
      resource(
        "policy", "poddisruptionbudgets", "PodDisruptionBudget", short: ["pdb"],
        status: true),
      resource(rbac, "clusterrolebindings", "ClusterRoleBinding", cluster: true),
      resource(rbac, "clusterroles", "ClusterRole", cluster: true),
      resource(rbac, "rolebindings", "RoleBinding"),
      resource(rbac, "roles", "Role"),
      resource(
        "scheduling.k8s.io", "priorityclasses", "PriorityClass", short: ["pc"],
        cluster: true),
      resource("storage.k8s.io", "storageclasses", "StorageClass", short: ["sc"], cluster: true),
    ]
  }

  private static var others: [ResourceDefinition] {
    let authorization = "authorization.k8s.io"
    let authentication = "authentication.k8s.io"
    func review(_ group: String, _ plural: String, _ kind: String, cluster: Bool = true)
      -> ResourceDefinition
    { resource(group, plural, kind, cluster: cluster, verbs: ["create"]) }
    return [
      resource(
        "apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition",
        short: ["crd", "crds"], cluster: true, status: true),
      resource("coordination.k8s.io", "leases", "Lease"),
      review(
        authorization, "localsubjectaccessreviews", "LocalSubjectAccessReview", cluster: false),
      review(authorization, "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
      review(authorization, "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
      review(authorization, "subjectaccessreviews", "SubjectAccessReview"),
      review(authentication, "selfsubjectreviews", "SelfSubjectReview"),
      review(authentication, "tokenreviews", "TokenReview"),
    ]
  }
}
