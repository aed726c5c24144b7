import ArgumentParser
import ControllerRuntime
import JSON
import KubernetesAPI
import ManifestRendering

struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Print the objects that the operator would make. No cluster is asked.",
    discussion: """
      The same code renders in the cluster. What only a cluster knows is missing here: owner
      references, values of generated Secrets, and copies of ConfigMaps that are not in the input.

      EXAMPLES:
        agent-operator render -f agent.yaml
        agent-operator render -f agents/ -o json --class production.yaml
        cat agent.yaml | agent-operator render -f - | kubectl diff -f -
      """)

  @OptionGroup var input: InputOptions

  @Option(name: [.short, .long], help: "The form of the output: yaml or json.")
  var output: OutputFormat = .yaml

  func run() throws {
    let now = SystemClock().wallTime
    let input = try input.load(now: now)
    let objects =
      input.governance.map(\.json)
      + input.agents.flatMap { agent in
        agent.render(input.context(for: agent, now: now)).objects.map(\.object.json)
      }
    Terminal.write(output.text(of: objects), newline: false)
  }
}
