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

  @Test(
    arguments: [
      (
        ["spec": ["template": ["spec": ["containers": [["image": "k"]]]]]],
        "map: map[image:k] does not contain declared merge key: name"
      ),
      (["spec": ["$patch": "bogus"]], "unknown patch type: bogus in map: map[$patch:bogus]"),
    ] as [(JSONValue, String)])
  func strategicPatchesThatMakeNoSense(_ patch: JSONValue, _ message: String) async throws {
    let path = "/apis/apps/v1/namespaces/default/deployments"
    _ = try await test.send("POST", path, [], Self.deployment("web"))
    let refused = try await test.send(
      "PATCH", path + "/web", [], patch, type: "application/strategic-merge-patch+json")
    #expect(refused.status == 500 && refused.message == message)
  }

  @Test(
    arguments: [
      (["kind": "Foo"], 422), (["kind": "Secret"], 422), (["apiVersion": "apps/v9"], 422),
      (["kind": .null], 200), (["kind": "ConfigMap", "apiVersion": "v1"], 200),
      (["kind": ""], 200), (["apiVersion": ""], 200), (["kind": "", "apiVersion": ""], 200),
    ] as [(JSONValue, Int)])
  func noPatchMakesAnotherKind(_ patch: JSONValue, _ status: Int) async throws {
    _ = try await test.createConfigMap("a")
    let answer = try await test.send(
      "PATCH", TestCluster.configMaps + "/a", [], patch, type: "application/merge-patch+json")
    #expect(answer.status == status)
    guard status == 422 else { return }
    #expect(answer.json["details"]?["causes"]?[0]?["field"] == "patch")
    #expect(answer.message.hasPrefix(" \"\" is invalid: patch: Invalid value: \"{\\\""))
    #expect(
      answer.message.hasSuffix(
        patch == ["kind": "Secret"]
          ? "converting (v1.Secret) to (core.ConfigMap): unknown conversion"
          : "in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\""))
  }

  @Test func noPatchMakesAnotherKindOfACustomResource() async throws {
    _ = try await test.send(
      "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", [],
      TestCluster.widgetDefinition)
    let widget: JSONValue = [
      "apiVersion": "test.example.com/v1", "kind": "Widget", "metadata": ["name": "w"],
    ]
    _ = try await test.send("POST", TestCluster.widgets, [], widget)
    for (patch, message) in [
      (
        ["kind": "Bar"],
        "Bar.test.example.com \"w\" is invalid: kind: Invalid value: \"Bar\": must be Widget"
      ),
      (
        ["apiVersion": "other.io/v1"],
        "Widget.other.io \"w\" is invalid: apiVersion: Invalid value: \"other.io/v1\": must be test.example.com/v1"
      ),
    ] as [(JSONValue, String)] {
      let answer = try await test.send(
        "PATCH", TestCluster.widgets + "/w", [], patch, type: "application/merge-patch+json")
      #expect(answer.status == 422 && answer.message == message)
    }
  }

  @Test func anApplyThatCreatesNeedsAName() async throws {
    for metadata in [["generateName": "a-"], [:]] as [JSONValue] {
      let refused = try await test.send(
        "PATCH", TestCluster.configMaps + "/a", [("fieldManager", "x")],
        ["apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata],
        type: "application/apply-patch+yaml")
      #expect(refused.status == 400)
      #expect(
        refused.message
          == "the name of the object (a based on URL) was undeterminable: name must be provided")
    }
    #expect(try await test.get(TestCluster.configMaps).json["items"] == [])
  }

  @Test func ownersAreForgottenOnDemand() async throws {
    _ = try await test.send(
      "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", [],
      TestCluster.widgetDefinition)
    _ = try await test.createConfigMap("a", data: ["k": "1"])
    let widget: JSONValue = [
      "apiVersion": "test.example.com/v1", "kind": "Widget", "metadata": ["name": "a"],
      "spec": ["size": 2],
    ]
    _ = try await test.send("POST", TestCluster.widgets, [], widget)
    for path in [TestCluster.configMaps + "/a", TestCluster.widgets + "/a"] {
      #expect(try await test.get(path).json["metadata"]?["managedFields"] != nil)
      let patched = try await test.send(
        "PATCH", path, [], ["metadata": ["managedFields": []]],
        type: "application/merge-patch+json")
      #expect(patched.status == 200)
      #expect(try await test.get(path).json["metadata"]?["managedFields"] == nil)
    }
  }

  @Test func eachOwnerIsKeptOnce() async throws {
    let owner: JSONValue = ["apiVersion": "v1", "kind": "A", "name": "a", "uid": "1"]
    let other: JSONValue = ["apiVersion": "v1", "kind": "A", "name": "b", "uid": "1"]
    let created = try await test.createConfigMap("a", ["ownerReferences": [owner, other, owner]])
    #expect(created.json["metadata"]?["ownerReferences"] == [owner, other])
    let warning =
      "API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: 1\""
    #expect(
      created.header("warning")
        == "299 - \".metadata.ownerReferences contains duplicate entries; " + warning)
    let path = TestCluster.configMaps + "/a"
    let patched = try await test.send(
      "PATCH", path, [],
      [["op": "add", "path": "/metadata/ownerReferences/-", "value": other]],
      type: "application/json-patch+json")
    #expect(patched.version == created.version)
    #expect(
      patched.header("warning")
        == "299 - \".metadata.ownerReferences contains duplicate entries after mutating admission happens; "
        + warning)
    var object = created.json
    object["metadata"]?["ownerReferences"] = [owner, owner]
    let replaced = try await test.send("PUT", path, [], object)
    #expect(replaced.json["metadata"]?["ownerReferences"] == [owner])
    #expect(replaced.header("warning") != nil)
  }

  @Test(arguments: [
    ("/apis/coordination.k8s.io/v1/namespaces/default/leases", 201),
    ("/api/v1/namespaces/default/services", 201), ("/api/v1/namespaces/default/endpoints", 201),
    ("/apis/rbac.authorization.k8s.io/v1/clusterroles", 201),
    (TestCluster.configMaps, 404), ("/api/v1/namespaces/default/serviceaccounts", 404),
  ])
  func someKindsAreCreatedByReplacing(_ path: String, _ status: Int) async throws {
    let object: JSONValue =
      path.hasSuffix("services")
      ? ["metadata": ["name": "a", "resourceVersion": "5"], "spec": ["ports": [["port": 80]]]]
      : ["metadata": ["name": "a", "resourceVersion": "5"]]
    let answer = try await test.send("PUT", path + "/a", [], object)
    #expect(answer.status == status)
    #expect(try await test.get(path + "/a").status == (status == 201 ? 200 : 404))
    guard status == 201 else { return }
    var other = object
    other["metadata"] = ["name": "b", "uid": "5"]
    #expect(try await test.send("PUT", path + "/b", [], other).status == 409)
    #expect(try await test.send("PUT", path + "/c", [], object).status == 400)
  }

  @Test func everyAdvertisedKindIsStored() async throws {
    let classes = "/apis/storage.k8s.io/v1/storageclasses"
    let made = try await test.send(
      "POST", classes, [], ["metadata": ["name": "fast"], "provisioner": "x.y/z"])
    #expect(made.status == 201)
    #expect(made.json["reclaimPolicy"] == "Delete")
    #expect(made.json["volumeBindingMode"] == "Immediate")
    let changed = try await test.send(
      "PATCH", classes + "/fast", [], ["provisioner": "b"], type: "application/merge-patch+json")
    #expect(changed.status == 422 && changed.message.hasSuffix("field is immutable"))
    let wrong = try await test.send(
      "POST", classes, [], ["metadata": ["name": "b"], "reclaimPolicy": "Foo"])
    #expect(wrong.json["details"]?["causes"]?.array?.count == 2)
    let templates = "/api/v1/namespaces/default/podtemplates"
    let template = Self.deployment("web")["spec"]?["template"] ?? [:]
    let stored = try await test.send(
      "POST", templates, [], ["metadata": ["name": "a"], "template": template])
    #expect(stored.status == 201 && stored.json["metadata"]?["generation"] == 1)
    #expect(stored.json["template"]?["spec"]?["restartPolicy"] == "Always")
    let empty = try await test.send("POST", templates, [], ["metadata": ["name": "b"]])
    #expect(
      empty.message
        == "PodTemplate \"b\" is invalid: template.spec.containers: Required value")
    for definition in test.cluster.server.registry.all {
      #expect(definition.rules != nil, "\(definition.qualifiedName)")
    }
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

  /// A delete whose options cannot be read deletes nothing.
  @Test(
    arguments: [
      (["gracePeriodSeconds": "x"], 400), (["preconditions": "x"], 400), ([], 400), ("x", 400),
      (["kind": "Foo", "apiVersion": "v1"], 400), (["dryRun": "All"], 400),
      (["preconditions": ["uid": 1]], 400), (["orphanDependents": "x"], 400),
      (["gracePeriodSeconds": 1.5], 400), (.null, 200), (["unknown": 1], 200),
      (["kind": "DeleteOptions", "apiVersion": "apps/v1"], 200),
    ] as [(JSONValue, Int)])
  func optionsOfADelete(_ options: JSONValue, _ status: Int) async throws {
    _ = try await test.createConfigMap("a")
    for path in [TestCluster.configMaps, TestCluster.configMaps + "/a"] where status == 400 {
      #expect(try await test.send("DELETE", path, [], options).status == 400)
      #expect(try await test.get(TestCluster.configMaps + "/a").status == 200)
    }
    let path = TestCluster.configMaps + "/a"
    let text = try await test.send("DELETE", path, [], [:], type: "text/plain")
    #expect(text.status == 415)
    #expect(try await test.send("DELETE", path, [], options).status == status)
    #expect(try await test.get(path).status == (status == 200 ? 404 : 200))
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

  /// Who takes the replicas over through the scale owns them there, with the other's consent.
  @Test func scalesAreApplied() async throws {
    let path = "/apis/apps/v1/namespaces/default/deployments"
    let apply = "application/apply-patch+yaml"
    var object = Self.deployment("web")
    object["spec"]?["replicas"] = 2
    _ = try await test.send(
      "PATCH", path + "/web", [("fieldManager", "op")], object, type: apply)
    let scale: JSONValue = [
      "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": ["name": "web"],
      "spec": ["replicas": 5],
    ]
    let nobody = try await test.send("PATCH", path + "/web/scale", [], scale, type: apply)
    #expect(nobody.status == 422)
    let refused = try await test.send(
      "PATCH", path + "/web/scale", [("fieldManager", "hpa")], scale, type: apply)
    #expect(refused.status == 409)
    #expect(
      refused.message == "Apply failed with 1 conflict: conflict with \"op\": .spec.replicas")
    let forced = try await test.send(
      "PATCH", path + "/web/scale", [("fieldManager", "hpa"), ("force", "true")], scale,
      type: apply)
    #expect(forced.json["spec"]?["replicas"] == 5)
    let parent = try await test.get(path + "/web").json
    #expect(parent["spec"]?["replicas"] == 5)
    let managed = parent["metadata"]?["managedFields"]?.array ?? []
    let hpa = managed.first { $0["manager"] == "hpa" }
    #expect(
      hpa == [
        "manager": "hpa", "operation": "Apply", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
        "fieldsV1": ["f:spec": ["f:replicas": [:]]], "subresource": "scale",
      ])
    let op = managed.first { $0["manager"] == "op" }
    #expect(op?["fieldsV1"]?["f:spec"]?["f:replicas"] == nil)
    let updated = try await test.send(
      "PATCH", path + "/web/scale", [("fieldManager", "me")], ["spec": ["replicas": 6]],
      type: "application/strategic-merge-patch+json")
    #expect(updated.json["spec"]?["replicas"] == 6)
    let again = try await test.send(
      "PATCH", path + "/web/scale", [("fieldManager", "hpa")], scale, type: apply)
    #expect(
      again.message.hasSuffix(
        "conflict with \"me\" with subresource \"scale\" using autoscaling/v1: .spec.replicas"))
  }

  @Test(
    arguments: [
      (["apiVersion": "v1", "kind": "Scale", "metadata": ["name": "web"]], 400),
      (["apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"]], 400),
      (["spec": ["replicas": 1]], 400), (["metadata": ["name": "other"]], 400),
      (["metadata": ["name": "web"], "spec": ["replicas": "1"]], 400),
      (["metadata": ["name": "web"], "spec": ["replicas": -1]], 422),
      (["metadata": ["name": "web", "resourceVersion": "1"]], 409),
      (["metadata": ["name": "web"]], 200),
    ] as [(JSONValue, Int)])
  func scalesAreReplaced(_ scale: JSONValue, _ status: Int) async throws {
    let path = "/apis/apps/v1/namespaces/default/deployments"
    _ = try await test.send("POST", path, [], Self.deployment("web"))
    #expect(try await test.send("PUT", path + "/web/scale", [], scale).status == status)
  }

  @Test func scalesOfCustomResourcesThatSayNothing() async throws {
    let replicas: JSONValue = [
      "type": "object", "properties": ["replicas": ["type": "integer"]],
    ]
    let definition = TestCluster.widgetDefinition(
      ["spec": replicas, "status": replicas],
      subresources: [
        "status": [:],
        "scale": [
          "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
        ],
      ])
    _ = try await test.send(
      "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", [], definition)
    let widget: JSONValue = [
      "apiVersion": "test.example.com/v1", "kind": "Widget", "metadata": ["name": "w"],
    ]
    #expect(try await test.send("POST", TestCluster.widgets, [], widget).status == 201)
    let path = TestCluster.widgets + "/w/scale"
    let merge = "application/merge-patch+json"
    #expect(try await test.get(path).status == 500)
    let empty = try await test.send("PATCH", path, [], [:], type: merge)
    #expect(
      empty.status == 400
        && empty.message == "the spec replicas field \".spec.replicas\" cannot be empty")
    let scaled = try await test.send("PATCH", path, [], ["spec": ["replicas": 3]], type: merge)
    #expect(scaled.status == 200 && scaled.json["spec"] == ["replicas": 3])
    let negative = try await test.send("PATCH", path, [], ["spec": ["replicas": -1]], type: merge)
    #expect(negative.status == 422)
    #expect(
      negative.message
        == "Widget.test.example.com \"w\" is invalid: .spec.replicas: Invalid value: -1: should be a non-negative integer"
    )
    #expect(
      try await test.get(TestCluster.widgets + "/w").json["spec"] == ["replicas": 3])
  }

  static func deployment(_ name: String) -> JSONValue {
    [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
      "spec": [
        "selector": ["matchLabels": ["a": "b"]],
        "template": [
          "metadata": ["labels": ["a": "b"]],
          "spec": ["containers": [["name": "c", "image": "i"]]],
        ],
      ],
    ]
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

  /// What else a Scale says of whose it is.
  @Test(
    arguments: [
      ("PUT", ["name": "web", "namespace": "other"], [:], 400),
      ("PUT", ["name": "web", "namespace": "default"], [:], 200),
      ("PUT", ["name": "web", "uid": "other"], [:], 409),
      ("PATCH", ["uid": "other"], [:], 409), ("PATCH", ["name": "other"], [:], 400),
      ("PATCH", ["namespace": "other"], [:], 400),
      ("PATCH", [:], ["kind": "Deployment"], 422), ("PATCH", [:], ["kind": ""], 200),
      ("PATCH", [:], ["apiVersion": "autoscaling/v9"], 422), ("PATCH", [:], [:], 200),
    ] as [(String, JSONValue, JSONObject, Int)])
  func aScaleIsItsParents(
    _ method: String, _ metadata: JSONValue, _ more: JSONObject, _ status: Int
  ) async throws {
    let path = "/apis/apps/v1/namespaces/default/deployments"
    _ = try await test.send("POST", path, [], Self.deployment("web"))
    var scale: JSONObject = ["metadata": metadata, "spec": ["replicas": 4]]
    for (key, value) in more { scale[key] = value }
    let answer = try await test.send(
      method, path + "/web/scale", [], .object(scale),
      type: method == "PUT" ? "application/json" : "application/merge-patch+json")
    #expect(answer.status == status, "\(answer.message)")
    let replicas = try await test.get(path + "/web").json["spec"]?["replicas"]
    #expect((replicas == 4) == (status == 200))
  }
}
