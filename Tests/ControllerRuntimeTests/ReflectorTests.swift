import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Simulation
import Testing

/// A reflector that runs against a script.
private final class Rig: Sendable {
  let server: ScriptedServer
  let store: ObjectStore
  let clock = ManualClock()
  let changes = Log<ObjectStore.Change>()
  /// Errors, `ok`, `not served`.
  let availability = Log<String>()
  let metrics = RuntimeMetrics(controller: "test")

  init(
    lists: [ScriptedServer.List], watches: [ScriptedServer.Watch] = [],
    checks: [ScriptedServer.List] = [],
    transform: @escaping @Sendable (KubernetesObject) -> KubernetesObject =
      ObjectStore.withoutManagedFields
  ) {
    server = ScriptedServer(lists: lists, watches: watches, checks: checks)
    store = ObjectStore(.configMaps, transform: transform)
  }

  func run(
    _ options: Reflector.Options = Reflector.Options(), while body: (Rig) async -> Void
  ) async {
    var options = options
    options.onAvailability = { [availability] in availability.append($0 ?? "ok") }
    options.onNotServed = { [availability] in availability.append("not served") }
    let reflector = Reflector(
      client: server.client, store: store, options: options, clock: clock, metrics: metrics,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, jitter: { 1 },
      onChange: { [changes] in changes.append($0) })
    let task = Task { await reflector.run() }
    await body(self)
    task.cancel()
    await task.value
  }

  func untilAsked(_ expected: [String], sourceLocation: SourceLocation = #_sourceLocation) async {
    await until("\(expected)", sourceLocation: sourceLocation) {
      server.summary.count >= expected.count
    }
    #expect(server.summary == expected, sourceLocation: sourceLocation)
  }
}

@Suite(.simulated) struct ReflectorTests {
  let a = ObjectKey(namespace: "ns", name: "a")

  private func page(_ version: String, _ objects: KubernetesObject...) -> ScriptedServer.List {
    .page(listPage(objects, version: version))
  }

  @Test func listsPagesThenWatches() async {
    let rig = Rig(lists: [
      .page(listPage([configMap("a", version: 1)], version: "10", continueToken: "next")),
      .page(listPage([configMap("b", version: 2)], version: "10")),
    ])
    await rig.run { rig in
      await rig.untilAsked(["list", "list next", "watch 10"])
      #expect(rig.store.isSynced)
      rig.server.emit(
        watchEvent("ADDED", configMap("c", version: 11)),
        watchEvent("MODIFIED", configMap("a", version: 12)),
        watchEvent("DELETED", configMap("b", version: 13)))
      await until("five changes") { rig.changes.count == 5 }
    }
    #expect(rig.store.keys().map(\.name) == ["a", "c"])
    #expect(rig.changes.entries.map(\.isInitial) == [true, true, false, false, false])
    #expect(rig.server.requests[0].values("limit") == ["500"])
    #expect(rig.server.requests[0].values("resourceVersion") == [])
    #expect(rig.server.requests[2].values("allowWatchBookmarks") == ["true"])
    #expect(rig.server.requests[2].values("timeoutSeconds") == ["290"])
    #expect(rig.availability.entries == ["ok"])
  }

  /// One object as deep as API servers take them stops nobody.
  @Test func aDeepObjectIsFollowedLikeOthers() async throws {
    let nested = String(repeating: "[", count: 9000) + String(repeating: "]", count: 9000)
    func event(_ type: String, _ version: Int) -> String {
      let text = watchEvent(type, configMap("deep", version: version)).serialized()
      return text.replacing(#""metadata""#, with: #""spec":\#(nested),"metadata""#) + "\n"
    }
    let rig = Rig(
      lists: [page("10", configMap("a", version: 1))],
      watches: [
        .chunks([
          event("ADDED", 11), event("MODIFIED", 12),
          watchEvent("ADDED", configMap("b", version: 13)).serialized() + "\n",
        ])
      ])
    await rig.run { rig in
      await until("the next object") { rig.store.count == 3 }
      let deep = rig.store.get(ObjectKey(namespace: "ns", name: "deep"))
      #expect(deep?.resourceVersion == "12" && deep?.isTooDeep == true)
      #expect(deep?["data"] == configMap("deep", version: 12)["data"])
      #expect(rig.store.all().map(\.name) == ["a", "b", "deep"])
      rig.server.emit(bytes: Array(event("DELETED", 14).utf8), pieces: 1000)
      await until("the end") { rig.store.count == 2 }
    }
    #expect(rig.server.summary == ["list", "watch 10"])
    #expect(rig.availability.entries == ["ok"])
  }

  /// A continue token that expires: one unpaged list, and nothing of the first pages twice.
  @Test func aTokenThatExpiresStartsOver() async {
    let rig = Rig(lists: [
      .page(listPage([configMap("gone", version: 1)], version: "10", continueToken: "next")),
      .status(410, statusJSON(410, "Expired")),
      page("20", configMap("a", version: 15)),
    ])
    await rig.run { await $0.untilAsked(["list", "list next", "list", "watch 20"]) }
    #expect(rig.changes.entries.map(\.key.name) == ["a"])
  }

  @Test func bookmarksAndEventsMoveTheNextWatch() async {
    let rig = Rig(
      lists: [page("10")],
      watches: [
        .events(
          watchEvent("ADDED", configMap("a", version: 11)), bookmark(40), end: .broken(.inactive))
      ])
    await rig.run { rig in
      await rig.untilAsked(["list", "watch 10"])
      #expect(await rig.clock.advanceToNextSleeper() == .milliseconds(800))
      await rig.untilAsked(["list", "watch 10", "watch 40", "check"])
    }
    #expect(rig.changes.count == 1)
    #expect(rig.availability.entries == ["ok"])
  }

  @Test func eventsMayBeCutAnywhere() async {
    let lines =
      [
        watchEvent("ADDED", configMap("a", version: 11, data: "grün")),
        watchEvent("ADDED", configMap("b", version: 12)),
      ].map { $0.serialized() + "\n" }.joined()
    for size in [1, 7, 100, 100_000] {
      let rig = Rig(lists: [page("10")])
      await rig.run { rig in
        await rig.untilAsked(["list", "watch 10"])
        rig.server.emit(bytes: Array(lines.utf8), pieces: size)
        await until("two changes") { rig.changes.count == 2 }
      }
      #expect(rig.store.get(a)?["data"]?["value"] == "grün")
    }
  }

  // MARK: Rule 2: 410 in three shapes

  @Test(arguments: [
    ScriptedServer.Watch.status(410, statusJSON(410, "Expired")),
    .status(410, "gone"),
    .events(errorEvent(410, "Expired")),
    .events(errorEvent(410, "Gone"), end: .regular),
    .events(errorEvent(504, "Timeout", cause: "ResourceVersionTooLarge")),
    .status(504, statusJSON(504, "Timeout", cause: "ResourceVersionTooLarge")),
  ])
  func anExpiredPositionIsListedAnew(shape: ScriptedServer.Watch) async {
    let rig = Rig(
      lists: [
        page("10", configMap("a", version: 1), configMap("b", version: 2)),
        page("90", configMap("a", uid: "other", version: 80)),
      ], watches: [shape])
    await rig.run { await $0.untilAsked(["list", "watch 10", "list", "watch 90"]) }
    #expect(rig.server.requests[2].values("resourceVersion") == [])
    let late = rig.changes.entries.dropFirst(2)
    #expect(late.map(\.key.name) == ["a", "a", "b"])
    #expect(late.map { $0.new?.uid } == [nil, "other", nil])
    #expect(rig.availability.entries == ["ok"])
  }

  @Test func aServerWhosePositionsAlwaysExpireIsNotHammered() async {
    let rig = Rig(
      lists: (1...6).map { page("\($0)0") },
      watches: (1...6).map { _ in .events(errorEvent(410, "Expired")) })
    await rig.run { rig in
      var pauses: [Duration] = []
      for _ in 0..<4 { pauses.append(await rig.clock.advanceToNextSleeper()) }
      #expect(pauses == [1600, 3200, 6400, 12_800].map { .milliseconds($0) })
      await until("six lists") { rig.server.summary.filter { $0 == "list" }.count == 6 }
    }
  }

  // MARK: Data that was lost or restored

  /// A watch from the future just waits (shared/conformance), so nobody would ever tell.
  @Test(arguments: [
    ScriptedServer.Watch.failure(.connectionRefused), .events(end: .broken(.connectionLost)),
    .status(503, "starting"),
  ])
  func aServerThatIsBehindIsListedAnew(shape: ScriptedServer.Watch) async {
    let rig = Rig(
      lists: [
        page("100", configMap("a", version: 99), configMap("b", version: 98)),
        page("7", configMap("a", uid: "other", version: 5)),
      ], watches: [shape], checks: [page("6")])
    await rig.run { rig in
      await rig.untilAsked(["list", "watch 100"])
      #expect(await rig.clock.advanceToNextSleeper() == .milliseconds(800))
      await rig.untilAsked(["list", "watch 100", "watch 100", "check", "list", "watch 7"])
    }
    let late = rig.changes.entries.dropFirst(2)
    #expect(late.map(\.key.name) == ["a", "a", "b"])
    #expect(late.map { $0.new?.uid } == [nil, "other", nil])
  }

  @Test func aServerIsAskedHowFarItIsOnceForEachTimeItWasAway() async {
    let rig = Rig(
      lists: [page("10")],
      watches: [
        .failure(.connectionRefused), .failure(.connectionRefused), .events(end: .regular),
        .status(429, statusJSON(429, "TooManyRequests")),
      ], checks: [page("10")])
    await rig.run { rig in
      for _ in 0..<2 { await rig.clock.advanceToNextSleeper() }
      await rig.untilAsked(["list", "watch 10", "watch 10", "watch 10", "check"])
      for _ in 0..<2 { await rig.clock.advanceToNextSleeper() }
      await rig.untilAsked([
        "list", "watch 10", "watch 10", "watch 10", "check", "watch 10", "watch 10",
      ])
    }
  }

  /// It is asked again: the position stays doubtful.
  @Test(arguments: [
    ScriptedServer.List.failure(.connectionLost), .status(429, statusJSON(429, "TooManyRequests")),
  ])
  func aServerThatDoesNotSayHowFarItIsIsAskedAgain(answer: ScriptedServer.List) async {
    let rig = Rig(
      lists: [page("10"), page("4")], watches: [.failure(.connectionRefused)],
      checks: [answer, page("3")])
    await rig.run { rig in
      for _ in 0..<2 { await rig.clock.advanceToNextSleeper() }
      await rig.untilAsked([
        "list", "watch 10", "watch 10", "check", "watch 10", "check", "list", "watch 4",
      ])
    }
  }

  // MARK: Rule 7

  @Test(arguments: [
    ScriptedServer.Watch.status(429, statusJSON(429, "TooManyRequests")),
    .failure(.connectionRefused), .failure(.timeout), .failure(.tls),
    .status(500, "down"), .status(401, statusJSON(401, "Unauthorized")),
    .events(errorEvent(500, "InternalError")), .events(errorEvent(429, "TooManyRequests")),
  ])
  func otherErrorsKeepThePositionAndGrowThePause(shape: ScriptedServer.Watch) async {
    let rig = Rig(lists: [page("10")], watches: [shape, shape, shape])
    await rig.run { rig in
      for pause in [800, 1600, 3200] {
        #expect(await rig.clock.advanceToNextSleeper() == .milliseconds(pause))
      }
      let expected = ["list", "watch 10", "watch 10", "watch 10", "watch 10"]
      let asked = { rig.server.summary.filter { $0 != "check" } }
      await until("\(expected)") { asked().count >= expected.count }
      #expect(asked() == expected)
      await until("it is back") { rig.availability.entries.last == "ok" }
    }
    #expect(rig.availability.entries.first == "ok")
    #expect(rig.availability.entries[1].hasPrefix("watch failed: "))
  }

  @Test func refusalsAreReportedOncePerChange() async {
    let rig = Rig(
      lists: [.failure(.connectionRefused), .failure(.connectionRefused), page("10")],
      watches: [.failure(.connectionRefused), .failure(.connectionRefused)])
    await rig.run { rig in
      for _ in 0..<4 { await rig.clock.advanceToNextSleeper() }
      await rig.untilAsked([
        "list", "list", "list", "watch 10", "watch 10", "watch 10", "check",
      ])
      await until("it is back") { rig.availability.count == 4 }
    }
    #expect(
      rig.availability.entries == [
        "list failed: scripted connectionRefused", "ok",
        "watch failed: scripted connectionRefused", "ok",
      ])
  }

  @Test func theServersPauseIsKept() async {
    let rig = Rig(
      lists: [.status(429, statusJSON(429, "TooManyRequests"), retryAfter: 17), page("10")],
      watches: [.status(503, statusJSON(503, "ServiceUnavailable"), retryAfter: 99_999_999)])
    await rig.run { rig in
      #expect(await rig.clock.advanceToNextSleeper() == .seconds(17))
      #expect(await rig.clock.advanceToNextSleeper() == .seconds(300))
    }
  }

  /// Rule 46, also when the server names a shorter pause.
  @Test(arguments: [nil, 2, 45]) func withoutPermissionItWaitsThirtySeconds(asked: Int?) async {
    let rig = Rig(
      lists: [.status(403, statusJSON(403, "Forbidden"), retryAfter: asked), page("10")],
      watches: [.status(403, statusJSON(403, "Forbidden"), retryAfter: asked)])
    await rig.run { rig in
      #expect(await rig.clock.advanceToNextSleeper() == .seconds(max(30, asked ?? 0)))
      #expect(await rig.clock.advanceToNextSleeper() == .seconds(max(30, asked ?? 0)))
      await rig.untilAsked(["list", "list", "watch 10", "watch 10"])
    }
  }

  /// Rule 45: not served is not empty.
  @Test func aResourceThatDisappearsIsWaitedForAndKept() async {
    let rig = Rig(
      lists: [
        .status(404, "404 page not found"), page("10", configMap("a", version: 1)),
        .status(404, "404 page not found"), page("20"),
      ], watches: [.status(404, "404 page not found")])
    await rig.run { rig in
      await rig.clock.advanceToNextSleeper()
      await rig.untilAsked(["list", "list", "watch 10"])
      await rig.clock.advanceToNextSleeper()
      await until("asked again") { rig.server.summary.count == 4 }
      #expect(rig.store.get(a) != nil)
      await rig.clock.advanceToNextSleeper()
      await rig.untilAsked(["list", "list", "watch 10", "list", "list", "watch 20"])
    }
    #expect(rig.availability.entries == ["not served", "ok", "not served", "ok"])
    #expect(rig.store.get(a) == nil)
  }

  @Test func veryShortWatchesPause() async {
    let rig = Rig(
      lists: [page("10")], watches: [.chunks([], .regular), .chunks([], .regular), .chunks([])])
    await rig.run { rig in
      #expect(await rig.clock.advanceToNextSleeper() == .milliseconds(800))
      #expect(await rig.clock.advanceToNextSleeper() == .milliseconds(1600))
      await rig.untilAsked(["list", "watch 10", "watch 10", "watch 10"])
      // One that ends in time is followed by the next at once.
      rig.clock.advance(by: .seconds(400))
      rig.server.endStreams()
      await rig.untilAsked(["list", "watch 10", "watch 10", "watch 10", "watch 10"])
    }
    #expect(rig.availability.entries == ["ok"])
  }

  @Test(arguments: ["{\"type\":\"ADDED\"}\n", "<html>\n", "{\"type\":\"WHAT\",\"object\":{}}\n"])
  func eventsThatCannotBeReadAreListedOver(line: String) async {
    let rig = Rig(lists: [page("10"), page("20")], watches: [.chunks([line])])
    await rig.run { rig in
      await rig.clock.advanceToNextSleeper()
      await rig.untilAsked(["list", "watch 10", "list", "watch 20"])
    }
  }

  @Test func asksForMetadataOnlyAndSelectsOnTheServer() async {
    var partial = configMap("a", version: 1)
    partial["kind"] = "PartialObjectMetadata"
    partial["apiVersion"] = "meta.k8s.io/v1"
    let rig = Rig(lists: [page("10", partial)])
    await rig.run(
      Reflector.Options(
        namespace: "ns", labelSelector: LabelSelector(matchLabels: ["app": "x"]),
        fieldSelector: "metadata.name!=y", metadataOnly: true)
    ) { await $0.untilAsked(["list", "watch 10"]) }
    for request in rig.server.requests {
      #expect(request.path == "/api/v1/namespaces/ns/configmaps")
      #expect(request.values("labelSelector") == ["app=x"])
      #expect(request.values("fieldSelector") == ["metadata.name!=y"])
      #expect(request.header("accept")?.contains("as=PartialObjectMetadata") == true)
    }
    #expect(rig.store.get(a)?.gvk == ResourceType.configMaps.gvk)
  }

  @Test func transformsAreAppliedOnceToListsAndEvents() async {
    let rig = Rig(lists: [page("10", configMap("a", version: 1))]) { object in
      var object = object
      object["seen"] = .int((object["seen"]?.int).map { Int64($0) + 1 } ?? 1)
      return object
    }
    await rig.run { rig in
      await rig.untilAsked(["list", "watch 10"])
      rig.server.emit(watchEvent("ADDED", configMap("b", version: 11)))
      await until("the event") { rig.changes.count == 2 }
    }
    #expect(rig.store.all().map { $0["seen"] } == [1, 1])
  }

  @Test func endsWhenItIsCancelledWhateverItDoes() async {
    let waiting = Rig(lists: [])
    await waiting.run { rig in await until("it waits") { rig.clock.sleeperCount == 1 } }
    #expect(waiting.clock.sleeperCount == 0)
    let watching = Rig(lists: [page("10")])
    await watching.run { await $0.untilAsked(["list", "watch 10"]) }
    #expect(watching.availability.entries == ["ok"])
  }

  @Test func countsListsAndWatchesOpenedAgain() async {
    func figures(_ rig: Rig) -> [String] {
      rig.metrics.registry.exposition().split(separator: "\n").map(String.init)
        .filter { $0.hasPrefix("agent_operator_") }
    }
    let calm = Rig(lists: [page("10")])
    await calm.run { rig in
      await rig.untilAsked(["list", "watch 10"])
      await until("the first watch counts as none") {
        figures(rig).contains("agent_operator_watch_restarts_total{resource=\"configmaps\"} 0")
      }
    }
    let rig = Rig(lists: [page("10"), page("20")], watches: [.events(errorEvent(410, "Expired"))])
    await rig.run { rig in
      await rig.untilAsked(["list", "watch 10", "list", "watch 20"])
      await until("the second is a restart") {
        figures(rig).contains("agent_operator_watch_restarts_total{resource=\"configmaps\"} 1")
      }
    }
    #expect(figures(rig).contains("agent_operator_relists_total{resource=\"configmaps\"} 2"))
  }
}
