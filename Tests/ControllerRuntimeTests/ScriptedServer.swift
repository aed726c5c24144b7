import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

/// An API server with an answer for each list, watch and write, in order. When the watches are used
/// up, the next one stays open without a word; when the lists are, they are refused.
final class ScriptedServer: APITransport {
  enum List: Sendable {
    case page(JSONValue)
    case status(Int, JSONValue, retryAfter: Int? = nil)
    case failure(TransportError.Code)
  }

  enum Watch: Sendable {
    /// Chunks, and how the stream goes on after them.
    case chunks([String], End = .open)
    case status(Int, JSONValue, retryAfter: Int? = nil)
    case failure(TransportError.Code)

    static func events(_ events: JSONValue..., end: End = .open) -> Watch {
      .chunks(events.map { $0.serialized() + "\n" }, end)
    }
  }

  enum End: Sendable {
    case open
    case regular
    case broken(TransportError.Code)
  }

  private struct State {
    var lists: [List]
    var watches: [Watch]
    var writes: [List]
    var checks: [List]
    var requests: [APIRequest] = []
    var open: [AsyncThrowingStream<[UInt8], any Error>.Continuation] = []
  }

  private let state: Mutex<State>
  private let refusal: @Sendable (APIRequest) -> List?

  /// - Parameters:
  ///   - checks: answers to whether the server has come as far as a position; when they are used up,
  ///     it has.
  ///   - refusal: answers what it wants of the writes before any other answer is used up.
  init(
    lists: [List] = [], watches: [Watch] = [], writes: [List] = [], checks: [List] = [],
    refusal: @escaping @Sendable (APIRequest) -> List? = { _ in nil }
  ) {
    self.refusal = refusal
    state = Mutex(State(lists: lists, watches: watches, writes: writes, checks: checks))
  }

  var requests: [APIRequest] { state.withLock { $0.requests } }
  /// `list`, `watch 10`, `POST`: what was asked, in order.
  var summary: [String] {
    requests.map { request in
      if request.method != "GET" { return request.method }
      if request.isPositionCheck { return "check" }
      if request.values("watch").isEmpty {
        return request.values("continue").first.map { "list \($0)" } ?? "list"
      }
      return "watch \(request.values("resourceVersion").first ?? "-")"
    }
  }

  /// Does not repeat anything by itself.
  var client: KubernetesClient {
    KubernetesClient(transport: self, retryPolicy: .never, sleep: { _ in }, jitter: { 0 })
  }

  /// Sends more on the streams that are open.
  func emit(_ events: JSONValue...) {
    let open = state.withLock { $0.open }
    for continuation in open {
      for event in events { continuation.yield(Array((event.serialized() + "\n").utf8)) }
    }
  }

  /// Sends bytes in pieces of the given size.
  func emit(bytes: [UInt8], pieces size: Int) {
    let open = state.withLock { $0.open }
    for continuation in open {
      for start in stride(from: 0, to: bytes.count, by: size) {
        continuation.yield(Array(bytes[start..<min(start + size, bytes.count)]))
      }
    }
  }

  func endStreams() {
    let open = state.withLock { state in
      defer { state.open = [] }
      return state.open
    }
    for continuation in open { continuation.finish() }
  }

  func send(_ request: APIRequest) async throws -> APIResponse {
    let refused = request.method == "GET" ? nil : refusal(request)
    let answer = state.withLock { state -> List in
      state.requests.append(request)
      if let refused { return refused }
      if request.isPositionCheck {
        return state.checks.isEmpty
          ? .page(listPage([], version: "1000000")) : state.checks.removeFirst()
      }
      if request.method == "GET" {
        return state.lists.isEmpty ? .failure(.connectionRefused) : state.lists.removeFirst()
      }
      return state.writes.isEmpty ? .page([:]) : state.writes.removeFirst()
    }
    switch answer {
    case .page(let json): return APIResponse(status: 200, body: json.serializedBytes())
    case .status(let code, let json, let retryAfter):
      return APIResponse(
        status: code, headers: retryAfter.map { [("retry-after", String($0))] } ?? [],
        body: json.serializedBytes())
    case .failure(let code): throw TransportError(code, "scripted \(code)")
    }
  }

  func stream(_ request: APIRequest) async throws -> APIStreamingResponse {
    let answer = state.withLock { state -> Watch in
      state.requests.append(request)
      return state.watches.isEmpty ? .chunks([]) : state.watches.removeFirst()
    }
    let (chunks, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
    switch answer {
    case .failure(let code): throw TransportError(code, "scripted \(code)")
    case .status(let code, let json, let retryAfter):
      continuation.yield(json.serializedBytes())
      continuation.finish()
      return APIStreamingResponse(
        status: code, headers: retryAfter.map { [("retry-after", String($0))] } ?? [],
        chunks: chunks)
    case .chunks(let parts, let end):
      for part in parts { continuation.yield(Array(part.utf8)) }
      switch end {
      case .open: state.withLock { $0.open.append(continuation) }
      case .regular: continuation.finish()
      case .broken(let code):
        continuation.finish(throwing: TransportError(code, "scripted \(code)"))
      }
      return APIStreamingResponse(status: 200, headers: [], chunks: chunks)
    }
  }
}

extension APIRequest {
  func values(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }
  /// How far the server has come, asked for by a list of one.
  fileprivate var isPositionCheck: Bool { method == "GET" && values("limit") == ["1"] }
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  var json: JSONValue? { body.flatMap { try? JSONValue(parsing: $0) } }
}

func listPage(
  _ objects: [KubernetesObject], version: String, continueToken: String? = nil
) -> JSONValue {
  var page: JSONValue = [
    "kind": "ConfigMapList", "apiVersion": "v1", "metadata": ["resourceVersion": .string(version)],
    "items": .array(objects.map(\.json)),
  ]
  if let continueToken { page["metadata"]?["continue"] = .string(continueToken) }
  return page
}

func watchEvent(_ type: String, _ object: KubernetesObject) -> JSONValue {
  ["type": .string(type), "object": object.json]
}

func bookmark(_ version: Int) -> JSONValue {
  [
    "type": "BOOKMARK",
    "object": [
      "kind": "ConfigMap", "apiVersion": "v1",
      "metadata": ["resourceVersion": .string(String(version))],
    ],
  ]
}

func statusJSON(_ code: Int, _ reason: String, cause: String? = nil) -> JSONValue {
  var status: JSONValue = [
    "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "scripted",
    "reason": .string(reason), "code": JSONValue(code),
  ]
  if let cause { status["details"] = ["causes": [["reason": .string(cause)]]] }
  return status
}

func errorEvent(_ code: Int, _ reason: String, cause: String? = nil) -> JSONValue {
  ["type": "ERROR", "object": statusJSON(code, reason, cause: cause)]
}
