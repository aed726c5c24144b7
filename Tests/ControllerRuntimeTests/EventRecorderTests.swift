import JSON
import KubernetesAPI
import KubernetesClient
import Simulation
import Synchronization
import Testing

@testable import ControllerRuntime

@Suite(.simulated) struct EventRecorderTests {
  let clock = ManualClock(epoch: 1_700_000_000)

  private func recorder(_ server: ScriptedServer, capacity: Int = 1000, instance: String = "pod-1")
    -> EventRecorder
  {
    EventRecorder(
      client: server.client, clock: clock, controller: "agentdeploy.dev/agent-operator",
      instance: instance, capacity: capacity)
  }

  private func running(_ recorder: EventRecorder, while body: () async -> Void) async {
    let task = Task { await recorder.run() }
    await body()
    task.cancel()
    await task.value
  }

  private func record(_ recorder: EventRecorder, note: String = "it failed") {
    recorder.record(
      .warning, "ApplyFailed", action: "Apply", regarding: configMap("a", version: 7), note: note)
  }

  @Test func writesAnEvent() async {
    let server = ScriptedServer()
    let recorder = recorder(server)
    await running(recorder) {
      record(recorder)
      await until("it is sent") { server.requests.count == 1 }
    }
    #expect(server.requests.first?.method == "POST")
    #expect(server.requests.first?.path == "/apis/events.k8s.io/v1/namespaces/ns/events")
    var event = server.requests.first?.json ?? .null
    let name = event["metadata"]?["name"]?.string ?? ""
    #expect(name.hasPrefix("a.6553f100"))
    event["metadata"]?["name"] = nil
    #expect(
      event == [
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": ["namespace": "ns"],
        "eventTime": "2023-11-14T22:13:20.000000Z", "type": "Warning", "reason": "ApplyFailed",
        "action": "Apply", "note": "it failed",
        "reportingController": "agentdeploy.dev/agent-operator", "reportingInstance": "pod-1",
        "regarding": [
          "apiVersion": "v1", "kind": "ConfigMap", "namespace": "ns", "name": "a", "uid": "uid-a",
          "resourceVersion": "7",
        ],
      ])
  }

  @Test(arguments: [true, false])
  func whatWaitsIsSentBeforeItFinishes(isRunning: Bool) async {
    let server = ScriptedServer()
    let recorder = recorder(server)
    var task: Task<Void, Never>?
    if isRunning {
      task = Task { await recorder.run() }
      await settle()
    }
    for note in ["a", "b", "c"] { record(recorder, note: note) }
    recorder.finish()
    await (task ?? Task { await recorder.run() }).value
    #expect(server.requests.map { $0.json?["note"] } == ["a", "b", "c"])
  }

  /// One event with a count; the count is written at the second one and then once a minute.
  @Test func equalEventsAreASeries() async {
    let server = ScriptedServer()
    let recorder = recorder(server)
    await running(recorder) {
      for _ in 0..<10 {
        record(recorder)
        await until("it is sent") { recorder.pendingCount == 0 }
        clock.advance(by: .seconds(10))
      }
      await until("all is sent") { server.summary == ["POST", "PATCH", "PATCH"] }
    }
    let name = server.requests.first?.json?["metadata"]?["name"]?.string ?? "-"
    #expect(
      server.requests[1].path == "/apis/events.k8s.io/v1/namespaces/ns/events/\(name)")
    #expect(
      server.requests[1].json == [
        "series": ["count": 2, "lastObservedTime": "2023-11-14T22:13:30.000000Z"]
      ])
    #expect(server.requests[2].json?["series"]?["count"] == 8)
  }

  @Test func aSeriesEndsAfterSixQuietMinutes() async {
    let server = ScriptedServer()
    let recorder = recorder(server)
    await running(recorder) {
      for pause in [359, 360, 0] {
        record(recorder)
        await until("it is sent") { recorder.pendingCount == 0 }
        clock.advance(by: .seconds(pause))
      }
      await until("all is sent") { server.summary == ["POST", "PATCH", "POST"] }
    }
    let names = server.requests.map { $0.json?["metadata"]?["name"]?.string }
    #expect(names[0] != names[2])
  }

  @Test func differentEventsAreNoSeries() async {
    let server = ScriptedServer()
    let recorder = recorder(server)
    await running(recorder) {
      record(recorder, note: "one")
      record(recorder, note: "two")
      recorder.record(
        .normal, "ApplyFailed", action: "Apply", regarding: configMap("a", version: 7), note: "one")
      recorder.record(
        .warning, "ApplyFailed", action: "Apply",
        regarding: configMap("a", uid: "another", version: 7), note: "one")
      await until("all are sent") { server.requests.count == 4 }
    }
    #expect(server.summary == ["POST", "POST", "POST", "POST"])
    #expect(Set(server.requests.map { $0.json?["metadata"]?["name"]?.string }).count == 4)
  }

  /// Otherwise the counts would be patched into an event that is not there.
  @Test func anEventThatWasRefusedIsTriedAsANewOne() async {
    let server = ScriptedServer(writes: [.status(403, statusJSON(403, "Forbidden")), .page([:])])
    let recorder = recorder(server)
    await running(recorder) {
      record(recorder)
      await until("it is refused") { server.requests.count == 1 }
      await settle()
      record(recorder)
      await until("it is sent again") { server.requests.count == 2 }
    }
    #expect(server.summary == ["POST", "POST"])
  }

  @Test func aServerThatIsAwayIsWaitedFor() async {
    let server = ScriptedServer(
      writes: [
        .failure(.connectionRefused), .status(503, statusJSON(503, "ServiceUnavailable")),
        .status(409, statusJSON(409, "AlreadyExists")), .page([:]),
      ])
    let recorder = recorder(server)
    await running(recorder) {
      record(recorder, note: "first")
      record(recorder, note: "second")
      for count in 1...2 {
        await until("it is tried") { server.requests.count == count }
        // With a pause in between.
        await settle()
        #expect(server.requests.count == count)
        clock.advance(by: .seconds(2))
      }
      // That it exists already means that an answer was lost.
      await until("the other one is sent") { server.requests.count == 4 }
    }
    let notes = server.requests.map { $0.json?["note"]?.string }
    #expect(notes == ["first", "first", "first", "second"])
    #expect(Set(server.requests.prefix(3).map { $0.json?["metadata"]?["name"] }).count == 1)
    #expect(recorder.pendingCount == 0)
  }

  private func passTime(_ tries: Int) async {
    for _ in 0..<tries {
      await settle()
      clock.advance(by: .seconds(30))
    }
    await settle()
  }

  /// As when the admission webhook of that namespace is down.
  @Test(arguments: [500, 503])
  func aNamespaceThatTakesNoneHoldsUpNoOther(code: Int) async {
    let server = ScriptedServer(refusal: { request in
      request.path.contains("/namespaces/ns/") ? .status(code, statusJSON(code, "Error")) : nil
    })
    let recorder = recorder(server)
    await running(recorder) {
      for i in 0..<100 { record(recorder, note: "\(i)") }
      for i in 0..<10 {
        recorder.record(
          .normal, "Applied", action: "Apply",
          regarding: configMap("a", version: 7, namespace: "other"), note: "other \(i)")
      }
      await passTime(3)
    }
    let notes = server.requests.compactMap { $0.json?["note"]?.string }
    #expect(notes.filter { $0.hasPrefix("other") } == (0..<10).map { "other \($0)" })
  }

  @Test(arguments: [500, 503])
  func anEventThatIsNotTakenHoldsUpNoOther(code: Int) async {
    let isFaulty = Mutex(true)
    let server = ScriptedServer(refusal: { request in
      guard request.json?["note"] == "bad", isFaulty.withLock({ $0 }) else { return nil }
      return .status(code, statusJSON(code, "Error"))
    })
    let recorder = recorder(server)
    await running(recorder) {
      for note in ["bad", "bad", "good"] { record(recorder, note: note) }
      await passTime(4)
      #expect(server.requests.contains { $0.json?["note"] == "good" })
      await passTime(100)
      isFaulty.withLock { $0 = false }
      await passTime(1)
    }
    let tries = server.requests.filter { $0.json?["note"] != "good" }.map(\.method)
    // What nothing but this event is refused for is given up. Nothing is counted before it is there.
    #expect(
      code == 500
        ? tries == ["POST", "POST", "POST"]
        : tries.count > 50 && tries.dropLast().allSatisfy { $0 == "POST" }
          && tries.last == "PATCH")
    #expect(recorder.pendingCount == 0)
  }

  /// It has not been tried yet, so nothing of it can be there.
  @Test func aNameThatIsTakenIsReplacedAfterAnotherEventFailed() async {
    let server = ScriptedServer(
      writes: [
        .status(503, statusJSON(503, "ServiceUnavailable")),
        .status(409, statusJSON(409, "AlreadyExists")), .page([:]),
      ])
    let recorder = recorder(server, capacity: 1)
    await running(recorder) {
      record(recorder, note: "first")
      await until("it is tried") { server.requests.count == 1 }
      record(recorder, note: "second")
      await passTime(1)
    }
    #expect(server.requests.map { $0.json?["note"] } == ["first", "second", "second"])
    #expect(Set(server.requests.map { $0.json?["metadata"]?["name"] }).count == 3)
  }

  @Test func whatHappensBeforeANameIsReplacedCounts() async {
    let recording = Mutex<EventRecorder?>(nil)
    let server = ScriptedServer(refusal: { _ in
      guard let recorder = recording.withLock({ $0.take() }) else { return nil }
      for _ in 0..<2 { record(recorder) }
      return .status(409, statusJSON(409, "AlreadyExists"))
    })
    let recorder = recorder(server)
    recording.withLock { $0 = recorder }
    await running(recorder) {
      record(recorder)
      await until("it is counted") { server.requests.count == 3 }
    }
    #expect(server.summary == ["POST", "POST", "PATCH"])
    #expect(server.requests.last?.json?["series"]?["count"] == 3)
    let name = server.requests[1].json?["metadata"]?["name"]?.string ?? "-"
    #expect(server.requests.last?.path.hasSuffix("/events/\(name)") == true)
  }

  /// A container that has started anew in its pod may choose the names of the one before.
  @Test func aNameThatIsTakenIsReplaced() async {
    let server = ScriptedServer(
      writes: [.status(409, statusJSON(409, "AlreadyExists")), .page([:])])
    let recorder = recorder(server)
    await running(recorder) {
      record(recorder)
      await until("it is sent again") { server.requests.count == 2 }
    }
    #expect(Set(server.requests.map { $0.json?["metadata"]?["name"] }).count == 2)
    #expect(Set(server.requests.map { $0.json?["note"] }) == ["it failed"])
  }

  @Test func theOldestAreDroppedWhenNothingIsSent() async {
    let server = ScriptedServer()
    let recorder = recorder(server, capacity: 10)
    for i in 0..<1000 { record(recorder, note: "\(i)") }
    #expect(recorder.pendingCount == 10)
    await running(recorder) { await until("all are sent") { server.requests.count == 10 } }
    #expect(server.requests.map { $0.json?["note"]?.string } == (990..<1000).map { "\($0)" })
  }

  @Test func theSeriesThatAreRememberedAreBounded() {
    var series = EventSeries(capacity: 10, instanceHash: 1)
    for i in 0..<1000 {
      let identity = EventSeries.Identity(
        object: ObjectKey(namespace: "ns", name: "a"), uid: "", kind: "", type: "", reason: "",
        note: "\(i)")
      series.record(
        identity,
        EventSeries.Occurrence(action: "Apply", apiVersion: "v1", time: Int64(i / 100)))
      while series.next() != nil {}
      #expect(series.seriesCount <= 11)
    }
  }

  /// As many wait as there are agents when all of them are made at once.
  @Test func whatWaitsIsWhatIsSent() async {
    let server = ScriptedServer()
    let recorder = recorder(server)
    record(recorder, note: "first")
    clock.advance(by: .seconds(60))
    await running(recorder) { await until("it is sent") { server.requests.count == 1 } }
    #expect(server.requests.first?.json?["eventTime"] == "2023-11-14T22:13:20.000000Z")
  }

  @Test func isCutToWhatTheServerTakes() async {
    let server = ScriptedServer()
    let recorder = recorder(server)
    let name = String(repeating: "a", count: 230) + "-" + String(repeating: "b", count: 22)
    await running(recorder) {
      recorder.record(
        .normal, String(repeating: "R", count: 200), action: "Apply",
        regarding: configMap(name, version: 7), note: String(repeating: "ü", count: 2000) + "x")
      await until("it is sent") { server.requests.count == 1 }
    }
    let event = server.requests.first?.json
    #expect(event?["note"]?.string == String(repeating: "ü", count: 500))
    #expect(event?["reason"]?.string?.utf8.count == 128)
    let eventName = event?["metadata"]?["name"]?.string ?? ""
    #expect(eventName.utf8.count <= 253)
    #expect(!eventName.contains("-."))
  }

  @Test func twoProcessesChooseDifferentNames() async {
    let server = ScriptedServer()
    for instance in ["pod-1", "pod-2"] {
      let recorder = recorder(server, instance: instance)
      await running(recorder) {
        record(recorder)
        let count = instance == "pod-1" ? 1 : 2
        await until("it is sent") { server.requests.count == count }
      }
    }
    #expect(Set(server.requests.map { $0.json?["metadata"]?["name"]?.string }).count == 2)
  }
}
