import AgentOperator
import ArgumentParser
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "One agent as a tree: conditions, and the objects that it is made of.",
    discussion: """
      EXIT CODES:
        0  ready
        1  not ready, or not within --timeout
        2  it could not be found out, or the command line is wrong

      EXAMPLES:
        agent-operator status support -n agents
        agent-operator status support --wait --timeout 10m
        agent-operator status support -o json
      """)

  @Argument(help: "The AgentDeployment.")
  var name: String

  @OptionGroup var place: NamespaceOptions

  @OptionGroup var cluster: ClusterOptions

  @Flag(help: "Wait until it is ready.")
  var wait = false

  @Option(help: ArgumentHelp("How long --wait waits.", valueName: "duration"))
  var timeout = DurationArgument(seconds: 300)

  @Option(name: [.short, .long], help: "The form of the output: table, json or yaml.")
  var output: ReportForm = .table

  func run() async throws {
    let (agent, children) = try await DiffCommand.failingWithTwo { try await self.look() }
    Terminal.write(
      output.text(
        table: AgentTree.text(agent, children),
        ["agent": agent.json, "objects": .array(children.map(\.json))]), newline: false)
    if AgentRow(agent).ready != "True" { throw CommandFailure([], exitCode: 1) }
  }

  private func look() async throws -> (KubernetesObject, [KubernetesObject]) {
    let client = try cluster.connect()
    let key = ObjectKey(namespace: try place.resolved(cluster), name: name)
    let clock = SystemClock()
    let start = clock.now
    var progress = ProgressLine()
    var agent = try await find(key, client)
    while wait, AgentRow(agent).ready != "True", clock.now - start < timeout.duration {
      progress.show("\(key): \(AgentRow(agent).reason)")
      try await clock.sleep(for: .milliseconds(500))
      agent = try await find(key, client)
    }
    progress.clear()
    return (agent, try await AgentTree.children(of: agent, client))
  }

  private func find(_ key: ObjectKey, _ client: KubernetesClient) async throws -> KubernetesObject {
    try await AgentDefinition.required {
      if let agent = try await client.getIfPresent(.agentDeployments, key) { return agent }
      let all = try await client.list(.agentDeployments, namespace: key.namespace).items
      return try place.find(key.name, in: all, key.namespace ?? "")
    }
  }
}

/// An agent and its objects, drawn.
enum AgentTree {
  /// Secrets and ConfigMaps by their metadata only; kinds that are not installed are left out.
  static func children(
    of agent: KubernetesObject, _ client: KubernetesClient
  ) async throws -> [KubernetesObject] {
    let selector = LabelSelector(matchLabels: ["agentdeploy.dev/agent": agent.name])
    var children: [KubernetesObject] = []
    for resource in DemoDefinitions.children + ModelRoute.kinds {
      let isConfidential = resource == .secrets || resource == .configMaps
      do {
        children += try await client.list(
          resource, namespace: agent.namespace,
          options: ListOptions(
            labelSelector: selector, representation: isConfidential ? .metadata : .object)
        ).items
      } catch let status as APIStatus where status.isUnknownResource {
        continue
      }
    }
    return children
  }

  static func text(_ agent: KubernetesObject, _ children: [KubernetesObject]) -> String {
    let row = AgentRow(agent)
    let isReady = row.ready == "True"
    var lines = [
      "\(Terminal.styled(isReady ? "●" : "○", isReady ? .green : .red)) "
        + "\(Terminal.styled("\(agent.key)", .bold))  \(row.reason): \(row.message)",
      "  image      \(row.image)",
      "  revision   \(row.revision)   replicas \(row.replicas) ready",
    ]
    let conditions = agent["status"]?["conditions"]?.array ?? []
    for condition in conditions where condition["type"] != "Ready" {
      let status = condition["status"]?.string ?? "Unknown"
      let type = condition["type"]?.string ?? ""
      // These two are good when they are false.
      let isGood = (status == "True") != ["Stalled", "Reconciling"].contains(type)
      let line =
        "  \(type.padded(to: 13))\(status.padded(to: 8))"
        + "\(condition["reason"]?.string ?? ""): \(condition["message"]?.string ?? "")"
      lines.append(isGood ? line : Terminal.styled(line, .yellow))
    }
    for (i, child) in children.enumerated() {
      let branch = i == children.count - 1 ? "└─" : "├─"
      lines.append("  \(branch) \(child.kind) \(child.name)\(detail(of: child))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func detail(of child: KubernetesObject) -> String {
    let (spec, status) = (child["spec"], child["status"])
    let text: String? =
      switch child.kind {
      case "Deployment":
        "\(status?["availableReplicas"]?.int ?? 0)/\(spec?["replicas"]?.int ?? 0) available"
      case "HorizontalPodAutoscaler":
        "\(spec?["minReplicas"]?.int ?? 0)..\(spec?["maxReplicas"]?.int ?? 0)"
      case "ScaledObject":
        "\(spec?["minReplicaCount"]?.int ?? 0)..\(spec?["maxReplicaCount"]?.int ?? 0)"
      case "PodDisruptionBudget": status?["disruptionsAllowed"]?.int.map { "\($0) may go" }
      default: nil
      }
    return text.map { Terminal.styled("  \($0)", .dim) } ?? ""
  }
}
