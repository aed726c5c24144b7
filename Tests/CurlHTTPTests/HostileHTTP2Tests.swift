import CurlHTTP
import Testing

/// HTTP/2 from a server that breaks the rules or gives up, GOAWAY among them: every call ends by its
/// deadline, nothing stays open, the next call works.
@Suite(
  .serialized, .enabled(if: TLSFixture.isAvailable, "needs /usr/bin/openssl"),
  .timeLimit(.minutes(1)))
struct HostileHTTP2Tests {
  struct Scenario: Sendable, CustomTestStringConvertible {
    var name: String
    var frames: [UInt8]
    var testDescription: String { name }
  }

  static let scenarios: [Scenario] = [
    Scenario(
      name: "GOAWAY instead of an answer",
      frames: HTTP2Frame.settings + HTTP2Frame.goAway(lastStream: 0, error: 0)),
    Scenario(
      name: "GOAWAY with an error",
      frames: HTTP2Frame.settings + HTTP2Frame.goAway(lastStream: 0, error: 11)),
    Scenario(
      name: "GOAWAY inside the answer",
      frames: HTTP2Frame.settings + HTTP2Frame.ok + HTTP2Frame.data("part", ends: false)
        + HTTP2Frame.goAway(lastStream: 1, error: 2)),
    Scenario(
      name: "stream reset before the answer",
      frames: HTTP2Frame.settings + HTTP2Frame.reset(error: 2)),
    Scenario(
      name: "stream reset inside the answer",
      frames: HTTP2Frame.settings + HTTP2Frame.ok + HTTP2Frame.data("part", ends: false)
        + HTTP2Frame.reset(error: 8)),
    Scenario(
      name: "answer that stops",
      frames: HTTP2Frame.settings + HTTP2Frame.ok + HTTP2Frame.data("part", ends: false)),
    Scenario(
      name: "frame larger than allowed",
      frames: HTTP2Frame.settings
        + HTTP2Frame.frame(0, [1, 2, 3], stream: 1, length: 0xFF_FFFF)),
    Scenario(
      name: "frame longer than what comes",
      frames: HTTP2Frame.settings + HTTP2Frame.ok
        + HTTP2Frame.frame(0, [1, 2, 3], flags: 1, stream: 1, length: 4000)),
    Scenario(name: "no settings", frames: HTTP2Frame.ok),
    Scenario(
      name: "HTTP/1.1 where HTTP/2 was agreed", frames: Array("HTTP/1.1 200 OK\r\n\r\n".utf8)),
    Scenario(
      name: "broken header block",
      frames: HTTP2Frame.settings + HTTP2Frame.frame(1, [0xFF, 0xFF], flags: 4, stream: 1)),
  ]

  @Test(arguments: scenarios)
  func callEndsAndTheNextOneWorks(_ scenario: Scenario) async throws {
    let hostile = try await HostileHTTP2Server.start { _ in scenario.frames }
    let certificates = try TLSFixture.certificates.get()
    let friendly = try HostileServer { _, peer in
      peer.readRequest()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      peer.waitForClient()
    }
    let client = try CurlHTTPClient(
      configuration: HTTPClientConfiguration(
        tls: TLSConfiguration(caPEM: certificates.ca), proxy: .none))
    let timeout = Duration.milliseconds(400)
    let start = ContinuousClock.now
    let error = await httpError {
      try await client.send(HTTPRequest(url: hostile.url, timeout: timeout))
    }
    #expect(error != nil)
    #expect(ContinuousClock.now - start < timeout + lateness)
    let next = try await client.send(HTTPRequest(url: friendly.url, timeout: .seconds(20)))
    #expect(next.status == 200)
    await client.shutdownAndWait()
    #expect(openSockets(to: hostile.port) == 0)
    #expect(openSockets(to: friendly.port) == 0)
  }

  @Test func afterGOAWAYTheNextCallHasANewConnection() async throws {
    let answer =
      HTTP2Frame.settings + HTTP2Frame.ok + HTTP2Frame.data("hello", ends: true)
      + HTTP2Frame.goAway(lastStream: 1, error: 0)
    let server = try await HostileHTTP2Server.start { _ in answer }
    let ca = try TLSFixture.certificates.get().ca
    let client = try CurlHTTPClient(
      configuration: HTTPClientConfiguration(tls: TLSConfiguration(caPEM: ca), proxy: .none))
    for _ in 0..<3 {
      let response = try await client.send(HTTPRequest(url: server.url, timeout: .seconds(20)))
      #expect(response.status == 200)
      #expect(text(response.body) == "hello")
    }
    await client.shutdownAndWait()
    #expect(openSockets(to: server.port) == 0)
  }
}
