import KubernetesClient

/// The cluster as a transport: requests are answered on the spot, without sockets.
struct InProcessTransport: APITransport {
  private let gateway: Gateway

  init(_ gateway: Gateway) { self.gateway = gateway }

  func send(_ request: APIRequest) async throws -> APIResponse {
    if Task.isCancelled { throw TransportError(.cancelled, "the request was cancelled") }
    switch await gateway.answer(request) {
    case .response(let response): return response
    case .stream(var head, let stream):
      while let bytes = try await stream.next() { head.body += bytes }
      return head
    case .broken: throw Self.broken
    case .nothing(let error): throw error
    }
  }

  func stream(_ request: APIRequest) async throws -> APIStreamingResponse {
    if Task.isCancelled { throw TransportError(.cancelled, "the request was cancelled") }
    switch await gateway.answer(request) {
    case .response(let response):
      return Self.streamed(response, response.body, then: nil)
    case .stream(let head, let stream):
      return APIStreamingResponse(
        status: head.status, headers: head.headers,
        chunks: AsyncThrowingStream { try await stream.next() })
    case .broken(let response, let count):
      return Self.streamed(response, Array(response.body.prefix(count)), then: Self.broken)
    case .nothing(let error): throw error
    }
  }

  private static let broken = TransportError(
    .connectionLost, "the connection to the embedded cluster broke off inside the answer")

  private static func streamed(
    _ response: APIResponse, _ body: [UInt8], then error: TransportError?
  ) -> APIStreamingResponse {
    let chunks = AsyncThrowingStream<[UInt8], any Error> { continuation in
      if !body.isEmpty { continuation.yield(body) }
      continuation.finish(throwing: error)
    }
    return APIStreamingResponse(
      status: response.status, headers: response.headers, chunks: chunks)
  }
}
