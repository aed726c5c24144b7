import Foundation
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// The rendered store for real: its command, configuration and probes with Debian's redis-server. The
/// container's directories stand somewhere else here, and its port is a free one; nothing else of the
/// rendered container differs.
@Suite(
  .enabled(if: RedisServer.path != nil, RedisServer.missing), .timeLimit(.minutes(2)))
struct RedisTests {
  @Test func itStartsAnswersAndKeepsWhatItIsGiven() async throws {
    let server = try RedisServer(persistence: "AppendOnly", password: #"s3"cr\et $(id) 'x'"#)
    defer { server.remove() }
    try await server.start()
    #expect(try await server.becomes(true, "startupProbe"))
    #expect(try server.probe("readinessProbe") && server.probe("livenessProbe"))
    #expect(try server.ask("set", "session", "42") == "OK")
    #expect(try server.ask("config", "get", "maxmemory").hasSuffix("268435456"))
    #expect(try server.ask("config", "get", "maxmemory-policy").hasSuffix("noeviction"))
    // It is told to stop as a kubelet would, and started again on the same volume.
    #expect(server.stop() == 0)
    #expect(try !server.probe("livenessProbe") && !server.probe("readinessProbe"))
    try await server.start()
    #expect(try await server.becomes(true, "startupProbe"))
    #expect(try server.ask("get", "session") == "42")
  }

  @Test func aWrongPasswordFailsTheProbes() async throws {
    let server = try RedisServer(persistence: "None", password: "right")
    defer { server.remove() }
    try await server.start()
    #expect(try await server.becomes(true, "startupProbe"))
    #expect(try server.probe("readinessProbe"))
    for wrong in ["wrong", ""] {
      try server.write(password: wrong)
      #expect(try !server.probe("startupProbe"), "\(wrong)")
      #expect(try !server.probe("readinessProbe"), "\(wrong)")
      #expect(try !server.probe("livenessProbe"), "\(wrong)")
    }
    // The restart that the liveness probe asks for takes the new password in.
    try server.write(password: "rotated")
    #expect(try !server.probe("livenessProbe"))
    #expect(server.stop() == 0)
    try await server.start()
    #expect(try await server.becomes(true, "startupProbe"))
    #expect(try server.probe("readinessProbe"))
    #expect(try server.ask("ping", password: "right").contains("NOAUTH"))
  }

  /// While a server works on one command for long it is alive, and takes no other.
  @Test func aBusyServerIsAliveAndNotReady() async throws {
    let server = try RedisServer(persistence: "Snapshot", password: "p")
    defer { server.remove() }
    try await server.start()
    #expect(try await server.becomes(true, "startupProbe"))
    #expect(try server.ask("config", "set", "busy-reply-threshold", "1") == "OK")
    let endless = try server.askInBackground("eval", "while true do end", "0")
    #expect(try await server.becomes(false, "readinessProbe"))
    #expect(try server.probe("livenessProbe"))
    _ = try server.ask("script", "kill")
    _ = endless.end()
    #expect(try await server.becomes(true, "readinessProbe"))
  }

  @Test func nobodyIsLetInWithoutAPassword() async throws {
    let server = try RedisServer(persistence: "None", password: "")
    defer { server.remove() }
    try await server.start()
    #expect(server.stop() == 1)
    #expect(try !server.probe("readinessProbe"))
  }

  @Test func thePasswordStandsInNoProcessList() async throws {
    let server = try RedisServer(persistence: "None", password: "very-secret-word")
    defer { server.remove() }
    try await server.start()
    #expect(try await server.becomes(true, "startupProbe"))
    let process = URL(filePath: "/proc/\(try #require(server.processIdentifier))")
    for file in ["cmdline", "environ"] {
      let bytes = try Data(contentsOf: process.appending(path: file))
      #expect(!String(decoding: bytes, as: UTF8.self).contains("very-secret-word"), "\(file)")
    }
  }
}
