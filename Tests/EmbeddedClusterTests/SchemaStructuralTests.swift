import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

@Suite struct SchemaStructuralTests {
  private let schema = TypeSchema.structural(fromOpenAPI: [
    "type": "object",
    "properties": [
      "spec": [
        "type": "object", "required": ["name"],
        "properties": [
          "name": ["type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"],
          "size": ["type": "integer", "default": 3, "minimum": 1],
          "note": ["type": "string", "nullable": true],
          "open": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
          "port": ["x-kubernetes-int-or-string": true],
          "items": [
            "type": "array", "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k"],
            "items": [
              "type": "object",
              "properties": [
                "k": ["type": "string"], "v": ["type": "integer", "default": 1],
              ],
            ],
          ],
          "either": [
            "type": "object",
            "properties": ["a": ["type": "string"], "b": ["type": "string"]],
            "oneOf": [["required": ["a"]], ["required": ["b"]]],
          ],
        ],
      ]
    ],
  ])

  private func causes(_ spec: JSONValue) -> [String] {
    schema.validate(["spec": spec], old: nil, rules: nil).map(\.description)
  }

  @Test func pruningKeepsWhatIsPreserved() {
    let value: JSONValue = [
      "apiVersion": "x/v1", "metadata": ["name": "a"], "other": 1,
      "spec": ["name": "ab", "nope": 1, "open": ["x": ["y": 1]], "items": [["k": "a", "z": 1]]],
    ]
    #expect(
      schema.pruned(value) == [
        "apiVersion": "x/v1", "metadata": ["name": "a"],
        "spec": ["name": "ab", "open": ["x": ["y": 1]], "items": [["k": "a"]]],
      ])
    #expect(
      schema.unknownFields(in: value).sorted() == ["other", "spec.items[0].z", "spec.nope"])
  }

  @Test func defaultsReachIntoLists() {
    #expect(
      schema.defaulted(["spec": ["items": [["k": "a"], ["k": "b", "v": 2]]]]) == [
        "spec": ["size": 3, "items": [["k": "a", "v": 1], ["k": "b", "v": 2]]]
      ])
    #expect(schema.defaulted(["spec": ["size": nil]]) == ["spec": ["size": 3]])
    #expect(schema.defaulted([:]) == [:])
  }

  @Test func nullsStayOnlyWhereAllowed() {
    #expect(
      schema.withoutForbiddenNulls(["spec": ["note": nil, "name": nil, "open": ["a": nil]]])
        == ["spec": ["note": nil, "open": ["a": nil]]])
  }

  @Test func faultsHaveTheServersWords() {
    #expect(causes(["name": "ab", "port": "http", "note": nil]) == [])
    #expect(causes([:]) == ["spec.name: Required value"])
    #expect(
      causes(["name": "a"]) == [
        "spec.name: Invalid value: \"a\": spec.name in body should be at least 2 chars long"
      ])
    #expect(
      causes(["name": "ABC"]) == [
        "spec.name: Invalid value: \"ABC\": spec.name in body should match '^[a-z]+$'"
      ])
    #expect(causes(["name": "abcde"]) == ["spec.name: Too long: may not be more than 4 bytes"])
    #expect(
      causes(["name": "ab", "size": "x"]) == [
        "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\""
      ])
    #expect(
      causes(["name": "ab", "items": [["k": "a"], ["k": "a"]]]) == [
        "spec.items[1]: Duplicate value: {\"k\":\"a\"}"
      ])
    #expect(
      causes(["name": "ab", "either": ["a": "x", "b": "y"]]) == [
        "<nil>: Invalid value: \"\": \"spec.either\" must validate one and only one schema (oneOf). "
          + "Found 2 valid alternatives"
      ])
  }

  @Test func updatesDoNotRepeatOldFaults() {
    let old: JSONValue = ["spec": ["name": "ABC", "size": 1]]
    let new: JSONValue = ["spec": ["name": "ABC", "size": 0]]
    #expect(
      schema.validate(new, old: old, rules: nil).map(\.field) == ["spec.size"])
  }

  private struct Never: RuleEvaluator {
    func evaluate(
      rule: ValidationRule, self value: JSONValue, old: JSONValue?, schema: TypeSchema
    ) -> RuleOutcome { .fails(rule.message ?? "") }
    func check(rule: ValidationRule, schema: TypeSchema) -> String? { nil }
  }

  @Test func rulesWaitForWhatWouldBreakThem() {
    let schema = TypeSchema.structural(fromOpenAPI: [
      "type": "object",
      "properties": [
        "spec": [
          "type": "object",
          "x-kubernetes-validations": [
            ["rule": "false", "message": "no", "fieldPath": ".a", "reason": "FieldValueForbidden"],
            ["rule": "self == oldSelf"],
          ],
          "properties": ["a": ["type": "integer", "maximum": 5]],
        ]
      ],
    ])
    func texts(_ value: JSONValue, _ old: JSONValue? = nil) -> [String] {
      schema.validate(value, old: old, rules: Never()).map(\.description)
    }
    #expect(texts(["spec": ["a": 1]]) == ["spec.a: Forbidden: no"])
    #expect(texts(["spec": ["a": 9]]).count == 2)
    #expect(texts(["spec": ["a": "x"]]).last?.contains("were not checked") == true)
    #expect(
      texts(["spec": ["a": 2]], ["spec": ["a": 1]])
        == ["spec.a: Forbidden: no", "spec: Invalid value: failed rule: self == oldSelf"])
  }

  @Test(arguments: [
    ("10.0.0.1", true), ("10.0.0.256", false), ("10.0.0", false), ("01.0.0.1", false),
  ])
  func addresses(text: String, isValid: Bool) {
    #expect(IPText.isIPv4(text) == isValid)
  }

  @Test(arguments: [
    ("::", true), ("::1", true), ("fe80::1:2", true), ("1:2:3:4:5:6:7:8", true),
    ("1:2:3:4:5:6:7", false), ("1::2::3", false), ("::ffff:10.0.0.1", true), ("12345::", false),
  ])
  func addresses6(text: String, isValid: Bool) {
    #expect(IPText.isIPv6(text) == isValid)
  }
}
