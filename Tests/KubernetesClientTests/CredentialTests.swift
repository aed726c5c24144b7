import Foundation
import Glibc
import JSON
import Synchronization
import Testing

@testable import KubernetesClient

final class ManualTime: Sendable {
  private let state = Mutex(Duration.zero)
  var now: Duration { state.withLock { $0 } }
  func advance(_ duration: Duration) { state.withLock { $0 += duration } }
}

@Suite struct TokenFileCredentialsTests {
  let directory: TemporaryDirectory
  let time = ManualTime()

  init() throws { directory = try TemporaryDirectory() }

  func credentials() -> TokenFileCredentials {
    TokenFileCredentials(path: "\(directory.path)/token", now: { [time] in time.now })
  }

  @Test func readsAgainAfterAMinute() async throws {
    try directory.write("token", "one\n")
    let credentials = credentials()
    #expect(try await credentials.current() == .bearer("one"))
    try directory.write("token", "two")
    time.advance(.seconds(59))
    #expect(try await credentials.current() == .bearer("one"))
    time.advance(.seconds(1))
    #expect(try await credentials.current() == .bearer("two"))
  }

  @Test func keepsTheLastGoodTokenWhileTheFileIsBad() async throws {
    try directory.write("token", "one")
    let credentials = credentials()
    #expect(try await credentials.current() == .bearer("one"))
    directory.remove("token")
    time.advance(.seconds(61))
    #expect(try await credentials.current() == .bearer("one"))
    try directory.write("token", "\n")
    time.advance(.seconds(10))
    #expect(try await credentials.current() == .bearer("one"))
    try directory.write("token", "three")
    time.advance(.seconds(10))
    #expect(try await credentials.current() == .bearer("three"))
  }

  @Test func aRefusalReadsAtOnce() async throws {
    try directory.write("token", "one")
    let credentials = credentials()
    let refused = try await credentials.current()
    #expect(try await credentials.renew(after: refused) == nil)
    try directory.write("token", "two")
    #expect(try await credentials.renew(after: refused) == .bearer("two"))
    #expect(try await credentials.current() == .bearer("two"))
  }

  @Test func noTokenAtAllIsAnError() async throws {
    let error = await #expect(throws: TransportError.self) { try await credentials().current() }
    #expect(error?.code == .invalidCredentials)
    #expect(error?.message.contains("does not exist") == true)
  }
}

@Suite struct ExecCredentialsTests {
  static let plugin = ExecPlugin(
    apiVersion: "client.authentication.k8s.io/v1", command: "login", interactiveMode: .never)

  static func answer(_ status: JSONValue, apiVersion: String = plugin.apiVersion) throws
    -> ExecAnswer
  {
    let json: JSONValue = [
      "kind": "ExecCredential", "apiVersion": .string(apiVersion), "status": status,
    ]
    return try ExecAnswer(parsing: json.serializedBytes(), plugin: plugin)
  }

  @Test func readsTokensCertificatesAndExpiry() throws {
    let answer = try Self.answer([
      "token": "t", "expirationTimestamp": "1970-01-01T00:01:00Z",
      "clientCertificateData": .string(certificatePEM), "clientKeyData": .string(keyPEM),
    ])
    #expect(answer.credentials.authorization?.text == "Bearer t")
    #expect(answer.credentials.clientCertificate?.certificate.text == certificatePEM)
    #expect(answer.expiresAt == 60)
  }

  @Test(
    arguments: [
      (["status": nil], "no token"), (["token": "a\nb"], "line breaks"),
      (["clientCertificateData": "x"], "without the other"),
      (["clientCertificateData": "x", "clientKeyData": "y"], "does not hold a certificate"),
      (["token": "t", "expirationTimestamp": "tomorrow"], "RFC 3339"),
    ] as [(JSONValue, String)])
  func badAnswers(status: JSONValue, expected: String) {
    let error = #expect(throws: ConfigurationError.self) { try Self.answer(status) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func answersOfAnotherKindOrVersion() throws {
    for text in ["", "hush", "{}", #"{"kind":"ExecCredential","apiVersion":"v9"}"#] {
      let error = #expect(throws: ConfigurationError.self) {
        try ExecAnswer(parsing: Array(text.utf8), plugin: Self.plugin)
      }
      #expect(error?.description.contains("hush") == false)
    }
  }

  @Test func oneRunServesAllAndLastsUntilExpiry() async throws {
    let runs = Mutex(0)
    let time = Mutex<Int64>(0)
    let (gate, opened) = AsyncStream<Void>.makeStream()
    let credentials = ExecCredentials(
      plugin: Self.plugin,
      run: { () async throws(ConfigurationError) in
        let run = runs.withLock {
          $0 += 1
          return $0
        }
        if run == 1 { for await _ in gate { break } }
        do {
          return try Self.answer([
            "token": .string("t\(run)"), "expirationTimestamp": "1970-01-01T00:01:40Z",
          ])
        } catch {
          throw ConfigurationError(problem: "\(error)")
        }
      }, wallTime: { time.withLock { $0 } })
    try await withThrowingTaskGroup(of: IssuedCredentials.self) { group in
      for _ in 0..<10 { group.addTask { try await credentials.current() } }
      opened.yield()
      for try await issued in group { #expect(issued == .bearer("t1")) }
    }
    #expect(runs.withLock { $0 } == 1)
    time.withLock { $0 = 89 }
    #expect(try await credentials.current() == .bearer("t1"))
    time.withLock { $0 = 90 }
    #expect(try await credentials.current() == .bearer("t2"))
    // A refusal of what is no longer in use needs no new run.
    #expect(try await credentials.renew(after: .bearer("t1")) == .bearer("t2"))
    #expect(runs.withLock { $0 } == 2)
    #expect(try await credentials.renew(after: .bearer("t2")) == .bearer("t3"))
  }

  /// A leader election gives each of its calls a few seconds: less than a plugin may need.
  @Test func aRunOutlastsThoseWhoWaitedForIt() async throws {
    let runs = Mutex(0)
    let (gate, opened) = AsyncStream<Void>.makeStream()
    let credentials = ExecCredentials(
      plugin: Self.plugin,
      run: { () async throws(ConfigurationError) in
        runs.withLock { $0 += 1 }
        for await _ in gate { break }
        if Task.isCancelled { throw ConfigurationError(problem: "ended") }
        return ExecAnswer.testing("t")
      }, wallTime: { 0 })
    let callers = (0..<3).map { _ in Task { try await credentials.current() } }
    while runs.withLock({ $0 }) == 0 { await Task.yield() }
    for caller in callers {
      caller.cancel()
      let error = await #expect(throws: TransportError.self) { try await caller.value }
      #expect(error?.code == .cancelled)
    }
    let last = Task { try await credentials.current() }
    opened.yield()
    #expect(try await last.value == .bearer("t"))
    // Whoever is cancelled already starts none.
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await credentials.renew(after: .bearer("t"))
    }
    await #expect(throws: TransportError.self) { try await cancelled.value }
    #expect(runs.withLock { $0 } == 1)
  }

  @Test func aRunEndsWithItsOwner() async throws {
    let (ends, ended) = AsyncStream<Void>.makeStream()
    var credentials: ExecCredentials? = ExecCredentials(
      plugin: Self.plugin,
      run: { () async throws(ConfigurationError) in
        ended.yield()
        while !Task.isCancelled { await Task.yield() }
        ended.finish()
        throw ConfigurationError(problem: "ended")
      }, wallTime: { 0 })
    let caller = Task { [credentials] in try await credentials?.current() }
    var progress = ends.makeAsyncIterator()
    await progress.next()
    credentials = nil
    caller.cancel()
    await #expect(throws: TransportError.self) { try await caller.value }
    #expect(await progress.next() == nil)
  }

  @Test func aFailureIsNotKept() async throws {
    let runs = Mutex(0)
    let credentials = ExecCredentials(
      plugin: Self.plugin,
      run: { () async throws(ConfigurationError) in
        let run = runs.withLock {
          $0 += 1
          return $0
        }
        if run == 1 { throw ConfigurationError(problem: "broken") }
        return ExecAnswer.testing("t")
      }, wallTime: { 0 })
    let error = await #expect(throws: TransportError.self) { try await credentials.current() }
    #expect(error?.code == .invalidCredentials && error?.message == "broken")
    #expect(try await credentials.current() == .bearer("t"))
  }
}

extension ExecAnswer {
  static func testing(_ token: String) -> ExecAnswer {
    ExecAnswer(credentials: .bearer(token), expiresAt: nil)
  }
}

@Suite struct CertificateRenewalTests {
  /// A trial takes milliseconds, of which each request would wait for its own.
  @Test func whatIsRefusedIsTriedOnceAMinute() throws {
    let time = ManualTime()
    let tried = Mutex<[IssuedCertificate?]>([])
    let configuration = ClientConfiguration(server: "https://h")
    let renewal = CertificateRenewal(
      configuration, try TLSMaterial(configuration, issued: nil), now: { time.now }
    ) { material in
      tried.withLock { $0.append(material.certificate) }
      if material.certificate?.key.text == "other" { throw ConfigurationError(problem: "no pair") }
    }
    let mismatched = IssuedCertificate(certificate: Secret("c"), key: Secret("other"))
    let pair = IssuedCertificate(certificate: Secret("c"), key: Secret("own"))
    for _ in 0..<10 { renewal.renew(mismatched) }
    #expect(tried.withLock { $0 } == [mismatched])
    time.advance(.seconds(60))
    for _ in 0..<10 { renewal.renew(mismatched) }
    #expect(tried.withLock { $0 } == [mismatched, mismatched])
    for _ in 0..<10 { renewal.renew(pair) }
    #expect(tried.withLock { $0 } == [mismatched, mismatched, pair])
  }
}

/// Real processes.
@Suite struct ExecRunnerTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  func run(
    _ script: String, cluster: JSONValue? = nil, timeout: Duration = .seconds(60)
  ) async throws -> ExecAnswer {
    // Run by the shell: executing a file that was just written fails while any process has it open.
    let script = try directory.write("plugin", "\(script)\n")
    let plugin = ExecPlugin(
      apiVersion: "client.authentication.k8s.io/v1", command: "/bin/sh",
      args: [Secret(script), Secret("one two"), Secret("$HOME")],
      environment: [ExecPlugin.Variable(name: "OWN", value: Secret("o"))],
      interactiveMode: .never, cluster: cluster.map { Secret($0.serialized()) })
    return try await ExecRunner(
      plugin: plugin, environment: ["PATH": "/bin:/usr/bin", "INHERITED": "i"], timeout: timeout
    ).run()
  }

  @Test func passesArgumentsEnvironmentAndInfo() async throws {
    let answer = try await run(
      """
      echo "$KUBERNETES_EXEC_INFO" > "$0.info"
      echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",'
      echo '"status":{"token":"'"$OWN-$INHERITED-$#-${#2}"'"}}'
      """, cluster: ["server": "https://h"])
    #expect(answer.credentials == .bearer("o-i-2-5"))
    let info = try JSONValue(parsing: FileReader.read("\(directory.path)/plugin.info"))
    #expect(
      info == [
        "kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
        "spec": ["interactive": false, "cluster": ["server": "https://h"]],
      ])
  }

  @Test(arguments: [
    ("exit 3", "exit code 3"), ("kill -9 $$", "signal 9"), ("echo hello", "not JSON"),
    ("cat /dev/zero 2>&-", "more than 1 MiB"),
    // Blocked or ignored, these would be as if nothing had come.
    ("kill -INT $$; sleep 1", "signal 2"), ("kill -TERM $$; sleep 1", "signal 15"),
    ("kill -PIPE $$; sleep 1", "signal 13"),
  ])
  func failures(script: String, expected: String) async throws {
    let error = await #expect(throws: ConfigurationError.self) { try await run(script) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func aPluginThatHangsIsEnded() async throws {
    let error = await #expect(throws: ConfigurationError.self) {
      try await run("exec sleep 100", timeout: .zero)
    }
    #expect(error?.description.contains("did not end") == true)
  }

  /// Nothing more can come, but it has not ended.
  @Test func aPluginThatHangsWithoutItsOutputIsEnded() async throws {
    let error = await #expect(throws: ConfigurationError.self) {
      try await run("exec >&-; exec sleep 100", timeout: .milliseconds(300))
    }
    #expect(error?.description.contains("did not end") == true)
  }

  @Test(arguments: ["", "exec >&-;"])
  func aPluginThatIsGivenUpIsEnded(before: String) async throws {
    let path = "\(directory.path)/process"
    let script = "echo $$ > \(path).new; mv \(path).new \(path); \(before) exec sleep 100"
    let task = Task { try await run(script) }
    var text: String?
    while text == nil {
      try await Task.sleep(for: .milliseconds(5))
      text = (try? FileReader.read(path)).map { String(decoding: $0, as: UTF8.self) }
    }
    let process = try #require(pid_t(text?.dropLast() ?? ""))
    #expect(kill(process, 0) == 0)
    task.cancel()
    let error = await #expect(throws: ConfigurationError.self) { try await task.value }
    #expect(error?.description.contains("nobody waits") == true)
    #expect(kill(process, 0) == -1 && errno == ESRCH)
  }

  /// However it comes to its end.
  @Test func aPluginEndsWithTheProgram() async throws {
    let result = await #expect(
      processExitsWith: .exitCode(7), observing: [\.standardOutputContent]
    ) {
      let tests = try ExecRunnerTests()
      let path = "\(tests.directory.path)/state"
      let script = """
        echo runs > \(path).new; mv \(path).new \(path)
        while grep -q "^PPid:.$PPID$" /proc/$$/status; do sleep 0.02; done
        echo survived > \(path)
        """
      _ = Task { try await tests.run(script) }
      while (try? FileReader.read(path)) == nil { try await Task.sleep(for: .milliseconds(5)) }
      print("state \(path)")
      fflush(nil)
      exit(7)
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("state ") })
    let path = String(line.dropFirst("state ".count))
    #expect(try FileReader.read(path) == Array("runs\n".utf8))
    try FileManager.default.removeItem(atPath: String(path.dropLast("/state".count)))
  }

  /// The kernel then tells nobody how they ended.
  @Test func aProgramThatIgnoresTheEndsOfChildrenTakesNoneForASuccess() async {
    await #expect(processExitsWith: .success) {
      signal(SIGCHLD, SIG_IGN)
      let tests = try ExecRunnerTests()
      let error = await #expect(throws: ConfigurationError.self) { try await tests.run("exit 3") }
      #expect(error?.problem.contains("SIGCHLD") == true, "\(error?.description ?? "")")
    }
  }

  @Test func aMissingPluginShowsItsHint() async throws {
    let plugin = ExecPlugin(
      apiVersion: "client.authentication.k8s.io/v1", command: "no-such-credential-plugin",
      installHint: "get it from example.test")
    let error = await #expect(throws: ConfigurationError.self) {
      try await ExecRunner(plugin: plugin, environment: [:]).run()
    }
    #expect(
      error?.description
        == "the credential plugin no-such-credential-plugin is not installed; get it from example.test"
    )
  }

  @Test func aTerminalCannotBeDemandedWithoutOne() async throws {
    let plugin = ExecPlugin(
      apiVersion: "client.authentication.k8s.io/v1", command: "true", interactiveMode: .always)
    await #expect(throws: ConfigurationError.self) {
      try await ExecRunner(plugin: plugin, environment: [:]).run()
    }
  }
}
