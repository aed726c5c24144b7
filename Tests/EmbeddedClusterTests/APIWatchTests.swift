import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import EmbeddedCluster

@Suite struct APIWatchTests {
  @Test func changesComeOnceAndInOrder() async throws {
    let test = TestCluster()
    let version = try await test.get(TestCluster.configMaps).version
    let watch = try await WatchReader(
      test, TestCluster.configMaps, [("resourceVersion", version)])
    _ = try await test.createConfigMap("a")
    _ = try await test.createConfigMap("b")
    _ = try await test.send("DELETE", TestCluster.configMaps + "/a")
    #expect(try await watch.summary() == "ADDED a")
    #expect(try await watch.summary() == "ADDED b")
    #expect(try await watch.summary() == "DELETED a")
  }

  @Test func aWaitingWatchWakesUp() async throws {
    let test = TestCluster()
    let version = try await test.get(TestCluster.configMaps).version
    let watch = try await WatchReader(
      test, TestCluster.configMaps, [("resourceVersion", version)])
    async let event = watch.summary()
    _ = try await test.createConfigMap("late")
    let told = try await event
    #expect(told == "ADDED late")
  }

  @Test func selectorsShowObjectsComeAndGo() async throws {
    let test = TestCluster()
    let watch = try await WatchReader(
      test, TestCluster.configMaps,
      [("labelSelector", "app=x"), ("resourceVersion", String(test.cluster.server.store.version))])
    _ = try await test.createConfigMap("a")
    for label in ["x", "y"] {
      _ = try await test.send(
        "PATCH", TestCluster.configMaps + "/a", [],
        ["metadata": ["labels": ["app": .string(label)]]], type: "application/merge-patch+json")
    }
    #expect(try await watch.summary() == "ADDED a")
    let gone = try await watch.next()
    #expect(gone?["type"] == "DELETED")
    #expect(gone?["object"]?["metadata"]?["labels"]?["app"] == "x")
  }

  @Test func initialEventsEndWithABookmark() async throws {
    let test = TestCluster()
    _ = try await test.createConfigMap("a")
    let watch = try await WatchReader(
      test, TestCluster.configMaps,
      [
        ("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan"),
        ("allowWatchBookmarks", "true"),
      ])
    #expect(try await watch.summary() == "ADDED a")
    let bookmark = try await watch.next()
    #expect(bookmark?["type"] == "BOOKMARK")
    let annotations = bookmark?["object"]?["metadata"]?["annotations"]
    #expect(annotations?["k8s.io/initial-events-end"] == "true")
  }

  @Test func forgottenVersionsExpire() async throws {
    let test = TestCluster(historyLimit: 3)
    let version = try await test.get(TestCluster.configMaps).version
    for i in 0..<6 { _ = try await test.createConfigMap("c\(i)") }
    let watch = try await WatchReader(
      test, TestCluster.configMaps, [("resourceVersion", version)])
    let event = try await watch.next()
    #expect(event?["type"] == "ERROR")
    #expect(event?["object"]?["code"] == 410)
    #expect(try await watch.next() == nil)
  }

  @Test func bookmarksEachMinuteAndAnEndByTimeout() async throws {
    let time = VirtualTime()
    let test = TestCluster(clock: time.clock)
    let version = try await test.get(TestCluster.configMaps).version
    let watch = try await WatchReader(
      test, TestCluster.configMaps,
      [
        ("resourceVersion", version), ("allowWatchBookmarks", "true"), ("timeoutSeconds", "90"),
      ])
    let first = try await time.passing { try await watch.next() }
    #expect(first?["type"] == "BOOKMARK")
    let end = try await time.passing { try await watch.next() }
    #expect(end == nil)
  }

  @Test func cancellingTheReaderEndsIt() async throws {
    let test = TestCluster()
    let version = try await test.get(TestCluster.configMaps).version
    let task = Task {
      let watch = try await WatchReader(
        test, TestCluster.configMaps, [("resourceVersion", version)])
      return try await watch.next()
    }
    task.cancel()
    // A transport that is called by a cancelled task may also throw.
    let event = try? await task.value
    #expect(event == nil)
  }

  @Test func deletingADefinitionEndsItsWatches() async throws {
    let test = TestCluster()
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    _ = try await test.send("POST", definitions, [], TestCluster.widgetDefinition)
    _ = try await test.send(
      "POST", TestCluster.widgets, [],
      ["apiVersion": "test.example.com/v1", "kind": "Widget", "metadata": ["name": "w"]])
    let watch = try await WatchReader(test, TestCluster.widgets)
    #expect(try await watch.summary() == "ADDED w")
    _ = try await test.send("DELETE", definitions + "/widgets.test.example.com")
    #expect(try await watch.summary() == "DELETED w")
    #expect(try await watch.next() == nil)
    #expect(try await test.get(TestCluster.widgets).status == 404)
  }
}
