import AgentDeploymentAPI
import ArgumentParser
import ControllerRuntime
import JSON
import ManifestRendering

struct ReachCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reach",
    abstract: "What somebody who has taken over an agent's pod could touch.",
    discussion: """
      By what is rendered for it and for the agents beside it in the input. Policies that others have \
      made are not known here.

      EXAMPLES:
        agent-operator reach support -f agents/
        agent-operator reach agents-prod/support -f agents/ -o json
        kubectl get agd -A -o yaml | agent-operator reach support -f -
      """)

  @Argument(
    help: ArgumentHelp("The agent, with its namespace if there are several.", valueName: "agent"))
  var agent: String

  @OptionGroup var input: InputOptions

  @Option(name: [.short, .long], help: "The form of the output: table, json or yaml.")
  var output: ReportForm = .table

  func run() throws {
    let agents = try input.load(now: SystemClock().wallTime).agents
    let found = agents.filter { $0.name == agent || CallGraph.name($0) == agent }
    guard let one = found.first else {
      throw CommandFailure(
        "error: no AgentDeployment \(agent) in the input, which has "
          + agents.map(CallGraph.name).sorted().joined(separator: ", "))
    }
    guard found.count == 1 else {
      throw CommandFailure(
        "error: several are named \(agent): "
          + found.map(CallGraph.name).sorted().joined(separator: ", "), exitCode: 2)
    }
    let reach = Reach(of: one, among: agents)
    Terminal.write(output.text(table: Self.table(reach), reach.json), newline: false)
  }

  private static func table(_ reach: Reach) -> String {
    guard !reach.items.isEmpty else { return "nothing\n" }
    return TextTable.text(
      ["KIND", "WHAT", "HOW"], reach.items.map { [$0.kind.rawValue, $0.name, $0.detail] })
  }
}
