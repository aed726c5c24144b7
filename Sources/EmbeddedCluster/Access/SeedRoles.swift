import JSON
import KubernetesAPI

/// The roles that every cluster with role-based access control has, as far as clients rely on them.
///
/// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
enum SeedRoles {
  private static let group = "rbac.authorization.k8s.io"
  private static let authenticated = ["system:authenticated"]

  private struct Role {
    var name: String
    var rules: [JSONValue]
    /// Empty: nobody is bound to it from the start.
    var groups: [String]
  }

  private static let roles: [Role] = [
    Role(
      name: "cluster-admin",
      rules: [
        ["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]],
        ["nonResourceURLs": ["*"], "verbs": ["*"]],
      ], groups: ["system:masters"]),
    Role(
      name: "system:discovery",
      rules: [
        [
          "nonResourceURLs": [
            "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*",
            "/readyz", "/version", "/version/",
          ], "verbs": ["get"],
        ]
      ], groups: authenticated),
    Role(
      name: "system:public-info-viewer",
      rules: [
        [
          "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"],
          "verbs": ["get"],
        ]
      ], groups: authenticated + ["system:unauthenticated"]),
    Role(
      name: "system:basic-user",
      rules: [
        [
          "apiGroups": ["authorization.k8s.io"],
          "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
          "verbs": ["create"],
        ],
        [
          "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"],
          "verbs": ["create"],
        ],
      ], groups: authenticated),
    Role(name: "view", rules: viewing, groups: []),
    Role(name: "edit", rules: editing + viewing, groups: []),
    Role(name: "admin", rules: editing + viewing + administering, groups: []),
    Role(
      name: "system:auth-delegator",
      rules: [
        rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
        rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"]),
      ], groups: []),
  ]

  private static func rule(
    _ groups: [String], _ resources: [String], _ verbs: [String]
  ) -> JSONValue {
    ["apiGroups": JSONValue(groups), "resources": JSONValue(resources), "verbs": JSONValue(verbs)]
  }

  private static let reads = ["get", "list", "watch"]
  private static let writes = ["create", "delete", "deletecollection", "patch", "update"]

  /// Of the kinds that this cluster serves; no Secrets, which hold tokens.
  private static let viewing = [
    rule(
      [""],
      [
        "configmaps", "endpoints", "persistentvolumeclaims", "persistentvolumeclaims/status",
        "pods", "serviceaccounts", "services", "services/status", "limitranges", "namespaces",
        "namespaces/status", "pods/log", "pods/status", "resourcequotas", "resourcequotas/status",
      ], reads),
    rule(["", "events.k8s.io"], ["events"], reads),
    rule(["discovery.k8s.io"], ["endpointslices"], reads),
    rule(
      ["apps"],
      [
        "controllerrevisions", "daemonsets", "daemonsets/status", "deployments",
        "deployments/scale", "deployments/status", "replicasets", "replicasets/scale",
        "replicasets/status", "statefulsets", "statefulsets/scale", "statefulsets/status",
      ], reads),
    rule(
      ["autoscaling"], ["horizontalpodautoscalers", "horizontalpodautoscalers/status"], reads),
    rule(["batch"], ["cronjobs", "cronjobs/status", "jobs", "jobs/status"], reads),
    rule(["policy"], ["poddisruptionbudgets", "poddisruptionbudgets/status"], reads),
    rule(["networking.k8s.io"], ["ingresses", "ingresses/status", "networkpolicies"], reads),
  ]

  private static let editing = [
    rule(
      [""],
      [
        "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy",
      ], reads),
    rule([""], ["serviceaccounts"], ["impersonate"]),
    rule(
      [""],
      [
        "pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "configmaps",
        "persistentvolumeclaims", "secrets", "serviceaccounts", "services", "services/proxy",
      ], writes),
    rule([""], ["pods/eviction", "serviceaccounts/token"], ["create"]),
    rule(["", "events.k8s.io"], ["events"], writes),
    rule(
      ["apps"],
      [
        "daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale",
        "statefulsets", "statefulsets/scale",
      ], writes),
    rule(["autoscaling"], ["horizontalpodautoscalers"], writes),
    rule(["batch"], ["cronjobs", "jobs"], writes),
    rule(["policy"], ["poddisruptionbudgets"], writes),
    rule(["networking.k8s.io"], ["ingresses", "networkpolicies"], writes),
    rule(["coordination.k8s.io"], ["leases"], writes + reads),
  ]

  private static let administering = [
    rule(["authorization.k8s.io"], ["localsubjectaccessreviews"], ["create"]),
    rule([group], ["rolebindings", "roles"], writes + reads),
  ]

  /// In kube-system: who may read what API servers behind this one need to know.
  private static let authenticationReader: JSONValue = [
    "metadata": [
      "name": "extension-apiserver-authentication-reader", "namespace": "kube-system",
    ],
    "rules": [
      [
        "apiGroups": [""], "resources": ["configmaps"], "verbs": JSONValue(reads),
        "resourceNames": ["extension-apiserver-authentication"],
      ]
    ],
  ]

  static func install(in server: APIServer) {
    SeedObjects.create(in: server, .roles, authenticationReader)
    for role in roles {
      SeedObjects.create(
        in: server, type("clusterroles", "ClusterRole"),
        ["metadata": ["name": .string(role.name)], "rules": .array(role.rules)])
      guard !role.groups.isEmpty else { continue }
      SeedObjects.create(
        in: server, type("clusterrolebindings", "ClusterRoleBinding"),
        [
          "metadata": ["name": .string(role.name)],
          "roleRef": [
            "apiGroup": .string(group), "kind": "ClusterRole", "name": .string(role.name),
          ],
          "subjects": .array(
            role.groups.map {
              ["apiGroup": .string(group), "kind": "Group", "name": .string($0)]
            }),
        ])
    }
  }

  private static func type(_ plural: String, _ kind: String) -> ResourceType {
    ResourceType(group: group, version: "v1", plural: plural, kind: kind, isNamespaced: false)
  }
}
