import AgentDeploymentAPI
import AgentOperator
import ArgumentParser
import JSON
import KubernetesAPI
import KubernetesClient

struct DriftCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Where the cluster is not as its AgentDeployments say.",
    discussion: """
      Compares as the operator does, which would repair all of it at once: what it shows has been
      changed while no operator ran or the agent was paused, belongs to somebody else, or waits. An
      agent that is refused is an error, and the others are shown all the same.

      EXIT CODES:
        0  no drift
        1  drift
        2  it could not be found out, or the command line is wrong

      EXAMPLES:
        agent-operator drift -n agents
        agent-operator drift -A
        agent-operator drift support -n agents -o json
      """)

  @Argument(help: ArgumentHelp("Agents; all of the namespace by default.", valueName: "name"))
  var names: [String] = []

  @OptionGroup var place: NamespaceOptions

  @Flag(name: [.customShort("A"), .long], help: "Agents of all namespaces.")
  var allNamespaces = false

  @OptionGroup var cluster: ClusterOptions

  @Option(name: [.short, .long], help: "The form of the output: table, json or yaml.")
  var output: ReportForm = .table

  func validate() throws {
    if allNamespaces, !names.isEmpty || place.namespace != nil {
      throw ValidationError("--all-namespaces takes neither names nor --namespace")
    }
  }

  func run() async throws {
    let reports = try await DiffCommand.failingWithTwo { try await self.reports() }
    let isEmpty = reports.findings.isEmpty && reports.refused.isEmpty
    Terminal.write(
      isEmpty && output == .table ? "no agents\n" : PlanReport.text(reports.findings, output),
      newline: false)
    try reports.requireAll()
    if reports.findings.contains(where: { !$0.steps.allSatisfy { $0.action == .skip } }) {
      throw CommandFailure([], exitCode: 1)
    }
  }

  private func reports() async throws -> AgentFindings<PlanReport> {
    let client = try cluster.connect()
    var reports = AgentFindings<PlanReport>()
    for namespace in try await namespaces(client) {
      let previewer = try await AgentPreviewer(client: client, namespace: namespace)
      let agents = try place.agents(names, of: previewer, namespace)
      if agents.isEmpty, !allNamespaces { try await requireNamespace(namespace, client) }
      for agent in agents {
        switch try await previewer.preview(agent) {
        case .success(let preview):
          reports.findings.append(try await PlanReport.of(preview, client))
        case .failure(let errors): reports.refuse(agent.key, errors)
        }
      }
    }
    return reports
  }

  /// A name with a typo in it is no clean namespace. Few people may read namespaces; who may not is
  /// believed.
  private func requireNamespace(_ name: String, _ client: KubernetesClient) async throws {
    do {
      let key = ObjectKey(namespace: nil, name: name)
      guard try await client.getIfPresent(.namespaces, key) == nil else { return }
    } catch let status as APIStatus where status.isForbidden {
      return
    }
    throw CommandFailure("error: there is no namespace \(name)", exitCode: 2)
  }

  private func namespaces(_ client: KubernetesClient) async throws -> [String] {
    guard allNamespaces else { return [try place.resolved(cluster)] }
    let agents = try await AgentDefinition.required {
      try await client.list(
        .agentDeployments, namespace: nil, options: ListOptions(representation: .metadata))
    }
    return Set(agents.items.compactMap(\.namespace)).sorted()
  }
}
