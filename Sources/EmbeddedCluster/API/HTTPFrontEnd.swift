import HTTPServer
import KubernetesClient

/// HTTP in front of the API server.
enum HTTPFrontEnd {
  /// Above the API's own limit, so that the refusal of a larger body is a Status.
  private static let maximumBodyBytes = 16 << 20

  static func server(for api: APIServer, host: String, port: Int) -> HTTPServer {
    HTTPServer(host: host, port: port, maximumBodyBytes: maximumBodyBytes, threads: 2) { request in
      answer(request, api)
    }
  }

  private static func answer(_ request: HTTPServerRequest, _ api: APIServer) -> HTTPServerResponse {
    let call = APIRequest(
      method: request.method, path: request.rawPath, query: request.query,
      headers: request.headers.fields, body: request.body.isEmpty ? nil : request.body)
    switch api.answer(call) {
    case .response(let response):
      return HTTPServerResponse(
        status: response.status, headers: response.headers, body: .bytes(response.body))
    case .watch(let head, let session):
      return HTTPServerResponse(
        status: head.status, headers: head.headers,
        body: .stream { writer in
          while let bytes = await session.next() { try await writer.write(bytes) }
        })
    }
  }
}
