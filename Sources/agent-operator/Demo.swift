import AgentOperator
import ControllerRuntime
import EmbeddedCluster
import HTTPServer
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import YAML

/// The demonstration, act by act. It talks to the embedded cluster as anybody else would: over HTTP.
struct Demo {
  var port: Int
  var keepsRunning: Bool

  private static let patience: Duration = .seconds(90)

  func run() async throws {
    let cluster = EmbeddedCluster()
    let port: Int
    do {
      port = try await cluster.startHTTP(port: self.port)
    } catch let error as HTTPServerError {
      throw CommandFailure("error: \(error.message)")
    }
    let kubeconfig = try TemporaryKubeconfig(cluster.kubeconfig(port: port), name: "demo")
    let client = try KubernetesClient.connect(
      ConfigurationSources(kubeconfig: kubeconfig.path, environment: [:]).load())

    Terminal.write(
      """
      \(Terminal.styled("An embedded cluster", .bold)) listens on http://127.0.0.1:\(port).
      It is a simulation: the API is faithful, but no container runs.

      """)

    // The operator's own lines would tear the story apart; what it does is shown from the outside.
    var quiet = Logger(label: "agent-operator") { _ in SwiftLogNoOpLogHandler() }
    quiet.logLevel = .critical
    let agentOperator = AgentOperator(
      client: client, configuration: .init(instance: "demo"), logger: quiet)
    let stage = DemoStage(client: client, patience: Self.patience)

    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await agentOperator.run() }
      do {
        try await play(on: stage)
        if keepsRunning { await stayUp(kubeconfig.path) }
      } catch {
        group.cancelAll()
        await cluster.stop()
        kubeconfig.remove()
        throw error
      }
      group.cancelAll()
    }
    await cluster.stop()
    kubeconfig.remove()
  }

  private func play(on stage: DemoStage) async throws {
    stage.heading("1. Install the definitions and apply three files of samples")
    try await stage.installDefinitions()
    try await stage.apply(DemoSamples.credentials)
    let agents = try await stage.apply(
      DemoSamples.minimal + "---\n" + DemoSamples.mcpAgent + "---\n" + DemoSamples.fleet)
    let weather = ObjectKey(namespace: "default", name: "weather-mcp")

    stage.heading("2. The operator makes their production bundles")
    try await stage.wait(for: agents.filter { $0 != weather }, "Ready", .true)
    try await stage.wait(for: [weather], "ResolvedRefs", .false)
    stage.note(
      """
      weather-mcp names a Secret that does not exist. It says so, and the rest of it is there:
        \(try await stage.message(weather, "ResolvedRefs"))
      Now the Secret is created; nothing else is done:
      """)
    try await stage.apply(DemoSamples.weatherCredential)
    try await stage.wait(for: [weather], "Ready", .true)
    try await stage.showTree(agents)

    stage.heading("3. Change one field: the image of weather-mcp")
    let before = try await stage.snapshot(of: weather)
    try await stage.patch(
      .agentDeployments, weather,
      ["spec": ["image": "registry.example.com/weather-mcp:v1.1.0"]])
    try await stage.waitForNewRevision(of: weather, after: before)
    try await stage.showChanges(of: weather, since: before)

    stage.heading("4. Break things by hand: another image in the Deployment, the Service deleted")
    let service = ObjectKey(namespace: "agent-system", name: "mcp-agent")
    try await stage.sabotage(deployment: weather, service: service)
    try await stage.waitForRepair(deployment: weather, service: service)
  }

  private func stayUp(_ kubeconfig: String) async {
    Terminal.write(
      """

      The cluster stays up until Ctrl-C. In another terminal:

        export KUBECONFIG=\(kubeconfig)
        kubectl get agents -A
        kubectl describe agd weather-mcp
      """)
    await untilTerminated { try? await Task.sleep(for: .seconds(365 * 86400)) }
  }
}
