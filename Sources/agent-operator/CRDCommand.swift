import AgentDeploymentAPI
import ArgumentParser
import JSON
import YAML

struct CRDCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crd",
    abstract: "Print the CustomResourceDefinitions, to be applied before the first agent.",
    discussion: """
      EXAMPLES:
        agent-operator crd | kubectl apply --server-side -f -
      """)

  @Option(name: [.short, .long], help: "The form of the output: yaml or json.")
  var output: OutputFormat = .yaml

  func run() {
    Terminal.write(output.text(of: [AgentClassCRD.json, AgentDeploymentCRD.json]), newline: false)
  }
}

/// `-o`.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case yaml, json

  /// Several objects as YAML documents, or as a JSON `List` as kubectl prints it.
  func text(of objects: [JSONValue]) -> String {
    switch self {
    case .yaml: return YAML.emit(documents: objects)
    case .json:
      let value: JSONValue =
        objects.count == 1
        ? objects[0] : ["apiVersion": "v1", "kind": "List", "items": .array(objects)]
      return value.serialized(.prettyPrinted) + "\n"
    }
  }
}
