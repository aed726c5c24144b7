import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Simulation
import Testing

/// Streamed lists (KEP-3157) and what the reflector does where they do not work.
@Suite(.simulated) struct StreamedListTests {
  private final class Rig: Sendable {
    let server: ScriptedServer
    let store = ObjectStore(.configMaps)
    let clock = ManualClock()
    let changes = Log<ObjectStore.Change>()

    init(lists: [ScriptedServer.List] = [], watches: [ScriptedServer.Watch]) {
      server = ScriptedServer(lists: lists, watches: watches)
    }

    func run(while body: (Rig) async -> Void) async {
      let reflector = Reflector(
        client: server.client, store: store, options: Reflector.Options(streamsLists: true),
        clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        jitter: { 1 }, onChange: { [changes] in changes.append($0) })
      let task = Task { await reflector.run() }
      await body(self)
      task.cancel()
      await task.value
    }

    func untilAsked(_ expected: [String]) async {
      await until("\(expected)") { server.summary.count >= expected.count }
      #expect(server.summary == expected)
    }
  }

  private func endMark(_ version: Int) -> JSONValue {
    var mark = bookmark(version)
    mark["object"]?["metadata"]?["annotations"] = ["k8s.io/initial-events-end": "true"]
    return mark
  }

  @Test func bringsTheFirstStateAndGoesOn() async throws {
    let rig = Rig(watches: [
      .events(
        watchEvent("ADDED", configMap("b", version: 7)),
        watchEvent("ADDED", configMap("a", version: 3)),
        watchEvent("ADDED", configMap("gone", version: 4)))
    ])
    await rig.run { rig in
      await rig.untilAsked(["watch -"])
      // Rule 5: half a list is none.
      await settle()
      #expect(!rig.store.isSynced && rig.store.count == 0 && rig.changes.count == 0)
      rig.server.emit(
        watchEvent("MODIFIED", configMap("a", version: 9)),
        watchEvent("DELETED", configMap("gone", version: 10)), endMark(10))
      await until("synced") { rig.store.isSynced }
      rig.server.emit(watchEvent("ADDED", configMap("c", version: 12)))
      await until("three changes") { rig.changes.count == 3 }
      rig.clock.advance(by: .seconds(300))
      rig.server.endStreams()
      await rig.untilAsked(["watch -", "watch 12"])
    }
    #expect(rig.changes.entries.map(\.key.name) == ["a", "b", "c"])
    #expect(rig.changes.entries.map(\.isInitial) == [true, true, false])
    #expect(rig.store.get(ObjectKey(namespace: "ns", name: "a"))?.resourceVersion == "9")
    let first = try #require(rig.server.requests.first)
    #expect(first.values("sendInitialEvents") == ["true"])
    #expect(first.values("resourceVersionMatch") == ["NotOlderThan"])
    #expect(first.values("allowWatchBookmarks") == ["true"])
    #expect(rig.server.requests.last?.values("sendInitialEvents") == [])
  }

  @Test(arguments: [400, 422]) func aRefusalLeadsToAListAtOnce(code: Int) async {
    let rig = Rig(
      lists: [.page(listPage([configMap("a", version: 1)], version: "10"))],
      watches: [.status(code, statusJSON(code, "Invalid"))])
    await rig.run { rig in await rig.untilAsked(["watch -", "list", "watch 10"]) }
    #expect(rig.store.keys().map(\.name) == ["a"])
  }

  /// Servers before 1.27 ignore what they do not know: their bookmarks have no end mark.
  @Test func aPlainWatchIsNoStreamedList() async {
    let rig = Rig(
      lists: [.page(listPage([configMap("a", version: 1)], version: "10"))],
      watches: [.events(watchEvent("ADDED", configMap("z", version: 1)), bookmark(9))])
    await rig.run { rig in await rig.untilAsked(["watch -", "list", "watch 10"]) }
    #expect(rig.store.keys().map(\.name) == ["a"])
  }

  @Test(arguments: [
    ScriptedServer.End.regular, .broken(.connectionLost), .broken(.inactive), .broken(.tooLarge),
  ])
  func halfAListIsVoid(end: ScriptedServer.End) async {
    let rig = Rig(
      lists: [.page(listPage([configMap("a", version: 1)], version: "10"))],
      watches: [.events(watchEvent("ADDED", configMap("z", version: 1)), end: end)])
    await rig.run { rig in
      await until("a pause") { rig.clock.sleeperCount > 0 }
      #expect(rig.store.count == 0)
      rig.clock.advance(by: .seconds(60))
      await rig.untilAsked(["watch -", "list", "watch 10"])
    }
    #expect(rig.changes.entries.map(\.key.name) == ["a"])
  }

  /// Rule 7, and no list as its consequence.
  @Test func anOverloadedServerIsAskedForTheSameAfterItsPause() async {
    let rig = Rig(watches: [
      .status(429, statusJSON(429, "TooManyRequests"), retryAfter: 70), .events(endMark(10)),
    ])
    await rig.run { rig in
      await until("a pause") { rig.clock.sleeperCount > 0 }
      rig.clock.advance(by: .seconds(69))
      #expect(rig.server.summary == ["watch -"])
      rig.clock.advance(by: .seconds(1))
      await until("synced") { rig.store.isSynced }
    }
    #expect(rig.server.summary == ["watch -", "watch -"])
  }

  /// Rule 2: what was known is replaced, and what the new list lacks is reported as gone.
  @Test func anExpiredPositionIsStreamedAnew() async {
    let rig = Rig(watches: [
      .events(
        watchEvent("ADDED", configMap("a", version: 1)), endMark(10),
        errorEvent(410, "Expired")),
      .events(watchEvent("ADDED", configMap("b", version: 30)), endMark(31)),
    ])
    await rig.run { rig in await until("three changes") { rig.changes.count == 3 } }
    #expect(rig.server.summary == ["watch -", "watch -"])
    #expect(rig.store.keys().map(\.name) == ["b"])
  }
}
