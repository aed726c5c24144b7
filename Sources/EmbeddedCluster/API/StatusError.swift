import JSON
import KubernetesAPI

/// A `Status` that a request is refused with.
struct StatusError: Error, Sendable {
  var code: Int
  var reason: String
  var message: String
  /// Nil leaves `details` out, as the API server does for some errors.
  var details: JSONValue?
  /// Members of the Status' `metadata`.
  var metadata: JSONObject = [:]
  var retryAfterSeconds: Int?
  /// Told in the Warning header beside the error.
  var warnings: [String] = []
  /// Sent as plain text instead of a Status.
  var plainText: String?

  init(
    _ code: Int, _ reason: String, _ message: String, details: JSONValue? = nil,
    retryAfterSeconds: Int? = nil
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.details = details
    self.retryAfterSeconds = retryAfterSeconds
  }

  typealias Cause = FieldCause

  var json: JSONValue {
    var json: JSONObject = [
      "kind": "Status", "apiVersion": "v1", "metadata": .object(metadata), "status": "Failure",
      "message": .string(message),
    ]
    if !reason.isEmpty { json["reason"] = .string(reason) }
    if let details { json["details"] = details }
    json["code"] = JSONValue(code)
    return .object(json)
  }

  /// For callers inside the process.
  var apiStatus: APIStatus {
    APIStatus(json)
      ?? APIStatus(code: code, reason: reason, message: message)
  }
}

extension StatusError {
  static let pathNotFound: StatusError = {
    var error = StatusError(404, "NotFound", "404 page not found")
    error.plainText = "404 page not found\n"
    return error
  }()

  static let resourceNotFound = StatusError(
    404, "NotFound", "the server could not find the requested resource", details: [:])

  static let methodNotAllowed = StatusError(
    405, "MethodNotAllowed", "the server does not allow this method on the requested resource",
    details: [:])

  static let unknownMediaType = StatusError(
    415, "UnsupportedMediaType",
    "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf"
  )

  static func badRequest(_ message: String) -> StatusError {
    StatusError(400, "BadRequest", message)
  }

  static func nameUndeterminable(_ name: String) -> StatusError {
    badRequest(
      "the name of the object (\(name) based on URL) was undeterminable: name must be provided")
  }

  static func notFound(_ definition: ResourceDefinition, _ name: String) -> StatusError {
    StatusError(
      404, "NotFound", "\(definition.qualifiedName) \"\(name)\" not found",
      details: definition.details(name: name))
  }

  static func alreadyExists(_ definition: ResourceDefinition, _ name: String) -> StatusError {
    StatusError(
      409, "AlreadyExists", "\(definition.qualifiedName) \"\(name)\" already exists",
      details: definition.details(name: name))
  }

  static func conflict(
    _ definition: ResourceDefinition, _ name: String,
    _ why: String =
      "the object has been modified; please apply your changes to the latest version and try again"
  ) -> StatusError {
    StatusError(
      409, "Conflict",
      "Operation cannot be fulfilled on \(definition.qualifiedName) \"\(name)\": \(why)",
      details: definition.details(name: name))
  }

  /// - Parameter path: where the object is stored.
  static func uidConflict(
    _ definition: ResourceDefinition, _ path: String, _ name: String, wanted: String, found: String
  ) -> StatusError {
    conflict(
      definition, name,
      "StorageError: invalid object, Code: 4, Key: /registry/\(definition.type.plural)/\(path), ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: \(wanted), UID in object meta: \(found)"
    )
  }

  /// The object asked for is refused: one line with all causes, and the causes one by one.
  ///
  /// - Parameter kind: `Deployment.apps`, or `ConfigMap` of the core group.
  static func invalid(kind: GroupKind, name: String, _ causes: [Cause]) -> StatusError {
    var texts: [String] = []
    for cause in causes {
      let text = "\(cause.field): \(cause.message)"
      if !texts.contains(text) { texts.append(text) }
    }
    let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    var details: JSONObject = [:]
    if !name.isEmpty { details["name"] = .string(name) }
    if !kind.group.isEmpty { details["group"] = .string(kind.group) }
    details["kind"] = .string(kind.kind)
    details["causes"] = .array(causes.map(\.json))
    return StatusError(
      422, "Invalid", "\(kind) \"\(name)\" is invalid: \(list)", details: .object(details))
  }

  /// - Parameter value: as the message shows it.
  static func invalidPatch(_ value: String, _ why: String) -> StatusError {
    let cause = FieldCause("FieldValueInvalid", "patch", "Invalid value: \(value): \(why)")
    return StatusError(
      422, "Invalid", " \"\" is invalid: patch: \(cause.message)",
      details: ["causes": [cause.json]])
  }

  /// A query option that cannot be accepted.
  static func invalidOption(_ kind: String, _ causes: [Cause]) -> StatusError {
    invalid(kind: GroupKind(group: "meta.k8s.io", kind: kind), name: "", causes)
  }

  static func tooLargeResourceVersion(_ version: UInt64, current: UInt64) -> StatusError {
    StatusError(
      504, "Timeout",
      "Timeout: Too large resource version: \(version), current: \(current)",
      details: [
        "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
        "retryAfterSeconds": 1,
      ], retryAfterSeconds: 1)
  }

  static func internalError(_ message: String) -> StatusError {
    StatusError(
      500, "InternalError", "Internal error occurred: \(message)",
      details: ["causes": [["message": .string(message)]]])
  }

  /// An error the API server gives no reason for.
  static func unexplained(_ message: String) -> StatusError { StatusError(500, "", message) }
}

extension FieldCause {
  init(_ reason: String, _ field: String, _ message: String) {
    self.init(reason: reason, field: field, message: message)
  }

  var json: JSONValue {
    var json: JSONObject = [:]
    if !reason.isEmpty { json["reason"] = .string(reason) }
    json["message"] = .string(message)
    if !field.isEmpty { json["field"] = .string(field) }
    return .object(json)
  }
}

extension StatusError {
  init(applying error: ApplyError) {
    switch error {
    case .conflicts(let message, let causes):
      self.init(
        409, "Conflict", message, details: ["causes": .array(causes.map(\.json))])
    case .typed(let message): self.init(500, "", message)
    case .badRequest(let message): self.init(400, "BadRequest", message)
    }
  }
}
