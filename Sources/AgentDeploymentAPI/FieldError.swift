public import KubernetesAPI

/// One thing that is wrong with a manifest: where, what, and how to put it right.
public struct FieldError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Reason: String, Sendable, CaseIterable {
    /// No such field.
    case unknownField
    /// A required field is missing.
    case required
    /// A value of another JSON type.
    case typeInvalid
    /// Out of bounds, malformed, or contradicting another field.
    case invalid
    /// Not one of the values that the field has.
    case notSupported
    case tooLong
    case tooMany
    /// Stands twice where it may stand once.
    case duplicate
    /// May not be set.
    case forbidden
    /// Known to the API, but not built in this version, or nothing that the class offers: refused,
    /// never ignored.
    case unsupportedByClass
    /// Beyond what the class allows.
    case forbiddenByClass
    /// There is no such AgentClass.
    case classNotFound
    /// There is, but it cannot be used.
    case classInvalid
    /// Another API version or kind than AgentDeployment.
    case wrongKind
  }

  public var path: FieldPath
  public var reason: Reason
  public var message: String
  /// What to write instead, where that is known.
  public var fix: String?

  public init(_ path: FieldPath, _ reason: Reason, _ message: String, fix: String? = nil) {
    self.path = path
    self.reason = reason
    self.message = message
    self.fix = fix
  }

  /// `spec.port: must be between 1 and 65535, not 0`
  public var description: String {
    let location = path.isRoot ? "" : "\(path): "
    return location + message + (fix.map { " (\($0))" } ?? "")
  }
}

/// Everything that is wrong with a manifest, in the order of the document.
public struct FieldErrors: Error, Sendable, Hashable, CustomStringConvertible {
  /// Never empty.
  public var errors: [FieldError]

  public init(_ errors: [FieldError]) { self.errors = errors }

  public var description: String { errors.map(\.description).joined(separator: "\n") }

  /// The reason of the condition `Accepted=False`: what all errors have in common, else `Invalid`.
  public var conditionReason: String {
    let reasons = Set(errors.map(\.reason))
    if reasons == [.unsupportedByClass] { return "UnsupportedByClass" }
    if reasons.isSubset(of: [.unsupportedByClass, .forbiddenByClass]) { return "ForbiddenByClass" }
    if reasons == [.classNotFound] { return "ClassNotFound" }
    if reasons == [.classInvalid] { return "ClassInvalid" }
    return "Invalid"
  }
}
