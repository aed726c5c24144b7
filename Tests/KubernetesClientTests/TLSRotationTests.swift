import Foundation
import HTTPServer
import Testing

@testable import KubernetesClient

/// An `openssl s_server` with a self-signed certificate of its own.
final class OpenSSLServer: @unchecked Sendable {
  static let openssl = "/usr/bin/openssl"
  static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: openssl) }

  let port: Int
  private let process = Process()

  init(certificate: String, key: String, _ arguments: [String] = []) throws {
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: Self.openssl)
    process.arguments =
      [
        "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
      ] + arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = Pipe()
    try process.run()
    var text = ""
    while true {
      let data = output.fileHandleForReading.availableData
      text += String(decoding: data, as: UTF8.self)
      if let range = text.range(of: "ACCEPT 127.0.0.1:"),
        let end = text[range.upperBound...].firstIndex(of: "\n"),
        let port = Int(text[range.upperBound..<end])
      {
        self.port = port
        return
      }
      if data.isEmpty { throw CocoaError(.executableLoad) }
    }
  }

  deinit { process.terminate() }

  /// A certificate for 127.0.0.1 that is its own authority.
  static func makeCertificate(_ path: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: openssl)
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", "\(path).key", "-out", "\(path).crt", "-days", "2", "-subj", "/CN=test",
      "-addext", "subjectAltName=IP:127.0.0.1",
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }
}

@Suite(.enabled(if: OpenSSLServer.isAvailable)) struct TLSRotationTests {
  /// Two files are never written at once. The pair that works stays until a new one is whole.
  @Test func aHalfRotatedPairChangesNothing() async throws {
    let directory = try TemporaryDirectory()
    for name in ["server", "old", "new"] {
      try OpenSSLServer.makeCertificate("\(directory.path)/\(name)")
    }
    func contents(_ name: String) throws -> String {
      try String(contentsOfFile: "\(directory.path)/\(name)", encoding: .utf8)
    }
    let trusted = try directory.write("trusted", contents("old.crt") + contents("new.crt"))
    let server = try OpenSSLServer(
      certificate: "\(directory.path)/server.crt", key: "\(directory.path)/server.key",
      ["-Verify", "1", "-verify_return_error", "-CAfile", trusted])
    let time = ManualTime()
    var configuration = ClientConfiguration(
      server: "https://127.0.0.1:\(server.port)",
      certificateAuthority: .file("\(directory.path)/server.crt"))
    configuration.clientCertificate = ClientCertificate(
      certificate: .file(try directory.write("tls.crt", contents("old.crt"))),
      key: .file(try directory.write("tls.key", contents("old.key"))))
    let transport = try CurlTransport(
      configuration: configuration, version: "dev", environment: [:], now: { time.now })
    let request = APIRequest(method: "GET", path: "/")
    #expect(try await transport.send(request).status == 200)
    for (file, text) in [
      ("tls.key", "new.key"), ("tls.crt", "new.crt"), ("tls.crt", "old.crt"),
      ("tls.key", "old.key"),
    ] {
      try directory.write(file, contents(text))
      time.advance(.seconds(60))
      #expect(try await transport.send(request).status == 200)
    }
    await transport.shutdown()
  }

  /// runtime-peers: CA rotation without a restart, and no way around verification.
  @Test func aNewAuthorityIsTrustedWithinAMinute() async throws {
    let directory = try TemporaryDirectory()
    try OpenSSLServer.makeCertificate("\(directory.path)/old")
    try OpenSSLServer.makeCertificate("\(directory.path)/new")
    let server = try OpenSSLServer(
      certificate: "\(directory.path)/new.crt", key: "\(directory.path)/new.key")
    func contents(_ name: String) throws -> String {
      try String(contentsOfFile: "\(directory.path)/\(name)", encoding: .utf8)
    }
    let ca = try directory.write("ca.crt", contents("old.crt"))
    let time = ManualTime()
    let transport = try CurlTransport(
      configuration: ClientConfiguration(
        server: "https://127.0.0.1:\(server.port)", certificateAuthority: .file(ca)),
      version: "dev", environment: [:], now: { time.now })
    let request = APIRequest(method: "GET", path: "/")
    let error = await #expect(throws: TransportError.self) { try await transport.send(request) }
    #expect(error?.code == .tls)
    // A half-written file changes nothing.
    try directory.write("ca.crt", "-----BEGIN CERT")
    time.advance(.seconds(60))
    await #expect(throws: TransportError.self) { try await transport.send(request) }
    try directory.write("ca.crt", contents("new.crt"))
    await #expect(throws: TransportError.self) { try await transport.send(request) }
    time.advance(.seconds(60))
    #expect(try await transport.send(request).status == 200)
    await transport.shutdown()
  }
}
