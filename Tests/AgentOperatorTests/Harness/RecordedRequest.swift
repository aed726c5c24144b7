import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

/// One request of the operator's, as the server got it.
struct RecordedRequest: Sendable, CustomStringConvertible {
  var number = 0
  /// Of the operator's processes, counted from 1.
  var process: Int
  var replica: Int
  /// When it reached the server, in the order of all that did; nil when it did not.
  var arrival: Int?
  /// True times, whatever the process' own clock shows.
  var sentAt: Duration = .zero
  var arrivedAt: Duration = .zero
  var method: String
  var query: [(name: String, value: String)]
  var namespace: String?
  /// `deployments`
  var resource: String
  var name: String?
  var subresource: String?
  var body: JSONValue?
  /// The answer is asked for without anything but metadata.
  var isMetadataOnly = false
  /// Of the answer; nil when none arrived.
  var status: Int?

  init(_ request: APIRequest, process: Int = 1, replica: Int = 0) {
    self.process = process
    self.replica = replica
    method = request.method
    query = request.query
    isMetadataOnly = request.headers.contains {
      $0.name.lowercased() == "accept" && $0.value.contains("as=PartialObjectMetadata")
    }
    body = request.body.flatMap { try? JSONValue(parsing: $0) }
    var parts = request.path.split(separator: "/").map(String.init)[...]
    parts = parts.dropFirst(parts.first == "apis" ? 3 : 2)
    if parts.first == "namespaces", parts.count > 2 {
      namespace = parts.dropFirst().first
      parts = parts.dropFirst(2)
    }
    resource = parts.first ?? request.path
    name = parts.dropFirst().first
    subresource = parts.dropFirst(2).first
  }

  func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

  var isWatch: Bool { query("watch") != nil }
  var isWrite: Bool { method != "GET" }
  /// Of the agents' objects and their status: events are help and may be lost, leases are not about
  /// agents.
  var isStateWrite: Bool { isWrite && resource != "events" && resource != "leases" }
  var isStatusWrite: Bool { isWrite && subresource == "status" }

  /// `PATCH deployments/support`
  var description: String {
    let path = [resource, name ?? body?["metadata"]?["name"]?.string, subresource].compactMap { $0 }
    return "\(method) \(path.joined(separator: "/"))\(isWatch ? "?watch" : "")"
  }
}

/// Everything that the operator asked for, in order.
final class RequestLog: Sendable {
  private struct State {
    var requests: [RecordedRequest] = []
    var arrivals = 0
  }

  private let state = Mutex(State())

  var all: [RecordedRequest] { state.withLock { $0.requests } }
  var count: Int { state.withLock { $0.requests.count } }
  var writes: [RecordedRequest] { all.filter(\.isStateWrite) }
  /// What the server got, in the order in which it did.
  var arrived: [RecordedRequest] {
    all.filter { $0.arrival != nil }.sorted { ($0.arrival ?? 0) < ($1.arrival ?? 0) }
  }

  func since(_ mark: Int) -> [RecordedRequest] { Array(all.dropFirst(mark)) }
  func writes(since mark: Int) -> [RecordedRequest] { since(mark).filter(\.isStateWrite) }

  func append(_ request: RecordedRequest, at now: Duration) -> RecordedRequest {
    state.withLock { state in
      var request = request
      request.sentAt = now
      request.number = state.requests.count
      state.requests.append(request)
      return request
    }
  }

  func arrived(_ number: Int, at now: Duration) {
    state.withLock { state in
      state.requests[number].arrivedAt = now
      state.requests[number].arrival = state.arrivals
      state.arrivals += 1
    }
  }

  func answered(_ number: Int, _ status: Int) {
    state.withLock { $0.requests[number].status = status }
  }
}
