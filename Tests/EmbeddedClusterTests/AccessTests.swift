import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import EmbeddedCluster

/// Authentication and role-based access control, which a cluster has when asked for it.
@Suite struct AccessTests {
  private let cluster = EmbeddedCluster(
    configuration: EmbeddedClusterConfiguration(
      simulatesControllers: false, authorization: .rbac(administratorToken: "root")))

  private func send(
    _ method: String, _ path: String, _ body: JSONValue? = nil, token: String? = "root",
    headers: [(name: String, value: String)] = [], type: String = "application/json"
  ) async throws -> (status: Int, json: JSONValue) {
    var request = TestCluster.request(method, path, [("fieldManager", "t")], body, type: type)
    if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
    request.headers += headers
    let answer = try await cluster.transport.send(request)
    return (answer.status, (try? JSONValue(parsing: answer.body)) ?? .null)
  }

  private func bind(_ verbs: [String], _ resources: [String], to subject: JSONValue) async throws {
    let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/"
    let role = try await send(
      "POST", rbac + "roles",
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": ["name": "r"],
        "rules": [
          [
            "apiGroups": ["", "apps"], "resources": JSONValue(resources), "verbs": JSONValue(verbs),
          ]
        ],
      ])
    #expect(role.status == 201)
    let binding = try await send(
      "POST", rbac + "rolebindings",
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": ["name": "r"], "subjects": [subject],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"],
      ])
    #expect(binding.status == 201)
  }

  @Test func tokensSayWhoSomebodyIs() async throws {
    #expect(try await send("GET", TestCluster.configMaps).status == 200)
    #expect(try await send("GET", TestCluster.configMaps, token: "wrong").status == 401)
    let anonymous = try await send("GET", TestCluster.configMaps, token: nil)
    #expect(anonymous.status == 403)
    #expect(
      anonymous.json["message"]
        == "configmaps is forbidden: User \"system:anonymous\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"default\""
    )
    #expect(try await send("GET", "/version", token: nil).status == 200)
    #expect(try await send("GET", "/apis", token: nil).status == 403)
  }

  @Test func rolesOfAnImpersonatedUser() async throws {
    try await bind(["get", "patch"], ["configmaps"], to: ["kind": "User", "name": "ann"])
    let ann = [(name: "Impersonate-User", value: "ann")]
    let map: JSONValue = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"]]
    let apply = { (headers: [(name: String, value: String)]) async throws in
      try await send(
        "PATCH", TestCluster.configMaps + "/a", map, headers: headers,
        type: "application/apply-patch+yaml")
    }
    let refused = try await apply(ann)
    #expect(refused.status == 403, "an apply that creates takes the right to create")
    #expect(refused.json["message"]?.string?.contains("cannot create") == true)
    #expect(try await apply([]).status == 201)
    #expect(try await apply(ann).status == 200)
    #expect(try await send("GET", TestCluster.configMaps + "/a", headers: ann).status == 200)
    #expect(try await send("GET", TestCluster.configMaps, headers: ann).status == 403)
    #expect(try await send("DELETE", TestCluster.configMaps + "/a", headers: ann).status == 403)
    let other = try await send(
      "GET", "/api/v1/namespaces/kube-system/configmaps/a", headers: ann)
    #expect(other.status == 403)
  }

  @Test func nobodyImpersonatesWithoutTheRight() async throws {
    let token = try await token(of: "default")
    let answer = try await send(
      "GET", TestCluster.configMaps, token: token,
      headers: [("Impersonate-User", "admin"), ("Impersonate-Group", "system:masters")])
    #expect(answer.status == 403)
    #expect(answer.json["message"]?.string?.contains("cannot impersonate") == true)
  }

  @Test func impersonationTakesAlongWhatElseIsSaid() async throws {
    let headers = [
      (name: "Impersonate-User", value: "ann"), (name: "Impersonate-Uid", value: "7"),
      (name: "Impersonate-Group", value: "g"), (name: "Impersonate-Extra-Scopes", value: "a"),
      (name: "Impersonate-Extra-acme.com%2fproject", value: "p"),
    ]
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    let review = try await send("POST", path, [:], headers: headers)
    #expect(
      review.json["status"]?["userInfo"] == [
        "username": "ann", "uid": "7", "groups": ["g", "system:authenticated"],
        "extra": ["acme.com/project": ["p"], "scopes": ["a"]],
      ])
    let nobody = try await send("POST", path, [:], headers: [headers[2]])
    #expect(nobody.status == 400)
    #expect(
      nobody.json["message"]
        == "requested &user.DefaultInfo{Name:\"\", UID:\"\", Groups:[]string{\"g\"}, Extra:map[string][]string(nil)} without impersonating a user name"
    )
    try await bind(["impersonate"], ["users"], to: ["kind": "User", "name": "bob"])
    let rbac = "/apis/rbac.authorization.k8s.io/v1/"
    _ = try await send(
      "POST", rbac + "clusterroles",
      [
        "metadata": ["name": "impersonator"],
        "rules": [["apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]]],
      ])
    _ = try await send(
      "POST", rbac + "clusterrolebindings",
      [
        "metadata": ["name": "impersonator"],
        "subjects": [["kind": "ServiceAccount", "name": "default", "namespace": "default"]],
        "roleRef": [
          "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "impersonator",
        ],
      ])
    let token = try await token(of: "default")
    #expect(try await send("GET", "/version", token: token, headers: [headers[0]]).status == 200)
    for more in [headers[1], headers[2], headers[3]] {
      let refused = try await send("GET", "/version", token: token, headers: [headers[0], more])
      #expect(refused.status == 403, "\(more.name)")
    }
  }

  @Test func oneNameNeedsNoRightToTheOthers() async throws {
    let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/"
    try await bind(["get"], ["secrets"], to: ["kind": "User", "name": "ann"])
    let rule: JSONValue = [
      "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["only"],
      "verbs": ["list", "watch"],
    ]
    _ = try await send(
      "PATCH", rbac + "roles/r", ["rules": [rule]], type: "application/merge-patch+json")
    for (query, verb) in [
      ("fieldSelector=metadata.name%3Donly", "list"),
      ("watch=true&fieldSelector=metadata.name==only", "watch"), ("", "list"),
      ("fieldSelector=metadata.name%3Dother", "list"),
      ("fieldSelector=metadata.name!%3Donly", "list"),
    ] {
      let items = query.split(separator: "&").map { item in
        let parts = item.split(separator: "=", maxSplits: 1).map { PercentDecoding.decoded($0) }
        return (name: parts[0], value: parts[1])
      }
      let wanted = RequestAttributes(
        APIRequest(method: "GET", path: TestCluster.configMaps, query: items),
        PercentDecoding.segments(of: TestCluster.configMaps))
      #expect(wanted.verb == verb)
      #expect(
        RoleAuthorizer.allows(rule, wanted) == query.hasSuffix("=only")
          || query.hasSuffix("e%3Donly"))
    }
  }

  /// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
  @Test func nobodyGrantsWhatHeHasNot() async throws {
    let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/"
    let ann = [(name: "Impersonate-User", value: "ann")]
    try await bind(["get"], ["pods"], to: ["kind": "User", "name": "ann"])
    let own: [JSONValue] = [
      ["apiGroups": [""], "resources": ["pods"], "verbs": ["get"]],
      [
        "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"],
        "verbs": ["create", "patch", "update"],
      ],
    ]
    let mine = try await send(
      "PATCH", rbac + "roles/r", ["rules": .array(own)], type: "application/merge-patch+json")
    #expect(mine.status == 200)
    func role(_ name: String, _ verbs: JSONValue) -> JSONValue {
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": ["name": .string(name)],
        "rules": [["apiGroups": [""], "resources": ["pods"], "verbs": verbs]],
      ]
    }
    func binding(_ name: String, _ kind: String, _ role: String) -> JSONValue {
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": ["name": .string(name)], "subjects": [["kind": "User", "name": "ann"]],
        "roleRef": [
          "apiGroup": "rbac.authorization.k8s.io", "kind": .string(kind), "name": .string(role),
        ],
      ]
    }
    let refused = try await send(
      "POST", rbac + "roles", role("a", ["get", "delete", "list"]), headers: ann)
    #expect(refused.status == 403)
    #expect(
      refused.json["message"]
        == "roles.rbac.authorization.k8s.io \"a\" is forbidden: user \"ann\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\" \"list\"]}"
    )
    let applied = try await send(
      "PATCH", rbac + "roles/a", role("a", ["delete"]), headers: ann,
      type: "application/apply-patch+yaml")
    #expect(applied.status == 403)
    #expect(try await send("PUT", rbac + "roles/a", role("a", ["*"]), headers: ann).status == 403)
    #expect(try await send("POST", rbac + "roles", role("a", ["get"]), headers: ann).status == 201)
    let more = try await send(
      "PATCH", rbac + "roles/a", role("a", ["delete"]), headers: ann,
      type: "application/merge-patch+json")
    #expect(more.status == 403)
    let admin = try await send(
      "POST", rbac + "rolebindings", binding("a", "ClusterRole", "cluster-admin"), headers: ann)
    #expect(admin.status == 403)
    #expect(
      admin.json["message"]?.string?.hasSuffix(
        "{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}"
      )
        == true)
    let known = try await send(
      "POST", rbac + "rolebindings", binding("a", "Role", "a"), headers: ann)
    #expect(known.status == 201)
    let missing = try await send(
      "POST", rbac + "rolebindings", binding("b", "Role", "nope"), headers: ann)
    #expect(missing.status == 404)
    // With these verbs one may.
    let escalating =
      own + [
        [
          "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "clusterroles"],
          "verbs": ["escalate", "bind"],
        ]
      ]
    _ = try await send(
      "PATCH", rbac + "roles/r", ["rules": .array(escalating)],
      type: "application/merge-patch+json")
    let allowed = try await send(
      "POST", rbac + "rolebindings", binding("c", "ClusterRole", "cluster-admin"), headers: ann)
    #expect(allowed.status == 201)
  }

  @Test func defaultRoles() async throws {
    let rbac = "/apis/rbac.authorization.k8s.io/v1/"
    for name in ["admin", "edit", "view", "system:auth-delegator"] {
      let role = try await send("GET", rbac + "clusterroles/" + name)
      #expect(role.json["rules"]?.array?.isEmpty == false, "\(name)")
    }
    let reader = try await send(
      "GET", rbac + "namespaces/kube-system/roles/extension-apiserver-authentication-reader")
    #expect(reader.status == 200)
    func may(_ role: String, _ verb: String, _ resource: String) async throws -> Bool {
      let rules = try await send("GET", rbac + "clusterroles/" + role).json["rules"]?.array ?? []
      let group = resource == "deployments" ? "apps" : resource == "roles" ? Self.rbacGroup : ""
      let wanted = RequestAttributes(verb: verb, group: group, resource: resource, namespace: "n")
      return rules.contains { RoleAuthorizer.allows($0, wanted) }
    }
    #expect(try await may("view", "list", "pods"))
    #expect(try await !may("view", "get", "secrets"))
    #expect(try await !may("view", "delete", "deployments"))
    #expect(try await may("edit", "delete", "deployments"))
    #expect(try await may("edit", "get", "secrets"))
    #expect(try await !may("edit", "create", "roles"))
    #expect(try await may("admin", "create", "roles"))
    #expect(try await may("admin", "watch", "configmaps"))
  }

  private static let rbacGroup = "rbac.authorization.k8s.io"

  @Test func serviceAccountsHaveTokensThatDieWithThem() async throws {
    try await bind(
      ["list"], ["configmaps"],
      to: ["kind": "ServiceAccount", "name": "default", "namespace": "default"])
    let token = try await token(of: "default")
    #expect(try await send("GET", TestCluster.configMaps, token: token).status == 200)
    #expect(try await send("GET", "/api/v1/pods", token: token).status == 403)
    let review = try await send(
      "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": [
          "resourceAttributes": [
            "verb": "list", "resource": "configmaps", "namespace": "default",
          ]
        ],
      ], token: token)
    #expect(review.json["status"]?["allowed"] == true)
    _ = try await send("DELETE", "/api/v1/namespaces/default/serviceaccounts/default")
    #expect(try await send("GET", TestCluster.configMaps, token: token).status == 401)
  }

  private func requestToken(
    of account: String, _ spec: JSONValue
  ) async throws -> (status: Int, json: JSONValue) {
    try await send(
      "POST", "/api/v1/namespaces/default/serviceaccounts/\(account)/token",
      ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec])
  }

  private func token(of account: String, for audiences: JSONValue = []) async throws -> String {
    let answer = try await requestToken(of: account, ["audiences": audiences])
    return answer.json["status"]?["token"]?.string ?? ""
  }

  private func review(_ token: String, for audiences: JSONValue = []) async throws -> JSONValue {
    let answer = try await send(
      "POST", "/apis/authentication.k8s.io/v1/tokenreviews",
      ["spec": ["token": .string(token), "audiences": audiences]])
    return answer.json["status"] ?? .null
  }

  @Test func tokensAreForTheirAudiences() async throws {
    let (usual, other) = ("https://kubernetes.default.svc", "https://other")
    let own = try await token(of: "default")
    let foreign = try await token(of: "default", for: [.string(other)])
    let both = try await token(of: "default", for: [.string(other), .string(usual)])
    #expect(try await send("GET", "/version", token: own).status == 200)
    #expect(try await send("GET", "/version", token: foreign).status == 401)
    #expect(try await send("GET", "/version", token: both).status == 200)
    let mine = try await review(own)
    #expect(mine["authenticated"] == true && mine["audiences"] == [.string(usual)])
    let refused = try await review(own, for: [.string(other)])
    #expect(refused["authenticated"] == nil)
    #expect(
      refused["error"]
        == "[invalid bearer token, token audiences [\"https://kubernetes.default.svc\"] is invalid for the target audiences [\"https://other\"]]"
    )
    #expect(try await review(foreign)["authenticated"] == nil)
    #expect(try await review(foreign, for: ["x", .string(other)])["audiences"] == [.string(other)])
    #expect(try await review(both)["audiences"] == [.string(usual)])
    #expect(try await review("root", for: [.string(other)])["authenticated"] == nil)
    #expect(try await review("root")["authenticated"] == true)
  }

  @Test(
    arguments: [
      (["boundObjectRef": ["kind": "Pod", "apiVersion": "v1", "name": "nope"]], 404),
      (["boundObjectRef": ["kind": "Secret", "apiVersion": "v1", "name": "nope"]], 404),
      (["boundObjectRef": ["kind": "ConfigMap", "apiVersion": "v1", "name": "a"]], 400),
      (["expirationSeconds": 10], 422), (["expirationSeconds": 8_589_934_592], 422), ([:], 201),
    ] as [(JSONValue, Int)])
  func tokensThatCannotBe(_ spec: JSONValue, _ status: Int) async throws {
    #expect(try await requestToken(of: "default", spec).status == status)
  }

  @Test(arguments: [
    (["*"], ["*"], ["*"], true), (["get"], ["apps"], ["deployments"], false),
    (["get"], ["apps"], ["deployments/status"], true), (["get"], ["apps"], ["*/status"], true),
    (["list"], ["apps"], ["deployments/status"], false),
    (["get"], [""], ["deployments/status"], false),
  ])
  func rules(_ verbs: [String], _ groups: [String], _ resources: [String], _ allows: Bool) {
    let rule: JSONValue = [
      "verbs": JSONValue(verbs), "apiGroups": JSONValue(groups), "resources": JSONValue(resources),
    ]
    let wanted = RequestAttributes(
      verb: "get", group: "apps", resource: "deployments", subresource: "status", namespace: "n",
      name: "web")
    #expect(RoleAuthorizer.allows(rule, wanted) == allows)
    var named = rule
    named["resourceNames"] = ["db"]
    #expect(!RoleAuthorizer.allows(named, wanted))
  }

  @Test(arguments: [
    ("GET", "/api/v1/namespaces/n/pods", "list pods  n "),
    ("GET", "/api/v1/namespaces/n/pods/p", "get pods  n p"),
    ("GET", "/api/v1/watch/pods", "watch pods   "),
    ("GET", "/api/v1/namespaces/n", "get namespaces  n n"),
    ("PUT", "/api/v1/namespaces/n/finalize", "update namespaces finalize n n"),
    ("PATCH", "/apis/apps/v1/namespaces/n/deployments/d/status", "patch deployments status n d"),
    ("DELETE", "/apis/apps/v1/namespaces/n/deployments", "deletecollection deployments  n "),
    ("POST", "/api/v1/nodes", "create nodes   "),
  ])
  func attributes(_ method: String, _ path: String, _ expected: String) {
    let attributes = RequestAttributes(
      APIRequest(method: method, path: path), PercentDecoding.segments(of: path))
    let shown = [
      attributes.verb, attributes.resource, attributes.subresource, attributes.namespace,
      attributes.name,
    ].joined(separator: " ")
    #expect(shown == expected)
    #expect(attributes.path == nil)
  }

  /// The 404 is not the binding's.
  @Test func aPutOfABindingToNoRoleIsRefusedAtOnce() async throws {
    let rbac = "/apis/rbac.authorization.k8s.io/v1/"
    _ = try await send(
      "POST", rbac + "clusterroles",
      [
        "metadata": ["name": "binder"],
        "rules": [
          [
            "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["rolebindings"],
            "verbs": ["*"],
          ]
        ],
      ])
    _ = try await send(
      "POST", rbac + "clusterrolebindings",
      [
        "metadata": ["name": "binder"], "subjects": [["kind": "User", "name": "ann"]],
        "roleRef": [
          "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "binder",
        ],
      ])
    let refused = try await send(
      "PUT", rbac + "namespaces/default/rolebindings/b",
      [
        "metadata": ["name": "b"],
        "roleRef": [
          "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "nope",
        ],
      ], headers: [("Impersonate-User", "ann")])
    #expect(refused.status == 404)
    #expect(
      refused.json["message"] == "clusterroles.rbac.authorization.k8s.io \"nope\" not found")
  }

  private func bound(
    _ kind: String, _ name: String, _ uid: JSONValue? = nil
  ) -> JSONValue {
    var reference: JSONObject = [
      "kind": .string(kind), "apiVersion": "v1", "name": .string(name),
    ]
    if let uid { reference["uid"] = uid }
    return ["boundObjectRef": .object(reference)]
  }

  @Test func tokensAreBoundToWhatIsThere() async throws {
    func uid(_ path: String, _ object: JSONValue) async throws -> JSONValue {
      let made = try await send("POST", path, object)
      #expect(made.status == 201, "\(made.json)")
      return made.json["metadata"]?["uid"] ?? .null
    }
    let pods = "/api/v1/namespaces/default/pods"
    func pod(_ name: String, _ account: JSONValue) async throws -> JSONValue {
      try await uid(
        pods,
        [
          "metadata": ["name": .string(name)],
          "spec": [
            "serviceAccountName": account, "containers": [["name": "c", "image": "i"]],
          ],
        ])
    }
    let own = try await pod("own", "default")
    _ = try await pod("foreign", "other")
    let node = try await uid("/api/v1/nodes", ["metadata": ["name": "n"]])
    #expect(try await requestToken(of: "default", bound("Node", "n", node)).status == 201)
    #expect(try await requestToken(of: "default", bound("Node", "nope")).status == 404)
    let wrong = try await requestToken(of: "default", bound("Pod", "own", "other"))
    #expect(wrong.status == 409)
    let foreign = try await requestToken(of: "default", bound("Pod", "foreign"))
    #expect(foreign.status == 400)
    let made = try await requestToken(of: "default", bound("Pod", "own", own))
    #expect(made.status == 201)
    let token = made.json["status"]?["token"]?.string ?? ""
    #expect(try await send("GET", "/version", token: token).status == 200)
    #expect(try await send("DELETE", pods + "/own").status == 200)
    #expect(try await send("GET", "/version", token: token).status == 401)
    _ = try await pod("own", "default")
    #expect(try await send("GET", "/version", token: token).status == 401, "another pod")
  }
}
