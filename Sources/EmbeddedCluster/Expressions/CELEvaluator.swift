import JSON
import Synchronization

/// Evaluates `x-kubernetes-validations` rules as the API server does.
///
/// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
/// Compiled rules are kept, so each is parsed once for its place in a schema.
final class CELEvaluator: RuleEvaluator {
  private struct Key: Hashable {
    var schema: ObjectIdentifier
    var source: String
    var hasOptionalOldSelf: Bool
  }

  private struct Compiled {
    /// Keeps the schema alive, and so its identity its own.
    var schema: TypeSchema
    var type: CELType?
    var expression: Result<CELExpression, CELCompileError>
  }

  private static let cacheLimit = 5000

  private let budget: Int
  private let cache = Mutex<[Key: Compiled]>([:])

  /// - Parameter budget: units of work that one rule may use.
  init(budget: Int = CELInterpreter.defaultBudget) { self.budget = budget }

  private func compiled(_ source: String, _ schema: TypeSchema, optionalOld: Bool) -> Compiled {
    let key = Key(schema: schema.identity, source: source, hasOptionalOldSelf: optionalOld)
    if let known = cache.withLock({ $0[key] }) { return known }
    let type = CELType(schema)
    let selfType = type ?? .dyn
    let old: CELType = optionalOld ? .optional(selfType) : selfType
    let expression: Result<CELExpression, CELCompileError>
    do {
      expression = .success(
        try CELExpression(source, variables: [("self", selfType), ("oldSelf", old)]))
    } catch {
      expression = .failure(error)
    }
    let compiled = Compiled(schema: schema, type: type, expression: expression)
    cache.withLock { cache in
      if cache.count >= Self.cacheLimit { cache.removeAll() }
      cache[key] = compiled
    }
    return compiled
  }

  func evaluate(
    rule: ValidationRule, self value: JSONValue, old: JSONValue?, schema: TypeSchema
  ) -> RuleOutcome {
    let compiled = compiled(rule.rule, schema, optionalOld: rule.optionalOldSelf)
    let expression: CELExpression
    switch compiled.expression {
    case .success(let found): expression = found
    case .failure(let error): return .error("rule compile error: \(error.text)")
    }
    let usesOld = expression.root.mentions("oldSelf")
    if usesOld, old == nil, !rule.optionalOldSelf { return .holds }
    let text = Self.trimmed(rule.message.flatMap { $0.isEmpty ? nil : $0 } ?? rule.rule)
    do {
      let type = compiled.type ?? .dyn
      var variables: [(name: String, value: CELValue)] = [("self", try CELValue(value, type))]
      if usesOld || rule.messageExpression?.contains("oldSelf") == true {
        var oldValue: CELValue?
        if let old { oldValue = try CELValue(old, type) }
        if rule.optionalOldSelf {
          variables.append(("oldSelf", .optional(oldValue)))
        } else if let oldValue {
          variables.append(("oldSelf", oldValue))
        }
      }
      let result = try expression.evaluate(variables, budget: budget)
      if case .bool(true) = result { return .holds }
      return .fails(message(of: rule, schema, variables))
    } catch {
      return .error(Self.explanation(error, text))
    }
  }

  /// apiextensions-apiserver `pkg/apiserver/schema/cel/validation.go`, `validateExpressions`.
  private static func explanation(_ error: CELError, _ rule: String) -> String {
    if error.isExhausted {
      return "'\(error.message)': no further validation rules will be run due to call cost "
        + "exceeds limit for rule: \(rule)"
    }
    if error.message.hasPrefix("no such overload") {
      return "'\(error.message)': call arguments did not match a supported operator, function or "
        + "macro signature for rule: \(rule)"
    }
    return "\(error.message) evaluating rule: \(rule)"
  }

  /// What `messageExpression` gives, or the message when that is no usable text.
  private func message(
    of rule: ValidationRule, _ schema: TypeSchema,
    _ variables: [(name: String, value: CELValue)]
  ) -> String {
    if let source = rule.messageExpression, !source.isEmpty,
      case .success(let expression) = compiled(
        source, schema, optionalOld: rule.optionalOldSelf
      ).expression,
      case .string(let text)? = try? expression.evaluate(variables, budget: budget)
    {
      let trimmed = Self.trimmed(text)
      if !trimmed.isEmpty, !trimmed.contains(where: \.isNewline), trimmed.utf8.count <= 5120 {
        return trimmed
      }
    }
    if let message = rule.message, !message.isEmpty { return Self.trimmed(message) }
    return "failed rule: \(Self.trimmed(rule.rule))"
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  func check(rule: ValidationRule, schema: TypeSchema) -> String? {
    if Self.trimmed(rule.rule).isEmpty { return "rule is not specified" }
    if CELType(schema) == nil {
      return "rule on a value of unknown type: the schema needs a type here"
    }
    switch compiled(rule.rule, schema, optionalOld: rule.optionalOldSelf).expression {
    case .failure(let error): return "compilation failed: \(error.text)"
    case .success(let expression):
      guard CELType.bool.accepts(expression.type) else {
        return "cel expression must evaluate to a bool"
      }
    }
    return nil
  }

  /// The compile error of a rule's `messageExpression`, nil when it has none or it compiles.
  func checkMessageExpression(rule: ValidationRule, schema: TypeSchema) -> String? {
    guard let source = rule.messageExpression, !source.isEmpty else { return nil }
    switch compiled(source, schema, optionalOld: rule.optionalOldSelf).expression {
    case .failure(let error): return "messageExpression compilation failed: \(error.text)"
    case .success(let expression):
      if case .string = expression.type { return nil }
      return expression.type.isDyn ? nil : "messageExpression must evaluate to a string"
    }
  }
}
