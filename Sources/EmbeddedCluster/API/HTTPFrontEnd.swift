import HTTPServer
import KubernetesClient

/// HTTP in front of the API server.
///
/// kubectl and client-go send credentials to servers with TLS only
/// (https://github.com/kubernetes/client-go/blob/v0.36.0/tools/clientcmd/client_config.go), but they keep
/// the path of a server's URL: a bearer token may stand there, as in `http://127.0.0.1:8001/as/TOKEN`.
enum HTTPFrontEnd {
  private static let tokenPrefix = "/as/"

  /// The URL of the server for somebody with a token.
  static func url(host: String, port: Int, token: String?) -> String {
    "http://\(host):\(port)" + (token.map { tokenPrefix + $0 } ?? "")
  }

  /// A token in a header is the more explicit one.
  private static func authenticate(_ call: inout APIRequest) {
    guard call.path.hasPrefix(tokenPrefix) else { return }
    let rest = call.path.dropFirst(tokenPrefix.count)
    let token = rest.prefix { $0 != "/" }
    call.path = rest.count == token.count ? "/" : String(rest.dropFirst(token.count))
    if ResourceCall.header("authorization", of: call) == nil {
      call.headers.append(("authorization", "Bearer \(token)"))
    }
  }

  /// Above the API's own limit, so that the refusal of a larger body is a Status.
  private static let maximumBodyBytes = 16 << 20

  static func server(for gateway: Gateway, host: String, port: Int) -> HTTPServer {
    HTTPServer(host: host, port: port, maximumBodyBytes: maximumBodyBytes, threads: 2) { request in
      await answer(request, gateway)
    }
  }

  private static func answer(
    _ request: HTTPServerRequest, _ gateway: Gateway
  ) async -> HTTPServerResponse {
    var call = APIRequest(
      method: request.method, path: request.rawPath, query: request.query,
      headers: request.headers.fields, body: request.body.isEmpty ? nil : request.body)
    authenticate(&call)
    switch await gateway.answer(call) {
    case .response(let response):
      return HTTPServerResponse(
        status: response.status, headers: response.headers, body: .bytes(response.body))
    case .stream(let head, let stream):
      return HTTPServerResponse(
        status: head.status, headers: head.headers,
        body: .stream { writer in
          while let bytes = try await stream.next() { try await writer.write(bytes) }
        })
    case .broken(let response, let count):
      return HTTPServerResponse(
        status: response.status, headers: response.headers,
        body: .stream { writer in
          try await writer.write(Array(response.body.prefix(count)))
          throw TransportError(.connectionLost, "an injected fault")
        })
    case .nothing: return HTTPServerResponse(body: .disconnect)
    }
  }
}
