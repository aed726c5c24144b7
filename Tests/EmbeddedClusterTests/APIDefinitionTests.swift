import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import EmbeddedCluster

@Suite struct APIDefinitionTests {
  let test = TestCluster()
  static let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

  /// What a real server says of the same schemas.
  @Test(
    arguments: [
      (["type": "string", "pattern": "["], ".pattern", "must be a valid regular expression"),
      (["type": "string", "pattern": "(?=x)"], ".pattern", "invalid or unsupported Perl syntax"),
      (["type": "string", "default": 1], ".default", "in body must be of type string"),
      (["type": "string", "enum": ["x"], "default": "y"], ".default", "supported values: \"x\""),
      (
        ["type": "object", "properties": ["b": ["type": "string"]], "default": ["b": 1]],
        ".default.b", "b in body must be of type string"
      ),
      (
        ["type": "object", "properties": ["b": ["type": "string"]], "default": ["c": "1"]],
        ".default", "must not have unknown fields"
      ),
      (
        [
          "type": "string", "maxLength": 5, "default": "abc",
          "x-kubernetes-validations": [["rule": "self.size() < 2"]],
        ], ".default", "failed rule: self.size() < 2"
      ),
      (
        ["type": "array", "uniqueItems": true, "items": ["type": "string"]], ".uniqueItems",
        "uniqueItems cannot be set to true"
      ),
      (
        ["type": "string", "anyOf": [["type": "string"]]], ".anyOf[0].type",
        "must be empty to be structural"
      ),
      (
        ["type": "string", "x-kubernetes-list-type": "atomic"], ".type",
        "must be array if x-kubernetes-list-type is specified"
      ),
      (
        [
          "type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["a"],
        ], ".items.type", "must be object if parent array's x-kubernetes-list-type is map"
      ),
      (
        [
          "type": "array",
          "items": [
            "type": "string", "x-kubernetes-validations": [["rule": "self == oldSelf"]],
          ],
        ], ".items.x-kubernetes-validations[0].rule", "oldSelf cannot be used on the uncorrelatable"
      ),
    ] as [(JSONValue, String, String)])
  func schemasThatAreRefused(_ schema: JSONValue, _ field: String, _ why: String) async throws {
    let answer = try await test.send(
      "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", [],
      TestCluster.widgetDefinition(["a": schema]))
    #expect(answer.status == 422)
    let place = "spec.validation.openAPIV3Schema.properties[a]" + field
    let causes = answer.json["details"]?["causes"]?.array ?? []
    #expect(
      causes.contains {
        $0["field"]?.string == place && $0["message"]?.string?.contains(why) == true
      }, "\(answer.message)")
  }

  /// What Go's expressions have; not all of it can be looked for here.
  @Test(arguments: [
    "\\0", "\\012", "\\12", "^\\p{Latin}+$", "\\P{Greek}", "\\p{^Han}x", "[\\p{Old_Italic}a]",
    "[\\P{Any}b]",
    "\\p{Any}",
  ])
  func patternsThatAreTaken(_ pattern: String) async throws {
    let answer = try await test.send(
      "POST", Self.definitions, [],
      TestCluster.widgetDefinition(["a": ["type": "string", "pattern": .string(pattern)]]))
    #expect(answer.status == 201, "\(answer.message)")
    let object = try await test.send(
      "POST", TestCluster.widgets, [],
      ["apiVersion": "test.example.com/v1", "kind": "Widget", "metadata": ["name": "w"]])
    #expect(object.status == 201)
  }

  @Test(arguments: ["\\1", "\\8", "\\p{Klingon}", "\\p{Latin"])
  func patternsThatAreRefused(_ pattern: String) async throws {
    let answer = try await test.send(
      "POST", Self.definitions, [],
      TestCluster.widgetDefinition(["a": ["type": "string", "pattern": .string(pattern)]]))
    #expect(answer.status == 422)
    #expect(
      answer.message.split(separator: "error parsing regexp:").count == 2, "\(answer.message)")
  }

  @Test(
    arguments: [
      (["messageExpression": "self +"], ".messageExpression", "compilation failed"),
      (["messageExpression": "1"], ".messageExpression", "must evaluate to a string"),
      (["message": "   "], ".message", "must be non-empty if specified"),
      (["message": "a\nb"], ".message", "must not contain line breaks"),
      (["optionalOldSelf": true], ".optionalOldSelf", "may not be set if oldSelf is not used"),
      (["reason": "Foo"], ".reason", "Unsupported value: \"Foo\""),
      (["fieldPath": ".x"], ".fieldPath", "must be a valid path"),
      (["rule": "self.size()\n< 2"], ".message", "message must be specified if rule contains"),
    ] as [(JSONObject, String, String)])
  func rulesThatAreRefused(_ more: JSONObject, _ field: String, _ why: String) async throws {
    func create(_ more: JSONObject) async throws -> TestCluster.Answer {
      var rule: JSONObject = ["rule": "self.size() < 2"]
      for (key, value) in more { rule[key] = value }
      return try await test.send(
        "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", [],
        TestCluster.widgetDefinition([
          "a": [
            "type": "string", "maxLength": 5, "x-kubernetes-validations": [.object(rule)],
          ]
        ]))
    }
    let answer = try await create(more)
    #expect(answer.status == 422)
    let cause = answer.json["details"]?["causes"]?[0]
    #expect(
      cause?["field"]
        == .string(
          "spec.validation.openAPIV3Schema.properties[a].x-kubernetes-validations[0]" + field))
    #expect(cause?["message"]?.string?.contains(why) == true, "\(answer.message)")
    let fine = try await create(["messageExpression": "'x' + self", "message": "m"])
    #expect(fine.status == 201)
  }

  @Test(
    arguments: [
      (["conversion": ["strategy": "Foo"]], "spec.conversion.strategy"),
      (["conversion": ["strategy": "Webhook"]], "spec.conversion.webhookClientConfig"),
      (["preserveUnknownFields": true], "spec.preserveUnknownFields"),
    ] as [(JSONObject, String)])
  func definitionsThatAreRefused(_ more: JSONObject, _ field: String) async throws {
    var definition = TestCluster.widgetDefinition
    for (key, value) in more { definition["spec"]?[key] = value }
    let answer = try await test.send(
      "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", [], definition)
    #expect(answer.status == 422)
    #expect(answer.json["details"]?["causes"]?[0]?["field"] == .string(field))
  }

  @Test(
    arguments: [
      (
        ["additionalPrinterColumns": [["name": "A", "type": "foo", "jsonPath": "spec.a"]]],
        ["additionalPrinterColumns[0].type", "additionalPrinterColumns[0].JSONPath"]
      ),
      (
        [
          "subresources": ["scale": ["specReplicasPath": ".foo", "statusReplicasPath": "status.a"]]
        ],
        ["subresources.scale.specReplicasPath", "subresources.scale.statusReplicasPath"]
      ),
      (
        [
          "selectableFields": [
            ["jsonPath": ".spec.b"], ["jsonPath": ".spec"], ["jsonPath": "a"],
            ["jsonPath": ".metadata.name"], ["jsonPath": ".metadataish.name"],
          ]
        ],
        [
          "selectableFields[0].jsonPath", "selectableFields[1].jsonPath",
          "selectableFields[2].jsonPath", "selectableFields[3].jsonPath",
        ]
      ),
    ] as [(JSONObject, [String])])
  func versionsThatAreRefused(_ more: JSONObject, _ fields: [String]) async throws {
    var all = more
    all["schema"] = [
      "openAPIV3Schema": [
        "type": "object",
        "properties": [
          "spec": ["type": "object"],
          "metadataish": ["type": "object", "properties": ["name": ["type": "string"]]],
        ],
      ]
    ]
    var definition = TestCluster.widgetDefinition
    definition["spec"]?["versions"] = [version("v1", isStored: true, all)]
    let answer = try await test.send(
      "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", [], definition)
    #expect(answer.status == 422)
    let causes = answer.json["details"]?["causes"]?.array ?? []
    #expect(causes.compactMap { $0["field"]?.string } == fields.map { "spec." + $0 })
  }

  private func version(_ name: String, isStored: Bool, _ more: JSONObject = [:]) -> JSONValue {
    var version: JSONObject = [
      "name": .string(name), "served": true, "storage": .bool(isStored),
      "schema": ["openAPIV3Schema": ["type": "object"]],
    ]
    for (key, value) in more { version[key] = value }
    return .object(version)
  }

  @Test func formerStorageVersionsStay() async throws {
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    let path = definitions + "/widgets.test.example.com"
    let merge = "application/merge-patch+json"
    _ = try await test.send("POST", definitions, [], TestCluster.widgetDefinition)
    let both: JSONValue = [
      version("v1", isStored: false, ["deprecated": true]), version("v2", isStored: true),
      version("v3", isStored: false, ["deprecated": true, "deprecationWarning": "no more v3"]),
    ]
    let moved = try await test.send("PATCH", path, [], ["spec": ["versions": both]], type: merge)
    #expect(moved.json["status"]?["storedVersions"] == ["v1", "v2"])
    let only: JSONValue = ["spec": ["versions": [version("v2", isStored: true)]]]
    let refused = try await test.send("PATCH", path, [], only, type: merge)
    #expect(refused.status == 422)
    #expect(refused.message.contains("v1 was previously a storage version"))
    for (version, warning) in [
      ("v1", "299 - \"test.example.com/v1 Widget is deprecated; use test.example.com/v2 Widget\""),
      ("v2", nil), ("v3", "299 - \"no more v3\""),
    ] {
      let widgets = "/apis/test.example.com/\(version)/namespaces/default/widgets"
      #expect(try await test.get(widgets).header("warning") == warning)
      #expect(try await test.get(widgets + "/nope").header("warning") == warning)
    }
    _ = try await test.send(
      "PATCH", path + "/status", [], ["status": ["storedVersions": ["v2"]]], type: merge)
    #expect(try await test.send("PATCH", path, [], only, type: merge).status == 200)
  }

  @Test func namesBecomeFree() async throws {
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    _ = try await test.send("POST", definitions, [], TestCluster.widgetDefinition)
    var other = TestCluster.widgetDefinition
    other["metadata"]?["name"] = "gadgets.test.example.com"
    other["spec"]?["names"]?["plural"] = "gadgets"
    _ = try await test.send("POST", definitions, [], other)
    let gadgets = "/apis/test.example.com/v1/namespaces/default/gadgets"
    #expect(try await test.get(gadgets).status == 404)
    _ = try await test.send("DELETE", definitions + "/widgets.test.example.com")
    #expect(try await test.get(gadgets).status == 200)
    let names = try await test.get(definitions + "/gadgets.test.example.com").json["status"]
    #expect(names?["acceptedNames"]?["kind"] == "Widget")
  }

  /// What was stored before a rule came must stay changeable, not least to be deleted.
  @Test(arguments: ["atomic", "set"])
  func newRulesDoNotHoldWhatIsLeftAsItWas(_ listType: String) async throws {
    func definition(_ rules: JSONValue?) -> JSONValue {
      var item: JSONValue = ["type": "string", "maxLength": 30]
      if let rules { item["x-kubernetes-validations"] = rules }
      return TestCluster.widgetDefinition([
        "spec": [
          "type": "object",
          "properties": [
            "a": ["type": "string"],
            "list": [
              "type": "array", "maxItems": 5, "x-kubernetes-list-type": .string(listType),
              "items": item,
            ],
          ],
        ]
      ])
    }
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    let merge = "application/merge-patch+json"
    _ = try await test.send("POST", definitions, [], definition(nil))
    let path = TestCluster.widgets + "/w"
    let created = try await test.send(
      "POST", TestCluster.widgets, [],
      [
        "apiVersion": "test.example.com/v1", "kind": "Widget",
        "metadata": ["name": "w", "finalizers": ["a.b/c"]], "spec": ["list": ["long-v"]],
      ])
    #expect(created.status == 201)
    let ruled = try await test.send(
      "PATCH", definitions + "/widgets.test.example.com", [],
      ["spec": definition([["rule": "self.size() < 4"]])["spec"] ?? [:]], type: merge)
    #expect(ruled.status == 200)
    let other = try await test.send("PATCH", path, [], ["spec": ["a": "1"]], type: merge)
    #expect(other.status == 200)
    let longer = try await test.send(
      "PATCH", path, [], ["spec": ["list": ["long-v", "x"]]], type: merge)
    #expect(longer.status == 422)
    _ = try await test.send("DELETE", path)
    let released = try await test.send(
      "PATCH", path, [], ["metadata": ["finalizers": .null]], type: merge)
    #expect(released.status == 200)
    #expect(try await test.get(path).status == 404)
  }

  @Test func aDefinitionIsServedAtOnce() async throws {
    let created = try await test.send("POST", Self.definitions, [], TestCluster.widgetDefinition)
    #expect(created.status == 201)
    let definition = try await test.get(Self.definitions + "/widgets.test.example.com").json
    #expect(CustomResourceDefinitions.hasCondition(definition, "Established"))
    let list = try await test.get(TestCluster.widgets)
    #expect(list.json["kind"] == "WidgetList")
    let resources = try await test.get("/apis/test.example.com/v1").json["resources"]
    #expect(resources?[0]?["shortNames"] == ["wd"])
    #expect(resources?[1]?["name"] == "widgets/status")
  }

  @Test func objectsAreDefaultedAndPrunedWithWarnings() async throws {
    _ = try await test.send("POST", Self.definitions, [], TestCluster.widgetDefinition)
    let object: JSONValue = [
      "apiVersion": "test.example.com/v1", "kind": "Widget", "metadata": ["name": "w"],
      "spec": ["sise": 3], "status": ["phase": "Ready"],
    ]
    let created = try await test.send("POST", TestCluster.widgets, [], object)
    #expect(created.json["spec"] == ["size": 1])
    #expect(created.json["status"] == nil)
    #expect(created.header("warning") == "299 - \"unknown field \\\"spec.sise\\\"\"")
    let strict = try await test.send(
      "POST", TestCluster.widgets, [("fieldValidation", "Strict")], object)
    #expect(strict.status == 400)
  }

  @Test func aNewDefaultShowsOnOldObjects() async throws {
    var definition = TestCluster.widgetDefinition
    _ = try await test.send("POST", Self.definitions, [], definition)
    let object: JSONValue = [
      "apiVersion": "test.example.com/v1", "kind": "Widget", "metadata": ["name": "w"],
      "spec": [:],
    ]
    let created = try await test.send("POST", TestCluster.widgets, [], object)
    definition = try await test.get(Self.definitions + "/widgets.test.example.com").json
    var version = definition["spec"]?["versions"]?[0] ?? [:]
    version["schema"]?["openAPIV3Schema"]?["properties"]?["spec"]?["properties"]?["color"] = [
      "type": "string", "default": "green",
    ]
    definition["spec"]?["versions"] = [version]
    let updated = try await test.send(
      "PUT", Self.definitions + "/widgets.test.example.com", [], definition)
    #expect(updated.status == 200)
    let read = try await test.get(TestCluster.widgets + "/w")
    #expect(read.json["spec"]?["color"] == "green")
    #expect(read.version == created.version)
  }

  @Test func aDefinitionWaitsForObjectsThatAreHeld() async throws {
    _ = try await test.send("POST", Self.definitions, [], TestCluster.widgetDefinition)
    let object: JSONValue = [
      "apiVersion": "test.example.com/v1", "kind": "Widget",
      "metadata": ["name": "w", "finalizers": ["example.com/hold"]],
    ]
    _ = try await test.send("POST", TestCluster.widgets, [], object)
    let path = Self.definitions + "/widgets.test.example.com"
    _ = try await test.send("DELETE", path)
    #expect(try await test.get(path).status == 200)
    _ = try await test.send(
      "PATCH", TestCluster.widgets + "/w", [], ["metadata": ["finalizers": nil]],
      type: "application/merge-patch+json")
    #expect(try await test.get(path).status == 404)
    #expect(try await test.get("/apis/test.example.com/v1").status == 404)
  }

  /// Built-in kinds ask for a domain (see the recorded exchanges); custom resources need not have one.
  @Test func finalizersOfCustomResourcesNeedNoDomain() async throws {
    _ = try await test.send("POST", Self.definitions, [], TestCluster.widgetDefinition)
    func create(_ finalizer: String) async throws -> Int {
      let object: JSONValue = [
        "apiVersion": "test.example.com/v1", "kind": "Widget",
        "metadata": ["generateName": "w-", "finalizers": [.string(finalizer)]],
      ]
      return try await test.send("POST", TestCluster.widgets, [], object).status
    }
    #expect(try await create("finalizer.keda.sh") == 201)
    #expect(try await create("not a name") == 422)
  }

  @Test func wrongDefinitionsAreRefused() async throws {
    var definition = TestCluster.widgetDefinition
    definition["metadata"]?["name"] = "other.test.example.com"
    let answer = try await test.send("POST", Self.definitions, [], definition)
    #expect(answer.status == 422)
    #expect(answer.message.contains("must be spec.names.plural"))
  }

  @Test func versionsAreOrderedByMaturity() {
    let versions = ["v1alpha1", "v1", "foo", "v2beta1", "v10", "v2"]
    #expect(
      versions.sorted(by: VersionOrder.precedes)
        == ["v10", "v2", "v1", "v2beta1", "v1alpha1", "foo"])
  }

  @Test(arguments: [
    (".status.conditions[?(@.type==\"Ready\")].status", ["True"]), (".spec.list[1]", ["b"]),
    (".spec.list[*]", ["a", "b"]), (".metadata.annotations.a\\.b/c", ["d"]),
    (".spec.nothing", []),
  ])
  func columnPaths(_ path: String, _ expected: [String]) {
    let object: JSONValue = [
      "metadata": ["annotations": ["a.b/c": "d"]], "spec": ["list": ["a", "b"]],
      "status": [
        "conditions": [
          ["type": "Other", "status": "False"], ["type": "Ready", "status": "True"],
        ]
      ],
    ]
    #expect(ColumnPath.values(at: path, in: object).compactMap(\.string) == expected)
  }

  @Test func ages() {
    #expect(Age.text(seconds: 59) == "59s")
    #expect(Age.text(seconds: 125) == "2m5s")
    #expect(Age.text(seconds: 3600 * 5) == "5h")
    #expect(Age.text(seconds: 86_400 * 3) == "3d")
    #expect(Age.text(seconds: 86_400 * 400) == "400d")
  }

  @Test func duplicateFieldsAreFound() {
    let text = #"{"a":{"b":1,"b":2},"c":[{"d":"}\"","d":[]}],"a":null}"#
    #expect(DuplicateFields.paths(in: Array(text.utf8)) == ["a.b", "c[0].d", "a"])
  }

  @Test func gzipIsFramed() {
    let bytes = Array("123456789".utf8)
    #expect(GzipFraming.checksum(bytes) == 0xCBF4_3926)
    let framed = GzipFraming.framed(bytes)
    #expect(Array(framed[15..<24]) == bytes)
  }
}
