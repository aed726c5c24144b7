import JSON

/// One rule of `x-kubernetes-validations`.
///
/// https://kubernetes.io/docs/reference/using-api/cel/
struct ValidationRule: Sendable, Hashable {
  var rule: String
  var message: String?
  var messageExpression: String?
  var reason: String?
  /// A JSON path relative to the rule's place, such as `.min`.
  var fieldPath: String?
  var optionalOldSelf = false

  init(
    rule: String, message: String? = nil, messageExpression: String? = nil, reason: String? = nil,
    fieldPath: String? = nil, optionalOldSelf: Bool = false
  ) {
    self.rule = rule
    self.message = message
    self.messageExpression = messageExpression
    self.reason = reason
    self.fieldPath = fieldPath
    self.optionalOldSelf = optionalOldSelf
  }

  init?(_ json: JSONValue) {
    guard let rule = json["rule"]?.string else { return nil }
    self.init(
      rule: rule, message: json["message"]?.string,
      messageExpression: json["messageExpression"]?.string, reason: json["reason"]?.string,
      fieldPath: json["fieldPath"]?.string,
      optionalOldSelf: json["optionalOldSelf"]?.bool ?? false)
  }

  /// Whether the rule compares with the old value, so that it holds for creations by itself.
  var isTransitionRule: Bool { rule.contains("oldSelf") }
}

enum RuleOutcome: Sendable, Hashable {
  case holds
  /// The rule is false; the text is the message to show.
  case fails(String)
  /// The rule could not be evaluated.
  case error(String)
}

/// Evaluates rules; the implementation is the CEL interpreter.
protocol RuleEvaluator: Sendable {
  /// Whether the rule holds for a value.
  ///
  /// - Parameter old: the value that is replaced, nil when there is none.
  func evaluate(
    rule: ValidationRule, self value: JSONValue, old: JSONValue?, schema: TypeSchema
  ) -> RuleOutcome

  /// The compile error of a rule, nil when it compiles.
  func check(rule: ValidationRule, schema: TypeSchema) -> String?
}
