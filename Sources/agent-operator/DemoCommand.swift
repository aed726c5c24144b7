import ArgumentParser

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "See it work: an embedded cluster and the operator in one process.",
    discussion: """
      Starts a simulated Kubernetes API server on loopback, runs the operator against it, applies
      sample agents, changes one and breaks one by hand, and shows what happens each time. No
      container runs and nothing outside this process is touched.

      EXAMPLES:
        agent-operator demo
        agent-operator demo --keep        stays up; prints the KUBECONFIG line for kubectl
      """)

  @Option(help: "The port of the embedded cluster on 127.0.0.1; 0 picks a free one.")
  var port: Int = 0

  @Flag(help: "Stay up afterwards, until Ctrl-C, for a look around with kubectl.")
  var keep = false

  func validate() throws {
    guard (0...65535).contains(port) else {
      throw ValidationError("--port must be between 0 and 65535, not \(port)")
    }
  }

  func run() async throws { try await Demo(port: port, keepsRunning: keep).run() }
}
