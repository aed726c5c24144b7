import HTTPServer
import KubernetesClient

/// HTTP in front of the API server.
enum HTTPFrontEnd {
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
    let call = APIRequest(
      method: request.method, path: request.rawPath, query: request.query,
      headers: request.headers.fields, body: request.body.isEmpty ? nil : request.body)
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
