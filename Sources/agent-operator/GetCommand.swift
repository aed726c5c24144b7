import ArgumentParser
import JSON
import KubernetesAPI
import KubernetesClient
import YAML

struct GetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "List the agents of a cluster, with what matters of their status.",
    discussion: """
      EXIT CODES:
        0  listed, also when there is none
        2  it could not be found out, or the command line is wrong

      EXAMPLES:
        agent-operator get
        agent-operator get -A
        agent-operator get -n agents -l team=support -o json
      """)

  @OptionGroup var place: NamespaceOptions

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  @Option(
    name: [.customShort("l"), .long],
    help: ArgumentHelp("Only agents with these labels.", valueName: "key=value"))
  var selector: LabelSelector = LabelSelector()

  @OptionGroup var cluster: ClusterOptions

  @Option(name: [.short, .long], help: "The form of the output: table, json or yaml.")
  var output: ReportForm = .table

  func run() async throws {
    let agents = try await DiffCommand.failingWithTwo {
      let client = try cluster.connect()
      let namespace = allNamespaces ? nil : try place.resolved(cluster)
      return try await AgentDefinition.required {
        try await client.list(
          .agentDeployments, namespace: namespace,
          options: ListOptions(labelSelector: selector.isEmpty ? nil : selector)
        ).items.sorted { $0.key < $1.key }
      }
    }
    Terminal.write(
      output.text(
        table: table(agents),
        ["apiVersion": "v1", "kind": "List", "items": .array(agents.map(\.json))]),
      newline: false)
  }

  private func table(_ agents: [KubernetesObject]) -> String {
    guard !agents.isEmpty else { return "no agents\n" }
    let rows = agents.map { agent in
      let row = AgentRow(agent)
      let cells = [agent.name, row.ready, row.reason, row.revision, row.replicas, row.image]
      return allNamespaces ? [agent.namespace ?? ""] + cells : cells
    }
    let header = ["NAME", "READY", "STATUS", "REVISION", "REPLICAS", "IMAGE"]
    return TextTable.text(allNamespaces ? ["NAMESPACE"] + header : header, rows)
  }
}

/// What one line tells of an agent.
struct AgentRow {
  var ready: String
  var reason: String
  var message: String
  var revision: String
  var replicas: String
  var image: String

  init(_ agent: KubernetesObject) {
    let status = agent["status"]
    let condition = status?["conditions"]?.array?.first { $0["type"] == "Ready" }
    ready = condition?["status"]?.string ?? "Unknown"
    reason = condition?["reason"]?.string ?? "NotSeenYet"
    message = condition?["message"]?.string ?? "no operator has looked at it yet"
    revision = status?["currentRevision"]?.string ?? "-"
    replicas = "\(status?["readyReplicas"]?.int ?? 0)/\(status?["replicas"]?.int ?? 0)"
    image = agent["spec"]?["image"]?.string ?? "-"
  }
}
