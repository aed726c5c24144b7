import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import EmbeddedCluster

@Suite struct APIObjectTests {
  let test = TestCluster()

  @Test func createReadUpdateDelete() async throws {
    let created = try await test.createConfigMap("a", data: ["k": "1"])
    #expect(created.status == 201)
    #expect(created.json["metadata"]?["managedFields"]?[0]?["manager"] == "tester")
    let path = TestCluster.configMaps + "/a"
    var object = try await test.get(path).json
    #expect(object == created.json)
    object["data"]?["k"] = "2"
    let updated = try await test.send("PUT", path, [], object)
    #expect(updated.status == 200)
    #expect(updated.version != created.version)
    let stale = try await test.send("PUT", path, [], object)
    #expect(stale.status == 409)
    #expect(stale.reason == "Conflict")
    let deleted = try await test.send("DELETE", path)
    #expect(deleted.json["status"] == "Success")
    #expect(try await test.get(path).status == 404)
  }

  @Test func aChangeThatChangesNothingIsNoWrite() async throws {
    let created = try await test.createConfigMap("a", data: ["k": "1"])
    let before = try await test.get(TestCluster.configMaps).version
    for type in ["application/merge-patch+json", "application/strategic-merge-patch+json"] {
      let patched = try await test.send(
        "PATCH", TestCluster.configMaps + "/a", [], ["data": ["k": "1"]], type: type)
      #expect(patched.version == created.version)
    }
    #expect(try await test.get(TestCluster.configMaps).version == before)
  }

  @Test func dryRunStoresNothing() async throws {
    let object: JSONValue = [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "dry"],
    ]
    let created = try await test.send(
      "POST", TestCluster.configMaps, [("dryRun", "All")], object)
    #expect(created.status == 201)
    #expect(created.version == "")
    #expect(try await test.get(TestCluster.configMaps + "/dry").status == 404)
  }

  @Test func finalizersHoldAnObjectUntilTheyAreRemoved() async throws {
    _ = try await test.createConfigMap("a", ["finalizers": ["example.com/hold"]])
    let path = TestCluster.configMaps + "/a"
    let marked = try await test.send("DELETE", path)
    #expect(marked.json["metadata"]?["deletionTimestamp"] != nil)
    let again = try await test.send("DELETE", path)
    #expect(again.version == marked.version)
    let released = try await test.send(
      "PATCH", path, [], ["metadata": ["finalizers": nil]], type: "application/merge-patch+json")
    #expect(released.version == marked.version)
    #expect(try await test.get(path).status == 404)
  }

  @Test func preconditionsOfADelete() async throws {
    _ = try await test.createConfigMap("a")
    let refused = try await test.send(
      "DELETE", TestCluster.configMaps + "/a", [], ["preconditions": ["uid": "other"]])
    #expect(refused.status == 409)
    #expect(try await test.get(TestCluster.configMaps + "/a").status == 200)
  }

  @Test func terminatingNamespacesTakeNothingNewAndGoWhenFinalized() async throws {
    let object: JSONValue = [
      "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "gone"],
    ]
    _ = try await test.send("POST", "/api/v1/namespaces", [], object)
    var marked = try await test.send("DELETE", "/api/v1/namespaces/gone").json
    #expect(marked["status"]?["phase"] == "Terminating")
    let refused = try await test.send(
      "POST", "/api/v1/namespaces/gone/configmaps", [],
      ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"]])
    #expect(refused.status == 403)
    #expect(refused.json["details"]?["causes"]?[0]?["reason"] == "NamespaceTerminating")
    marked["spec"]?["finalizers"] = []
    _ = try await test.send("PUT", "/api/v1/namespaces/gone/finalize", [], marked)
    #expect(try await test.get("/api/v1/namespaces/gone").status == 404)
  }

  @Test func scheduledPodsGetGrace() async throws {
    func pod(_ name: String, node: String?) -> JSONValue {
      var pod: JSONValue = [
        "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
        "spec": ["containers": [["name": "c", "image": "i"]]],
      ]
      if let node { pod["spec"]?["nodeName"] = .string(node) }
      return pod
    }
    let pods = "/api/v1/namespaces/default/pods"
    _ = try await test.send("POST", pods, [], pod("on", node: "n"))
    _ = try await test.send("POST", pods, [], pod("off", node: nil))
    let on = try await test.send("DELETE", pods + "/on")
    #expect(on.json["metadata"]?["deletionGracePeriodSeconds"] == 30)
    _ = try await test.send("DELETE", pods + "/off")
    #expect(try await test.get(pods + "/off").status == 404)
    _ = try await test.send("DELETE", pods + "/on", [("gracePeriodSeconds", "0")])
    #expect(try await test.get(pods + "/on").status == 404)
  }

  @Test func scaleChangesTheParent() async throws {
    let template: JSONValue = [
      "metadata": ["labels": ["a": "b"]],
      "spec": ["containers": [["name": "c", "image": "i"]]],
    ]
    let object: JSONValue = [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
      "spec": ["selector": ["matchLabels": ["a": "b"]], "template": template],
    ]
    let path = "/apis/apps/v1/namespaces/default/deployments"
    #expect(try await test.send("POST", path, [], object).status == 201)
    let scaled = try await test.send(
      "PATCH", path + "/web/scale", [], ["spec": ["replicas": 4]],
      type: "application/merge-patch+json")
    #expect(scaled.json["kind"] == "Scale")
    #expect(scaled.json["status"]?["selector"] == "a=b")
    let parent = try await test.get(path + "/web").json
    #expect(parent["spec"]?["replicas"] == 4)
    #expect(parent["metadata"]?["generation"] == 2)
  }

  @Test func aWriteToTheStatusKeepsWhatTheKindKeeps() async throws {
    let metadata: JSONValue = [
      "labels": ["a": "new"], "annotations": ["a": "new"], "finalizers": ["example.com/hold"],
    ]
    let template: JSONValue = [
      "metadata": ["labels": ["a": "b"]],
      "spec": ["containers": [["name": "c", "image": "i"]]],
    ]
    let spec: JSONValue = [
      "selector": ["matchLabels": ["a": "b"]], "template": template, "serviceName": "s",
    ]
    for (kind, plural) in [("Deployment", "deployments"), ("StatefulSet", "statefulsets")] {
      let path = "/apis/apps/v1/namespaces/default/\(plural)"
      _ = try await test.send(
        "POST", path, [],
        [
          "apiVersion": "apps/v1", "kind": .string(kind), "metadata": ["name": "web"],
          "spec": spec,
        ])
      let written = try await test.send(
        "PATCH", path + "/web/status", [],
        ["metadata": metadata, "spec": ["replicas": 7], "status": ["replicas": 3]],
        type: "application/merge-patch+json"
      ).json
      #expect(written["status"]?["replicas"] == 3 && written["spec"]?["replicas"] == 1)
      #expect(written["metadata"]?["annotations"] == ["a": "new"])
      #expect(written["metadata"]?["finalizers"] == ["example.com/hold"])
      #expect(written["metadata"]?["generation"] == 1)
      #expect(
        written["metadata"]?["labels"] == (kind == "Deployment" ? nil : ["a": "new"]))
    }
  }

  @Test func everyReviewAllows() async throws {
    let review: JSONValue = [
      "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
      "spec": ["resourceAttributes": ["verb": "get", "resource": "pods"]],
    ]
    let answer = try await test.send(
      "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", [], review)
    #expect(answer.status == 201)
    #expect(answer.json["status"]?["allowed"] == true)
  }

  @Test func itSaysThatItIsASimulation() async throws {
    let answer = try await test.get("/api/v1/namespaces/kube-system/configmaps/embedded-cluster")
    #expect(answer.json["data"]?["note"] == .string(SeedObjects.simulationNote))
    #expect(answer.header("server") == "agent-operator-embedded-cluster")
    #expect(
      try await test.get("/version").json["gitVersion"]?.string?.contains("embedded") == true)
  }

  @Test(arguments: [
    ("GET", "/api/v1/namespaces/default/nopes", 404), ("GET", "/nope", 404),
    ("PUT", "/api/v1/namespaces/default/configmaps", 405),
    ("DELETE", "/api/v1/namespaces", 405), ("GET", "/apis/apps/v9", 404),
  ])
  func wrongPathsAndMethods(_ method: String, _ path: String, _ status: Int) async throws {
    #expect(try await test.send(method, path, [], method == "PUT" ? [:] : nil).status == status)
  }

  @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
  func nothingIsChangedAcrossNamespaces(_ method: String) async throws {
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    _ = try await test.send("POST", definitions, [], TestCluster.widgetDefinition)
    let widget: JSONValue = [
      "apiVersion": "test.example.com/v1", "kind": "Widget",
      "metadata": ["name": "w", "namespace": "default"],
    ]
    _ = try await test.send("POST", TestCluster.widgets, [], widget)
    _ = try await test.createConfigMap("a")
    let body = method == "DELETE" ? nil : widget
    let builtIn = try await test.send(method, "/api/v1/configmaps", [], body)
    #expect(builtIn.status == 405 && builtIn.reason == "MethodNotAllowed")
    let custom = try await test.send(method, "/apis/test.example.com/v1/widgets", [], body)
    #expect(custom.status == 404 && custom.json == "404 page not found\n")
    #expect(try await test.get(TestCluster.configMaps + "/a").status == 200)
    #expect(try await test.get(TestCluster.widgets + "/w").status == 200)
  }

  @Test func tooLargeBodiesAreRefused() async throws {
    let text = String(repeating: "x", count: APIServer.maximumBodyBytes + 1)
    let answer = try await test.createConfigMap("big", data: ["k": .string(text)])
    #expect(answer.status == 413)
    #expect(answer.reason == "RequestEntityTooLarge")
  }

  @Test func concurrentCreatesOfOneNameHaveOneWinner() async throws {
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<16 { group.addTask { try await test.createConfigMap("one").status } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses.filter { $0 == 201 }.count == 1)
    #expect(statuses.filter { $0 == 409 }.count == 15)
  }

  @Test func concurrentPatchesLoseNothing() async throws {
    _ = try await test.createConfigMap("a")
    try await withThrowingTaskGroup(of: Int.self) { group in
      for i in 0..<32 {
        group.addTask {
          try await test.send(
            "PATCH", TestCluster.configMaps + "/a", [], ["data": ["k\(i)": "v"]],
            type: "application/merge-patch+json"
          ).status
        }
      }
      for try await status in group { #expect(status == 200) }
    }
    let data = try await test.get(TestCluster.configMaps + "/a").json["data"]
    #expect(data?.object?.count == 32)
  }
}
