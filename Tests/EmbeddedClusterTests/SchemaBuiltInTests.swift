import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

@Suite struct SchemaBuiltInTests {
  private func rules(_ apiVersion: String, _ kind: String) throws -> ResourceRules {
    try #require(
      ResourceRules(builtIn: GroupVersionKind(apiVersion: apiVersion, kind: kind)))
  }

  /// What a real server says of the same templates.
  @Test(
    arguments: [
      (
        ["securityContext": ["privileged": true, "allowPrivilegeEscalation": false]],
        "securityContext", "FieldValueInvalid"
      ),
      (["securityContext": ["runAsUser": -1]], "securityContext.runAsUser", "FieldValueInvalid"),
      (
        ["securityContext": ["seccompProfile": ["type": "Foo"]]],
        "securityContext.seccompProfile.type", "FieldValueNotSupported"
      ),
      (
        [
          "securityContext": [
            "allowPrivilegeEscalation": false, "capabilities": ["add": ["CAP_SYS_ADMIN"]],
          ]
        ], "securityContext", "FieldValueInvalid"
      ),
      (["env": [["name": "A", "valueFrom": [:]]]], "env[0].valueFrom", "FieldValueInvalid"),
      (
        ["env": [["name": "A", "valueFrom": ["secretKeyRef": ["name": "s", "key": ""]]]]],
        "env[0].valueFrom.secretKeyRef.key", "FieldValueRequired"
      ),
      (["envFrom": [[:]]], "envFrom", "FieldValueInvalid"),
      (
        ["volumeMounts": [["name": "v", "mountPath": "/a", "subPath": "/x"]]],
        "volumeMounts.subPath", "FieldValueInvalid"
      ),
      (
        ["livenessProbe": ["httpGet": ["port": 0]]], "livenessProbe.httpGet.port",
        "FieldValueInvalid"
      ),
      (["lifecycle": ["preStop": [:]]], "lifecycle.preStop", "FieldValueRequired"),
      (
        ["lifecycle": ["preStop": ["sleep": ["seconds": 5], "exec": ["command": ["a"]]]]],
        "lifecycle.preStop.sleep", "FieldValueForbidden"
      ),
      (
        ["lifecycle": ["postStart": ["httpGet": ["port": 1], "tcpSocket": ["port": 1]]]],
        "lifecycle.postStart.tcpSocket", "FieldValueForbidden"
      ),
      (
        [
          "env": [
            [
              "name": "A",
              "valueFrom": [
                "secretKeyRef": ["name": "s", "key": "k"],
                "fieldRef": ["fieldPath": "spec.nodeName"],
              ],
            ]
          ]
        ], "env[0].valueFrom", "FieldValueInvalid"
      ),
      (["terminationMessagePolicy": "Foo"], "terminationMessagePolicy", "FieldValueNotSupported"),
      (["resources": ["limits": ["foo": "1"]]], "resources.limits[foo]", "FieldValueInvalid"),
      (
        ["resources": ["requests": ["nvidia.com/gpu": "1"]]], "resources.limits",
        "FieldValueRequired"
      ),
      (
        ["resources": ["limits": ["nvidia.com/gpu": "500m"]]], "resources.limits[nvidia.com/gpu]",
        "FieldValueInvalid"
      ),
      (
        ["resources": ["requests": ["hugepages-2Mi": "2Mi"]]], "resources.limits",
        "FieldValueRequired"
      ),
    ] as [(JSONValue, String, String)])
  func containersThatAreRefused(_ more: JSONValue, _ field: String, _ reason: String) {
    var container: JSONValue = ["name": "c", "image": "i"]
    for (key, value) in more.object ?? [:] { container[key] = value }
    let spec: JSONValue = [
      "containers": [container], "volumes": [["name": "v", "emptyDir": [:]]],
    ]
    var causes: [FieldCause] = []
    PodValidation.spec(spec, "spec.template.spec", &causes)
    #expect(
      Set(causes.map { "\($0.reason) \($0.field)" })
        == ["\(reason) spec.template.spec.containers[0].\(field)"])
  }

  @Test(
    arguments: [
      ["requests": ["kubernetes.io/batch-cpu": "500m"]],
      ["requests": ["a.kubernetes.io/x": "1"], "limits": ["a.kubernetes.io/x": "2"]],
      ["limits": ["nvidia.com/gpu": "100E"]], ["limits": ["nvidia.com/gpu": "9223372036854775807"]],
      ["limits": ["nvidia.com/gpu": "2000m"]],
    ] as [JSONValue])
  func resourcesThatAreTaken(_ resources: JSONValue) {
    var causes: [FieldCause] = []
    PodValidation.spec(
      ["containers": [["name": "c", "image": "i", "resources": resources]]], "spec", &causes)
    #expect(causes.isEmpty, "\(causes)")
  }

  @Test(
    arguments: [
      (
        ["volumes": [["name": "v", "persistentVolumeClaim": ["claimName": ""]]]],
        ["volumes[0].persistentVolumeClaim.claimName"]
      ),
      (
        ["volumes": [["name": "v", "configMap": ["name": "x", "defaultMode": 1000]]]],
        ["volumes[0].configMap.defaultMode"]
      ),
      (
        [
          "volumes": [
            ["name": "v", "secret": ["secretName": "x", "items": [["key": "", "path": "../x"]]]]
          ]
        ], ["volumes[0].secret.items[0].key", "volumes[0].secret.items[0].path"]
      ),
      (["tolerations": [["key": "a", "effect": "Foo"]]], ["tolerations[0].effect"]),
      (["tolerations": [["operator": "Equal"]]], ["tolerations[0].operator"]),
      (
        [
          "affinity": [
            "podAntiAffinity": [
              "preferredDuringSchedulingIgnoredDuringExecution": [
                ["weight": 0, "podAffinityTerm": ["topologyKey": "z"]]
              ]
            ]
          ]
        ], ["affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight"]
      ),
      (["dnsPolicy": "None"], ["dnsConfig"]),
      (["terminationGracePeriodSeconds": -1, "containers": [["name": "c", "image": " i"]]], []),
    ] as [(JSONValue, [String])])
  func templatesThatAreRefused(_ more: JSONValue, _ fields: [String]) {
    var spec: JSONValue = ["containers": [["name": "c", "image": "i"]]]
    for (key, value) in more.object ?? [:] { spec[key] = value }
    var causes: [FieldCause] = []
    PodValidation.spec(spec, "spec.template.spec", &causes)
    #expect(causes.map(\.field) == fields.map { "spec.template.spec." + $0 })
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
      now: "2026-01-01T00:00:00Z", nextClusterIP: { "10.96.0.10" }, nextNodePort: { _ in 30000 },
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
