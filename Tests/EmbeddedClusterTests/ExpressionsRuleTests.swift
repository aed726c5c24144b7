import JSON
import Testing

@testable import EmbeddedCluster

/// Rules of definitions, as the API server evaluates them.
@Suite struct ExpressionsRuleTests {
  /// The schema of `spec` under a root with these properties.
  static func schema(_ spec: JSONValue) -> TypeSchema {
    let root = TypeSchema.structural(
      fromOpenAPI: ["type": "object", "properties": ["spec": spec]])
    return root.properties["spec"] ?? root
  }

  static func object(_ properties: JSONValue) -> TypeSchema {
    schema(["type": "object", "properties": properties])
  }

  static let evaluator = CELEvaluator()

  static func outcome(
    _ rule: String, _ value: JSONValue, old: JSONValue? = nil, _ schema: TypeSchema,
    optionalOldSelf: Bool = false
  ) -> RuleOutcome {
    evaluator.evaluate(
      rule: ValidationRule(rule: rule, optionalOldSelf: optionalOldSelf), self: value, old: old,
      schema: schema)
  }

  // Recorded from kube-apiserver: shared/conformance/scenarios/crd-rules.yaml.

  static let minMax = object([
    "min": ["type": "integer"], "max": ["type": "integer"], "class": ["type": "string"],
  ])

  @Test func recordedRules() {
    let rule = ValidationRule(
      rule: "!has(self.min) || !has(self.max) || self.min <= self.max",
      message: "min must not exceed max")
    func outcome(_ value: JSONValue) -> RuleOutcome {
      Self.evaluator.evaluate(rule: rule, self: value, old: nil, schema: Self.minMax)
    }
    #expect(outcome(["min": 5, "max": 3]) == .fails("min must not exceed max"))
    #expect(outcome(["min": 3, "max": 3]) == .holds)
    #expect(outcome(["min": 3]) == .holds)
  }

  @Test func recordedMessageExpression() {
    let rule = ValidationRule(
      rule: "!has(self.min) || self.min >= 0",
      messageExpression: "self.min < -10 ? 'min is far below zero' : 'min is below zero'")
    func outcome(_ value: JSONValue) -> RuleOutcome {
      Self.evaluator.evaluate(rule: rule, self: value, old: nil, schema: Self.minMax)
    }
    #expect(outcome(["min": -1]) == .fails("min is below zero"))
    #expect(outcome(["min": -50]) == .fails("min is far below zero"))
    #expect(outcome([:]) == .holds)
  }

  @Test func recordedCompileError() {
    let schema = Self.object(["a": ["type": "integer"]])
    #expect(
      Self.evaluator.check(rule: ValidationRule(rule: "self.nope > 1"), schema: schema) == """
        compilation failed: ERROR: <input>:1:5: undefined field 'nope'
         | self.nope > 1
         | ....^
        """)
    #expect(Self.evaluator.check(rule: ValidationRule(rule: "self.a > 1"), schema: schema) == nil)
    #expect(
      Self.evaluator.check(rule: ValidationRule(rule: "self.a"), schema: schema)
        == "cel expression must evaluate to a bool")
  }

  @Test func transitionRules() {
    let text = Self.schema(["type": "string"])
    let rule = "self == oldSelf"
    #expect(Self.outcome(rule, "y", old: "x", text) == .fails("failed rule: self == oldSelf"))
    #expect(Self.outcome(rule, "x", old: "x", text) == .holds)
    #expect(Self.outcome(rule, "x", text) == .holds)
    let optional = "!oldSelf.hasValue() || self == oldSelf.value()"
    #expect(Self.outcome(optional, "x", text, optionalOldSelf: true) == .holds)
    #expect(Self.outcome(optional, "x", old: "x", text, optionalOldSelf: true) == .holds)
    #expect(
      Self.outcome(optional, "x", old: "y", text, optionalOldSelf: true)
        == .fails("failed rule: \(optional)"))
    // A comprehension's own variable of that name makes no transition rule.
    #expect(Self.outcome("[1].all(oldSelf, oldSelf == 2)", "x", text) != .holds)
  }

  @Test func errorsNameTheRule() {
    let schema = Self.object(["a": ["type": "integer"], "m": ["type": "integer"]])
    #expect(
      Self.outcome("self.a > 1", [:], schema)
        == .error("no such key: a evaluating rule: self.a > 1"))
    #expect(
      Self.outcome("self.a / self.m > 1", ["a": 1, "m": 0], schema)
        == .error("division by zero evaluating rule: self.a / self.m > 1"))
    let port = Self.object(["port": ["x-kubernetes-int-or-string": true]])
    #expect(
      Self.outcome("self.port > 80", ["port": "http"], port)
        == .error(
          "'no such overload': call arguments did not match a supported operator, function or "
            + "macro signature for rule: self.port > 80"))
    #expect(Self.outcome("self.port > 80", ["port": 81], port) == .holds)
  }

  @Test func budgetIsPerRule() {
    let evaluator = CELEvaluator(budget: 1000)
    let schema = Self.schema(["type": "array", "items": ["type": "integer"]])
    let many = JSONValue.array((0..<100).map { .int($0) })
    let rule = ValidationRule(rule: "self.all(a, self.all(b, a + b >= 0))", message: "no")
    #expect(
      evaluator.evaluate(rule: rule, self: many, old: nil, schema: schema)
        == .error(
          "'operation cancelled: actual cost limit exceeded': no further validation rules will be "
            + "run due to call cost exceeds limit for rule: no"))
    #expect(Self.evaluator.evaluate(rule: rule, self: many, old: nil, schema: schema) == .holds)
  }

  @Test func unusableMessageExpressionFallsBack() {
    let schema = Self.object(["a": ["type": "integer"]])
    func outcome(_ expression: String, message: String?) -> RuleOutcome {
      let rule = ValidationRule(
        rule: "self.a > 1", message: message, messageExpression: expression)
      return Self.evaluator.evaluate(rule: rule, self: ["a": 0], old: nil, schema: schema)
    }
    #expect(outcome("string(1 / self.a)", message: "m") == .fails("m"))
    #expect(outcome("'  '", message: "m") == .fails("m"))
    #expect(outcome("'a\\nb'", message: nil) == .fails("failed rule: self.a > 1"))
    #expect(outcome("' a is ' + string(self.a)", message: "m") == .fails("a is 0"))
  }

  @Test func typesFollowTheSchema() {
    let schema = Self.object([
      "when": ["type": "string", "format": "date-time"],
      "day": ["type": "string", "format": "date"],
      "every": ["type": "string", "format": "duration"],
      "data": ["type": "string", "format": "byte"], "ratio": ["type": "number"],
      "count": ["type": "integer"], "namespace": ["type": "string"], "a-b": ["type": "string"],
      "labels": ["type": "object", "additionalProperties": ["type": "string"]],
      "free": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
    ])
    let value: JSONValue = [
      "when": "2026-11-21T07:00:00Z", "day": "2026-11-21", "every": "90s", "data": "aGVsbG8=",
      "ratio": 2, "count": 3, "namespace": "ns", "a-b": "x", "labels": ["app": "web", "a/b": "c"],
      "free": ["x": 1],
    ]
    let rules = [
      "self.when < timestamp('2027-01-01T00:00:00Z')", "self.when.getFullYear() == 2026",
      "self.day == timestamp('2026-11-21T00:00:00Z')", "self.every == duration('1m30s')",
      "self.data == b'hello'", "self.ratio == 2.0", "self.ratio / 4.0 == 0.5",
      "self.count / 2 == 1",
      "self.__namespace__ == 'ns'", "self.a__dash__b == 'x'", "self.labels.app == 'web'",
      "self.labels['a/b'] == 'c'", "!('x' in self.labels)", "self.labels.all(k, k.size() < 10)",
      "has(self.free)", "has(self.__namespace__)", "!has(self.labels.nope)",
      "self.labels.size() == 2",
    ]
    for rule in rules {
      #expect(Self.evaluator.check(rule: ValidationRule(rule: rule), schema: schema) == nil)
      #expect(Self.outcome(rule, value, schema) == .holds, "\(rule)")
    }
    #expect(
      Self.evaluator.check(rule: ValidationRule(rule: "self.free.x == 1"), schema: schema) != nil)
  }

  @Test func listTypesDecideEquality() {
    let set = Self.schema([
      "type": "array", "x-kubernetes-list-type": "set", "items": ["type": "string"],
    ])
    #expect(Self.outcome("self == oldSelf", ["a", "b"], old: ["b", "a"], set) == .holds)
    #expect(Self.outcome("(self + ['a']).size() == 2", ["a", "b"], set) == .holds)
    let map = Self.schema([
      "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
      "items": [
        "type": "object", "properties": ["k": ["type": "string"], "v": ["type": "integer"]],
      ],
    ])
    #expect(
      Self.outcome(
        "self == oldSelf", [["k": "a", "v": 1], ["k": "b"]],
        old: [["k": "b"], ["k": "a", "v": 1]],
        map) == .holds)
    #expect(
      Self.outcome(
        "(self + oldSelf).filter(x, x.k == 'a')[0].v == 2", [["k": "a", "v": 1]],
        old: [["k": "a", "v": 2]], map) == .holds)
    let list = Self.schema(["type": "array", "items": ["type": "string"]])
    #expect(Self.outcome("self == oldSelf", ["a", "b"], old: ["b", "a"], list) != .holds)
  }

  @Test func rootSeesNameOnly() {
    let root = TypeSchema.structural(fromOpenAPI: ["type": "object"])
    let value: JSONValue = [
      "apiVersion": "v1", "kind": "X", "metadata": ["name": "web-1", "labels": ["a": "b"]],
    ]
    let rule =
      "size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')"
    #expect(Self.outcome(rule, value, root) == .holds)
    #expect(Self.outcome("self.kind == 'X' && self.apiVersion == 'v1'", value, root) == .holds)
    let hidden = ValidationRule(rule: "size(self.metadata.labels) == 1")
    #expect(Self.evaluator.check(rule: hidden, schema: root) != nil)
  }

  @Test func nullableFields() {
    let schema = Self.object(["note": ["type": "string", "nullable": true]])
    #expect(Self.outcome("has(self.note)", ["note": nil], schema) == .holds)
    #expect(Self.outcome("dyn(self.note) == null", ["note": nil], schema) == .holds)
  }
}
