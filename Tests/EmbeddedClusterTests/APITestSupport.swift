import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

@testable import EmbeddedCluster

/// A cluster without controllers and a client that says what it wants in one line.
struct TestCluster {
  let cluster: EmbeddedCluster

  init(clock: ClusterClock = .system, historyLimit: Int = 10_000) {
    cluster = EmbeddedCluster(
      configuration: EmbeddedClusterConfiguration(
        clock: clock, historyLimit: historyLimit, simulatesControllers: false))
  }

  struct Answer {
    var status: Int
    var json: JSONValue
    var headers: [(name: String, value: String)]

    var reason: String { json["reason"]?.string ?? "" }
    var message: String { json["message"]?.string ?? "" }
    var version: String { json["metadata"]?["resourceVersion"]?.string ?? "" }
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  }

  static func request(
    _ method: String, _ path: String, _ query: [(name: String, value: String)] = [],
    _ body: JSONValue? = nil, type: String = "application/json", accept: String? = nil
  ) -> APIRequest {
    var headers: [(name: String, value: String)] = [("User-Agent", "tester/1.0")]
    if body != nil { headers.append(("Content-Type", type)) }
    if let accept { headers.append(("Accept", accept)) }
    return APIRequest(
      method: method, path: path, query: query, headers: headers,
      body: body.map { $0.serializedBytes() })
  }

  func send(
    _ method: String, _ path: String, _ query: [(name: String, value: String)] = [],
    _ body: JSONValue? = nil, type: String = "application/json", accept: String? = nil
  ) async throws -> Answer {
    let response = try await cluster.transport.send(
      Self.request(method, path, query, body, type: type, accept: accept))
    let json =
      (try? JSONValue(parsing: response.body))
      ?? .string(
        String(decoding: response.body, as: UTF8.self))
    return Answer(status: response.status, json: json, headers: response.headers)
  }

  func get(_ path: String, _ query: [(name: String, value: String)] = []) async throws -> Answer {
    try await send("GET", path, query)
  }

  func createConfigMap(_ name: String, _ metadata: JSONObject = [:], data: JSONValue? = nil)
    async throws -> Answer
  {
    var metadata = metadata
    metadata["name"] = .string(name)
    var object: JSONValue = [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": .object(metadata),
    ]
    if let data { object["data"] = data }
    return try await send("POST", Self.configMaps, [], object)
  }

  static let configMaps = "/api/v1/namespaces/default/configmaps"

  static let widgetDefinition: JSONValue = [
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": ["name": "widgets.test.example.com"],
    "spec": [
      "group": "test.example.com", "scope": "Namespaced",
      "names": ["plural": "widgets", "kind": "Widget", "shortNames": ["wd"]],
      "versions": [
        [
          "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
          "additionalPrinterColumns": [
            ["name": "Size", "type": "integer", "jsonPath": ".spec.size"]
          ],
          "schema": [
            "openAPIV3Schema": [
              "type": "object",
              "properties": [
                "spec": [
                  "type": "object", "properties": ["size": ["type": "integer", "default": 1]],
                ],
                "status": ["type": "object", "properties": ["phase": ["type": "string"]]],
              ],
            ]
          ],
        ]
      ],
    ],
  ]

  /// The same with another schema below its root.
  static func widgetDefinition(
    _ properties: JSONValue, subresources: JSONValue = ["status": [:]]
  ) -> JSONValue {
    var definition = widgetDefinition
    definition["spec"]?["versions"] = [
      [
        "name": "v1", "served": true, "storage": true, "subresources": subresources,
        "schema": ["openAPIV3Schema": ["type": "object", "properties": properties]],
      ]
    ]
    return definition
  }

  static let widgets = "/apis/test.example.com/v1/namespaces/default/widgets"
}

/// The events of a watch, one at a time.
actor WatchReader {
  private var chunks: AsyncThrowingStream<[UInt8], any Error>.AsyncIterator
  private var buffer: [UInt8] = []

  init(_ test: TestCluster, _ path: String, _ query: [(name: String, value: String)] = [])
    async throws
  {
    try await self.init(test.cluster.transport, path, query)
  }

  init(
    _ transport: any APITransport, _ path: String, _ query: [(name: String, value: String)]
  ) async throws {
    let response = try await transport.stream(
      TestCluster.request("GET", path, query + [("watch", "true")]))
    chunks = response.chunks.makeAsyncIterator()
  }

  /// Bytes of an event that did not come to its end.
  var unread: Int { buffer.count }

  /// Nil at the end of the watch.
  func next() async throws -> JSONValue? {
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        let line = Array(buffer[..<end])
        buffer.removeFirst(end + 1)
        return try JSONValue(parsing: line)
      }
      var iterator = chunks
      let chunk = try await iterator.next(isolation: self)
      chunks = iterator
      guard let chunk else { return nil }
      buffer += chunk
    }
  }

  /// `ADDED a`, and the version of bookmarks.
  func summary() async throws -> String? {
    try await next().map {
      let metadata = $0["object"]?["metadata"]
      let name = metadata?["name"]?.string ?? $0["object"]?["reason"]?.string ?? ""
      return "\($0["type"]?.string ?? "") \(name)"
    }
  }
}

/// A time that moves only when told to, and wakes who sleeps until then.
final class VirtualTime: Sendable {
  private struct Sleeper {
    var id: Int
    var until: Int64
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now: Int64 = 1_700_000_000_000_000
    var nextID = 0
    var sleepers: [Sleeper] = []
  }

  private let state = Mutex(State())

  var clock: ClusterClock {
    ClusterClock(now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep($0) })
  }

  private func sleep(_ duration: Duration) async throws {
    let micros = Int64(duration / .microseconds(1))
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        state.withLock { state in
          state.sleepers.append(
            Sleeper(id: id, until: state.now + micros, continuation: continuation))
        }
        if Task.isCancelled { wake { $0.id == id } }
      }
    } onCancel: {
      wake { $0.id == id }
    }
    try Task.checkCancellation()
  }

  private func wake(_ isDue: (Sleeper) -> Bool) {
    let due = state.withLock { state in
      let due = state.sleepers.filter(isDue)
      state.sleepers.removeAll(where: isDue)
      return due
    }
    for sleeper in due { sleeper.continuation.resume() }
  }

  func advance(seconds: Int64) {
    let now = state.withLock { state in
      state.now += seconds * 1_000_000
      return state.now
    }
    wake { $0.until <= now }
  }

  /// Lets time pass, ten seconds a step, until the operation is done.
  func passing<Result: Sendable>(
    while operation: @Sendable @escaping () async throws -> Result
  ) async throws -> Result {
    let driver = Task {
      while !Task.isCancelled {
        advance(seconds: 10)
        await Task.yield()
      }
    }
    defer { driver.cancel() }
    return try await operation()
  }
}
