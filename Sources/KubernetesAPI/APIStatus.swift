public import JSON

/// A `Status` that the API server answered instead of what was asked for.
///
/// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#response-status-kind
public struct APIStatus: Error, Sendable, Equatable, CustomStringConvertible {
  /// The HTTP status code.
  public var code: Int
  /// CamelCase and machine-readable, for example `NotFound`; empty when the server gave none.
  public var reason: String
  public var message: String
  public var causes: [Cause]
  /// Seconds after which the server asks to try again.
  public var retryAfterSeconds: Int?

  public struct Cause: Sendable, Equatable {
    public var reason: String
    public var message: String
    public var field: String

    public init(reason: String, message: String, field: String) {
      self.reason = reason
      self.message = message
      self.field = field
    }
  }

  public init(
    code: Int, reason: String, message: String, causes: [Cause] = [], retryAfterSeconds: Int? = nil
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.causes = causes
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// Reads a `Status` object; nil when it is none.
  public init?(_ json: JSONValue) {
    guard json["kind"]?.string == "Status" else { return nil }
    let details = json["details"]
    self.init(
      code: json["code"]?.int ?? 0, reason: json["reason"]?.string ?? "",
      message: json["message"]?.string ?? "",
      causes: details?["causes"]?.array?.map {
        Cause(
          reason: $0["reason"]?.string ?? "", message: $0["message"]?.string ?? "",
          field: $0["field"]?.string ?? "")
      } ?? [],
      retryAfterSeconds: details?["retryAfterSeconds"]?.int)
  }

  public var isNotFound: Bool { code == 404 }
  public var isAlreadyExists: Bool { code == 409 && reason == "AlreadyExists" }
  public var isConflict: Bool { code == 409 && reason != "AlreadyExists" }
  public var isForbidden: Bool { code == 403 }
  public var isUnauthorized: Bool { code == 401 }
  public var isInvalid: Bool { code == 422 }
  public var isTooManyRequests: Bool { code == 429 }
  /// The position asked for is no longer, or not yet, known: list again (correctness rule 2).
  public var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }
  public var isTooLargeResourceVersion: Bool {
    causes.contains { $0.reason == "ResourceVersionTooLarge" }
      || (code == 504 && message.contains("Too large resource version"))
  }
  /// 403 with cause NamespaceTerminating: nothing can be created there any more.
  public var isNamespaceTerminating: Bool {
    causes.contains { $0.reason == "NamespaceTerminating" }
  }

  public var description: String {
    reason.isEmpty ? "HTTP \(code): \(message)" : "HTTP \(code) \(reason): \(message)"
  }
}
