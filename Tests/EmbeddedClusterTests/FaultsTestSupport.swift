import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import EmbeddedCluster

/// A cluster reached in one of the two ways, for tests that hold for both.
struct FaultyCluster: Sendable {
  enum Way: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case inProcess, http
    var testDescription: String { rawValue }
  }

  let cluster: EmbeddedCluster
  let transport: any APITransport
  static let path = TestCluster.configMaps

  /// Runs a test and frees the sockets.
  static func with(
    _ way: Way, _ body: (FaultyCluster) async throws -> Void
  ) async throws {
    let cluster = EmbeddedCluster(
      configuration: EmbeddedClusterConfiguration(simulatesControllers: false))
    switch way {
    case .inProcess: try await body(FaultyCluster(cluster: cluster, transport: cluster.transport))
    case .http:
      let port = try await cluster.startHTTP()
      let transport = try CurlTransport(
        configuration: ClientConfiguration(server: "http://127.0.0.1:\(port)"))
      do {
        try await body(FaultyCluster(cluster: cluster, transport: transport))
      } catch {
        await transport.shutdown()
        await cluster.stop()
        throw error
      }
      await transport.shutdown()
      await cluster.stop()
    }
  }

  func send(
    _ method: String, _ path: String, _ query: [(name: String, value: String)] = [],
    _ body: JSONValue? = nil
  ) async throws -> TestCluster.Answer {
    let response = try await transport.send(TestCluster.request(method, path, query, body))
    let json =
      (try? JSONValue(parsing: response.body))
      ?? .string(String(decoding: response.body, as: UTF8.self))
    return TestCluster.Answer(status: response.status, json: json, headers: response.headers)
  }

  @discardableResult
  func create(_ name: String) async throws -> TestCluster.Answer {
    try await send(
      "POST", Self.path, [],
      ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)]])
  }

  func names(_ query: [(name: String, value: String)] = []) async throws -> [String] {
    let items = try await send("GET", Self.path, query).json["items"]?.array ?? []
    return items.compactMap { $0["metadata"]?["name"]?.string }
  }

  func watch(_ query: [(name: String, value: String)] = []) async throws -> WatchReader {
    try await WatchReader(transport, Self.path, query)
  }

  /// What the call fails with; nil when it does not.
  func failure(_ body: () async throws -> Void) async -> TransportError.Code? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? TransportError)?.code ?? .other
    }
  }

  /// Waits for a condition that is on its way.
  func until(_ isTrue: () -> Bool) async throws {
    while !isTrue() { try await Task.sleep(for: .milliseconds(2)) }
  }
}
