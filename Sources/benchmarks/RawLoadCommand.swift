import AgentDeploymentAPI
import ArgumentParser
import Glibc
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import Synchronization

/// The write limit of an API server: what an operator writes, sent without being one.
struct RawLoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "raw-load",
    abstract: "Apply the objects of all AgentDeployments in a namespace, as fast as they go.",
    discussion: """
      Lists the AgentDeployments, renders them, and applies every object with server-side apply and
      then each status, from many writers, with no watch and no look at what is there. Prints one
      line of JSON. It is the yardstick for operators: run it on a fresh cluster
      (shared/bench/bench.py --once starts it as if it were one).
      """)

  @Option(help: "A kubeconfig file; KUBECONFIG by default.")
  var kubeconfig: String?

  @Option(name: [.customShort("n"), .long], help: "The namespace of the AgentDeployments.")
  var namespace = "bench"

  @Option(help: "Requests at the same time.")
  var writers = 16

  private static let manager = "agent-operator"

  func run() async throws {
    let started = ContinuousClock.now
    let transport = try transport()
    let client = KubernetesClient(transport: transport)
    // As the operator does.
    let load = Task(executorPreference: transport.taskExecutor) {
      try await run(client, started)
    }
    try await load.value
  }

  private func run(_ client: KubernetesClient, _ started: ContinuousClock.Instant) async throws {
    let agents = try await client.list(.agentDeployments, namespace: namespace).items
    let work = WorkList(try Work(agents))
    let listed = started.duration(to: .now)
    try await withThrowingTaskGroup { group in
      for _ in 0..<max(1, writers) {
        group.addTask {
          while let next = work.next() {
            let answer = try await client.apply(
              next.object, resource: next.resource, fieldManager: Self.manager,
              subresource: next.subresource)
            keep(answer)
          }
        }
      }
      try await group.waitForAll()
    }
    let wall = started.duration(to: .now) / .seconds(1)
    let writes = work.count
    let result: JSONValue = [
      "agents": JSONValue(agents.count), "writes": JSONValue(writes),
      "wall_s": .double(wall), "list_s": .double(listed / .seconds(1)),
      "writes_per_s": .double(Double(writes) / wall),
    ]
    print(result)
  }

  private func transport() throws -> CurlTransport {
    var environment: [String: String] = [:]
    for name in ["KUBECONFIG", "HOME"] {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    let configuration = try ConfigurationSources(
      kubeconfig: kubeconfig, context: nil, environment: environment
    ).load()
    return try CurlTransport(configuration: configuration, environment: environment)
  }

  /// What the writers share.
  private final class WorkList: Sendable {
    private let work: Mutex<Work>
    let count: Int

    init(_ work: Work) {
      count = work.writes.count
      self.work = Mutex(work)
    }

    func next() -> Work.Write? { work.withLock { $0.next() } }
  }

  private struct Work: Sendable {
    struct Write: Sendable {
      var object: KubernetesObject
      var resource: ResourceType
      var subresource: String?
    }

    var writes: [Write] = []
    private var position = 0

    /// The kinds that shared/bench counts, so that every peer has the same bill.
    static let kinds: Set<ResourceType> = [
      .serviceAccounts, .configMaps, .secrets, .services, .deployments,
      .horizontalPodAutoscalers, .podDisruptionBudgets, .virtualServices, .destinationRules,
    ]

    init(_ agents: [KubernetesObject]) throws {
      for object in agents {
        let agent = try AgentDeployment.decode(object.json).get()
        for rendered in agent.render(RenderingContext(now: 0)).objects
        where Self.kinds.contains(rendered.resource) {
          writes.append(Write(object: rendered.object, resource: rendered.resource))
        }
        writes.append(Self.status(of: object))
      }
    }

    mutating func next() -> Write? {
      guard position < writes.count else { return nil }
      defer { position += 1 }
      return writes[position]
    }

    private static func status(of object: KubernetesObject) -> Write {
      let generation = JSONValue(object.generation ?? 0)
      var patch = KubernetesObject(
        ResourceType.agentDeployments.gvk, namespace: object.namespace, name: object.name)
      patch["status"] = [
        "observedGeneration": generation,
        "conditions": [
          [
            "type": "Accepted", "status": "True", "reason": "Accepted", "message": "",
            "observedGeneration": generation, "lastTransitionTime": "2026-01-01T00:00:00Z",
          ]
        ],
      ]
      return Write(object: patch, resource: .agentDeployments, subresource: "status")
    }
  }
}
