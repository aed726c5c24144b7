import Foundation
import JSON
import KubernetesAPI
import Testing

@testable import KubernetesClient

let realKubeconfig = ProcessInfo.processInfo.environment["KUBERNETES_TEST_KUBECONFIG"]

let realEtcd = ProcessInfo.processInfo.environment["KUBERNETES_TEST_ETCD"]

/// Against a real API server: the kubeconfig that KUBERNETES_TEST_KUBECONFIG names. Skipped without.
@Suite(.enabled(if: realKubeconfig != nil)) struct RealServerTests {
  let transport: CurlTransport
  let client: KubernetesClient
  let namespace = "client-\(UUID().uuidString.prefix(8).lowercased())"

  init() throws {
    let configuration = try ConfigurationSources(kubeconfig: realKubeconfig, environment: [:])
      .load()
    transport = try CurlTransport(configuration: configuration)
    client = KubernetesClient(transport: transport)
  }

  func inNamespace(_ body: () async throws -> Void) async throws {
    _ = try await client.create(
      KubernetesObject(ResourceType.namespaces.gvk, namespace: nil, name: namespace),
      resource: .namespaces)
    do {
      try await body()
    } catch {
      Issue.record(error)
    }
    try await client.delete(.namespaces, ObjectKey(namespace: nil, name: namespace))
    await transport.shutdown()
  }

  func configMap(_ name: String, _ data: [String: String] = ["k": "v"]) -> KubernetesObject {
    var object = KubernetesObject(ResourceType.configMaps.gvk, namespace: namespace, name: name)
    object["data"] = JSONValue(data)
    return object
  }

  @Test func discoveryAgreesInBothForms() async throws {
    let found = try await client.discover()
    #expect(found.unavailable.isEmpty)
    for resource: ResourceType in [
      .pods, .configMaps, .deployments, .horizontalPodAutoscalers, .networkPolicies, .leases,
      .events, .customResourceDefinitions, .namespaces,
    ] {
      #expect(found.contains(resource), "\(resource)")
      #expect(found.resource(for: resource.groupKind)?.type == resource)
    }
    #expect(found.resource(named: "deploy")?.type == .deployments)
    let legacy = try await client.discover(group: "apps", version: "v1")
    let aggregated = found.resources.filter { $0.type.group == "apps" }
    func comparable(_ resources: [DiscoveredResource]) -> Set<DiscoveredResource> {
      Set(
        resources.map {
          var resource = $0
          resource.subresources.sort()
          resource.verbs.sort()
          return resource
        })
    }
    #expect(comparable(legacy) == comparable(aggregated))
    #expect(try await client.serverVersion().major == "1")
    await transport.shutdown()
  }

  @Test func applyListWatchDelete() async throws {
    try await inNamespace {
      for i in 0..<25 {
        let applied = try await client.apply(
          configMap("c\(i)"), resource: .configMaps, fieldManager: "one",
          fieldValidation: .strict)
        #expect(applied.resourceVersion != nil)
      }
      var pages: [Int] = []
      let version = try await client.listPages(
        .configMaps, namespace: namespace,
        options: ListOptions(
          fieldSelector: "metadata.name!=kube-root-ca.crt", limit: 10, representation: .metadata)
      ) { page in
        pages.append(page.items.count)
        #expect(page.items.allSatisfy { $0.kind == "ConfigMap" && $0["data"] == nil })
      }
      #expect(pages == [10, 10, 5])

      // A no-op apply changes nothing; a conflicting one names its fields.
      let first = try await client.get(.configMaps, configMap("c0").key)
      let again = try await client.apply(
        configMap("c0"), resource: .configMaps, fieldManager: "one")
      #expect(again.resourceVersion == first.resourceVersion)
      let conflict = await #expect(throws: APIStatus.self) {
        try await client.apply(
          configMap("c0", ["k": "w"]), resource: .configMaps, fieldManager: "two", force: false)
      }
      #expect(conflict?.isConflict == true)
      #expect(conflict?.causes.first?.field == ".data.k")

      // A watch continues where the list ended.
      let watch = try await client.watch(
        .configMaps, namespace: namespace,
        options: WatchOptions(resourceVersion: version, timeoutSeconds: 30))
      _ = try await client.patch(
        .configMaps, configMap("c1").key, .merge(["data": ["k": "patched"]]))
      let preconditions = await #expect(throws: APIStatus.self) {
        try await client.delete(
          .configMaps, configMap("c2").key, preconditions: Preconditions(uid: "another"))
      }
      #expect(preconditions?.isConflict == true)
      let second = try await client.get(.configMaps, configMap("c2").key)
      try await client.delete(
        .configMaps, second.key,
        preconditions: Preconditions(uid: second.uid, resourceVersion: second.resourceVersion))
      #expect(try await client.getIfPresent(.configMaps, second.key) == nil)
      var events: [String] = []
      for try await event in watch {
        switch event {
        case .modified(let object): events.append("modified \(object.name)")
        case .deleted(let object): events.append("deleted \(object.name)")
        default: continue
        }
        if events.count == 2 { break }
      }
      #expect(events == ["modified c1", "deleted c2"])
    }
  }

  @Test func initialEventsEndWithABookmark() async throws {
    try await inNamespace {
      _ = try await client.apply(configMap("a"), resource: .configMaps, fieldManager: "one")
      var names: Set<String> = []
      for try await event in try await client.watch(
        .configMaps, namespace: namespace,
        options: WatchOptions(
          timeoutSeconds: 30, sendInitialEvents: true, representation: .metadata))
      {
        if case .added(let object) = event { names.insert(object.name) }
        if case .bookmark(let object) = event,
          object.annotations["k8s.io/initial-events-end"] == "true"
        {
          #expect(object.resourceVersion.flatMap(ResourceVersion.init) != nil)
          break
        }
      }
      #expect(names.contains("a"))
    }
  }

  @Test func errorsHaveTheirShapes() async throws {
    try await inNamespace {
      let unknown = await #expect(throws: APIStatus.self) {
        try await client.list(
          ResourceType(group: "no.such.group", version: "v1", plural: "things", kind: "Thing"))
      }
      #expect(unknown?.isUnknownResource == true)
      let missing = await #expect(throws: APIStatus.self) {
        try await client.get(.configMaps, ObjectKey(namespace: namespace, name: "none"))
      }
      #expect(missing?.isNotFound == true && missing?.isUnknownResource == false)
      let exists = await #expect(throws: APIStatus.self) {
        _ = try await client.create(configMap("a"), resource: .configMaps)
        _ = try await client.create(configMap("a"), resource: .configMaps)
      }
      #expect(exists?.isAlreadyExists == true)
      var odd = configMap("b")
      odd["dota"] = [:]
      let strict = await #expect(throws: APIStatus.self) {
        try await client.apply(
          odd, resource: .configMaps, fieldManager: "one", fieldValidation: .strict)
      }
      #expect(strict.map { (400...599).contains($0.code) } == true)
      let early = await #expect(throws: APIStatus.self) {
        try await client.list(
          .configMaps,
          options: ListOptions(
            resourceVersion: "999999999999", resourceVersionMatch: .notOlderThan))
      }
      #expect(early?.isTooLargeResourceVersion == true, "\(String(describing: early))")
      // Correctness rule 2: a stale watch is 200 with an ERROR event, or 410 at once.
      var gone: APIStatus?
      do {
        for try await event in try await client.watch(
          .configMaps, options: WatchOptions(resourceVersion: "1", timeoutSeconds: 5))
        {
          if case .error(let status) = event { gone = status }
        }
      } catch let status as APIStatus {
        gone = status
      }
      #expect(gone == nil || gone?.isExpired == true)
    }
  }

  /// With KUBERNETES_TEST_ETCD, the URL of the server's etcd, its history is thrown away on purpose.
  @Test(.enabled(if: realEtcd != nil)) func aCompactedHistoryIsListedAgain() async throws {
    let etcd = try CurlTransport(configuration: ClientConfiguration(server: realEtcd ?? ""))
    try await inNamespace {
      for i in 0..<6 {
        _ = try await client.apply(
          configMap("c\(i)"), resource: .configMaps, fieldManager: "one")
      }
      var names: [String] = []
      var restarts = 0
      try await client.listPages(
        .configMaps, namespace: namespace, options: ListOptions(limit: 2)
      ) { page in
        if page.startsOver {
          names = []
          restarts += 1
        }
        names += page.items.map(\.name)
        guard names.count == 2 else { return }
        let last = try await client.apply(
          configMap("new"), resource: .configMaps, fieldManager: "one")
        let body: JSONValue = ["revision": .string(last.resourceVersion ?? ""), "physical": true]
        let answer = try await etcd.send(
          APIRequest(method: "POST", path: "/v3/kv/compaction", body: body.serializedBytes()))
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
      }
      // Newer servers answer from a snapshot of their cache and need no second list.
      #expect(Set(names).isSuperset(of: (0..<6).map { "c\($0)" }))
      #expect(names.contains("new") == (restarts == 1))
    }
    await etcd.shutdown()
  }

  @Test func wrongCredentialsAreUnauthorized() async throws {
    var configuration = try ConfigurationSources(kubeconfig: realKubeconfig, environment: [:])
      .load()
    configuration.clientCertificate = nil
    configuration.credentials = .token(Secret("wrong"))
    let transport = try CurlTransport(configuration: configuration)
    let error = await #expect(throws: APIStatus.self) {
      try await KubernetesClient(transport: transport).list(.namespaces)
    }
    #expect(error?.isUnauthorized == true)
    configuration.certificateAuthority = nil
    let untrusting = try CurlTransport(configuration: configuration)
    let tls = await #expect(throws: TransportError.self) {
      try await KubernetesClient(transport: untrusting).list(.namespaces)
    }
    #expect(tls?.code == .tls)
    await transport.shutdown()
    await untrusting.shutdown()
    await self.transport.shutdown()
  }

  @Test func impersonationIsHonoured() async throws {
    var configuration = try ConfigurationSources(kubeconfig: realKubeconfig, environment: [:])
      .load()
    configuration.impersonation = Impersonation(
      user: "jane", uid: "7", groups: ["dev"], extra: ["example.com/Scope": ["a", "b"]])
    let transport = try CurlTransport(configuration: configuration)
    let review = try await KubernetesClient(transport: transport).sendJSON(
      "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      body: ["apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"])
    let user = review[path: "status", "userInfo"]
    #expect(user?["username"] == "jane")
    #expect(user?["uid"] == "7")
    #expect(user?["groups"]?.array?.contains("dev") == true)
    #expect(user?["extra"] == ["example.com/scope": ["a", "b"]])
    await transport.shutdown()
    await self.transport.shutdown()
  }
}
