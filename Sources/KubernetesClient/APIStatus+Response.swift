import JSON
public import KubernetesAPI

extension APIStatus {
  /// The error that a response is; nil for 2xx.
  ///
  /// A 404 without a `Status` body, which the server answers for a resource it does not know, has an
  /// empty `reason`: `isUnknownResource` tells it from an object that does not exist.
  init?(_ response: APIResponse) {
    self.init(status: response.status, headers: response.headers, body: response.body)
  }

  init?(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
    if (200...299).contains(status) { return nil }
    let retryAfter = headers.first { $0.name == "retry-after" }.flatMap { Int($0.value) }
    if let json = try? JSONValue(parsing: body), var parsed = APIStatus(json) {
      parsed.code = status
      parsed.retryAfterSeconds = retryAfter ?? parsed.retryAfterSeconds
      self = parsed
      return
    }
    let message: String
    if (300...399).contains(status) {
      // Why: following it would send credentials wherever it leads (correctness rule 13).
      message = "the server redirects elsewhere, which no API server does; check the server's URL"
    } else {
      message = Self.plainText(body)
    }
    self.init(
      code: status, reason: Self.reason(status), message: message, retryAfterSeconds: retryAfter)
  }

  /// A 404 of the server itself rather than of a resource: the kind is not installed.
  public var isUnknownResource: Bool { code == 404 && reason.isEmpty }

  /// As client-go names errors that came without a body (`errors.NewGenericServerResponse`), except
  /// for 404.
  private static func reason(_ status: Int) -> String {
    switch status {
    case 400: "BadRequest"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 405: "MethodNotAllowed"
    case 406: "NotAcceptable"
    case 409: "Conflict"
    case 410: "Gone"
    case 413: "RequestEntityTooLarge"
    case 415: "UnsupportedMediaType"
    case 422: "Invalid"
    case 429: "TooManyRequests"
    case 500: "InternalError"
    case 503: "ServiceUnavailable"
    case 504: "Timeout"
    default: ""
    }
  }

  /// The body's first line, bounded: it may be a proxy's HTML page.
  private static func plainText(_ body: [UInt8]) -> String {
    let line = body.prefix(512).split(separator: 0x0a).first { !$0.isEmpty } ?? []
    return String(decoding: line, as: UTF8.self)
  }
}
