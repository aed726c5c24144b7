import CurlHTTP
import Synchronization
import Testing

/// Long HTTP/1.1 streams beside short calls that are offered HTTP/2, on one client and one server.
///
/// libcurl 7.88 keeps one idea per host of whether its connections can be shared. Where both kinds
/// were in one multi handle, calls waited for a stream's handshake, for ever if no later event woke
/// them, or were sent over a stream's connection. And it forgets calls that share a connection.
@Suite(.enabled(if: TLSFixture.isAvailable, "needs /usr/bin/openssl"), .timeLimit(.minutes(1)))
struct MixedProtocolTests {
  /// Whether a TLS ClientHello offers HTTP/2 (RFC 7301, section 3.1).
  private static func offersHTTP2(_ hello: [UInt8]) -> Bool {
    hello.firstRange(of: Array("\u{2}h2\u{8}http/1.1".utf8)) != nil
  }

  private func client() throws -> CurlHTTPClient {
    let ca = try TLSFixture.certificates.get().ca
    return try CurlHTTPClient(
      configuration: HTTPClientConfiguration(tls: TLSConfiguration(caPEM: ca), proxy: .none))
  }

  private func url(_ server: HostileServer) -> String { "https://127.0.0.1:\(server.port)/file" }

  private func results(
    of count: Int, _ client: CurlHTTPClient, _ request: HTTPRequest
  ) async -> [Result<HTTPResponse, any Error>] {
    await withTaskGroup(of: Result<HTTPResponse, any Error>.self) { group in
      for _ in 0..<count {
        group.addTask {
          do {
            return .success(try await client.send(request))
          } catch {
            return .failure(error)
          }
        }
      }
      var all: [Result<HTTPResponse, any Error>] = []
      for await result in group { all.append(result) }
      return all
    }
  }

  private func expectAllOK(
    _ results: [Result<HTTPResponse, any Error>], body: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for result in results {
      switch result {
      case .success(let response):
        #expect(response.status == 200, sourceLocation: sourceLocation)
        guard let body else { continue }
        let isWhole = text(response.body) == body
        #expect(isWhole, sourceLocation: sourceLocation)
      case .failure(let error): Issue.record(error, sourceLocation: sourceLocation)
      }
    }
  }

  @Test func callsDoNotWaitForTheHandshakeOfAStream() async throws {
    let backend = try TLSServer(try TLSFixture.certificates.get().server).port
    let (held, hold) = AsyncStream.makeStream(of: Void.self)
    let server = try HostileServer { _, peer in
      let hello = peer.readSome()
      if Self.offersHTTP2(hello) {
        peer.forward(hello, toPort: backend)
      } else {
        hold.yield()
        peer.waitForClient()
      }
    }
    let client = try client()
    let watch = HTTPRequest(url: url(server), connectTimeout: .seconds(50), isLongLived: true)
    let streams = (0..<3).map { _ in
      Task { await httpError { try await client.stream(watch) } }
    }
    var connected = held.makeAsyncIterator()
    for _ in streams { _ = await connected.next() }
    let call = HTTPRequest(url: url(server), timeout: .seconds(10))
    expectAllOK(await results(of: 20, client, call))
    for stream in streams {
      stream.cancel()
      #expect(await stream.value?.code == .cancelled)
    }
    await client.shutdownAndWait()
    #expect(openSockets(to: server.port) == 0)
  }

  @Test(.enabled(if: HTTP2Server.isAvailable, "needs nghttpd"))
  func callsShareAConnectionThatNoStreamUses() async throws {
    let http2 = try await HTTP2Server()
    var backends: [HostileHTTP2Server] = []
    for _ in 0..<8 {
      backends.append(
        try await .start(alpn: "http/1.1", preface: "GET /") { _ in
          Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".utf8)
        })
    }
    let ports = backends.map(\.port)
    let streamCount = Atomic(0)
    let server = try HostileServer { _, peer in
      let hello = peer.readSome()
      let isCall = Self.offersHTTP2(hello)
      let number = isCall ? 0 : streamCount.add(1, ordering: .relaxed).oldValue
      peer.forward(hello, toPort: isCall ? http2.port : ports[number])
    }
    let client = try client()
    let call = HTTPRequest(url: url(server), timeout: .seconds(10))
    var streams: [HTTPStreamingResponse] = []
    for round in 0..<20 {
      async let calls = results(of: 20, client, call)
      if round < ports.count {
        streams.append(try await client.stream(HTTPRequest(url: url(server), isLongLived: true)))
      }
      expectAllOK(await calls, body: HTTP2Server.content)
      #expect(openSockets(to: server.port) == streams.count + 1)
    }
    for stream in streams {
      var body = stream.body.makeAsyncIterator()
      #expect(try await body.next() == Array("hello".utf8))
    }
    await client.shutdownAndWait()
    #expect(openSockets(to: server.port) == 0)
  }

  @Test func callsBehindAHandshakeThatNeverEndsEndByTheirDeadline() async throws {
    let backend = try TLSServer(try TLSFixture.certificates.get().server).port
    let connections = Atomic(0)
    let (held, hold) = AsyncStream.makeStream(of: Void.self)
    let server = try HostileServer { number, peer in
      connections.add(1, ordering: .relaxed)
      let hello = peer.readSome()
      if number > 0 { return peer.forward(hello, toPort: backend) }
      hold.yield()
      peer.waitForClient()
    }
    let client = try client()
    let patient = HTTPRequest(
      url: url(server), timeout: .seconds(50), connectTimeout: .seconds(50))
    let first = Task { await httpError { try await client.send(patient) } }
    for await _ in held { break }
    // These wait for the first to learn whether they can share its connection.
    var hasty = patient
    let limit = Duration.milliseconds(300)
    hasty.timeout = limit
    let start = ContinuousClock.now
    let ended = await results(of: 20, client, hasty)
    #expect(ContinuousClock.now - start < limit + lateness)
    for result in ended {
      #expect(throws: HTTPError.self) { try result.get() }
      if case .failure(let error as HTTPError) = result { #expect(error.code == .timeout) }
    }
    #expect(connections.load(ordering: .relaxed) == 1)
    // And what still waits goes on when the connection is given up.
    let waiting = Task { await results(of: 20, client, patient) }
    first.cancel()
    #expect(await first.value?.code == .cancelled)
    expectAllOK(await waiting.value)
    await client.shutdownAndWait()
    #expect(openSockets(to: server.port) == 0)
  }
}
