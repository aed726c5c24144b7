import HTTPServer
public import KubernetesClient
import Synchronization

/// How an embedded cluster behaves.
public struct EmbeddedClusterConfiguration: Sendable {
  public var clock: ClusterClock
  /// Uids and generated names follow from it: the same seed and requests give the same cluster.
  public var seed: UInt64
  /// Changes a resource remembers, for watches and for lists at past versions.
  public var historyLimit: Int
  /// Whether built-in controllers are simulated: Deployments get Pods that become ready, garbage is
  /// collected, deleted namespaces empty themselves.
  public var simulatesControllers: Bool
  public var authorization: EmbeddedClusterAuthorization
  /// Between bookmarks of a watch that has nothing else to tell; a minute, as the real server has it,
  /// unless what is tested spans many hours.
  public var bookmarkInterval: Duration

  public init(
    clock: ClusterClock = .system, seed: UInt64 = 1, historyLimit: Int = 10_000,
    simulatesControllers: Bool = true, authorization: EmbeddedClusterAuthorization = .alwaysAllow,
    bookmarkInterval: Duration = .seconds(60)
  ) {
    self.clock = clock
    self.seed = seed
    self.historyLimit = historyLimit
    self.simulatesControllers = simulatesControllers
    self.authorization = authorization
    self.bookmarkInterval = bookmarkInterval
  }

  var bookmarkMicroseconds: Int64 { Int64(bookmarkInterval / .microseconds(1)) }
}

/// A Kubernetes API server in memory, for tests and demonstrations: no containers run.
///
/// Clients in the process use `transport`; others, kubectl among them, come over HTTP on loopback.
/// Unless configured otherwise everybody may do everything: it must not listen where strangers can
/// reach it.
public final class EmbeddedCluster: Sendable {
  let server: APIServer
  let gateway: Gateway
  let configuration: EmbeddedClusterConfiguration
  private let running = Mutex<Running>(Running())

  private struct Running {
    var http: HTTPServer?
    var controllers: Task<Void, Never>?
  }

  public init(configuration: EmbeddedClusterConfiguration = EmbeddedClusterConfiguration()) {
    self.configuration = configuration
    server = APIServer(
      clock: configuration.clock, seed: configuration.seed,
      historyLimit: configuration.historyLimit, evaluator: CELEvaluator(),
      authorization: configuration.authorization,
      bookmarkInterval: configuration.bookmarkMicroseconds)
    gateway = Gateway(server)
    SeedObjects.install(in: server)
    if configuration.simulatesControllers { startControllers() }
  }

  /// A cluster that begins with everything the other one has now; neither sees the other's changes.
  ///
  /// - Parameter configuration: `seed` and `historyLimit` are the other's.
  public init(copyOf other: EmbeddedCluster, configuration: EmbeddedClusterConfiguration) {
    self.configuration = configuration
    server = APIServer(
      copyOf: other.server, clock: configuration.clock,
      authorization: configuration.authorization,
      bookmarkInterval: configuration.bookmarkMicroseconds)
    gateway = Gateway(server)
    if configuration.simulatesControllers { startControllers() }
  }

  deinit { running.withLock { $0.controllers?.cancel() } }

  /// The way to this cluster from within the process.
  public var transport: any APITransport { InProcessTransport(gateway) }

  /// Serves HTTP and returns the port.
  ///
  /// - Parameter port: 0 for one that is free.
  /// - Throws: when the port cannot be listened on, or the cluster is served already.
  public func startHTTP(host: String = "127.0.0.1", port: Int = 0) async throws -> Int {
    let http = HTTPFrontEnd.server(for: gateway, host: host, port: port)
    let port = try await http.start()
    let previous = running.withLock { running in
      defer { running.http = http }
      return running.http
    }
    await previous?.stop(grace: .zero)
    return port
  }

  /// A kubeconfig (YAML) whose current context is this cluster over HTTP.
  public func kubeconfig(host: String = "127.0.0.1", port: Int) -> String {
    Kubeconfig.text(host: host, port: port, authorization: configuration.authorization)
  }

  /// Whether a kubeconfig may be replaced without losing anything: it is empty, or knows nothing but
  /// embedded clusters.
  public static func isOwnKubeconfig(_ text: String) -> Bool { Kubeconfig.isOnlyEmbedded(text) }

  /// Ends the HTTP server with its watches, and the simulated controllers.
  public func stop() async {
    let (http, controllers) = running.withLock { running in
      defer { running = Running() }
      return (running.http, running.controllers)
    }
    controllers?.cancel()
    await http?.stop(grace: .milliseconds(200))
  }

  /// Forgets all versions but the newest, as a compaction of etcd does: watches and paged lists
  /// that stand at older ones expire.
  public func compact() { server.store.compact() }

  // MARK: Faults on demand

  /// What goes wrong with the requests of clients, in the process and over HTTP; setting it thaws
  /// frozen watches. The simulated controllers are not concerned.
  public var faults: FaultPlan {
    get { gateway.plan }
    set { gateway.plan = newValue }
  }

  /// Breaks all connections; requests fail until `recover`: in the process with
  /// `.connectionRefused`, over HTTP by a connection that is closed without an answer.
  ///
  /// - Parameter losingData: the cluster comes back as new: without what was created, and with
  ///   resource versions that begin again.
  public func crash(losingData: Bool = false) { gateway.crash(losingData ? .lost : .kept) }

  /// All there is, versions and definitions included; for `crash(restoring:)`.
  public struct Backup: Sendable {
    fileprivate var server: APIServer.Backup
  }

  public func backUp() -> Backup { Backup(server: server.backUp()) }

  /// A `crash` after which the cluster is what it was then, as when etcd is restored from a snapshot:
  /// versions begin again where they were, and nobody is told what was undone.
  public func crash(restoring backup: Backup) { gateway.crash(.restored(backup.server)) }

  /// The server answers again after a `crash`.
  public func recover() { gateway.recover() }

  private func startControllers() {
    let controllers = SimulatedControllers(access: ClusterAccess(server))
    running.withLock { $0.controllers = Task { await controllers.run() } }
  }
}
