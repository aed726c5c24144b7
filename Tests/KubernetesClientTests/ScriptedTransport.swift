import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

/// Answers requests from a script, in order, and remembers what was asked.
final class ScriptedTransport: APITransport {
  enum Step: Sendable {
    case json(Int, JSONValue, headers: [(name: String, value: String)] = [])
    case text(Int, String, headers: [(name: String, value: String)] = [])
    case failure(TransportError.Code)
    /// Chunks of a stream, and how it ends.
    case stream([[UInt8]], failure: TransportError.Code? = nil)
  }

  private struct State {
    var steps: [Step]
    var requests: [APIRequest] = []
    var pauses: [Duration] = []
  }

  private let state: Mutex<State>

  init(_ steps: Step...) { state = Mutex(State(steps: steps)) }

  var requests: [APIRequest] { state.withLock { $0.requests } }
  var pauses: [Duration] { state.withLock { $0.pauses } }
  var isExhausted: Bool { state.withLock { $0.steps.isEmpty } }

  /// Waits no time at all, but remembers how long it should have been.
  func client(policy: RetryPolicy = RetryPolicy(), jitter: Double = 0) -> KubernetesClient {
    KubernetesClient(
      transport: self, version: "1.2.3", retryPolicy: policy,
      sleep: { pause in self.state.withLock { $0.pauses.append(pause) } }, jitter: { jitter })
  }

  private func next(_ request: APIRequest) throws -> Step {
    try state.withLock {
      $0.requests.append(request)
      guard !$0.steps.isEmpty else { throw TransportError(.other, "the script has ended") }
      return $0.steps.removeFirst()
    }
  }

  func send(_ request: APIRequest) async throws -> APIResponse {
    switch try next(request) {
    case .json(let status, let json, let headers):
      return APIResponse(status: status, headers: headers, body: json.serializedBytes())
    case .text(let status, let text, let headers):
      return APIResponse(status: status, headers: headers, body: Array(text.utf8))
    case .failure(let code): throw TransportError(code, "scripted \(code)")
    case .stream: throw TransportError(.other, "the script expected a stream here")
    }
  }

  func stream(_ request: APIRequest) async throws -> APIStreamingResponse {
    let (chunks, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
    var status = 200
    var fields: [(name: String, value: String)] = []
    switch try next(request) {
    case .json(let code, let json, let headers):
      (status, fields) = (code, headers)
      continuation.yield(json.serializedBytes())
      continuation.finish()
    case .text(let code, let text, let headers):
      (status, fields) = (code, headers)
      continuation.yield(Array(text.utf8))
      continuation.finish()
    case .failure(let code): throw TransportError(code, "scripted \(code)")
    case .stream(let parts, let failure):
      for part in parts { continuation.yield(part) }
      continuation.finish(throwing: failure.map { TransportError($0, "scripted \($0)") })
    }
    return APIStreamingResponse(status: status, headers: fields, chunks: chunks)
  }
}

extension APIRequest {
  /// The values of a query parameter.
  func values(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  var json: JSONValue? { body.flatMap { try? JSONValue(parsing: $0) } }
}

func status(_ code: Int, _ reason: String, _ message: String = "", details: JSONValue = .null)
  -> JSONValue
{
  [
    "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
    "message": .string(message), "reason": .string(reason), "details": details,
    "code": JSONValue(code),
  ]
}

/// A page of ConfigMaps, without kinds, as the API server writes lists of built-in resources.
func page(_ names: [String], version: String = "7", continueToken: String? = nil) -> JSONValue {
  var json: JSONValue = [
    "kind": "ConfigMapList", "apiVersion": "v1", "metadata": ["resourceVersion": .string(version)],
    "items": .array(names.map { ["metadata": ["name": .string($0), "namespace": "ns"]] }),
  ]
  if let continueToken { json["metadata"]?["continue"] = .string(continueToken) }
  return json
}
