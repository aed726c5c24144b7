import ArgumentParser
import KubernetesAPI
import KubernetesClient

/// `-n`, for the commands that look at one namespace of a cluster.
struct NamespaceOptions: ParsableArguments {
  @Option(
    name: [.customShort("n"), .long],
    help: "The namespace; that of the kubeconfig's context by default.")
  var namespace: String?

  func validate() throws {
    if let namespace, let problem = NameFormat.dns1123Label.problem(in: namespace) {
      throw ValidationError("--namespace '\(namespace)': \(problem)")
    }
  }

  func resolved(_ cluster: ClusterOptions) throws -> String {
    try namespace ?? cluster.configuration().namespace ?? "default"
  }

  /// - Throws: an error that names those that there are.
  func find(
    _ name: String, in agents: [KubernetesObject], _ namespace: String
  ) throws -> KubernetesObject {
    if let agent = agents.first(where: { $0.name == name }) { return agent }
    let others = agents.map(\.name).joined(separator: ", ")
    throw CommandFailure(
      "error: no AgentDeployment \(name) in namespace \(namespace)"
        + (others.isEmpty ? ", which has none" : "; there is \(others)"), exitCode: 2)
  }
}
