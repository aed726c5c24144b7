import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

/// One Lease as an API server keeps it, with optimistic locking, for several electors.
final class LeaseServer: Sendable {
  private struct State {
    var lease: JSONValue?
    var version = 0
    var unreachable: Set<String> = []
    /// Calls whose answers wait.
    var late: [String: AsyncStream<Void>] = [:]
    var writes: [String] = []
    var hasNamespace = true
  }

  private let state = Mutex(State())

  var holder: String? { state.withLock { $0.lease?["spec"]?["holderIdentity"]?.string } }
  var lease: JSONValue? { state.withLock { $0.lease } }
  /// Who wrote, in order; a release as `a released`.
  var writes: [String] { state.withLock { $0.writes } }

  func setNamespace(exists: Bool) { state.withLock { $0.hasNamespace = exists } }

  /// The server does not answer this client: calls hang until they are cancelled.
  func cutOff(_ name: String, _ isCut: Bool = true) {
    state.withLock { state in
      if isCut { state.unreachable.insert(name) } else { state.unreachable.remove(name) }
    }
  }

  /// The server acts on what this client sends, and answers when the result is called.
  func answerLate(_ name: String) -> @Sendable () -> Void {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    state.withLock { $0.late[name] = stream }
    return { [weak self] in
      self?.state.withLock { $0.late[name] = nil }
      continuation.finish()
    }
  }

  /// Somebody takes the lease by force.
  func seize(by holder: String) {
    state.withLock { state in
      state.version += 1
      state.lease?["spec"]?["holderIdentity"] = .string(holder)
      state.lease?["metadata"]?["resourceVersion"] = .string(String(state.version))
    }
  }

  func client(_ name: String) -> KubernetesClient {
    KubernetesClient(transport: Way(server: self, name: name), retryPolicy: .never)
  }

  private struct Way: APITransport {
    let server: LeaseServer
    let name: String

    func send(_ request: APIRequest) async throws -> APIResponse {
      if server.state.withLock({ $0.unreachable.contains(name) }) {
        // Until the call is cancelled.
        let (never, _) = AsyncStream<Void>.makeStream()
        for await _ in never {}
        throw TransportError(.cancelled, "cancelled")
      }
      let answer = server.answer(request, name)
      if let late = server.state.withLock({ $0.late[name] }) { for await _ in late {} }
      return answer
    }

    func stream(_ request: APIRequest) async throws -> APIStreamingResponse {
      throw TransportError(.other, "no watches here")
    }
  }

  private func answer(_ request: APIRequest, _ name: String) -> APIResponse {
    let (code, body) = state.withLock { state -> (Int, JSONValue) in
      if request.method == "GET" {
        return state.lease.map { (200, $0) } ?? (404, statusJSON(404, "NotFound"))
      }
      guard var new = request.json else { return (400, statusJSON(400, "BadRequest")) }
      if !state.hasNamespace {
        var missing = statusJSON(404, "NotFound")
        missing["message"] = "namespaces \"ops\" not found"
        return (404, missing)
      }
      if request.method == "POST", state.lease != nil {
        return (409, statusJSON(409, "AlreadyExists"))
      }
      if request.method == "PUT",
        new["metadata"]?["resourceVersion"] != state.lease?["metadata"]?["resourceVersion"]
      {
        return (409, statusJSON(409, "Conflict"))
      }
      state.version += 1
      new["metadata"]?["resourceVersion"] = .string(String(state.version))
      state.lease = new
      let holder = new["spec"]?["holderIdentity"]?.string ?? ""
      state.writes.append(holder.isEmpty ? "\(name) released" : name)
      return (200, new)
    }
    return APIResponse(status: code, body: body.serializedBytes())
  }
}
