import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import YAML

/// What the demonstration does to the cluster, and how it is shown.
struct DemoStage {
  let client: KubernetesClient
  let patience: Duration
  private let clock = SystemClock()

  init(client: KubernetesClient, patience: Duration) {
    self.client = client
    self.patience = patience
  }

  static let fieldManager = "demo"

  // MARK: Telling

  func heading(_ text: String) { Terminal.write("\n" + Terminal.styled(text, .bold)) }

  func note(_ text: String) { Terminal.write(text) }

  private func done(_ text: String, since start: Duration) {
    let milliseconds = (clock.now - start) / .milliseconds(1)
    Terminal.write("  \(Terminal.styled("✓", .green)) \(text) (\(Int(milliseconds)) ms)")
  }

  // MARK: Doing

  func installDefinitions() async throws {
    for json in [AgentClassCRD.json, AgentDeploymentCRD.json] + DemoDefinitions.optional {
      let definition = KubernetesObject(json)
      _ = try await client.apply(
        definition, resource: .customResourceDefinitions, fieldManager: Self.fieldManager)
      try await until("\(definition.name) is established") {
        let live = try await client.get(.customResourceDefinitions, definition.key)
        return live["status"]?["conditions"]?.array?.contains {
          $0["type"] == "Established" && $0["status"] == "True"
        } == true
      }
      Terminal.write("  \(Terminal.styled("✓", .green)) \(definition.name)")
    }
  }

  /// Applies every document, and makes the namespaces that they name.
  ///
  /// - Returns: the agents among them.
  @discardableResult
  func apply(_ text: String) async throws -> [ObjectKey] {
    let parsed = YAML.parse(Array(text.utf8), file: "sample")
    if let error = parsed.errors.first { throw CommandFailure("error: \(error)") }
    var agents: [ObjectKey] = []
    for document in parsed.documents {
      var object = KubernetesObject(document.value)
      if object.namespace == nil { object["metadata"]?["namespace"] = "default" }
      let namespace = object.namespace ?? "default"
      if namespace != "default" {
        _ = try await client.apply(
          KubernetesObject(ResourceType.namespaces.gvk, namespace: nil, name: namespace),
          resource: .namespaces, fieldManager: Self.fieldManager)
      }
      let resource: ResourceType = object.kind == "Secret" ? .secrets : .agentDeployments
      _ = try await client.apply(object, resource: resource, fieldManager: Self.fieldManager)
      Terminal.write("  \(Terminal.styled("✓", .green)) \(object.kind) \(object.key)")
      if resource == .agentDeployments { agents.append(object.key) }
    }
    return agents
  }

  func patch(_ resource: ResourceType, _ key: ObjectKey, _ patch: JSONValue) async throws {
    _ = try await client.patch(resource, key, .merge(patch), fieldManager: Self.fieldManager)
  }

  func sabotage(deployment: ObjectKey, service: ObjectKey) async throws {
    let sabotage: JSONValue = [
      "spec": ["template": ["spec": ["containers": [["name": "agent", "image": "evil:v666"]]]]]
    ]
    _ = try await client.patch(
      .deployments, deployment, .strategic(sabotage), fieldManager: "somebody")
    _ = try await client.delete(.services, service)
    Terminal.write(
      "  \(Terminal.styled("✗", .red)) Deployment \(deployment): image is now evil:v666\n"
        + "  \(Terminal.styled("✗", .red)) Service \(service): deleted")
  }

  // MARK: Waiting

  func wait(for agents: [ObjectKey], _ type: String, _ status: Condition.Status) async throws {
    let start = clock.now
    for agent in agents {
      try await until("\(agent) has condition \(type)=\(status.rawValue)") {
        let object = try await client.get(.agentDeployments, agent)
        return conditions(of: object)[type]?.status == status
      }
      done("\(agent)  \(type)=\(status.rawValue)", since: start)
    }
  }

  func waitForNewRevision(of agent: ObjectKey, after snapshot: Snapshot) async throws {
    let start = clock.now
    try await until("\(agent) is rolled out") {
      let status = try await client.get(.agentDeployments, agent)["status"]
      let revision = status?["currentRevision"]?.string
      return revision != nil && revision != snapshot.revision
        && revision == status?["updateRevision"]?.string
    }
    done("the new revision is rolled out", since: start)
  }

  func waitForRepair(deployment: ObjectKey, service: ObjectKey) async throws {
    let start = clock.now
    try await until("the image of Deployment \(deployment) is corrected") {
      let live = try await client.get(.deployments, deployment)
      let container = live["spec"]?["template"]?["spec"]?["containers"]?[0]
      return container?["image"]?.string?.hasPrefix("evil") == false
    }
    done("Deployment \(deployment): the image is as rendered again", since: start)
    try await until("Service \(service) is back") {
      try await client.getIfPresent(.services, service) != nil
    }
    done("Service \(service): is back", since: start)
    let events = try await client.list(.events, namespace: deployment.namespace).items
    if let event = events.last(where: { $0["reason"] == "DriftCorrected" }) {
      note("  and an event says why: \(event["note"]?.string ?? "")")
    }
  }

  private func until(_ what: String, _ isTrue: () async throws -> Bool) async throws {
    let start = clock.now
    var progress = ProgressLine()
    defer { progress.clear() }
    while true {
      if try await isTrue() { return }
      let waited = clock.now - start
      if waited > patience {
        throw CommandFailure("error: waited \(patience) in vain until \(what)")
      }
      if waited > .milliseconds(500) { progress.show("waiting until \(what)") }
      try await clock.sleep(for: .milliseconds(25))
    }
  }

  // MARK: Looking

  func message(_ agent: ObjectKey, _ type: String) async throws -> String {
    let object = try await client.get(.agentDeployments, agent)
    return conditions(of: object)[type].map { "\(type)=\($0.status.rawValue): \($0.message)" } ?? ""
  }

  private func conditions(of object: KubernetesObject) -> [Condition] {
    object["status"]?["conditions"]?.array?.compactMap(Condition.init) ?? []
  }

  /// The objects of one agent and their versions at one moment.
  struct Snapshot {
    var revision: String?
    var versions: [String: String]
  }

  func snapshot(of agent: ObjectKey) async throws -> Snapshot {
    let revision = try await client.get(.agentDeployments, agent)["status"]?["currentRevision"]
    let children = try await children(of: agent)
    return Snapshot(
      revision: revision?.string,
      versions: Dictionary(
        children.map { ("\($0.kind) \($0.name)", $0.annotations[RenderHash.annotation] ?? "") },
        uniquingKeysWith: { _, last in last }))
  }

  func showChanges(of agent: ObjectKey, since before: Snapshot) async throws {
    let after = try await snapshot(of: agent)
    Terminal.write("  revision \(before.revision ?? "-") → \(after.revision ?? "-")")
    for (name, version) in after.versions.sorted(by: { $0.key < $1.key }) {
      if before.versions[name] == nil {
        Terminal.write(Terminal.styled("  + \(name)", .green))
      } else if before.versions[name] != version {
        Terminal.write(Terminal.styled("  ~ \(name)", .yellow))
      }
    }
    let unchanged = after.versions.filter { before.versions[$0.key] == $0.value }.count
    Terminal.write(Terminal.styled("  \(unchanged) other objects were not touched", .dim))
  }

  func children(of agent: ObjectKey) async throws -> [KubernetesObject] {
    let selector = LabelSelector(matchLabels: ["agentdeploy.dev/agent": agent.name])
    var children: [KubernetesObject] = []
    for resource in DemoDefinitions.children {
      children += try await client.list(
        resource, namespace: agent.namespace, options: ListOptions(labelSelector: selector)
      ).items
    }
    return children
  }

  func showTree(_ agents: [ObjectKey]) async throws {
    Terminal.write("")
    for agent in agents {
      let object = try await client.get(.agentDeployments, agent)
      let ready = conditions(of: object)["Ready"]
      let isReady = ready?.status == .true
      Terminal.write(
        "\(Terminal.styled(isReady ? "●" : "○", isReady ? .green : .red)) "
          + Terminal.styled("\(agent)", .bold)
          + "  \(object["spec"]?["protocol"]?.string ?? "HTTP")"
          + "  \(ready?.reason ?? "-")"
          + "  revision \(object["status"]?["currentRevision"]?.string ?? "-")"
          + "  \(object["status"]?["readyReplicas"]?.int ?? 0) ready")
      let children = try await children(of: agent)
      for (i, child) in children.enumerated() {
        let branch = i == children.count - 1 ? "└─" : "├─"
        Terminal.write("  \(branch) \(child.kind) \(child.name)\(detail(of: child))")
      }
    }
  }

  private func detail(of child: KubernetesObject) -> String {
    let text: String? =
      switch child.kind {
      case "Deployment":
        "\(child["status"]?["availableReplicas"]?.int ?? 0)/\(child["spec"]?["replicas"]?.int ?? 0) available"
      case "HorizontalPodAutoscaler":
        "\(child["spec"]?["minReplicas"]?.int ?? 0)..\(child["spec"]?["maxReplicas"]?.int ?? 0)"
      case "Service": child["spec"]?["clusterIP"]?.string
      case "ConfigMap": "\(child["data"]?.object?.count ?? 0) keys, immutable"
      default: nil
      }
    return text.map { Terminal.styled("  \($0)", .dim) } ?? ""
  }
}
