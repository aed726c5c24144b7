import Glibc
import HTTPServer
import JSON
import KubernetesAPI
import Synchronization
import Loopback
import Testing

@testable import KubernetesClient

/// The client through libcurl against a server on loopback.
@Suite struct CurlTransportTests {
  /// Runs a server and a transport for it, and stops both.
  func withServer(
    credentials: Credentials = .none, impersonation: Impersonation? = nil,
    time: ManualTime = ManualTime(), handler: @escaping HTTPServer.Handler,
    body: (CurlTransport) async throws -> Void
  ) async throws {
    let server = HTTPServer(handler: handler)
    let port = try await server.start()
    let transport = try CurlTransport(
      configuration: ClientConfiguration(
        server: "http://127.0.0.1:\(port)/base", credentials: credentials,
        impersonation: impersonation),
      version: "9", environment: [:], now: { time.now })
    do {
      try await body(transport)
    } catch {
      Issue.record(error)
    }
    await transport.shutdown()
    await server.stop(grace: .zero)
  }

  @Test func requestsArriveAsTheyWereMeant() async throws {
    let seen = Mutex<HTTPServerRequest?>(nil)
    try await withServer(
      credentials: .basic(username: "jane", password: Secret("pä:ss")),
      impersonation: Impersonation(user: "joe", groups: ["a", "b"])
    ) { request in
      seen.withLock { $0 = request }
      return .text(#"{"metadata":{"name":"x"}}"#, contentType: "application/json")
    } body: { transport in
      let client = KubernetesClient(transport: transport, version: "9")
      let object = KubernetesObject(ResourceType.configMaps.gvk, namespace: "n", name: "x")
      _ = try await client.apply(
        object, resource: .configMaps, fieldManager: "me & you=1/é+", dryRun: true)
      let request = try #require(seen.withLock { $0 })
      #expect(request.method == "PATCH")
      #expect(request.path == "/base/api/v1/namespaces/n/configmaps/x")
      #expect(request.query("fieldManager") == "me & you=1/é+")
      #expect(request.query("dryRun") == "All")
      #expect(request.headers["content-type"] == "application/apply-patch+yaml")
      #expect(request.headers["user-agent"]?.hasPrefix("agent-operator/9 (linux/") == true)
      #expect(
        request.headers["authorization"] == "Basic \(Base64.encode("jane:pä:ss".utf8))")
      #expect(request.headers["impersonate-user"] == "joe")
      #expect(request.headers.values("impersonate-group") == ["a", "b"])
      #expect(try JSONValue(parsing: request.body) == object.json)
    }
  }

  /// Before any call, where it is one that calls would take.
  @Test func aBrokenProxyOfTheEnvironmentIsToldOf() async {
    await #expect(processExitsWith: .success) {
      setenv("HTTPS_PROXY", "ftp://x:21", 1)
      setenv("NO_PROXY", "exempt.invalid", 1)
      for server in ["http://a.invalid", "https://exempt.invalid", "https://127.0.0.1:6443"] {
        _ = try CurlTransport(configuration: ClientConfiguration(server: server))
      }
      let error = #expect(throws: ConfigurationError.self) {
        try CurlTransport(configuration: ClientConfiguration(server: "https://a.invalid"))
      }
      #expect(error?.problem.contains("HTTPS_PROXY") == true)
    }
  }

  /// Neither the plugin nor those who wait for it.
  @Test func nothingOutlastsAShutdown() async throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/process"
    let script = try directory.write(
      "plugin", "echo $$ > \(path).new; mv \(path).new \(path); exec sleep 20\n")
    let plugin = ExecPlugin(
      apiVersion: "client.authentication.k8s.io/v1", command: "/bin/sh", args: [Secret(script)],
      interactiveMode: .never)
    let transport = try CurlTransport(
      configuration: ClientConfiguration(
        server: "http://127.0.0.1:1", credentials: .exec(plugin)), environment: [:])
    let call = Task { try await transport.send(APIRequest(method: "GET", path: "/x")) }
    var text: String?
    while text == nil {
      try await Task.sleep(for: .milliseconds(5))
      text = (try? FileReader.read(path)).map { String(decoding: $0, as: UTF8.self) }
    }
    let process = try #require(pid_t(text?.dropLast() ?? ""))
    await transport.shutdown()
    #expect(kill(process, 0) == -1 && errno == ESRCH)
    for call in [call, Task { try await transport.send(APIRequest(method: "GET", path: "/x")) }] {
      let error = await #expect(throws: TransportError.self) { try await call.value }
      #expect(error?.code == .cancelled)
    }
  }

  /// runtime-peers: force a re-read once on 401.
  @Test func aRefusedTokenIsReadAgainOnce() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("token", "old")
    let tokens = Mutex<[String]>([])
    try await withServer(credentials: .tokenFile(path)) { request in
      let token = request.headers["authorization"] ?? ""
      tokens.withLock { $0.append(token) }
      return .text("{}", status: token == "Bearer new" ? 200 : 401)
    } body: { transport in
      let request = APIRequest(method: "GET", path: "/x")
      #expect(try await transport.send(request).status == 401)
      #expect(tokens.withLock { $0 } == ["Bearer old"])
      try directory.write("token", "new")
      #expect(try await transport.send(request).status == 200)
      #expect(tokens.withLock { $0 } == ["Bearer old", "Bearer old", "Bearer new"])
      try directory.write("token", "newer")
      #expect(try await transport.stream(request).status == 200)
    }
  }

  @Test func watchesStreamAndEndWhenDropped() async throws {
    let (ended, ending) = AsyncStream<Void>.makeStream()
    try await withServer { request in
      #expect(request.query("watch") == "true")
      return HTTPServerResponse(
        headers: [("content-type", "application/json")],
        body: .stream { writer in
          defer { ending.yield() }
          let line = #"{"type":"ADDED","object":{"metadata":{"name":"é"}}}"# + "\n"
          for byte in line.utf8 { try await writer.write([byte]) }
          // Until the client has gone.
          while true {
            try await writer.write([0x0a])
            try await Task.sleep(for: .milliseconds(5))
          }
        })
    } body: { transport in
      let client = KubernetesClient(transport: transport)
      for try await event in try await client.watch(.configMaps) {
        guard case .added(let object) = event else {
          Issue.record("unexpected \(event)")
          break
        }
        #expect(object.name == "é")
        break
      }
      for await _ in ended { break }
    }
  }

  @Test func cancellingTheReaderEndsTheWatch() async throws {
    let (ended, ending) = AsyncStream<Void>.makeStream()
    let (started, starting) = AsyncStream<Void>.makeStream()
    try await withServer { _ in
      HTTPServerResponse(
        body: .stream { writer in
          defer { ending.yield() }
          starting.yield()
          while true {
            try await writer.write([0x0a])
            try await Task.sleep(for: .milliseconds(5))
          }
        })
    } body: { transport in
      let task = Task {
        for try await _ in try await KubernetesClient(transport: transport).watch(.configMaps) {}
      }
      for await _ in started { break }
      task.cancel()
      _ = await task.result
      for await _ in ended { break }
    }
  }

  @Test func aBrokenWatchIsALostConnection() async throws {
    struct Break: Error {}
    try await withServer { _ in
      HTTPServerResponse(
        body: .stream { writer in
          try await writer.write(Array("{\"type\":\"BOOK".utf8))
          throw Break()
        })
    } body: { transport in
      let error = await #expect(throws: TransportError.self) {
        for try await _ in try await KubernetesClient(transport: transport).watch(.configMaps) {}
      }
      #expect(error?.code == .connectionLost)
    }
  }

  @Test func refusalsOfWatchesAreStatuses() async throws {
    try await withServer { _ in
      .text(
        status(410, "Expired", "too old").serialized(), status: 410, contentType: "application/json"
      )
    } body: { transport in
      let error = await #expect(throws: APIStatus.self) {
        try await KubernetesClient(transport: transport).watch(.configMaps)
      }
      #expect(error?.isExpired == true && error?.message == "too old")
    }
  }

  @Test func aServerThatIsDownIsConnectionRefused() async throws {
    let refused = RefusedPort()
    let port = refused.number
    let transport = try CurlTransport(
      configuration: ClientConfiguration(
        server: "http://127.0.0.1:\(port)", credentials: .token(Secret("hush"))))
    let error = await #expect(throws: TransportError.self) {
      try await transport.send(APIRequest(method: "GET", path: "/x", query: [("a", "b")]))
    }
    #expect(error?.code == .connectionRefused)
    #expect(error?.message.contains("127.0.0.1:\(port)") == true)
    #expect(error?.message.contains("hush") == false)
    await transport.shutdown()
    withExtendedLifetime(refused) {}
  }

  @Test func aMissingTokenFileIsInvalidCredentials() async throws {
    let transport = try CurlTransport(
      configuration: ClientConfiguration(
        server: "http://127.0.0.1:1", credentials: .tokenFile("/no/such/token")))
    let error = await #expect(throws: TransportError.self) {
      try await transport.send(APIRequest(method: "GET", path: "/"))
    }
    #expect(error?.code == .invalidCredentials)
  }

  @Test func certificatesThatCannotBeUsedStopTheStart() throws {
    let directory = try TemporaryDirectory()
    let ca = try directory.write("ca.crt", String(certificatePEM.dropLast(40)))
    #expect(throws: ConfigurationError.self) {
      try CurlTransport(
        configuration: ClientConfiguration(
          server: "https://127.0.0.1:1", certificateAuthority: .file(ca)))
    }
    #expect(throws: ConfigurationError.self) {
      try CurlTransport(
        configuration: ClientConfiguration(
          server: "https://127.0.0.1:1", certificateAuthority: .file("/no/such/ca")))
    }
  }
}
