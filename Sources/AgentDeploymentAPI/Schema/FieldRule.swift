public import JSON

/// A condition between the parts of one value, in both of the languages that check it: CEL in the
/// API server, Swift everywhere else. Both see the value after defaulting.
public struct FieldRule: Sendable {
  /// The CEL expression; `self` is the value of the field that carries the rule.
  public var expression: String
  /// What has to hold, in words that also say what to do.
  public var message: String
  /// The member that the message is about; nil when it is about the value itself.
  public var field: String?
  public var reason: FieldError.Reason
  public var holds: @Sendable (JSONValue) -> Bool

  init(
    _ expression: String, _ message: String, at field: String? = nil,
    reason: FieldError.Reason = .invalid, holds: @escaping @Sendable (JSONValue) -> Bool
  ) {
    self.expression = expression
    self.message = message
    self.field = field
    self.reason = reason
    self.holds = holds
  }

  /// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-reason
  var kubernetesReason: String? {
    switch reason {
    case .required: "FieldValueRequired"
    case .forbidden, .unsupportedByClass: "FieldValueForbidden"
    case .duplicate: "FieldValueDuplicate"
    default: nil
    }
  }
}

extension JSONValue {
  /// The elements of a member that is a list; none when it is absent.
  func items(_ key: String) -> [JSONValue] { self[key]?.array ?? [] }

  /// The members of a member that is a map; none when it is absent.
  func members(_ key: String) -> JSONObject { self[key]?.object ?? JSONObject() }

  func has(_ key: String) -> Bool { self[key].map { !$0.isNull } ?? false }
}
