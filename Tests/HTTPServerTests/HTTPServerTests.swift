import HTTPServer
import Testing

@Suite struct HTTPServerTests {
  private func echo(_ request: HTTPServerRequest) -> HTTPServerResponse {
    .text("\(request.method) \(request.path) \(request.body.count)")
  }

  @Test func keepAliveAndPipelining() async throws {
    try await serving { request in
      // The first answer takes longest: order must not depend on it.
      if request.path == "/1" { try? await Task.sleep(for: .milliseconds(50)) }
      return .text("[\(request.path) \(String(decoding: request.body, as: UTF8.self))]")
    } body: { port in
      let client = try RawClient(port: port)
      await client.send(
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
          + "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /4 HTTP/1.1\r\n\r\n")
      let all = try #require(await client.receiveAll())
      #expect(
        all.matches(of: /\[.*?\]/).map { String($0.output) } == ["[/1 abc]", "[/2 ]", "[/3 ]"])
      #expect(all.components(of: "HTTP/1.1 200 OK") == 3)
    }
  }

  @Test func requestsCutAtEveryByte() async throws {
    try await serving(echo) { port in
      let client = try RawClient(port: port)
      for byte
        in "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
        .utf8
      {
        await client.send([byte])
      }
      #expect(await client.receive(upTo: "PUT /x 2").hasSuffix("PUT /x 2"))
    }
  }

  @Test func headHasTheLengthButNotTheBody() async throws {
    try await serving(echo) { port in
      let client = try RawClient(port: port)
      await client.send(
        "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\nGET /y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      )
      let all = try #require(await client.receiveAll())
      #expect(all.components(of: "content-length: 9") == 1)
      #expect(all.components(of: "content-length: 8") == 1)
      #expect(!all.contains("HEAD /x"))
      #expect(all.hasSuffix("GET /y 0"))
    }
  }

  @Test(arguments: [204, 304])
  func answersWithoutBody(status: Int) async throws {
    try await serving { _ in
      HTTPServerResponse(status: status, body: .bytes([1, 2, 3]))
    } body: { port in
      let client = try RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      let all = try #require(await client.receiveAll())
      #expect(all.hasPrefix("HTTP/1.1 \(status) "))
      #expect(all.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func expectContinue() async throws {
    try await serving(echo) { port in
      let client = try RawClient(port: port)
      await client.send(
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
      #expect(await client.receive(upTo: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
      await client.send("hello")
      #expect(await client.receive(upTo: "POST /x 5").hasPrefix("HTTP/1.1 200 OK"))
    }
  }

  @Test func http10ClosesUnlessAskedOtherwise() async throws {
    try await serving { request in
      request.path == "/s"
        ? HTTPServerResponse(body: .stream { try await $0.write([65, 66]) }) : .text("x")
    } body: { port in
      let client = try RawClient(port: port)
      await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
      #expect(await client.receive(upTo: "\r\n\r\nx").contains("connection: keep-alive"))
      await client.send("GET /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
      let rest = try #require(await client.receiveAll())
      #expect(rest.hasSuffix("\r\n\r\nAB"))
      #expect(!rest.contains("chunked"))
    }
  }

  @Test(arguments: [
    "GARBAGE\r\n\r\n", "\u{0}\u{1}\u{2}\u{3}\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ])
  func garbageIsAnswered400(bytes: String) async throws {
    try await serving { _ in
      Issue.record("garbage reached the handler")
      return .text("")
    } body: { port in
      let client = try RawClient(port: port)
      await client.send(bytes)
      let answer = try #require(await client.receiveAll())
      #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(answer)")
    }
  }

  @Test func hugeHeaderIsRefused() async throws {
    try await serving(echo) { port in
      let client = try RawClient(port: port)
      await client.send(
        "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 200_000) + "\r\n\r\n")
      let answer = try #require(await client.receiveAll())
      #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(answer)")
    }
  }

  @Test(arguments: [true, false])
  func bodyLimit(isChunked: Bool) async throws {
    try await serving(maximumBodyBytes: 1000, echo) { port in
      func request(_ count: Int) -> String {
        let body = String(repeating: "b", count: count)
        return isChunked
          ? "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + String(count, radix: 16) + "\r\n\(body)\r\n0\r\n\r\n"
          : "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n\(body)"
      }
      let client = try RawClient(port: port)
      await client.send(request(1000))
      #expect(await client.receive(upTo: "POST / 1000").hasPrefix("HTTP/1.1 200"))
      // Far more than the socket buffers hold: the answer must arrive even so.
      let large = request(1001) + String(repeating: "c", count: 1 << 20)
      await client.send(large)
      let answer = try #require(await client.receiveAll())
      #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer)")
      #expect(answer.contains("1000 bytes"))
    }
  }

  @Test func idleConnectionsAreClosed() async throws {
    try await serving(idleTimeout: .milliseconds(100), echo) { port in
      let silent = try RawClient(port: port)
      let halfway = try RawClient(port: port)
      await halfway.send("GET / HTTP/1.1\r\nHo")
      #expect(await silent.receiveAll() == "")
      #expect(await halfway.receiveAll() == "")
    }
  }

  @Test func tooManyConnectionsAreClosed() async throws {
    try await serving(maximumConnections: 2, echo) { port in
      let first = try RawClient(port: port)
      let second = try RawClient(port: port)
      for client in [first, second] {
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await client.receive(upTo: "GET / 0").contains("200"))
      }
      #expect(await (try RawClient(port: port)).receiveAll() == "")
    }
  }

  @Test func portInUse() async throws {
    try await serving(echo) { port in
      let second = HTTPServer(port: port) { _ in .text("") }
      await #expect {
        try await second.start()
      } throws: { error in
        let error = error as? HTTPServerError
        return error?.code == .addressInUse && error?.message.contains("127.0.0.1:\(port)") == true
      }
    }
  }

  @Test func addressOfAnotherMachine() async throws {
    let server = HTTPServer(host: "192.0.2.1") { _ in .text("") }
    await #expect {
      try await server.start()
    } throws: {
      ($0 as? HTTPServerError)?.code == .addressNotAvailable
    }
  }

  @Test func secondStartIsRefusedAndStopMayBeRepeated() async throws {
    let server = HTTPServer { _ in .text("") }
    try await server.start()
    await #expect {
      try await server.start()
    } throws: {
      ($0 as? HTTPServerError)?.code == .alreadyStarted
    }
    await server.stop()
    await server.stop()
  }
}

extension String {
  fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}

func serving(
  maximumBodyBytes: Int = 3 << 20, maximumConnections: Int = 100,
  idleTimeout: Duration = .seconds(60),
  _ handler: @escaping HTTPServer.Handler, body: (Int) async throws -> Void
) async throws {
  let server = HTTPServer(
    maximumBodyBytes: maximumBodyBytes, maximumConnections: maximumConnections,
    idleTimeout: idleTimeout, handler: handler)
  let port = try await server.start()
  do {
    try await body(port)
  } catch {
    Issue.record(error)
  }
  await server.stop(grace: .zero)
}
