/// Answers by path and method: what probes and metrics need.
///
/// A path matches exactly, a trailing slash aside. HEAD is answered where GET is, unknown paths with
/// 404 and known ones of another method with 405.
public struct HTTPRouter: Sendable {
  public typealias Handler = @Sendable (HTTPServerRequest) async -> HTTPServerResponse

  /// By path, then method.
  private var routes: [String: [String: Handler]] = [:]

  public init() {}

  /// Replaces an earlier handler of the same path and method.
  public mutating func on(_ method: String, _ path: String, _ handler: @escaping Handler) {
    routes[Self.normalized(path), default: [:]][method] = handler
  }

  public mutating func get(_ path: String, _ handler: @escaping Handler) {
    on("GET", path, handler)
  }

  /// Suits `HTTPServer.init(handler:)`.
  public func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
    guard let methods = routes[Self.normalized(request.path)] else {
      return .text("404 page not found\n", status: 404)
    }
    if let handler = methods[request.method] ?? (request.method == "HEAD" ? methods["GET"] : nil) {
      return await handler(request)
    }
    var response = HTTPServerResponse.text("405 method not allowed\n", status: 405)
    response.headers.append(("allow", methods.keys.sorted().joined(separator: ", ")))
    return response
  }

  private static func normalized(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}
