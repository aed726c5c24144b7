import CurlHTTP
import Foundation
import Glibc
import Testing

/// Against nghttpd (Debian: nghttp2-server), which is not needed to build and often absent.
@Suite(
  .enabled(if: HTTP2Server.isAvailable && TLSFixture.isAvailable, "needs nghttpd and openssl"))
struct HTTP2Tests {
  private func client() throws -> CurlHTTPClient {
    let ca = try TLSFixture.certificates.get().ca
    return try CurlHTTPClient(
      configuration: HTTPClientConfiguration(tls: TLSConfiguration(caPEM: ca), proxy: .none))
  }

  @Test func callsShareOneConnection() async throws {
    let server = try await HTTP2Server()
    let client = try client()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<80 {
        group.addTask {
          try await client.send(HTTPRequest(url: server.url + "file")).body.count
        }
      }
      for try await count in group { #expect(count == HTTP2Server.content.utf8.count) }
    }
    #expect(openSockets(to: server.port) == 1)
    let stream = try await client.stream(HTTPRequest(url: server.url + "file", isLongLived: false))
    var received = 0
    for try await chunk in stream.body { received += chunk.count }
    #expect(received == HTTP2Server.content.utf8.count)
    #expect(openSockets(to: server.port) == 1)
    await client.shutdownAndWait()
    #expect(openSockets(to: server.port) == 0)
  }

  @Test func silentConnectionIsGivenUp() async throws {
    let server = try await HTTP2Server()
    let client = try client()
    let patient = HTTPRequest(url: server.url + "file", timeout: .seconds(20))
    var request = patient
    request.timeout = .milliseconds(300)
    #expect(try await client.send(patient).status == 200)
    #expect(openSockets(to: server.port) == 1)
    // TCP goes on acknowledging, so only the silence tells.
    server.signal(SIGSTOP)
    #expect(await httpError { try await client.send(request) }?.code == .timeout)
    server.signal(SIGCONT)
    #expect(try await client.send(patient).status == 200)
    #expect(openSockets(to: server.port) == 2)
  }

  @Test func sameCertificatesAgainStillMeanNewConnections() async throws {
    let server = try await HTTP2Server()
    let client = try client()
    let tls = TLSConfiguration(caPEM: try TLSFixture.certificates.get().ca)
    for count in 1...3 {
      #expect(try await client.send(HTTPRequest(url: server.url + "file")).status == 200)
      #expect(openSockets(to: server.port) == count)
      try client.replaceTLS(tls)
    }
  }

  @Test func serverThatDies() async throws {
    let server = try await HTTP2Server()
    let client = try client()
    #expect(try await client.send(HTTPRequest(url: server.url + "file")).status == 200)
    server.signal(SIGSTOP)
    let calls = (0..<20).map { _ in
      Task { await httpError { try await client.send(HTTPRequest(url: server.url + "file")) } }
    }
    server.signal(SIGKILL)
    for call in calls {
      let code = await call.value?.code
      #expect(code == .reset || code == .connectionRefused)
    }
    let error = await httpError { try await client.send(HTTPRequest(url: server.url + "file")) }
    #expect(error?.code == .connectionRefused)
  }
}

final class HTTP2Server: @unchecked Sendable {
  static let isAvailable = FileManager.default.isExecutableFile(atPath: "/usr/sbin/nghttpd")
  static let content = String(repeating: "content ", count: 5000)

  let port: Int
  private var process: Process
  var url: String { "https://127.0.0.1:\(port)/" }

  init() async throws {
    let identity = try TLSFixture.certificates.get().server
    let folder = (identity.certificatePath as NSString).deletingLastPathComponent
    try Self.content.write(toFile: folder + "/file", atomically: true, encoding: .utf8)
    // nghttpd cannot choose a port: take one that was free a moment ago.
    port = try HostileServer { _, _ in }.port
    let arguments = [
      "--address=127.0.0.1", "-d", folder, "\(port)", identity.keyPath, identity.certificatePath,
    ]
    process = try Self.launch(arguments)
    let probe = try CurlHTTPClient(
      configuration: HTTPClientConfiguration(
        tls: TLSConfiguration(insecureSkipVerify: true), proxy: .none))
    while (try? await probe.send(HTTPRequest(url: url + "file"))) == nil {
      try await Task.sleep(for: .milliseconds(20))
      // It gives up when the port is not free yet.
      if !process.isRunning { process = try Self.launch(arguments) }
    }
    await probe.shutdownAndWait()
  }

  private static func launch(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/sbin/nghttpd")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  deinit { signal(SIGKILL) }
}
