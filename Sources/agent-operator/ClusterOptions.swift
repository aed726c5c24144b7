import ArgumentParser
import ControllerRuntime
import Glibc
import KubernetesClient
import Logging

/// Which cluster, for the commands that talk to one.
struct ClusterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A kubeconfig file.", valueName: "file"), completion: .file())
  var kubeconfig: String?

  @Option(
    help: ArgumentHelp(
      "The context of the kubeconfig; its current one by default.", valueName: "name"))
  var context: String?

  func load(logger: Logger) throws -> ClientConfiguration {
    let configuration = try configuration()
    logger.info("cluster", metadata: ["server": .string(configuration.description)])
    return configuration
  }

  func configuration() throws -> ClientConfiguration {
    let sources = ConfigurationSources(
      kubeconfig: kubeconfig, context: context, environment: ProcessEnvironment.all)
    do {
      return try sources.load()
    } catch {
      throw CommandFailure("error: \(error)")
    }
  }

  /// A client for one command, which says nothing by itself.
  func connect() throws -> KubernetesClient {
    let configuration = try configuration()
    do {
      return try KubernetesClient.connect(configuration)
    } catch {
      throw CommandFailure("error: \(error)")
    }
  }
}

extension KubernetesClient {
  /// A client with connections of its own, whose requests are counted.
  static func connect(
    _ configuration: ClientConfiguration, metrics: RuntimeMetrics, logger: Logger
  ) throws -> KubernetesClient {
    connect(
      over: try CurlTransport.open(configuration), host: configuration.serverHost,
      metrics: metrics, logger: logger)
  }

  /// - Parameter host: the server's, for the metrics.
  static func connect(
    over transport: CurlTransport, host: String, metrics: RuntimeMetrics, logger: Logger
  ) -> KubernetesClient {
    KubernetesClient(
      transport: transport, version: Version.current,
      observer: { request in
        metrics.requested(
          method: request.method, status: request.status.map(String.init) ?? "<error>", host: host)
        for warning in request.warnings {
          logger.warning("the API server warns", metadata: ["warning": .string(warning)])
        }
      })
  }

  static func connect(_ configuration: ClientConfiguration) throws -> KubernetesClient {
    KubernetesClient(
      transport: try CurlTransport(
        configuration: configuration, version: Version.current,
        environment: ProcessEnvironment.all),
      version: Version.current)
  }
}

extension CurlTransport {
  static func open(_ configuration: ClientConfiguration) throws -> CurlTransport {
    do {
      return try CurlTransport(
        configuration: configuration, version: Version.current,
        environment: ProcessEnvironment.all)
    } catch {
      throw CommandFailure("error: \(error)")
    }
  }
}

/// The process' environment, read once at the edge.
enum ProcessEnvironment {
  static let all: [String: String] = {
    var all: [String: String] = [:]
    var entry = environ
    while let variable = entry.pointee {
      let text = String(cString: variable)
      if let equals = text.firstIndex(of: "=") {
        all[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      entry = entry.advanced(by: 1)
    }
    return all
  }()
}
