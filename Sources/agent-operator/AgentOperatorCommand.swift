import ArgumentParser

/// `agent-operator`; as `kubectl-agents` on the PATH it is the kubectl plugin `kubectl agents`.
@main
struct AgentOperatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent-operator",
    abstract: "Runs AI agents on Kubernetes: one AgentDeployment in, a production bundle out.",
    discussion: """
      EXAMPLES:
        agent-operator demo                       see it work, without a cluster
        agent-operator render -f agent.yaml       what would be created
        agent-operator validate -f agents/        what is wrong with these files
        agent-operator lint -f k8s/               what is accepted and yet wrong
        agent-operator crd | kubectl apply --server-side -f -
        agent-operator run                        the operator itself

      EXIT CODES:
        0  done
        1  the input is wrong, or the work failed
        2  the command line is wrong; of commands that compare, or ask a cluster, also that they failed

      Where 1 and 2 mean something else, the help of the command says so.
      """,
    version: Version.current,
    subcommands: [
      RunCommand.self, RenderCommand.self, ValidateCommand.self, LintCommand.self,
      ImportCommand.self, DiffCommand.self, PlanCommand.self, ExplainCommand.self,
      GetCommand.self, StatusCommand.self, DriftCommand.self, GraphCommand.self, ReachCommand.self,
      ReportCommand.self, CheckMetricsCommand.self,
      CRDCommand.self, ReloadCommand.self,
      DemoCommand.self, ClusterCommand.self, CompletionCommand.self, VersionCommand.self,
    ])

  static func main() async {
    await CommandLineEntry.main()
  }
}
