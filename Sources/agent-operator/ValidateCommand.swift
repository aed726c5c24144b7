import AgentDeploymentAPI
import ArgumentParser
import ControllerRuntime
import KubernetesAPI

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract:
      "Check AgentDeployment and AgentClass files: problems with file, line and fix.",
    discussion: """
      The API server's rules and the operator's, in one go, without a cluster. Problems of all files
      are shown together; a few checks wait until what they build on is right.

      EXAMPLES:
        agent-operator validate -f agent.yaml
        agent-operator validate -f agents/ -R --class production.yaml
      """)

  @OptionGroup var input: InputOptions

  func run() throws {
    let input = try input.load(now: SystemClock().wallTime, needsAgents: false)
    for name in input.classNames {
      Terminal.write("\(Terminal.styled("✓", .green)) AgentClass \(name) is valid")
    }
    for agent in input.agents {
      Terminal.write("\(Terminal.styled("✓", .green)) AgentDeployment \(agent.object.key) is valid")
    }
  }
}
