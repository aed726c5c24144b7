import CurlHTTP
import HTTPServer
import Loopback
import Testing

@Suite struct CurlHTTPClientTests {
  @Test func unaryCallCarriesEverything() async throws {
    try await withServer { request in
      HTTPServerResponse(
        status: 201,
        headers: [("X-Method", request.method), ("X-Seen", request.headers["x-sent"] ?? "-")],
        body: .bytes(
          [UInt8]("\(request.rawPath)?\(request.query("a") ?? "-")|".utf8) + request.body))
    } body: { client, base in
      let response = try await client.send(
        HTTPRequest(
          method: "PATCH", url: base + "/some/path?a=b%20c", headers: [("X-Sent", "yes")],
          body: [UInt8]("hello".utf8)))
      #expect(response.status == 201)
      #expect(response.headers["x-method"] == "PATCH")
      #expect(response.headers.values(of: "x-method") == ["PATCH"])
      #expect(response.headers.values(of: "x-metho") == [])
      #expect(response.headers["X-SEEN"] == "yes")
      #expect(text(response.body) == "/some/path?b c|hello")
    }
  }

  @Test(arguments: ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
  func methodsWithAndWithoutBody(method: String) async throws {
    try await withServer { request in
      let length = request.headers["content-length"] ?? "none"
      return .text("\(request.method) \(length) \(request.headers["content-type"] ?? "none")")
    } body: { client, base in
      // Twice each on one handle, to see that nothing of an earlier request remains.
      for _ in 0..<2 {
        let plain = try await client.send(HTTPRequest(method: method, url: base))
        #expect(text(plain.body) == (method == "HEAD" ? "" : "\(method) none none"))
        guard method != "HEAD" else { continue }
        let empty = try await client.send(HTTPRequest(method: method, url: base, body: []))
        #expect(text(empty.body) == "\(method) 0 none")
        let full = try await client.send(
          HTTPRequest(
            method: method, url: base, headers: [("content-type", "a/b")], body: [1, 2, 3]))
        #expect(text(full.body) == "\(method) 3 a/b")
      }
    }
  }

  @Test func streamDeliversChunksAsTheyCome() async throws {
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    try await withServer { _ in
      HTTPServerResponse(
        body: .stream { writer in
          try await writer.write([UInt8]("one\n".utf8))
          for await _ in gate { break }
          try await writer.write([UInt8]("two\n".utf8))
        })
    } body: { client, base in
      let response = try await client.stream(HTTPRequest(url: base, isLongLived: true))
      #expect(response.status == 200)
      var received: [String] = []
      for try await chunk in response.body {
        received.append(text(chunk))
        open.yield()
      }
      // The second chunk was written only after the first had been read.
      #expect(received == ["one\n", "two\n"])
    }
  }

  @Test func redirectsAreReturnedNotFollowed() async throws {
    try await withServer { request in
      if request.path != "/" { Issue.record("the redirect was followed") }
      return HTTPServerResponse(status: 302, headers: [("location", "/other")])
    } body: { client, base in
      let response = try await client.send(HTTPRequest(url: base + "/"))
      #expect(response.status == 302)
      #expect(response.headers["location"] == "/other")
    }
  }

  @Test func connectionIsReused() async throws {
    try await withServer {
      .text($0.remoteAddress)
    } body: { client, base in
      var addresses: Set<String> = []
      for _ in 0..<10 {
        addresses.insert(text(try await client.send(HTTPRequest(url: base)).body))
      }
      #expect(addresses.count == 1)
    }
  }

  @Test func longLivedRequestsHaveConnectionsOfTheirOwn() async throws {
    try await withServer {
      .text($0.remoteAddress)
    } body: { client, base in
      var addresses: [String] = []
      for isLongLived in [false, true, true, false] {
        let request = HTTPRequest(url: base, isLongLived: isLongLived)
        addresses.append(text(try await client.send(request).body))
      }
      #expect(Set(addresses).count == 3)
      #expect(addresses.first == addresses.last)
    }
  }

  @Test func twoHundredCallsAtOnce() async throws {
    try await withServer { request in
      .text(request.query("n") ?? "")
    } body: { client, base in
      let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
        for number in 0..<200 {
          group.addTask {
            let response = try await client.send(HTTPRequest(url: base + "/?n=\(number)"))
            return (number, text(response.body))
          }
        }
        return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
      }
      #expect(answers.count == 200)
      #expect(answers.allSatisfy { String($0.key) == $0.value })
    }
  }

  @Test func bigBodiesBothWays() async throws {
    try await withServer(maximumBodyBytes: 64 << 20) { request in
      HTTPServerResponse(body: .bytes(request.body.reversed()))
    } body: { client, base in
      let body = (0..<(20 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let response = try await client.send(HTTPRequest(method: "POST", url: base, body: body))
      #expect(response.body == body.reversed())
    }
  }

  @Test func answerLargerThanAllowed() async throws {
    try await withServer { _ in
      HTTPServerResponse(body: .bytes([UInt8](repeating: 1, count: 100_001)))
    } body: { client, base in
      let error = await httpError {
        try await client.send(HTTPRequest(url: base, maximumBodyBytes: 100_000))
      }
      #expect(error?.code == .bodyTooLarge)
      let response = try await client.send(HTTPRequest(url: base, maximumBodyBytes: 100_001))
      #expect(response.body.count == 100_001)
    }
  }

  @Test func cancellingACallEndsItAndTheServersTask() async throws {
    let (arrived, arrive) = AsyncStream.makeStream(of: Void.self)
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    try await withServer { _ in
      arrive.yield()
      while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
      end.yield()
      return .text("late")
    } body: { client, base in
      let call = Task { await httpError { try await client.send(HTTPRequest(url: base)) } }
      for await _ in arrived { break }
      call.cancel()
      #expect(await call.value?.code == .cancelled)
      for await _ in ended { break }
    }
  }

  @Test func cancelledTaskSendsNothing() async throws {
    try await withServer { _ in
      Issue.record("a request was sent")
      return .text("")
    } body: { client, base in
      let call = Task {
        while !Task.isCancelled { await Task.yield() }
        return await httpError { try await client.send(HTTPRequest(url: base)) }
      }
      call.cancel()
      #expect(await call.value?.code == .cancelled)
    }
  }

  /// Without a deadline, only the cancellation can end these calls, at whatever moment it comes.
  @Test func cancellationIsNeverLost() async throws {
    let server = try HostileServer { _, peer in peer.waitForClient() }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<2000 {
        let call = Task {
          await httpError {
            if number.isMultiple(of: 2) {
              _ = try await client.send(HTTPRequest(url: server.url))
            } else {
              _ = try await client.stream(HTTPRequest(url: server.url))
            }
          }
        }
        group.addTask {
          for _ in 0..<(number % 5) { await Task.yield() }
          call.cancel()
          #expect(await call.value?.code == .cancelled)
        }
      }
    }
    await client.shutdownAndWait()
    #expect(openSockets(to: server.port) == 0)
  }

  @Test func droppingAStreamEndsTheServersTask() async throws {
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    try await withServer { _ in
      HTTPServerResponse(
        body: .stream { writer in
          defer { end.yield() }
          try await writer.write([1])
          try await Task.sleep(for: .seconds(600))
        })
    } body: { client, base in
      do {
        let response = try await client.stream(HTTPRequest(url: base, isLongLived: true))
        for try await chunk in response.body {
          #expect(chunk == [1])
          break
        }
      }
      for await _ in ended { break }
    }
  }

  @Test func deadlineEndsACallThatIsNotAnswered() async throws {
    try await withServer { _ in
      try? await Task.sleep(for: .seconds(600))
      return .text("late")
    } body: { client, base in
      let error = await httpError {
        try await client.send(HTTPRequest(url: base, timeout: .milliseconds(50)))
      }
      #expect(error?.code == .timeout)
    }
  }

  @Test func refusedConnection() async throws {
    let client = try CurlHTTPClient()
    let refused = RefusedPort()
    let port = refused.number
    let error = await httpError {
      try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port)/x?token=secret"))
    }
    withExtendedLifetime(refused) {}
    #expect(error?.code == .connectionRefused)
    #expect(error?.url == "http://127.0.0.1:\(port)/x")
    #expect(error?.description.contains("secret") == false)
  }

  @Test func shutdownEndsCallsAndStreams() async throws {
    let (arrived, arrive) = AsyncStream.makeStream(of: Void.self)
    try await withServer { request in
      guard request.path == "/stream" else {
        arrive.yield()
        try? await Task.sleep(for: .seconds(600))
        return .text("late")
      }
      return HTTPServerResponse(body: .stream { _ in try await Task.sleep(for: .seconds(600)) })
    } body: { client, base in
      let response = try await client.stream(HTTPRequest(url: base + "/stream", isLongLived: true))
      let call = Task { await httpError { try await client.send(HTTPRequest(url: base)) } }
      for await _ in arrived { break }
      await client.shutdownAndWait()
      #expect(await call.value?.code == .shutdown)
      let ending = await httpError { for try await _ in response.body {} }
      #expect(ending?.code == .shutdown)
      let after = await httpError { try await client.send(HTTPRequest(url: base)) }
      #expect(after?.code == .shutdown)
    }
  }

  @Test func noCallIsForgottenWhileShuttingDown() async throws {
    let server = try HostileServer { _, peer in peer.waitForClient() }
    for round in 0..<50 {
      let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
      await withTaskGroup(of: HTTPError.Code?.self) { group in
        for number in 0..<8 {
          if number == round % 8 {
            group.addTask {
              client.shutdown(); return nil
            }
          }
          group.addTask {
            await httpError { try await client.send(HTTPRequest(url: server.url)) }?.code
          }
        }
        for await code in group { #expect(code == nil || code == .shutdown) }
      }
    }
  }

  @Test(arguments: [
    ("GET", "ftp://127.0.0.1/", "a", "b"),
    ("GET", "file:///etc/passwd", "a", "b"),
    ("GET", "127.0.0.1:80", "a", "b"),
    ("GET", "http://user:pw@127.0.0.1/", "a", "b"),
    ("GET", "http://127.0.0.1/a b", "a", "b"),
    ("GET", "http://127.0.0.1/", "a", "b\r\nx: y"),
    ("GET", "http://127.0.0.1/", "a b", "c"),
    ("GE T", "http://127.0.0.1/", "a", "b"),
    ("GET", "http://:80:80/", "a", "b"),
  ])
  func unusableRequestsAreRefused(method: String, url: String, name: String, value: String)
    async throws
  {
    let client = try CurlHTTPClient()
    let request = HTTPRequest(method: method, url: url, headers: [(name, value)])
    let error = await httpError { try await client.send(request) }
    #expect(error?.code == .invalidRequest)
    #expect(error?.description.contains("pw") == false)
  }
}
