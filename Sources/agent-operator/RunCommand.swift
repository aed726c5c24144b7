import AgentOperator
import ArgumentParser
import ControllerRuntime
import CurlHTTP
import Glibc
import HTTPServer
import KubernetesAPI
import KubernetesClient
import Logging

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the operator against a cluster.",
    discussion: """
      Which cluster: --kubeconfig, else $KUBECONFIG, else the pod's own, else ~/.kube/config.
      Ends on SIGTERM or SIGINT once the reconciles that are under way are done, within 30 s; a second
      signal ends it at once.

      EXIT CODES:
        0    told to end, and done
        1    it cannot work, it lost the lease, or it did not end in time
        2    the command line is wrong
        130  ended by a second signal

      EXAMPLES:
        agent-operator run
        agent-operator run --kubeconfig ./kubeconfig --namespace agents --log-level debug
        agent-operator run --log-format json --metrics-bind-address :8080
        agent-operator run --selector shard=a --leader-elect --leader-election-namespace ops
      """)

  @OptionGroup var cluster: ClusterOptions

  @OptionGroup(title: "Leader election") var leadership: LeaderElectionOptions

  @Option(
    name: [.customShort("n"), .long],
    help: "A namespace to serve; repeat it for several. All of them when there is none.")
  var namespace: [String] = []

  @Option(
    name: [.customShort("l"), .long],
    help: ArgumentHelp(
      "Serve only AgentDeployments with these labels, as in kubectl -l; all when it is left out.",
      valueName: "key=value"))
  var selector: LabelSelector = LabelSelector()

  @Option(help: "How many AgentDeployments are reconciled at the same time.")
  var concurrency: Int = 8

  @Option(help: "Where /healthz and /readyz are served; 0 turns them off.")
  var healthProbeBindAddress: String = ":8081"

  @Option(help: "Where /metrics is served; 0 turns it off.")
  var metricsBindAddress: String = ":8080"

  @Option(help: "text or json.")
  var logFormat: LogFormat = .text

  @Option(help: "trace, debug, info, notice, warning, error or critical.")
  var logLevel: Logger.Level = .info

  func validate() throws {
    guard (1...1000).contains(concurrency) else {
      throw ValidationError("--concurrency must be between 1 and 1000, not \(concurrency)")
    }
    for name in namespace {
      if let problem = NameFormat.dns1123Label.problem(in: name) {
        throw ValidationError("--namespace '\(name)' is no namespace: it \(problem)")
      }
    }
    for (flag, address) in [
      ("--health-probe-bind-address", healthProbeBindAddress),
      ("--metrics-bind-address", metricsBindAddress),
    ] where !ProbeServer.isValid(address) {
      throw ValidationError("\(flag) must be HOST:PORT, :PORT or 0, not '\(address)'")
    }
  }

  func run() async throws {
    Allocator.keepSmall()
    let logger = Logger(label: "agent-operator") { label in
      LineLogHandler(label: label, format: logFormat, level: logLevel)
    }
    let metrics = RuntimeMetrics(controller: OperatorIdentity.controllerName)
    metrics.observeProcess()
    let cluster = try cluster.load(logger: logger)
    let transport = try CurlTransport.open(cluster)
    let client = KubernetesClient.connect(
      over: transport, host: cluster.serverHost, metrics: metrics, logger: logger)
    let election = try leadership.election(
      in: cluster, shard: shard, identity: "\(Self.hostname)_\(Self.uuid())"
    ) { try KubernetesClient.connect(cluster, metrics: metrics, logger: logger) }
    let agentOperator = AgentOperator(
      client: client,
      configuration: AgentOperator.Configuration(
        namespaces: namespace, selector: selector, concurrency: concurrency,
        instance: Self.hostname, leaderElection: election, onReady: { ResidentCode.drop() }),
      clock: TransportClock(transport), metrics: metrics, logger: logger)

    let probes: ProbeServer
    do {
      probes = try await ProbeServer.start(
        health: ProbeServer.Address(healthProbeBindAddress),
        metrics: ProbeServer.Address(metricsBindAddress), agentOperator: agentOperator)
    } catch let error as HTTPServerError {
      throw CommandFailure("error: \(error.message)")
    }
    logger.info(
      "starting",
      metadata: [
        "version": .string(Version.current),
        "namespaces": .string(namespace.isEmpty ? "all" : namespace.joined(separator: ",")),
        "selector": .string(selector.isEmpty ? "all" : selector.description),
        "lease": .string(election.map { $0.lease.description } ?? "none"),
      ])
    ResidentCode.drop()
    // On the thread that talks to the server: nearly all work follows an answer or a watch's event,
    // and leads to the next request.
    await untilTerminated(on: transport.taskExecutor) {
      await withTaskGroup { group in
        group.addTask { await Self.keepSmall(agentOperator, TransportClock(transport)) }
        await agentOperator.run()
        group.cancelAll()
      }
      // At once: what may still be under way must not mix with the next leader's writes.
      if agentOperator.hasLostLease { CommandLineEntry.exitNow(1) }
      await probes.stop()
    }
    logger.info("stopped")
  }

  /// This operator's part of the cluster; empty when it is all of it.
  private var shard: String {
    let parts = Set(namespace).sorted() + (selector.isEmpty ? [] : ["?\(selector)"])
    return parts.joined(separator: ",")
  }

  /// Random, as in RFC 9562.
  private static func uuid() -> String {
    var generator = SystemRandomNumberGenerator()
    let (a, b) = (generator.next() as UInt64, generator.next() as UInt64)
    let high = (a & ~0xf000) | 0x4000
    let low = (b & ~(0xc000 << 48)) | (0x8000 << 48)
    let hex = [high, low].map { value in
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
    var text = ""
    for (i, digit) in hex.enumerated() {
      if [8, 12, 16, 20].contains(i) { text += "-" }
      text.append(digit)
    }
    return text
  }

  /// After the first work, and after bursts of work, once nothing is left to do.
  private static func keepSmall(_ agentOperator: AgentOperator, _ clock: TransportClock) async {
    var pause = Duration.seconds(5)
    while (try? await clock.sleep(for: pause)) != nil {
      guard agentOperator.isSettled else { continue }
      ResidentCode.drop()
      pause = .seconds(600)
    }
  }

  private static var hostname: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count) == 0 else { return "agent-operator" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
