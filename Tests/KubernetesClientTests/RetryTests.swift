import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@Suite struct RetryTests {
  let key = ObjectKey(namespace: "ns", name: "a")
  let object = KubernetesObject(ResourceType.configMaps.gvk, namespace: "ns", name: "a")

  @Test func tooManyRequestsIsRepeatedForEveryVerbAfterTheTimeAskedFor() async throws {
    let transport = ScriptedTransport(
      .json(429, status(429, "TooManyRequests"), headers: [("retry-after", "3")]),
      .json(429, status(429, "TooManyRequests")), .json(200, object.json))
    _ = try await transport.client().create(object, resource: .configMaps)
    #expect(transport.pauses == [.seconds(3), .seconds(1)])
  }

  @Test func unavailableWithRetryAfterIsRepeatedForWrites() async throws {
    let transport = ScriptedTransport(
      .json(503, status(503, "ServiceUnavailable"), headers: [("retry-after", "1")]),
      .json(200, object.json))
    _ = try await transport.client().update(object, resource: .configMaps)
    #expect(transport.requests.count == 2)
  }

  @Test func aWriteThatMayHaveHappenedIsNotRepeated() async throws {
    for step in [
      ScriptedTransport.Step.failure(.connectionLost), .failure(.timeout),
      .json(500, status(500, "InternalError")), .json(503, status(503, "ServiceUnavailable")),
    ] {
      let transport = ScriptedTransport(step, .json(200, object.json))
      await #expect(throws: (any Error).self) {
        try await transport.client().update(object, resource: .configMaps)
      }
      #expect(transport.requests.count == 1)
    }
  }

  @Test func readsAreRepeatedWithGrowingPauses() async throws {
    let transport = ScriptedTransport(
      .failure(.connectionRefused), .json(500, status(500, "InternalError")),
      .failure(.connectionLost), .json(200, object.json))
    _ = try await transport.client(jitter: 1).get(.configMaps, key)
    #expect(transport.pauses == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
  }

  @Test func readsEndWithTheLastError() async throws {
    let transport = ScriptedTransport(
      .failure(.timeout), .failure(.timeout), .failure(.timeout), .failure(.unreachable))
    let error = await #expect(throws: TransportError.self) {
      try await transport.client().get(.configMaps, key)
    }
    #expect(error?.code == .unreachable)
    #expect(transport.isExhausted)
  }

  @Test(arguments: [400, 401, 403, 404, 409, 410, 422])
  func refusalsAreNotRepeated(code: Int) async throws {
    let transport = ScriptedTransport(.json(code, status(code, "X")), .json(200, object.json))
    await #expect(throws: APIStatus.self) { try await transport.client().get(.configMaps, key) }
    #expect(transport.requests.count == 1)
  }

  /// Correctness rule 2: repeating cannot help, the caller has to list again.
  @Test func aTooLargeResourceVersionIsNotRepeated() async throws {
    let details: JSONValue = [
      "causes": [["reason": "ResourceVersionTooLarge"]], "retryAfterSeconds": 1,
    ]
    let transport = ScriptedTransport(.json(504, status(504, "Timeout", details: details)))
    let error = await #expect(throws: APIStatus.self) {
      try await transport.client().list(.configMaps, options: ListOptions(resourceVersion: "99"))
    }
    #expect(error?.isTooLargeResourceVersion == true)
    #expect(error?.retryAfterSeconds == 1)
  }

  @Test func bounds() {
    let policy = RetryPolicy()
    let busy = APIStatus(code: 429, reason: "", message: "", retryAfterSeconds: 100_000)
    #expect(
      policy.pause(afterTry: 0, method: "GET", failure: .status(busy), jitter: 0) == .seconds(30))
    #expect(policy.pause(afterTry: 10, method: "GET", failure: .status(busy), jitter: 0) == nil)
    #expect(policy.pause(afterTry: 0, method: "GET", failure: .transport(.tls), jitter: 0) == nil)
    #expect(
      RetryPolicy.never.pause(afterTry: 0, method: "GET", failure: .status(busy), jitter: 0) == nil)
    let negative = APIStatus(code: 429, reason: "", message: "", retryAfterSeconds: -5)
    #expect(
      policy.pause(afterTry: 0, method: "GET", failure: .status(negative), jitter: 0) == .zero)
  }

  @Test func cancellationEndsTheRetries() async throws {
    let transport = ScriptedTransport(
      .failure(.timeout), .failure(.timeout), .failure(.timeout), .failure(.timeout))
    let client = KubernetesClient(
      transport: transport, sleep: { try await Task.sleep(for: $0 * 10_000) })
    let task = Task { try await client.get(.configMaps, ObjectKey(namespace: "ns", name: "a")) }
    while transport.requests.isEmpty { await Task.yield() }
    task.cancel()
    await #expect(throws: (any Error).self) { try await task.value }
    #expect(transport.requests.count == 1)
  }
}
