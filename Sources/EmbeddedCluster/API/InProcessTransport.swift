import KubernetesClient

/// The cluster as a transport: requests are answered on the spot, without sockets.
struct InProcessTransport: APITransport {
  private let server: APIServer

  init(_ server: APIServer) { self.server = server }

  func send(_ request: APIRequest) async throws -> APIResponse {
    if Task.isCancelled { throw TransportError(.cancelled, "the request was cancelled") }
    switch server.answer(request) {
    case .response(let response): return response
    case .watch(var head, let session):
      while let bytes = await session.next() { head.body += bytes }
      return head
    }
  }

  func stream(_ request: APIRequest) async throws -> APIStreamingResponse {
    if Task.isCancelled { throw TransportError(.cancelled, "the request was cancelled") }
    switch server.answer(request) {
    case .response(let response):
      let chunks = AsyncThrowingStream<[UInt8], any Error> { continuation in
        continuation.yield(response.body)
        continuation.finish()
      }
      return APIStreamingResponse(
        status: response.status, headers: response.headers, chunks: chunks)
    case .watch(let head, let session):
      return APIStreamingResponse(
        status: head.status, headers: head.headers,
        chunks: AsyncThrowingStream { await session.next() })
    }
  }
}
