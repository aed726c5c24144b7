import CurlHTTP
import Glibc
import HTTPServer
import Testing

/// Runs a server on loopback and a client for it, and stops both.
func withServer(
  maximumBodyBytes: Int = 3 << 20,
  handler: @escaping HTTPServer.Handler,
  body: (CurlHTTPClient, String) async throws -> Void
) async throws {
  let server = HTTPServer(maximumBodyBytes: maximumBodyBytes, handler: handler)
  let port = try await server.start()
  let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
  do {
    try await body(client, "http://127.0.0.1:\(port)")
  } catch {
    Issue.record(error)
  }
  await client.shutdownAndWait()
  await server.stop(grace: .zero)
}

/// The `HTTPError` that the operation throws; records an issue when it throws another or none.
func httpError<T>(
  _ operation: () async throws -> T, sourceLocation: SourceLocation = #_sourceLocation
) async -> HTTPError? {
  do {
    _ = try await operation()
    Issue.record("no error was thrown", sourceLocation: sourceLocation)
  } catch let error as HTTPError {
    return error
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
  return nil
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
