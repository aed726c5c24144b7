/// One reason why an object is invalid, as listed in `Status.details.causes`.
///
/// https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation/field
struct FieldCause: Sendable, Hashable {
  /// CamelCase: `FieldValueInvalid`, `FieldValueRequired`, ...
  var reason: String
  /// A path such as `spec.ports[0].name`; `<nil>` where the fault has no place.
  var field: String
  var message: String

  init(reason: String, field: String, message: String) {
    self.reason = reason
    self.field = field
    self.message = message
  }

  /// - Parameter value: JSON text of the offending value.
  static func invalid(_ field: String, _ value: String, _ detail: String) -> FieldCause {
    FieldCause(
      reason: "FieldValueInvalid", field: field, message: "Invalid value: \(value): \(detail)")
  }

  static func required(_ field: String, _ detail: String = "") -> FieldCause {
    FieldCause(
      reason: "FieldValueRequired", field: field,
      message: detail.isEmpty ? "Required value" : "Required value: \(detail)")
  }

  /// - Parameter supported: JSON texts of the values that are allowed, in the order to show.
  static func notSupported(_ field: String, _ value: String, _ supported: [String]) -> FieldCause {
    FieldCause(
      reason: "FieldValueNotSupported", field: field,
      message: "Unsupported value: \(value): supported values: "
        + supported.joined(separator: ", "))
  }

  static func forbidden(_ field: String, _ detail: String) -> FieldCause {
    FieldCause(reason: "FieldValueForbidden", field: field, message: "Forbidden: \(detail)")
  }

  static func duplicate(_ field: String, _ value: String) -> FieldCause {
    FieldCause(
      reason: "FieldValueDuplicate", field: field, message: "Duplicate value: \(value)")
  }

  static func tooLong(_ field: String, _ maximum: Int) -> FieldCause {
    FieldCause(
      reason: "FieldValueTooLong", field: field,
      message: "Too long: may not be more than \(maximum) bytes")
  }

  static func tooMany(_ field: String, _ actual: Int, _ maximum: Int) -> FieldCause {
    FieldCause(
      reason: "FieldValueTooMany", field: field,
      message: "Too many: \(actual): must have at most \(maximum) items")
  }

  static func typeInvalid(_ field: String, _ value: String, _ detail: String) -> FieldCause {
    FieldCause(
      reason: "FieldValueTypeInvalid", field: field, message: "Invalid value: \(value): \(detail)")
  }

  /// `spec.size: Invalid value: -1: …`, as a Status message shows it.
  var description: String { "\(field): \(message)" }
}

extension FieldCause {
  /// The message of a Status that carries these causes; several are listed in brackets.
  static func summary(_ causes: [FieldCause]) -> String {
    causes.count == 1
      ? causes[0].description : "[" + causes.map(\.description).joined(separator: ", ") + "]"
  }
}
