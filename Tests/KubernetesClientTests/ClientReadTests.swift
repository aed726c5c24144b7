import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@Suite struct ClientReadTests {
  let key = ObjectKey(namespace: "ns", name: "a")

  @Test func getAsksForOneObject() async throws {
    let transport = ScriptedTransport(.json(200, ["metadata": ["name": "a"]]))
    let object = try await transport.client().get(.configMaps, key)
    #expect(object.kind == "ConfigMap")
    let request = transport.requests[0]
    #expect(request.method == "GET")
    #expect(request.path == "/api/v1/namespaces/ns/configmaps/a")
    #expect(request.header("user-agent")?.hasPrefix("agent-operator/1.2.3 (linux/") == true)
    #expect(request.header("accept") == "application/json")
  }

  @Test func metadataKeepsTheKindThatWasAskedFor() async throws {
    let transport = ScriptedTransport(
      .json(
        200,
        [
          "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
          "metadata": ["name": "a"],
        ]))
    let object = try await transport.client().getMetadata(.secrets, key)
    #expect(object.gvk == ResourceType.secrets.gvk)
    #expect(
      transport.requests[0].header("accept")
        == "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json")
  }

  @Test func listFollowsContinueTokensWithoutResourceVersion() async throws {
    let transport = ScriptedTransport(
      .json(200, page(["a", "b"], continueToken: "t1")),
      .json(200, page(["c"], continueToken: "t2")), .json(200, page(["d"])))
    var options = ListOptions(labelSelector: LabelSelector("x=y"), resourceVersion: "5")
    options.resourceVersionMatch = .notOlderThan
    let list = try await transport.client().list(.configMaps, namespace: "ns", options: options)
    #expect(list.items.map(\.name) == ["a", "b", "c", "d"])
    #expect(list.items.allSatisfy { $0.kind == "ConfigMap" && $0.apiVersion == "v1" })
    #expect(list.resourceVersion == "7")
    let requests = transport.requests
    #expect(requests.map { $0.values("continue") } == [[], ["t1"], ["t2"]])
    #expect(requests.map { $0.values("resourceVersion") } == [["5"], [], []])
    #expect(requests.map { $0.values("resourceVersionMatch") } == [["NotOlderThan"], [], []])
    #expect(requests.allSatisfy { $0.values("limit") == ["500"] })
    #expect(requests.allSatisfy { $0.values("labelSelector") == ["x=y"] })
  }

  /// API servers take 10,000 levels where a schema is free.
  @Test func aDeepObjectHidesNoOtherOfItsList() async throws {
    let nested = String(repeating: "[", count: 9000) + String(repeating: "]", count: 9000)
    let list = """
      {"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}},
      {"metadata":{"name":"deep"},"spec":\(nested),"data":1},{"metadata":{"name":"b"}}]}
      """
    let one = #"{"metadata":{"name":"deep"},"spec":\#(nested),"data":1}"#
    let transport = ScriptedTransport(.text(200, list), .text(200, one), .text(200, one))
    let client = transport.client()
    let items = try await client.list(.configMaps).items
    #expect(items.map(\.name) == ["a", "deep", "b"])
    #expect(items.map(\.isTooDeep) == [false, true, false])
    #expect(items[1]["data"] == 1)
    let read = try await client.get(.configMaps, key)
    #expect(read["data"] == 1)
    // What was not read whole is not written back.
    let error = await #expect(throws: APIStatus.self) {
      try await client.update(read, resource: .configMaps)
    }
    #expect(error?.message.contains("read whole") == true)
    #expect(transport.requests.count == 2)
    #expect(try await client.update(items[0], resource: .configMaps).isTooDeep)
  }

  /// Correctness rule 2: a continue token can expire in the middle.
  @Test func expiryInTheMiddleFallsBackToOneFullList() async throws {
    let transport = ScriptedTransport(
      .json(200, page(["a", "old"], continueToken: "t1")), .json(410, status(410, "Expired")),
      .json(200, page(["a", "b", "c"], version: "9")))
    let list = try await transport.client().list(.configMaps)
    #expect(list.items.map(\.name) == ["a", "b", "c"])
    #expect(list.resourceVersion == "9")
    let last = transport.requests[2]
    #expect(last.values("limit").isEmpty && last.values("continue").isEmpty)
  }

  @Test func pagesTellThatTheyStartOver() async throws {
    let transport = ScriptedTransport(
      .json(200, page(["a"], continueToken: "t1")), .json(410, status(410, "Expired")),
      .json(200, page(["b"])))
    var seen: [[String]] = []
    var restarts: [Bool] = []
    let version = try await transport.client().listPages(.configMaps) {
      seen.append($0.items.map(\.name))
      restarts.append($0.startsOver)
    }
    #expect(seen == [["a"], ["b"]])
    #expect(restarts == [false, true])
    #expect(version == "7")
  }

  @Test func expiryOfTheFirstPageIsTheCallersAffair() async throws {
    let transport = ScriptedTransport(.json(410, status(410, "Expired")))
    let error = await #expect(throws: APIStatus.self) {
      try await transport.client().list(.configMaps, options: ListOptions(resourceVersion: "1"))
    }
    #expect(error?.isExpired == true)
    #expect(transport.requests.count == 1)
  }

  @Test func anyStateFromTheCacheIsNotPaged() async throws {
    let transport = ScriptedTransport(.json(200, page([])))
    _ = try await transport.client().list(.configMaps, options: ListOptions(resourceVersion: "0"))
    #expect(transport.requests[0].values("limit").isEmpty)
    #expect(transport.requests[0].values("resourceVersion") == ["0"])
  }

  @Test func anUnknownResourceIsNotAMissingObject() async throws {
    let transport = ScriptedTransport(
      .json(404, status(404, "NotFound", "configmaps \"a\" not found")),
      .text(404, "404 page not found\n"), .json(404, status(404, "NotFound")),
      .text(404, "404 page not found\n"))
    let client = transport.client()
    let missing = await #expect(throws: APIStatus.self) { try await client.get(.configMaps, key) }
    #expect(missing?.isNotFound == true && missing?.isUnknownResource == false)
    let unknown = await #expect(throws: APIStatus.self) {
      try await client.get(.virtualServices, key)
    }
    #expect(unknown?.isNotFound == true && unknown?.isUnknownResource == true)
    #expect(unknown?.message == "404 page not found")
    #expect(try await client.getIfPresent(.configMaps, key) == nil)
    await #expect(throws: APIStatus.self) { try await client.getIfPresent(.virtualServices, key) }
  }

  @Test func refusalsOfOddAnswers() async throws {
    let transport = ScriptedTransport(
      .text(302, "", headers: [("location", "https://elsewhere")]), .text(200, "<html>"),
      .text(403, "<html>\nproxy says no"))
    let client = transport.client()
    let redirect = await #expect(throws: APIStatus.self) { try await client.get(.pods, key) }
    #expect(redirect?.message.contains("redirects") == true)
    #expect(redirect?.message.contains("https://") == false)
    let page = await #expect(throws: TransportError.self) { try await client.get(.pods, key) }
    #expect(page?.message.contains("is not JSON") == true)
    let proxy = await #expect(throws: APIStatus.self) { try await client.get(.pods, key) }
    #expect(proxy?.reason == "Forbidden" && proxy?.message == "<html>")
  }

  @Test(arguments: ["", ".", "..", "a/b"])
  func namesThatWouldChangeThePathAreRefused(name: String) async throws {
    let transport = ScriptedTransport()
    let error = await #expect(throws: APIStatus.self) {
      try await transport.client().delete(.pods, ObjectKey(namespace: "ns", name: name))
    }
    #expect(error?.code == 400)
    #expect(transport.requests.isEmpty)
  }

  @Test func oddNamesAreEncoded() async throws {
    let transport = ScriptedTransport(.json(200, [:]))
    _ = try await transport.client().get(
      .clusterRoles, ObjectKey(namespace: nil, name: "system:a b%é"))
    #expect(
      transport.requests[0].path
        == "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a%20b%25%C3%A9")
  }

  @Test func serverVersion() async throws {
    let transport = ScriptedTransport(
      .json(200, ["major": "1", "minor": "34+", "gitVersion": "v1.34.1"]))
    let version = try await transport.client().serverVersion()
    #expect(version.description == "v1.34.1" && version.minor == "34+")
  }
}
