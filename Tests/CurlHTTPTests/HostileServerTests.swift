import CurlHTTP
import Synchronization
import Testing

/// Correctness rules 8 to 13 and oracle N: every call ends with the right error by its deadline,
/// nothing stays open, and the next call works.
@Suite struct HostileServerTests {
  struct Scenario: Sendable, CustomTestStringConvertible {
    var name: String
    var expected: HTTPError.Code
    var timeout = Duration.seconds(20)
    var maximumBodyBytes = 1 << 20
    var script: @Sendable (Peer) -> Void
    var testDescription: String { name }
  }

  static let scenarios: [Scenario] = [
    Scenario(name: "truncated body", expected: .reset) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    },
    Scenario(name: "truncated chunked body", expected: .reset) {
      $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    },
    Scenario(name: "truncated header", expected: .reset) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Le")
    },
    Scenario(name: "reset before the answer", expected: .reset) { $0.reset() },
    Scenario(name: "reset inside the body", expected: .reset) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
      $0.reset()
    },
    Scenario(name: "closed without an answer", expected: .reset) { _ in },
    Scenario(name: "not HTTP", expected: .protocolViolation) {
      $0.write("SSH-2.0-OpenSSH_9.6\r\n")
    },
    Scenario(name: "binary garbage", expected: .protocolViolation) {
      $0.write((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ 13) })
    },
    Scenario(name: "bad chunk size", expected: .reset) {
      $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n")
    },
    Scenario(name: "endless header", expected: .protocolViolation) {
      $0.write("HTTP/1.1 200 OK\r\n")
      for _ in 0..<4000 { $0.write("X-Filler: \(String(repeating: "a", count: 100))\r\n") }
    },
    Scenario(name: "endless header line", expected: .protocolViolation) {
      $0.write("HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 600_000))
    },
    Scenario(name: "endless interim answers", expected: .protocolViolation) {
      for _ in 0..<20_000 { $0.write("HTTP/1.1 103 Early Hints\r\n\r\n") }
    },
    Scenario(name: "absurd length", expected: .bodyTooLarge) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\nhello")
      $0.waitForClient()
    },
    Scenario(name: "endless body", expected: .bodyTooLarge) {
      $0.write("HTTP/1.1 200 OK\r\n\r\n")
      for _ in 0..<200 { $0.write([UInt8](repeating: 10, count: 10_000)) }
    },
    Scenario(name: "broken gzip", expected: .protocolViolation) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\nno zip")
    },
    Scenario(name: "no answer", expected: .timeout, timeout: .milliseconds(100)) {
      $0.waitForClient()
    },
    Scenario(name: "dripping header", expected: .timeout, timeout: .milliseconds(150)) {
      for byte in "HTTP/1.1 200 OK\r\nX-Filler: aaaaaaaaaaaaaaaaaaaaa".utf8 {
        $0.write([byte])
        pause(milliseconds: 10)
      }
      $0.waitForClient()
    },
    Scenario(name: "dripping body", expected: .timeout, timeout: .milliseconds(150)) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
      for _ in 0..<50 {
        $0.write("x")
        pause(milliseconds: 10)
      }
      $0.waitForClient()
    },
  ]

  @Test(arguments: scenarios)
  func callEndsAndTheNextOneWorks(_ scenario: Scenario) async throws {
    // Not by the connection's number: libcurl asks once more when one ends without a byte, and a call
    // whose time is up on a busy machine has none.
    let isHostile = Atomic(true)
    let server = try HostileServer { _, peer in
      guard peer.readRequest() != nil else { return }
      if isHostile.load(ordering: .acquiring) {
        scenario.script(peer)
      } else {
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        peer.waitForClient()
      }
    }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    let request = HTTPRequest(
      url: server.url, timeout: scenario.timeout, maximumBodyBytes: scenario.maximumBodyBytes)
    for _ in 0..<2 {
      let start = ContinuousClock.now
      let error = await httpError { try await client.send(request) }
      #expect(error?.code == scenario.expected, "\(error?.description ?? "none")")
      #expect(ContinuousClock.now - start < scenario.timeout + lateness)
    }
    isHostile.store(false, ordering: .releasing)
    let response = try await client.send(HTTPRequest(url: server.url, timeout: .seconds(20)))
    #expect(text(response.body) == "ok")
    await client.shutdownAndWait()
    #expect(openSockets(to: server.port) == 0)
  }

  @Test func nothingStaysOpen() async throws {
    let server = try HostileServer { number, peer in
      guard peer.readRequest() != nil else { return }
      Self.scenarios[number % Self.scenarios.count].script(peer)
    }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask {
          let request = HTTPRequest(
            url: server.url, timeout: .milliseconds(200 + number), maximumBodyBytes: 1 << 20,
            isLongLived: number.isMultiple(of: 3))
          if number.isMultiple(of: 2) {
            _ = try? await client.send(request)
          } else if let response = try? await client.stream(request) {
            do { for try await _ in response.body {} } catch {}
          }
        }
      }
    }
    // Only connections that may be reused are left, and the server has ended those.
    #expect(openSockets(to: server.port) <= 32)
    await client.shutdownAndWait()
    #expect(openSockets(to: server.port) == 0)
  }

  @Test func answerWithWrongLengthDoesNotSpoilTheNext() async throws {
    let server = try HostileServer { _, peer in
      while peer.readRequest() != nil {
        peer.write(
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, smuggled: HTTP/1.1 500\r\n\r\n")
      }
    }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    for _ in 0..<5 {
      let response = try await client.send(HTTPRequest(url: server.url, timeout: .seconds(20)))
      #expect(response.status == 200)
      #expect(text(response.body) == "hello")
    }
  }

  @Test func connectionClosedBetweenCallsIsReplaced() async throws {
    let server = try HostileServer { number, peer in
      guard peer.readRequest() != nil else { return }
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number % 10)")
    }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    for number in 0..<5 {
      let response = try await client.send(HTTPRequest(url: server.url, timeout: .seconds(20)))
      #expect(text(response.body) == "\(number)")
    }
  }

  @Test func interimAnswersAndTrailersAreSkipped() async throws {
    let server = try HostileServer { _, peer in
      peer.readRequest()
      peer.write("HTTP/1.1 103 Early Hints\r\nLink: early\r\n\r\n")
      peer.write("HTTP/1.1 200 Fine\r\nX-Real:  yes \r\nTransfer-Encoding: chunked\r\n\r\n")
      peer.write("2\r\nok\r\n0\r\nX-Trailer: late\r\n\r\n")
      peer.waitForClient()
    }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    let response = try await client.send(HTTPRequest(url: server.url, timeout: .seconds(20)))
    #expect(response.status == 200)
    #expect(response.headers["x-real"] == "yes")
    #expect(response.headers["link"] == nil)
    #expect(response.headers["x-trailer"] == nil)
    #expect(text(response.body) == "ok")
  }

  @Test func unansweredConnectionsEndByTheirDeadline() async throws {
    // Half-open: the kernel accepts, nobody ever reads.
    let (isOver, end) = AsyncStream.makeStream(of: Void.self)
    let server = try HostileServer { _, peer in
      blockUntilSignalled(isOver)
      _ = peer
    }
    defer { end.finish() }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    let body = [UInt8](repeating: 7, count: 16 << 20)
    let error = await httpError {
      try await client.send(
        HTTPRequest(method: "POST", url: server.url, body: body, timeout: .milliseconds(100)))
    }
    #expect(error?.code == .timeout)
  }

  @Test func waitingForAConnectionCountsTowardsTheTimeout() async throws {
    let server = try HostileServer { _, peer in
      if peer.readRequest()?.hasPrefix("GET /watch") == true {
        peer.write("HTTP/1.1 200 OK\r\n\r\n")
      }
      peer.waitForClient()
    }
    let client = try CurlHTTPClient(
      configuration: HTTPClientConfiguration(proxy: .none, maximumConnections: 2))
    await withTaskGroup(of: HTTPError.Code?.self) { group in
      for _ in 0..<8 {
        group.addTask {
          await httpError {
            try await client.send(HTTPRequest(url: server.url, timeout: .milliseconds(200)))
          }?.code
        }
      }
      for await code in group { #expect(code == .timeout) }
    }
    // A long-lived request has its connection even so.
    let holders = (0..<2).map { _ in Task { try? await client.send(HTTPRequest(url: server.url)) } }
    while openSockets(to: server.port) < 2 { try await Task.sleep(for: .milliseconds(5)) }
    let watch = try await client.stream(
      HTTPRequest(url: server.url + "watch", timeout: .seconds(20), isLongLived: true))
    #expect(watch.status == 200)
    for holder in holders { holder.cancel() }
  }
}
