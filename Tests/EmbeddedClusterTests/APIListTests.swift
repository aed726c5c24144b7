import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import EmbeddedCluster

@Suite struct APIListTests {
  let test = TestCluster()

  private func names(_ answer: TestCluster.Answer) -> [String] {
    answer.json["items"]?.array?.compactMap { $0["metadata"]?["name"]?.string } ?? []
  }

  @Test func pagesShowOneVersion() async throws {
    for name in ["a", "b", "c", "d"] { _ = try await test.createConfigMap(name) }
    let first = try await test.get(TestCluster.configMaps, [("limit", "2")])
    #expect(names(first) == ["a", "b"])
    #expect(first.json["metadata"]?["remainingItemCount"] == 2)
    _ = try await test.createConfigMap("cc")
    _ = try await test.send("DELETE", TestCluster.configMaps + "/d")
    let token = first.json["metadata"]?["continue"]?.string ?? ""
    let rest = try await test.get(
      TestCluster.configMaps, [("limit", "9"), ("continue", token)])
    #expect(names(rest) == ["c", "d"])
    #expect(rest.version == first.version)
  }

  @Test func compactionExpiresTokensAndOffersAnother() async throws {
    for name in ["a", "b", "c"] { _ = try await test.createConfigMap(name) }
    let first = try await test.get(TestCluster.configMaps, [("limit", "1")])
    _ = try await test.createConfigMap("d")
    test.cluster.compact()
    let token = first.json["metadata"]?["continue"]?.string ?? ""
    let expired = try await test.get(
      TestCluster.configMaps, [("limit", "1"), ("continue", token)])
    #expect(expired.status == 410)
    let fresh = expired.json["metadata"]?["continue"]?.string ?? ""
    let rest = try await test.get(TestCluster.configMaps, [("continue", fresh)])
    #expect(names(rest) == ["b", "c", "d"])
  }

  @Test func exactVersionsShowThePast() async throws {
    let created = try await test.createConfigMap("a", data: ["k": "1"])
    _ = try await test.send("DELETE", TestCluster.configMaps + "/a")
    _ = try await test.createConfigMap("b")
    let past = try await test.get(
      TestCluster.configMaps,
      [("resourceVersion", created.version), ("resourceVersionMatch", "Exact")])
    #expect(past.json["items"]?[0]?["data"] == ["k": "1"])
    #expect(names(past) == ["a"])
    let future = try await test.get(
      TestCluster.configMaps, [("resourceVersion", "999999999")])
    #expect(future.status == 504)
    #expect(future.header("retry-after") == "1")
  }

  @Test(arguments: [
    ("app=x", ["a", "b"]), ("app!=x", ["c"]), ("app in (x,y)", ["a", "b"]), ("!app", ["c"]),
    ("app=x,tier notin (db)", ["a"]), ("", ["a", "b", "c"]),
  ])
  func labelSelectors(_ selector: String, _ expected: [String]) async throws {
    _ = try await test.createConfigMap("a", ["labels": ["app": "x"]])
    _ = try await test.createConfigMap("b", ["labels": ["app": "x", "tier": "db"]])
    _ = try await test.createConfigMap("c")
    let answer = try await test.get(TestCluster.configMaps, [("labelSelector", selector)])
    #expect(names(answer) == expected)
  }

  @Test(arguments: [
    ("labelSelector", "a in b"), ("fieldSelector", "data.k=v"), ("fieldSelector", "nope"),
    ("limit", "many"), ("resourceVersion", "abc"), ("continue", "garbage"),
  ])
  func badOptionsAreRefused(_ name: String, _ value: String) async throws {
    let answer = try await test.get(TestCluster.configMaps, [(name, value)])
    #expect(answer.status == 400)
    #expect(answer.reason == "BadRequest")
  }

  @Test(arguments: [
    ("a/b/c=d", "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key"),
    ("!-a", "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of"),
    (
      "a=-b", "unable to parse requirement: values[0][a]: Invalid value: \"-b\": a valid label must"
    ),
    ("a in (x,-y)", "unable to parse requirement: values[0][a]: Invalid value: \"-y\": a valid"),
    ("a=" + String(repeating: "x", count: 64), "unable to parse requirement: values[0][a]: "),
    (
      "a>x",
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators"
    ),
    ("a notin (b!)", "unable to parse requirement: found '!', expected: ',' or ')'"),
    ("=x", "found '=', expected: !, identifier, or 'end of string'"),
    ("!", "unable to parse requirement: found '', expected: identifier"),
  ])
  func selectorsThatNoLabelCanMeet(_ selector: String, _ message: String) async throws {
    let answer = try await test.get(TestCluster.configMaps, [("labelSelector", selector)])
    #expect(answer.status == 400)
    #expect(answer.message.hasPrefix(message))
  }

  @Test func tablesAndMetadata() async throws {
    _ = try await test.createConfigMap("a", data: ["k": "1"])
    let table = try await test.send(
      "GET", TestCluster.configMaps, accept: "application/json;as=Table;v=v1;g=meta.k8s.io")
    #expect(table.json["rows"]?[0]?["cells"]?[1] == 1)
    let metadata = try await test.send(
      "GET", TestCluster.configMaps,
      accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
    #expect(metadata.json["items"]?[0]?["data"] == nil)
    #expect(metadata.json["items"]?[0]?["metadata"]?["name"] == "a")
  }

  @Test func tenThousandObjects() async throws {
    let store = test.cluster.server.store
    for i in 0..<10_000 {
      let name = "c\(i)"
      let object: JSONValue = [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": ["name": .string(name), "namespace": "default"],
      ]
      _ = store.commit("configmaps", path: "default/\(name)", expected: nil, object)
    }
    let clock = ContinuousClock()
    var count = 0
    let first = try await clock.measure {
      count = names(try await test.get(TestCluster.configMaps)).count
    }
    #expect(count == 10_000)
    // Generous: a debug build on a busy machine; an accidental square would take minutes.
    #expect(first < .seconds(30))
  }

  @Test func longHistoriesAreCut() {
    let store = ObjectStore(historyLimit: 10)
    store.open("things")
    var last: StoredObject?
    for i in 0..<100 {
      let json: JSONValue = ["metadata": ["name": "a"], "i": JSONValue(i)]
      guard case .done(let new, _) = store.commit("things", path: "a", expected: last, json) else {
        Issue.record("commit \(i) failed")
        return
      }
      last = new
    }
    guard case .forgotten = store.changes(of: "things", after: 100) else {
      Issue.record("old changes are still known")
      return
    }
    guard case .some(let changes, let version) = store.changes(of: "things", after: 195) else {
      Issue.record("new changes are forgotten")
      return
    }
    #expect(changes.map(\.version) == [196, 197, 198, 199, 200])
    #expect(version == 200)
  }
}
