import ArgumentParser
import EmbeddedCluster
import Glibc
import HTTPServer

struct ClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "The embedded cluster alone: a simulated Kubernetes API server for kubectl.",
    discussion: """
      Serves the Kubernetes API from memory on 127.0.0.1 until Ctrl-C. Server-side apply, watches,
      custom resources with CEL rules and the built-in controllers behave as in Kubernetes 1.36,
      but no container runs, and everything is forgotten at the end. For trying manifests and
      testing clients and operators; never for production.

      POST /simulation/compact forgets old versions; POST /simulation/faults makes requests fail
      on purpose (README.md has the rules' form), DELETE /simulation/faults ends that.

      With RBAC the token also stands in the server's URL, as kubectl sends none without TLS: for
      another identity, kubectl --server http://127.0.0.1:PORT/as/TOKEN, with what
      kubectl create token NAME has printed.

      EXAMPLES:
        agent-operator cluster
        agent-operator cluster --port 8001 --kubeconfig /tmp/simulated
        agent-operator cluster --authorization-mode RBAC     roles count, as in a real cluster
      """)

  enum AuthorizationMode: String, ExpressibleByArgument, CaseIterable {
    case alwaysAllow = "AlwaysAllow"
    case rbac = "RBAC"
  }

  @Option(help: "The port on 127.0.0.1; 0 picks a free one.")
  var port: Int = 0

  @Option(
    help: ArgumentHelp(
      "Write the kubeconfig to this file, which stays. One that knows other clusters is refused.",
      valueName: "file"), completion: .file())
  var kubeconfig: String?

  @Option(
    help: """
      AlwaysAllow lets everybody do everything. RBAC asks for tokens: the kubeconfig's is an \
      administrator's, others are those of service accounts. The roles of a new cluster are there; \
      admin, edit and view take in nothing that aggregates to them.
      """)
  var authorizationMode = AuthorizationMode.alwaysAllow

  @Flag(
    inversion: .prefixedNo,
    help: "Simulate the built-in controllers: Pods, garbage collection, namespace deletion.")
  var controllers = true

  func validate() throws {
    guard (0...65535).contains(port) else {
      throw ValidationError("--port must be between 0 and 65535, not \(port)")
    }
  }

  func run() async throws {
    if let kubeconfig { try Self.check(kubeconfig) }
    var configuration = EmbeddedClusterConfiguration(simulatesControllers: controllers)
    if authorizationMode == .rbac {
      configuration.authorization = .rbac(administratorToken: Self.newToken())
    }
    let cluster = EmbeddedCluster(configuration: configuration)
    let port: Int
    do {
      port = try await cluster.startHTTP(port: self.port)
    } catch let error as HTTPServerError {
      throw CommandFailure("error: \(error.message)")
    }
    let text = cluster.kubeconfig(port: port)
    var temporary: TemporaryKubeconfig?
    if let kubeconfig {
      try TemporaryKubeconfig.write(text, to: kubeconfig)
    } else {
      temporary = try TemporaryKubeconfig(text, name: "cluster")
    }
    Terminal.write(
      """
      \(Terminal.styled("A simulated cluster", .bold)) listens on http://127.0.0.1:\(port) \
      until Ctrl-C; no containers run.

        export KUBECONFIG=\(kubeconfig ?? temporary?.path ?? "")
      """)
    await untilTerminated { try? await Task.sleep(for: .seconds(365 * 86400)) }
    await cluster.stop()
    temporary?.remove()
  }

  /// A kubeconfig with other clusters may be the only one that somebody has.
  ///
  /// - Throws: `CommandFailure` when writing to the file would lose something.
  private static func check(_ path: String) throws {
    var status = stat()
    // Neither a file that is not there yet nor a device has anything to lose.
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    guard EmbeddedCluster.isOwnKubeconfig(try FileText.read(path)) else {
      throw CommandFailure(
        "error: --kubeconfig \(path): the file holds something else than simulated clusters, and "
          + "would be overwritten: name a file that does not exist", exitCode: 2)
    }
  }

  private static func newToken() -> String {
    (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
  }
}
