import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

@Suite struct SchemaBuiltInTests {
  private func rules(_ apiVersion: String, _ kind: String) throws -> ResourceRules {
    try #require(
      ResourceRules(builtIn: GroupVersionKind(apiVersion: apiVersion, kind: kind)))
  }

  @Test func knowsTheKindsThatEveryClusterServes() {
    for (apiVersion, kind) in [
      ("v1", "Pod"), ("v1", "Service"), ("v1", "Secret"), ("apps/v1", "Deployment"),
      ("autoscaling/v2", "HorizontalPodAutoscaler"), ("policy/v1", "PodDisruptionBudget"),
      ("networking.k8s.io/v1", "NetworkPolicy"), ("rbac.authorization.k8s.io/v1", "Role"),
      ("coordination.k8s.io/v1", "Lease"), ("events.k8s.io/v1", "Event"), ("v1", "Event"),
      ("discovery.k8s.io/v1", "EndpointSlice"), ("batch/v1", "CronJob"),
      ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
      ("authentication.k8s.io/v1", "TokenReview"),
    ] {
      let gvk = GroupVersionKind(apiVersion: apiVersion, kind: kind)
      #expect(BuiltInSchemas.schema(for: gvk) != nil, "\(gvk)")
    }
    #expect(BuiltInSchemas.schema(for: GroupVersionKind(apiVersion: "v1", kind: "Nope")) == nil)
  }

  /// A reference to a definition that is not there would accept anything.
  @Test func allReferencesResolve() {
    var seen: Set<String> = []
    func walk(_ schema: TypeSchema) {
      if let name = schema.site.reference {
        #expect(BuiltInSchemas.definition(name) != nil, "\(name)")
        guard seen.insert(name).inserted else { return }
      }
      for property in schema.properties.values { walk(property) }
      if let items = schema.items { walk(items) }
      if let additional = schema.additional { walk(additional) }
    }
    for gvk in BuiltInSchemas.kinds {
      BuiltInSchemas.schema(for: gvk).map(walk)
    }
    #expect(seen.count > 250)
  }

  @Test func decodingDropsWhatGoDrops() throws {
    let pod = try rules("v1", "Pod").decode([
      "metadata": ["name": "a", "labels": [:], "unknown": 1],
      "spec": [
        "hostNetwork": false, "automountServiceAccountToken": false, "priority": 0,
        "nodeSelector": [:], "tolerations": nil,
        "containers": [
          ["name": "c", "image": "i:1", "stdin": false, "env": [["name": "A", "value": ""]]]
        ],
      ],
    ])
    let spec = pod["spec"]
    #expect(pod["metadata"] == ["name": "a"])
    #expect(spec?["hostNetwork"] == nil)
    #expect(spec?["automountServiceAccountToken"] == false)
    #expect(spec?["priority"] == 0)
    #expect(spec?["nodeSelector"] == nil)
    #expect(spec?["tolerations"] == nil)
    #expect(spec?["containers"]?[0]?["stdin"] == nil)
    #expect(spec?["containers"]?[0]?["env"]?[0] == ["name": "A"])
    #expect(spec?["containers"]?[0]?["resources"] == [:])
    #expect(spec?["containers"]?[0]?["imagePullPolicy"] == "IfNotPresent")
  }

  @Test(arguments: [
    ("nginx", "Always"), ("nginx:latest", "Always"), ("host:5000/nginx", "Always"),
    ("nginx:1.27", "IfNotPresent"), ("nginx@sha256:abc", "IfNotPresent"),
    ("host:5000/nginx:1", "IfNotPresent"),
  ])
  func pullPolicyFollowsTheTag(image: String, policy: String) throws {
    let pod = try rules("v1", "Pod").decode([
      "spec": ["containers": [["name": "c", "image": .string(image)]]]
    ])
    #expect(pod[path: "spec", "containers"]?[0]?["imagePullPolicy"] == .string(policy))
  }

  @Test func decodingNamesTheFieldOfAWrongType() throws {
    #expect(
      throws: DecodeFailure(
        message: "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port "
          + "of type int32")
    ) {
      try rules("v1", "Service").decode(["spec": ["ports": [["port": "80"]]]])
    }
    #expect(
      throws: DecodeFailure(
        message:
          "json: cannot unmarshal number into Go struct field ConfigMap.data of type string")
    ) {
      try rules("v1", "ConfigMap").decode(["data": ["n": 5]])
    }
  }

  @Test func secretTextsBecomeData() throws {
    let secret = try rules("v1", "Secret").decode(["stringData": ["k": "v", "l": ""]])
    #expect(secret["data"] == ["k": "dg==", "l": ""])
    #expect(secret["stringData"] == nil)
    #expect(secret["type"] == "Opaque")
  }

  @Test(
    arguments: [
      ("", nil), ("dg==", nil), ("AAE=", nil), ("AAEC", nil), ("!", 0), ("dg=", 3), ("d===", 1),
      ("dg==x", 2),
    ] as [(String, Int?)])
  func base64FaultsHaveAPlace(text: String, offset: Int?) {
    #expect((Base64.faultOffset(text) == nil) == (offset == nil))
  }

  @Test func base64RoundTrip() {
    #expect(Base64.encoded([]) == "")
    #expect(Base64.encoded([0]) == "AA==")
    #expect(Base64.encoded([0, 1]) == "AAE=")
    #expect(Base64.encoded([0xFF, 0xFE, 0xFD]) == "//79")
    #expect(Base64.decodedCount("AAE=") == 2)
  }

  @Test func generationCountsSpecChanges() throws {
    let rules = try rules("apps/v1", "Deployment")
    let context = RulesContext(
      now: "2026-01-01T00:00:00Z", nextClusterIP: { "10.96.0.10" }, nextNodePort: { 30000 },
      allocations: { _ in ServiceAllocations() })
    let sent: JSONValue = [
      "metadata": ["name": "a", "uid": "u"],
      "spec": [
        "selector": ["matchLabels": ["a": "b"]],
        "template": [
          "metadata": ["labels": ["a": "b"]],
          "spec": ["containers": [["name": "c", "image": "i"]]],
        ],
      ],
    ]
    guard case .ok(let made) = rules.prepareCreate(try rules.decode(sent), context) else {
      Issue.record("refused")
      return
    }
    #expect(made[path: "metadata", "generation"] == 1)
    var changed = made
    changed["spec"]?["replicas"] = 2
    changed["status"] = ["replicas": 9]
    guard
      case .ok(let updated) = rules.prepareUpdate(
        old: made, new: changed, subresource: nil, context)
    else {
      Issue.record("refused")
      return
    }
    #expect(updated[path: "metadata", "generation"] == 2)
    #expect(updated["status"] == [:])
    var status = updated
    status["status"] = ["replicas": 9]
    status["spec"]?["replicas"] = 5
    guard
      case .ok(let reported) = rules.prepareUpdate(
        old: updated, new: status, subresource: "status", context)
    else {
      Issue.record("refused")
      return
    }
    #expect(reported[path: "metadata", "generation"] == 2)
    #expect(reported[path: "spec", "replicas"] == 2)
    #expect(reported[path: "status", "replicas"] == 9)
  }

  @Test func openAPIHasEveryReferredSchema() throws {
    let type = ResourceType(
      group: "apps", version: "v1", plural: "deployments", kind: "Deployment")
    let document = OpenAPIDocuments.document(
      group: "apps", version: "v1",
      [
        OpenAPIDocuments.Resource(
          type: type, schema: BuiltInSchemas.schema(for: type.gvk),
          verbs: ["create", "get", "patch"], subresources: [], isCustom: false)
      ])
    let schemas = try #require(document[path: "components", "schemas"]?.object)
    var references: Set<String> = []
    func collect(_ value: JSONValue) {
      switch value {
      case .object(let object):
        for (key, member) in object {
          if key == "$ref", let text = member.string { references.insert(text) }
          collect(member)
        }
      case .array(let elements): elements.forEach(collect)
      default: break
      }
    }
    collect(document)
    for reference in references {
      #expect(schemas[String(reference.dropFirst("#/components/schemas/".count))] != nil)
    }
    let containers = schemas["io.k8s.api.core.v1.PodSpec"]?["properties"]?["containers"]
    #expect(containers?["x-kubernetes-list-map-keys"] == ["name"])
    #expect(containers?["x-kubernetes-patch-merge-key"] == "name")
    let path = document["paths"]?["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]
    #expect(path?["patch"]?["x-kubernetes-group-version-kind"]?["kind"] == "Deployment")
  }
}
