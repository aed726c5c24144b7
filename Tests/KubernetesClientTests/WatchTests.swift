import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@Suite struct WatchTests {
  static let lines = """
    {"type":"ADDED","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"é","resourceVersion":"1"}}}

    {"type":"MODIFIED","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"k":"line\\nbreak"}}}\r
    {"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"9"}}}
    {"type":"DELETED","object":{"metadata":{"name":"b"}}}
    {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","code":410,"reason":"Expired","message":"too old"}}

    """

  static func decode(_ chunks: [[UInt8]]) throws -> [WatchEvent] {
    var decoder = WatchEventDecoder(resource: .configMaps)
    var events: [WatchEvent] = []
    for chunk in chunks {
      decoder.append(chunk)
      while let event = try decoder.next() { events.append(event) }
    }
    if let last = try decoder.finish() { events.append(last) }
    return events
  }

  /// Correctness rule 10: a chunk is not an event.
  @Test func everyCutGivesTheSameEvents() throws {
    let bytes = Array(Self.lines.utf8)
    let whole = try Self.decode([bytes])
    #expect(whole.count == 5)
    guard case .deleted(let deleted) = whole[3], case .error(let status) = whole[4] else {
      Issue.record("unexpected events \(whole)")
      return
    }
    #expect(deleted.kind == "ConfigMap")
    #expect(status.isExpired)
    for cut in 0...bytes.count {
      let events = try Self.decode([Array(bytes[..<cut]), Array(bytes[cut...])])
      #expect(events == whole, "cut at \(cut)")
    }
    for size in 1...7 {
      let chunks = stride(from: 0, to: bytes.count, by: size).map {
        Array(bytes[$0..<min($0 + size, bytes.count)])
      }
      #expect(try Self.decode(chunks) == whole)
    }
  }

  @Test func deepObjectsAreEventsLikeOthers() throws {
    let nested = String(repeating: "[", count: 9000) + String(repeating: "]", count: 9000)
    let object = #"{"metadata":{"name":"deep","resourceVersion":"3"},"spec":\#(nested),"data":1}"#
    let lines = ["ADDED", "MODIFIED", "DELETED"].map { #"{"type":"\#($0)","object":\#(object)}"# }
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    for event in try Self.decode([bytes]) {
      switch event {
      case .added(let object), .modified(let object), .deleted(let object):
        #expect(object.name == "deep" && object["data"] == 1 && object.isTooDeep)
      default: Issue.record("unexpected \(event)")
      }
    }
    var decoder = WatchEventDecoder(resource: .configMaps)
    decoder.append(bytes)
    for _ in 0..<2 {
      guard case .changed(let text)? = try decoder.nextText() else {
        Issue.record("no text")
        return
      }
      #expect(text.key.name == "deep")
    }
    guard case .other(.deleted)? = try decoder.nextText() else {
      Issue.record("no deletion")
      return
    }
  }

  @Test func managedFieldsCanBeLeftOut() throws {
    let line = #"""
      {"type":"ADDED","object":{"metadata":{"name":"a","managedFields":[{"f:x":{}}]},"data":{}}}
      """#
    var decoder = WatchEventDecoder(
      resource: .configMaps, omittedMember: ["object", "metadata", "managedFields"])
    decoder.append(Array("\(line)\n".utf8))
    guard case .added(let object)? = try decoder.next() else {
      Issue.record("no event")
      return
    }
    #expect(object.metadata == ["name": "a"])
  }

  @Test func changedObjectsCanComeAsText() throws {
    var decoder = WatchEventDecoder(resource: .configMaps)
    let object = #"{"metadata":{"name":"a","resourceVersion":"7"},"data":{"x":"}"}}"#
    let lines = [
      #"{"type":"ADDED","object":\#(object)}"#,
      #" { "type" : "MODIFIED" , "object" : \#(object) } "#,
      // In another order, or with more: read as a whole.
      #"{"object":\#(object),"type":"ADDED"}"#,
      #"{"type":"DELETED","object":\#(object)}"#,
    ]
    decoder.append(Array(lines.joined(separator: "\n").utf8) + [0x0a])
    for _ in 0..<2 {
      guard case .changed(let text)? = try decoder.nextText() else {
        Issue.record("no text")
        return
      }
      #expect(text.key.name == "a" && text.resourceVersion == "7")
      #expect(try text.object()["data"] == ["x": "}"])
    }
    guard case .other(.added)? = try decoder.nextText(),
      case .other(.deleted)? = try decoder.nextText()
    else {
      Issue.record("no whole events")
      return
    }
    let isLast = try decoder.nextText() == nil
    #expect(isLast)
  }

  @Test func theLastLineMayLackItsEnd() throws {
    let line = #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"#
    #expect(try Self.decode([Array(line.utf8)]).count == 1)
    let error = #expect(throws: WatchEventDecoder.Failure.self) {
      try Self.decode([Array(line.utf8.dropLast())])
    }
    #expect(error?.code == .truncated)
  }

  @Test func eventsAreBounded() throws {
    var decoder = WatchEventDecoder(resource: .configMaps, maximumEventBytes: 100)
    decoder.append([UInt8](repeating: 0x20, count: 100))
    #expect(try decoder.next() == nil)
    decoder.append([0x20])
    let error = #expect(throws: WatchEventDecoder.Failure.self) { try decoder.next() }
    #expect(error?.code == .tooLarge)
    #expect(WatchEventDecoder.defaultMaximumEventBytes == 8 << 20)
  }

  @Test(arguments: [
    "garbage\n", "{}\n", #"{"type":"ADDED"}"# + "\n", #"{"type":"NEW","object":{}}"# + "\n",
    "[1]\n",
  ])
  func malformedEventsEndTheStream(text: String) throws {
    let error = #expect(throws: WatchEventDecoder.Failure.self) {
      try Self.decode([Array(text.utf8)])
    }
    #expect(error?.code == .malformed)
  }

  @Test func anErrorEventThatIsNoStatusIsStillAnError() throws {
    let events = try Self.decode([Array("{\"type\":\"ERROR\",\"object\":{}}\n".utf8)])
    guard case .error(let status) = events.first else {
      Issue.record("expected an error")
      return
    }
    #expect(status.code == 500)
  }

  @Test func asksForBookmarksFromAPositionForABoundedTime() async throws {
    let transport = ScriptedTransport(.stream([]), .stream([]))
    let client = transport.client(jitter: 0.5)
    _ = try await client.watch(
      .configMaps, namespace: "ns",
      options: WatchOptions(labelSelector: LabelSelector("a=b"), resourceVersion: "42"))
    _ = try await client.watch(
      .secrets,
      options: WatchOptions(
        timeoutSeconds: 10, sendInitialEvents: true, representation: .metadata))
    let first = transport.requests[0]
    #expect(first.path == "/api/v1/namespaces/ns/configmaps")
    #expect(first.values("watch") == ["true"])
    #expect(first.values("allowWatchBookmarks") == ["true"])
    #expect(first.values("resourceVersion") == ["42"])
    #expect(first.values("labelSelector") == ["a=b"])
    #expect(first.values("timeoutSeconds") == ["440"])
    #expect(first.values("sendInitialEvents").isEmpty)
    let second = transport.requests[1]
    #expect(second.values("sendInitialEvents") == ["true"])
    #expect(second.values("resourceVersionMatch") == ["NotOlderThan"])
    #expect(second.values("timeoutSeconds") == ["10"])
    #expect(second.header("accept")?.contains("as=PartialObjectMetadata;") == true)
  }

  @Test func streamsEventsAndEndsAfterAnError() async throws {
    let bytes = Array(Self.lines.utf8)
    let late = Array("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"late\"}}}\n".utf8)
    let transport = ScriptedTransport(.stream([Array(bytes[..<70]), Array(bytes[70...]) + late]))
    var events: [WatchEvent] = []
    for try await event in try await transport.client().watch(.configMaps) { events.append(event) }
    #expect(try events == Self.decode([bytes]))
  }

  @Test func aBrokenStreamThrowsAfterItsEvents() async throws {
    let line = Array("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n".utf8)
    let transport = ScriptedTransport(.stream([line + line[..<9]], failure: .inactive))
    var count = 0
    let error = await #expect(throws: TransportError.self) {
      for try await _ in try await transport.client().watch(.configMaps) { count += 1 }
    }
    #expect(error?.code == .inactive)
    #expect(count == 1)
  }

  @Test func anEndInsideAnEventIsALostConnection() async throws {
    let transport = ScriptedTransport(.stream([Array("{\"type\":".utf8)]))
    let error = await #expect(throws: TransportError.self) {
      for try await _ in try await transport.client().watch(.configMaps) {}
    }
    #expect(error?.code == .connectionLost)
  }

  /// Correctness rule 7: who watches decides; the client repeats nothing.
  @Test func refusalsAreThrownAndNotRepeated() async throws {
    let transport = ScriptedTransport(
      .json(410, status(410, "Expired")),
      .json(429, status(429, "TooManyRequests"), headers: [("retry-after", "2")]),
      .text(404, "404 page not found"), .failure(.connectionRefused))
    let client = transport.client()
    let gone = await #expect(throws: APIStatus.self) { try await client.watch(.configMaps) }
    #expect(gone?.isExpired == true)
    let busy = await #expect(throws: APIStatus.self) { try await client.watch(.configMaps) }
    #expect(busy?.retryAfterSeconds == 2)
    let unknown = await #expect(throws: APIStatus.self) { try await client.watch(.virtualServices) }
    #expect(unknown?.isUnknownResource == true)
    await #expect(throws: TransportError.self) { try await client.watch(.configMaps) }
    #expect(transport.requests.count == 4)
    #expect(transport.pauses.isEmpty)
  }
}
