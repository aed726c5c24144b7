import HTTPServer
import Synchronization
import Testing

@Suite struct HTTPServerStreamTests {
  @Test func chunksAreSentAtOnce() async throws {
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    try await serving { _ in
      HTTPServerResponse(
        headers: [("content-type", "application/json")],
        body: .stream { writer in
          for await _ in gate { break }
          try await writer.write([UInt8]("abc".utf8))
          try await writer.write([])
          try await writer.write([UInt8]("de".utf8))
        })
    } body: { port in
      let client = try RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      // The head comes before the first byte of the body is known.
      let head = await client.receive(upTo: "\r\n\r\n")
      #expect(head.contains("transfer-encoding: chunked"))
      open.yield()
      #expect(await client.receive(upTo: "0\r\n\r\n") == "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
      // The connection serves on.
      await client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(try #require(await client.receiveAll()).hasSuffix("\r\n\r\n"))
    }
  }

  @Test func failingStreamBreaksTheConnectionOff() async throws {
    struct Broken: Error {}
    try await serving { _ in
      HTTPServerResponse(
        body: .stream { writer in
          try await writer.write([65])
          throw Broken()
        })
    } body: { port in
      let client = try RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try #require(await client.receiveAll()).hasSuffix("\r\n\r\n1\r\nA\r\n"))
    }
  }

  @Test(arguments: [true, false])
  func disconnectCancelsTheStream(byReset: Bool) async throws {
    let (ended, end) = AsyncStream.makeStream(of: Bool.self)
    try await serving { _ in
      HTTPServerResponse(
        body: .stream { writer in
          try await writer.write([65])
          do {
            try await Task.sleep(for: .seconds(600))
          } catch {
            end.yield(Task.isCancelled)
            throw error
          }
        })
    } body: { port in
      do {
        let client = try RawClient(port: port)
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await client.receive(upTo: "A").hasSuffix("A"))
        // Sent ahead and never read by the server: it must notice the end behind it.
        await client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        if byReset { client.reset() }
      }
      for await wasCancelled in ended {
        #expect(wasCancelled)
        break
      }
    }
  }

  @Test func disconnectCancelsAHandler() async throws {
    let (arrived, arrive) = AsyncStream.makeStream(of: Void.self)
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    try await serving { _ in
      arrive.yield()
      try? await Task.sleep(for: .seconds(600))
      end.yield()
      return .text("")
    } body: { port in
      do {
        let client = try RawClient(port: port)
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for await _ in arrived { break }
      }
      for await _ in ended { break }
    }
  }

  @Test func slowClientHoldsTheWriterBack() async throws {
    let written = Mutex(0)
    let (blocked, block) = AsyncStream.makeStream(of: Void.self)
    try await serving { _ in
      HTTPServerResponse(
        body: .stream { writer in
          let chunk = [UInt8](repeating: 65, count: 1 << 20)
          for _ in 0..<64 {
            let timer = Task {
              try await Task.sleep(for: .milliseconds(300))
              block.yield()
            }
            try await writer.write(chunk)
            timer.cancel()
            written.withLock { $0 += 1 }
          }
        })
    } body: { port in
      let client = try RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      for await _ in blocked { break }
      // The kernel's buffers hold a few megabytes; the rest waits in the handler.
      #expect(written.withLock { $0 } < 32)
      client.closeSending()
    }
  }

  @Test func stopEndsStreamsAndLetsAnswersFinish() async throws {
    let (arrived, arrive) = AsyncStream.makeStream(of: Void.self)
    let (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    let server = HTTPServer { request in
      if request.path == "/slow" {
        arrive.yield()
        for await _ in stopped { break }
        return .text("done")
      }
      return HTTPServerResponse(
        body: .stream { writer in
          try await writer.write([65])
          try? await Task.sleep(for: .seconds(600))
          stop.yield()
          try await writer.write([66])
        })
    }
    let port = try await server.start()
    let slow = try RawClient(port: port)
    let stream = try RawClient(port: port)
    let idle = try RawClient(port: port)
    await stream.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
    _ = await stream.receive(upTo: "A")
    await slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    for await _ in arrived { break }
    let clock = ContinuousClock()
    let start = clock.now
    await server.stop(grace: .seconds(20))
    #expect(clock.now - start < .seconds(10))
    let answer = try #require(await slow.receiveAll())
    #expect(answer.hasSuffix("\r\n\r\ndone"))
    #expect(await stream.receiveAll() == "\r\n")
    #expect(await idle.receiveAll() == "")
    #expect(throws: (any Error).self) { try RawClient(port: port) }
  }

  @Test func stopDoesNotWaitForAHandlerThatIgnoresIt() async throws {
    let (arrived, arrive) = AsyncStream.makeStream(of: Void.self)
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    let server = HTTPServer { _ in
      arrive.yield()
      await Task { for await _ in gate { break } }.value
      return .text("late")
    }
    let client = try RawClient(port: try await server.start())
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    for await _ in arrived { break }
    await server.stop(grace: .milliseconds(10))
    #expect(await client.receiveAll() == "")
    open.yield()
  }
}
