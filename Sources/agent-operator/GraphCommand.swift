import ArgumentParser
import ControllerRuntime
import JSON
import ManifestRendering

struct GraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Draw who may call whom: agents, gateways, models, tools and stores.",
    discussion: """
      A solid arrow is a call that the caller names (tools, models, state, gatewayRefs) and that is let \
      in; a dashed one is let in by allowedCallers and named by nobody; a crossed one is named and not \
      let in, which is exit code 1 with --check.

      EXAMPLES:
        agent-operator graph -f agents/ > agents.mmd
        agent-operator graph -f agents/ -o svg > agents.svg
        kubectl get agd -A -o yaml | agent-operator graph -f - --check
      """)

  enum Form: String, ExpressibleByArgument, CaseIterable {
    case mermaid, svg, json
  }

  @OptionGroup var input: InputOptions

  @Option(name: [.short, .long], help: "The form of the output: mermaid, svg or json.")
  var output: Form = .mermaid

  @Flag(help: "End with 1 when a call that is named is not let in.")
  var check = false

  func run() throws {
    let graph = CallGraph(try input.load(now: SystemClock().wallTime).agents)
    switch output {
    case .mermaid: Terminal.write(graph.mermaid, newline: false)
    case .svg: Terminal.write(graph.svg, newline: false)
    case .json: Terminal.write(graph.json.serialized(.prettyPrinted))
    }
    let denied = graph.edges.filter { $0.kind == .denied }
    guard check, !denied.isEmpty else { return }
    throw CommandFailure(
      denied.map {
        "error: \($0.from.name) calls \($0.to.name), whose security.allowedCallers does not let it in"
      })
  }
}
