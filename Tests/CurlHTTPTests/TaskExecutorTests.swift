import CurlHTTP
import Glibc
import Testing

/// Tasks on the client's own thread, and its timer.
@Suite(.timeLimit(.minutes(1))) struct TaskExecutorTests {
  private func threadNumber() -> pthread_t { pthread_self() }

  private func client() throws -> CurlHTTPClient {
    try CurlHTTPClient(configuration: HTTPClientConfiguration(proxy: .none))
  }

  @Test func tasksAndTheirChildrenShareOneThread() async throws {
    let server = try HostileServer { _, peer in
      peer.readRequest()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      peer.waitForClient()
    }
    let client = try client()
    let threads = try await Task(executorPreference: client.taskExecutor) {
      var threads = Set([threadNumber()])
      try await withThrowingTaskGroup(of: pthread_t.self) { group in
        for _ in 0..<20 {
          group.addTask {
            let response = try await client.send(
              HTTPRequest(url: server.url, timeout: .seconds(20)))
            #expect(text(response.body) == "ok")
            return threadNumber()
          }
        }
        for try await thread in group { threads.insert(thread) }
      }
      try await client.sleep(for: .milliseconds(1))
      threads.insert(threadNumber())
      return threads
    }.value
    #expect(threads.count == 1)
    #expect(threads != [threadNumber()])
    await client.shutdownAndWait()
  }

  @Test func tasksGoOnWhenTheClientIsShutDown() async throws {
    let client = try client()
    let result = await Task(executorPreference: client.taskExecutor) {
      await client.shutdownAndWait()
      let error = await httpError {
        try await client.send(HTTPRequest(url: "http://127.0.0.1:9/"))
      }
      // The timer is gone with the thread; time is not.
      let slept: Void? = try? await client.sleep(for: .milliseconds(1))
      return (error?.code, slept != nil)
    }.value
    #expect(result.0 == .shutdown)
    #expect(result.1)
  }

  @Test func sleepsAreCutShortByCancellationAndShutdown() async throws {
    let client = try client()
    let start = ContinuousClock.now
    try await client.sleep(for: .milliseconds(20))
    #expect(ContinuousClock.now - start >= .milliseconds(20))
    try await client.sleep(for: .zero)
    let cancelled = Task { try await client.sleep(for: .seconds(1000)) }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    let asleep = Task { try await client.sleep(for: .milliseconds(300)) }
    await client.shutdownAndWait()
    try await asleep.value
    #expect(ContinuousClock.now - start >= .milliseconds(300))
  }

  @Test func shorterSleepsEndEarlier() async throws {
    let client = try client()
    let order = await withTaskGroup(of: Int.self) { group in
      for milliseconds in [800, 1, 400] {
        group.addTask {
          try? await client.sleep(for: .milliseconds(milliseconds))
          return milliseconds
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(order == [1, 400, 800])
    await client.shutdownAndWait()
  }
}
