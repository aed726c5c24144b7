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
  ]

  static func install(in server: APIServer) {
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
