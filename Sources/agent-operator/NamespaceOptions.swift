import AgentOperator
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

  /// The agents of these names, or all of the namespace.
  ///
  /// - Throws: `CommandFailure` when one of these is not there.
  func agents(
    _ names: [String], of previewer: AgentPreviewer, _ namespace: String
  ) throws -> [KubernetesObject] {
    guard previewer.isInstalled else { throw AgentDefinition.missing }
    let agents = previewer.agents
    return names.isEmpty ? agents : try names.map { try find($0, in: agents, namespace) }
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
