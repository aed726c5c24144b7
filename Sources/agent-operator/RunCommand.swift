import AgentOperator
import ArgumentParser
import ControllerRuntime
import CurlHTTP
import Glibc
import HTTPServer
import KubernetesClient
import Logging

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the operator against a cluster.",
    discussion: """
      Which cluster: --kubeconfig, else $KUBECONFIG, else the pod's own, else ~/.kube/config.
      Ends on SIGTERM or SIGINT once the reconciles that are under way are done.

      EXAMPLES:
        agent-operator run
        agent-operator run --kubeconfig ./kubeconfig --namespace agents --log-level debug
        agent-operator run --log-format json --metrics-bind-address :8080
      """)

  @OptionGroup var cluster: ClusterOptions

  @Option(
    name: [.customShort("n"), .long],
    help: "A namespace to serve; repeat it for several. All of them when there is none.")
  var namespace: [String] = []

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
    for (flag, address) in [
      ("--health-probe-bind-address", healthProbeBindAddress),
      ("--metrics-bind-address", metricsBindAddress),
    ] where !ProbeServer.isValid(address) {
      throw ValidationError("\(flag) must be HOST:PORT, :PORT or 0, not '\(address)'")
    }
  }

  func run() async throws {
    let logger = Logger(label: "agent-operator") { label in
      LineLogHandler(label: label, format: logFormat, level: logLevel)
    }
    let metrics = RuntimeMetrics(controller: OperatorIdentity.controllerName)
    let client = try cluster.client(metrics: metrics, logger: logger)
    let agentOperator = AgentOperator(
      client: client,
      configuration: AgentOperator.Configuration(
        namespaces: namespace, concurrency: concurrency, instance: Self.hostname),
      metrics: metrics, logger: logger)

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
      ])
    await untilTerminated { await agentOperator.run() }
    await probes.stop()
    logger.info("stopped")
  }

  private static var hostname: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count) == 0 else { return "agent-operator" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
