import Glibc
import JSON
import KubernetesAPI

/// Credentials that a plugin prints: kept until they expire or the server refuses them; only one run
/// of the plugin at a time, however many calls wait for it. Each leaves when it is cancelled. The run
/// goes on without them, for those to come: a call may have less time than the plugin needs.
actor ExecCredentials: CredentialSource {
  /// So that credentials do not expire on the way.
  static let leeway: Int64 = 10

  private let plugin: ExecPlugin
  private let runPlugin: @Sendable () async throws(ConfigurationError) -> ExecAnswer
  private let wallTime: @Sendable () -> Int64
  private var known: ExecAnswer?
  private typealias Waiter = CheckedContinuation<IssuedCredentials, any Error>
  private var waiters: [Int: Waiter] = [:]
  private var waiterCount = 0
  private var run: Task<Void, Never>?
  private var isShutDown = false

  init(plugin: ExecPlugin, environment: [String: String]) {
    self.init(
      plugin: plugin,
      run: { () async throws(ConfigurationError) in
        try await ExecRunner(plugin: plugin, environment: environment).run()
      }, wallTime: { Int64(time(nil)) })
  }

  init(
    plugin: ExecPlugin, run: @escaping @Sendable () async throws(ConfigurationError) -> ExecAnswer,
    wallTime: @escaping @Sendable () -> Int64
  ) {
    self.plugin = plugin
    runPlugin = run
    self.wallTime = wallTime
  }

  deinit { run?.cancel() }

  func current() async throws -> IssuedCredentials {
    if let known, known.expiresAt.map({ wallTime() + Self.leeway < $0 }) ?? true {
      return known.credentials
    }
    return try await refresh()
  }

  func renew(after refused: IssuedCredentials) async throws -> IssuedCredentials? {
    if let known, known.credentials != refused { return known.credentials }
    let renewed = try await refresh()
    return renewed == refused ? nil : renewed
  }

  private func refresh() async throws -> IssuedCredentials {
    waiterCount += 1
    let number = waiterCount
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (waiter: Waiter) in
        guard !Task.isCancelled, !isShutDown else {
          return waiter.resume(throwing: Self.cancelled)
        }
        waiters[number] = waiter
        if run == nil { start() }
      }
    } onCancel: {
      Task { await self.leave(number) }
    }
  }

  private static let cancelled = TransportError(
    .cancelled, "the call was cancelled while it waited for the credential plugin")

  private func start() {
    // Why unstructured: a caller that is cancelled must not end it for the others. Why weak: who drops
    // the credentials ends the run.
    run = Task { [weak self, runPlugin] in
      let result: Result<ExecAnswer, ConfigurationError>
      do throws(ConfigurationError) {
        result = .success(try await runPlugin())
      } catch {
        result = .failure(error)
      }
      await self?.finish(result)
    }
  }

  private func finish(_ result: Result<ExecAnswer, ConfigurationError>) {
    run = nil
    known = try? result.get()
    let outcome = result.map(\.credentials).mapError {
      TransportError(.invalidCredentials, "\($0)")
    }
    for waiter in waiters.values { waiter.resume(with: outcome) }
    waiters = [:]
  }

  private func leave(_ number: Int) {
    waiters.removeValue(forKey: number)?.resume(throwing: Self.cancelled)
  }

  func shutdown() async {
    isShutDown = true
    for waiter in waiters.values { waiter.resume(throwing: Self.cancelled) }
    waiters = [:]
    run?.cancel()
    await run?.value
  }
}

/// What a plugin answered.
struct ExecAnswer: Sendable, Hashable {
  var credentials: IssuedCredentials
  /// Unix seconds; nil means until the server refuses them.
  var expiresAt: Int64?

  init(credentials: IssuedCredentials, expiresAt: Int64?) {
    self.credentials = credentials
    self.expiresAt = expiresAt
  }

  /// Reads an ExecCredential.
  init(parsing output: [UInt8], plugin: ExecPlugin) throws(ConfigurationError) {
    func error(_ problem: String) -> ConfigurationError {
      ConfigurationError(problem: "the credential plugin \(plugin.command) \(problem)")
    }
    guard let json = try? JSONValue(parsing: output) else {
      throw error("printed something that is not JSON")
    }
    guard json["kind"]?.string == "ExecCredential" else {
      throw error("printed JSON that is no ExecCredential")
    }
    guard json["apiVersion"]?.string == plugin.apiVersion else {
      throw error(
        "answered with apiVersion \(json["apiVersion"]?.string ?? "(none)"), "
          + "but the kubeconfig says \(plugin.apiVersion)")
    }
    let status = json["status"]
    credentials = IssuedCredentials()
    if let token = status?["token"]?.string, !token.isEmpty {
      guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
        throw error("printed a token with spaces, line breaks or non-ASCII characters")
      }
      credentials = .bearer(token)
    }
    let certificate = status?["clientCertificateData"]?.string ?? ""
    let key = status?["clientKeyData"]?.string ?? ""
    guard certificate.isEmpty == key.isEmpty else {
      throw error("printed a client certificate or a key without the other")
    }
    if !certificate.isEmpty {
      if let problem = PEM.problem(in: Array(certificate.utf8), expecting: .certificate) {
        throw error("printed clientCertificateData that \(problem)")
      }
      if let problem = PEM.problem(in: Array(key.utf8), expecting: .privateKey) {
        throw error("printed clientKeyData that \(problem)")
      }
      credentials.clientCertificate = IssuedCertificate(
        certificate: Secret(certificate), key: Secret(key))
    }
    guard credentials != .none else { throw error("printed no token and no certificate") }
    if let text = status?["expirationTimestamp"]?.string {
      guard let time = KubernetesTime(text) else {
        throw error("printed an expirationTimestamp that is no RFC 3339 time")
      }
      expiresAt = time.unixSeconds
    }
  }
}
