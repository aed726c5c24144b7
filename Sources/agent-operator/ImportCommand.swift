import AgentDeploymentAPI
import ArgumentParser
import ControllerRuntime
import JSON
import KubernetesAPI
import ManifestAnalysis
import ManifestImport
import ManifestRendering
import YAML

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make AgentDeployments of Deployments and what stands around them.",
    discussion: """
      Reads Deployments with their Services, autoscalers, budgets, ConfigMaps, Istio routes and
      policies, and prints an AgentDeployment for each. What it prints has been rendered and compared:
      every field of the input is in the rendering, or is listed on standard error as corrected, or as
      not carried. Objects that exist in a cluster keep their owner: delete them, or give the agent
      another name, before you apply the result.

      EXIT CODES:
        0  everything is carried
        1  something is not, or a Deployment cannot be an agent; it is listed
        2  nothing can be imported, or the command line is wrong

      EXAMPLES:
        agent-operator import -f k8s/ > agent.yaml
        agent-operator import -f k8s/ --deployment support --protocol A2A
        kubectl get deploy,svc,hpa,pdb,cm -n agents -o yaml | agent-operator import -f -
      """)

  enum AgentProtocol: String, ExpressibleByArgument, CaseIterable {
    case a2a = "A2A"
    case mcp = "MCP"
    case adk = "ADK"
    case http = "HTTP"
  }

  @OptionGroup var input: InputOptions

  @Option(
    help: ArgumentHelp(
      "Only this Deployment; repeat it for several. All but data stores by default.",
      valueName: "name"))
  var deployment: [String] = []

  @Option(help: "A2A, MCP, ADK or HTTP; by default what the image's name says, else HTTP.")
  var `protocol`: AgentProtocol?

  @Option(name: [.short, .long], help: "The form of the output: yaml or json.")
  var output: OutputFormat = .yaml

  func run() throws {
    try input.requireFiles()
    let read = YAML.loadDocuments(paths: input.files, recursive: input.recursive)
    guard read.errors.isEmpty else {
      throw CommandFailure(read.errors.map { "error: \($0)" }, exitCode: 2)
    }
    let now = SystemClock().wallTime
    let surroundings = try input.surroundings(of: read.documents, now: now)
    let options = Importer.Options(
      names: Set(deployment), agentProtocol: self.protocol?.rawValue)
    let objects = objects(read.documents)
    let result = Importer.run(objects.map(\.object), options) {
      $0.render(surroundings.context(for: $0, now: now)).objects.map(\.object)
    }
    let refused = result.refused.flatMap { lines($0, objects) }
    guard !result.agents.isEmpty else {
      throw CommandFailure(
        refused.isEmpty ? ["error: no Deployment to import in the input"] : refused, exitCode: 2)
    }
    Terminal.write(output.text(of: result.agents.map(\.manifest)), newline: false)
    report(result)
    if !refused.isEmpty || result.agents.contains(where: { !$0.notCarried.isEmpty }) {
      throw CommandFailure(refused, exitCode: 1)
    }
  }

  private typealias Found = (object: KubernetesObject, document: YAMLDocument, prefix: [String])

  /// Why a Deployment is no agent, where it stands.
  private func lines(_ refused: RefusedImport, _ objects: [Found]) -> [String] {
    let found = objects.first {
      $0.object.gvk == refused.deployment.gvk && $0.object.key == refused.deployment.key
    }
    return refused.errors.errors.map { error in
      let message = "Deployment \(refused.deployment.key) cannot be an AgentDeployment: \(error)"
      let pointer = JSONPointer(tokens: (found?.prefix ?? []) + ["metadata", "name"])
      let located = found?.document.error(at: pointer, message: message)
      return "error: \(located.map(String.init(describing:)) ?? message)"
    }
  }

  /// With namespaces, and without what only a cluster knows.
  private func objects(_ documents: [YAMLDocument]) -> [Found] {
    let values = documents.flatMap { document -> [(JSONValue, YAMLDocument, [String])] in
      guard document.value["kind"] == "List" else { return [(document.value, document, [])] }
      return (document.value["items"]?.array ?? []).enumerated().map {
        ($1, document, ["items", String($0)])
      }
    }
    // Rule files of Prometheus and the like are no objects.
    return values.filter { $0.0["kind"]?.string != nil }.map { value, document, prefix in
      var object = KubernetesObject(value)
      if object.namespace == nil, !ManifestSet.clusterScoped.contains(object.kind) {
        object["metadata"]?["namespace"] = .string(input.namespace ?? "default")
      }
      for annotation in [
        "kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision",
      ] {
        object["metadata"]?["annotations"]?[annotation] = nil
      }
      return (object, document, prefix)
    }
  }

  private func report(_ result: ImportResult) {
    for agent in result.agents {
      let key = agent.agent.object.key
      Terminal.writeError(Terminal.styled("AgentDeployment \(key)", .bold))
      list("replaces", agent.replaced)
      list("corrected", agent.corrections.map(\.description))
      list("adds", agent.additions)
      list("NOT CARRIED", agent.notCarried.map(\.description))
    }
    list("stays as it is", result.kept.map(\.description))
    list("not imported", result.ignored.map(\.description))
  }

  private func list(_ title: String, _ lines: [String]) {
    guard !lines.isEmpty else { return }
    Terminal.writeError("  \(title):")
    for line in lines { Terminal.writeError("    \(line)") }
  }
}
