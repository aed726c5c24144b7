import CurlHTTP
import Dispatch
import Glibc
import Testing

@Suite struct StreamFaultTests {
  private static let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

  private func collect(
    _ request: HTTPRequest, delay: Duration? = nil
  ) async throws -> (received: String, error: HTTPError?) {
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    let response = try await client.stream(request)
    if let delay { try await Task.sleep(for: delay) }
    var received = ""
    do {
      for try await chunk in response.body { received += text(chunk) }
      return (received, nil)
    } catch let error as HTTPError {
      return (received, error)
    }
  }

  @Test func resetAfterSomeBytes() async throws {
    let (read, signal) = AsyncStream.makeStream(of: Void.self)
    let server = try HostileServer { _, peer in
      peer.readRequest()
      peer.write(Self.head + "5\r\nhello\r\n")
      blockUntilSignalled(read)
      peer.reset()
    }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    let response = try await client.stream(HTTPRequest(url: server.url, isLongLived: true))
    var iterator = response.body.makeAsyncIterator()
    #expect(try await iterator.next() == [UInt8]("hello".utf8))
    signal.yield()
    let error = await httpError { try await iterator.next() }
    #expect(error?.code == .reset)
    // An ending is reported once; after it there is nothing.
    #expect(try await iterator.next() == nil)
  }

  @Test func bytesBeforeTheEndAreDeliveredBeforeTheError() async throws {
    let server = try HostileServer { _, peer in
      peer.readRequest()
      peer.write(Self.head + "5\r\nhello\r\n")
    }
    let (received, error) = try await collect(
      HTTPRequest(url: server.url, isLongLived: true), delay: .milliseconds(50))
    #expect(received == "hello")
    #expect(error?.code == .reset)
  }

  @Test func silenceBeforeTheHead() async throws {
    let server = try HostileServer { _, peer in peer.waitForClient() }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    let error = await httpError {
      try await client.stream(
        HTTPRequest(url: server.url, inactivityTimeout: .milliseconds(100), isLongLived: true))
    }
    #expect(error?.code == .inactive)
  }

  @Test func silenceAfterSomeBytes() async throws {
    let server = try HostileServer { _, peer in
      peer.readRequest()
      peer.write(Self.head + "5\r\nhello\r\n")
      peer.waitForClient()
    }
    let (received, error) = try await collect(
      HTTPRequest(url: server.url, inactivityTimeout: .milliseconds(100), isLongLived: true))
    #expect(received == "hello")
    #expect(error?.code == .inactive)
  }

  @Test func drippingBytesAreActivity() async throws {
    let server = try HostileServer { _, peer in
      peer.readRequest()
      peer.write(Self.head)
      // Longer in all than the limit, never silent for as long.
      for _ in 0..<50 {
        peer.write("1\r\nx\r\n")
        pause(milliseconds: 50)
      }
      peer.write("0\r\n\r\n")
    }
    let (received, error) = try await collect(
      HTTPRequest(url: server.url, inactivityTimeout: .seconds(2), isLongLived: true))
    #expect(error == nil)
    #expect(received.count == 50)
  }

  @Test func slowReaderEndsTheStreamNotTheClient() async throws {
    let server = try HostileServer { _, peer in
      peer.readRequest()
      peer.write("HTTP/1.1 200 OK\r\n\r\n")
      for _ in 0..<64 { peer.write([UInt8](repeating: 120, count: 64 << 10)) }
      peer.waitForClient()
    }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    let response = try await client.stream(
      HTTPRequest(url: server.url, maximumBodyBytes: 1 << 20, isLongLived: true))
    // The client ends the transfer by itself: its socket is gone before anything is read.
    while openSockets(to: server.port) > 0 { try await Task.sleep(for: .milliseconds(5)) }
    var count = 0
    let error = await httpError { for try await chunk in response.body { count += chunk.count } }
    #expect(error?.code == .bodyTooLarge)
    #expect(count > 0 && count <= 1 << 20)
  }

  @Test func tenMegabyteLine() async throws {
    let server = try HostileServer { _, peer in
      peer.readRequest()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")
      for _ in 0..<160 { peer.write([UInt8](repeating: 120, count: 64 << 10)) }
      peer.waitForClient()
    }
    let (received, error) = try await collect(HTTPRequest(url: server.url, isLongLived: true))
    #expect(error == nil)
    #expect(received.utf8.count == 10 << 20)
  }

  @Test func cancellingTheReaderEndsTheTransfer() async throws {
    let server = try HostileServer { _, peer in
      peer.readRequest()
      peer.write(Self.head + "5\r\nhello\r\n")
      peer.waitForClient()
    }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    let response = try await client.stream(HTTPRequest(url: server.url, isLongLived: true))
    let (read, signal) = AsyncStream.makeStream(of: Void.self)
    let reader = Task {
      await httpError {
        for try await _ in response.body { signal.yield() }
      }
    }
    for await _ in read { break }
    reader.cancel()
    #expect(await reader.value?.code == .cancelled)
    #expect(openSockets(to: server.port) == 0)
  }

  @Test func twoReadersAreRefused() async throws {
    let server = try HostileServer { _, peer in
      peer.readRequest()
      peer.write(Self.head)
      peer.waitForClient()
    }
    let client = try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
    let response = try await client.stream(HTTPRequest(url: server.url, isLongLived: true))
    let codes = await withTaskGroup(of: HTTPError.Code?.self) { group in
      for _ in 0..<2 {
        group.addTask { await httpError { for try await _ in response.body {} }?.code }
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return [first, await group.next() ?? nil]
    }
    #expect(codes == [.invalidRequest, .cancelled])
  }
}

/// How much later than its deadline a call may end because this machine is busy. Whoever answers a
/// call that has to end by its deadline never does: without one it would never end.
let lateness = Duration.seconds(45)

/// For a script's thread, which has no task to suspend.
func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }

func blockUntilSignalled(_ signals: AsyncStream<Void>) {
  let semaphore = DispatchSemaphore(value: 0)
  Task {
    for await _ in signals { break }
    semaphore.signal()
  }
  semaphore.wait()
}
