import AgentDeploymentAPI
import AgentOperator
import ArgumentParser
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "What the operator would do with these files in the cluster, and what it restarts.",
    discussion: """
      Runs the operator's own planner against the cluster, without writing: which objects are made,
      changed or deleted, whether there is a new revision, how many pods are replaced, added or
      ended, and what the namespace's ResourceQuotas leave when the agent is at its largest. Agents
      whose spec.paused is true have nothing to do; what waits is shown. One that the cluster's class
      refuses is an error, and the others are shown all the same.

      EXIT CODES:
        0  nothing to do
        1  something to do
        2  it could not be found out, or the command line is wrong

      EXAMPLES:
        agent-operator plan -f agent.yaml
        agent-operator plan -f agents/ -o json
      """)

  @OptionGroup var input: InputOptions

  @OptionGroup var cluster: ClusterOptions

  @Option(name: [.short, .long], help: "The form of the output: table, json or yaml.")
  var output: ReportForm = .table

  func run() async throws {
    let reports = try await DiffCommand.failingWithTwo { try await self.reports() }
    Terminal.write(PlanReport.text(reports.findings, output), newline: false)
    try reports.requireAll()
    if reports.findings.contains(where: \.changes) { throw CommandFailure([], exitCode: 1) }
  }

  private func reports() async throws -> AgentFindings<PlanReport> {
    let manifests = try input.load(
      now: SystemClock().wallTime, place: cluster.configuration().namespace)
    let client = try cluster.connect()
    var reports = AgentFindings<PlanReport>()
    var isInstalled = true
    for (namespace, agents) in manifests.byNamespace {
      let previewer = try await AgentPreviewer(client: client, namespace: namespace)
      isInstalled = isInstalled && previewer.isInstalled
      for agent in agents {
        switch try await previewer.preview(agent.object) {
        case .success(let preview):
          reports.findings.append(try await PlanReport.of(preview, client))
        case .failure(let errors):
          reports.refuse(agent.object.key, errors, in: manifests)
        }
      }
    }
    if !isInstalled { Terminal.writeError(AgentDefinition.missingNote) }
    return reports
  }
}
