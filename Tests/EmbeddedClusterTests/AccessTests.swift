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

  private func token(of account: String) async throws -> String {
    let answer = try await send(
      "POST", "/api/v1/namespaces/default/serviceaccounts/\(account)/token",
      ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": [:]])
    return answer.json["status"]?["token"]?.string ?? ""
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
}
