import AgentDeploymentAPI
import AgentOperator
import EmbeddedCluster
import Foundation
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Testing

@testable import agent_operator

/// plan, diff, drift, get and status against a cluster that an operator has worked on.
@Suite struct ClusterViewTests {
  private static func agent(
    image: String = "v1", timeout: String = "60s",
    scaling: String = "minReplicas: 2, maxReplicas: 2",
    state: String? = nil, isPaused: Bool = false
  ) -> String {
    """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: support, namespace: default}
    spec:
      image: registry/support:\(image)
      paused: \(isPaused)
      scaling: {\(scaling)}
      traffic: {timeout: \(timeout)}
      # The API server does not keep it.
      podTemplate: {spec: {hostIPC: false}}
    \(state.map { "  state: {type: Managed, managed: {image: '\($0)'}}" } ?? "")
    """
  }

  /// Runs an operator until the agents are ready, and ends it.
  private func settle(_ client: KubernetesClient) async throws {
    var quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    quiet.logLevel = .critical
    let agentOperator = AgentOperator(
      client: client, configuration: .init(instance: "test"), logger: quiet)
    let running = Task { await agentOperator.run() }
    let key = ObjectKey(namespace: "default", name: "support")
    for _ in 0..<600 {
      let agent = try await client.get(.agentDeployments, key)
      if AgentRow(agent).ready == "True", agentOperator.isSettled { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    running.cancel()
    await running.value
  }

  /// Not only a new template ends pods.
  @Test(arguments: [
    ("minReplicas: 7, maxReplicas: 7", "minReplicas: 2, maxReplicas: 2", "5 of 7 pods end"),
    ("minReplicas: 2, maxReplicas: 2", "minReplicas: 3, maxReplicas: 3", "1 pod is added to 2"),
    ("minReplicas: 7, maxReplicas: 9", "minReplicas: 2, maxReplicas: 3", "4 of 7 pods end"),
    ("minReplicas: 7, maxReplicas: 9", "minReplicas: 2, maxReplicas: 9", "may end 5 of 7 pods"),
    ("minReplicas: 2, maxReplicas: 9", "minReplicas: 2, maxReplicas: 8", "no pod is touched"),
  ]) func scalingEndsPods(_ old: String, _ new: String, _ effect: String) async throws {
    let lines = try await plan(
      of: Self.agent(scaling: new), after: Self.agent(scaling: old))
    #expect(lines.contains { $0.hasPrefix("  in place: ") && $0.contains(effect) }, "\(lines)")
  }

  @Test func aNewStoreEndsItsPod() async throws {
    let old = Self.agent(state: "valkey/valkey:8.1")
    let changed = try await plan(of: Self.agent(state: "valkey/valkey:8.2"), after: old)
    #expect(
      changed.contains("  in place: 1 pod of StatefulSet support-state is replaced"), "\(changed)")
    let removed = try await plan(of: Self.agent(), after: old)
    #expect(
      removed.contains { $0.hasSuffix("1 pod of StatefulSet support-state ends") }, "\(removed)")
  }

  /// What waits ends no pod.
  @Test func aPausedAgentRestartsNothing() async throws {
    let lines = try await plan(
      of: Self.agent(image: "v2", isPaused: true), after: Self.agent(), status: 0, "-o", "json")
    let report = try JSONValue(parsing: lines.joined(separator: "\n"))[0]
    #expect(report?["paused"] == true && report?["steps"]?.array?.isEmpty == false)
    #expect(report?["restarts"] == 0 && report?["ends"] == 0)
  }

  /// What `plan` prints for an agent after an operator has worked on another form of it.
  private func plan(
    of new: String, after old: String, status: Int32 = 1, _ arguments: String...
  ) async throws -> [String] {
    let cluster = EmbeddedCluster()
    let port = try await cluster.startHTTP(port: 0)
    let config = try TemporaryFile(cluster.kubeconfig(port: port))
    let client = try KubernetesClient.connect(
      ConfigurationSources(kubeconfig: config.url.path, environment: [:]).load())
    let stage = DemoStage(client: client, patience: .seconds(60))
    try await stage.installDefinitions()
    try await stage.apply(old)
    try await settle(client)
    let file = try TemporaryFile(new)
    let run = try await CommandLineRun.run(
      list: ["plan", "-f", file.url.path, "--kubeconfig", config.url.path] + arguments)
    #expect(run.status == status, "\(run.errors)")
    await cluster.stop()
    return run.output.split(separator: "\n").map(String.init)
  }

  @Test func aDayWithOneAgent() async throws {
    let cluster = EmbeddedCluster()
    let port = try await cluster.startHTTP(port: 0)
    let config = try TemporaryFile(cluster.kubeconfig(port: port))
    let client = try KubernetesClient.connect(
      ConfigurationSources(kubeconfig: config.url.path, environment: [:]).load())
    func run(_ arguments: String...) async throws -> CommandLineRun {
      try await CommandLineRun.run(list: arguments + ["--kubeconfig", config.url.path])
    }
    let stage = DemoStage(client: client, patience: .seconds(60))
    try await stage.installDefinitions()
    let file = try TemporaryFile(Self.agent())

    // Nothing is there yet.
    let first = try await run("plan", "-f", file.url.path)
    #expect(first.status == 1, "\(first.errors)")
    #expect(first.output.contains("+ Deployment support"))
    #expect(first.output.contains("a new agent, revision"))
    #expect(try await run("get").output == "no agents\n")
    let absent = try await run("status", "support")
    #expect(absent.status == 2 && absent.errors.contains("no AgentDeployment support"))

    // The operator has done its work: all are of one mind.
    try await stage.apply(Self.agent())
    try await settle(client)
    let plan = try await run("plan", "-f", file.url.path)
    #expect(plan.status == 0 && plan.output.contains("nothing to do"), "\(plan.output)")
    let diff = try await run("diff", "-f", file.url.path)
    #expect(diff.status == 0 && diff.output.isEmpty, "\(diff.output)\(diff.errors)")
    #expect(try await run("drift").status == 0)
    let everywhere = try await run("drift", "-A")
    #expect(everywhere.status == 0 && everywhere.output.contains("default/support"))
    #expect(try await run("drift", "-A", "support").status == 2)
    let get = try await run("get", "-A")
    #expect(get.output.hasPrefix("NAMESPACE   NAME      READY"))
    #expect(get.output.contains("registry/support:v1"))
    let status = try await run("status", "support")
    #expect(status.status == 0 && status.output.contains("├─ Service support"))
    let report = try await run("report", "support", "--profile", "SOX")
    #expect(report.status == 1, "\(report.errors)")
    #expect(report.output.hasPrefix("SOX: agent default/support, as the cluster has it\n"))
    #expect(report.output.contains("PodDisruptionBudget support"))
    #expect(!report.output.contains("is not in the cluster"), "\(report.output)")
    let nobody = try await run("report", "nobody", "--profile", "SOX")
    #expect(nobody.status == 2 && nobody.errors.contains("no AgentDeployment nobody"))

    // A new image restarts pods, a new timeout does not.
    let image = try TemporaryFile(Self.agent(image: "v2"))
    let rollout = try await run("plan", "-f", image.url.path)
    #expect(
      rollout.status == 1 && rollout.output.contains("2 pods are replaced"), "\(rollout.output)")
    #expect(rollout.output.contains("spec.template.spec.containers[0].image"))
    let traffic = try TemporaryFile(Self.agent(timeout: "90s"))
    let route = try await run("plan", "-f", traffic.url.path)
    #expect(route.output.contains("~ VirtualService support"), "\(route.output)")
    #expect(route.output.contains("traffic only"), "\(route.output)")
    let lines = try await run("diff", "-f", traffic.url.path)
    #expect(lines.status == 1 && lines.output.contains("+    timeout: 90s"), "\(lines.output)")

    // The namespace gets a quota that the agent outgrows while its two pods are replaced.
    _ = try await client.create(
      KubernetesObject([
        "apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": ["name": "small", "namespace": "default"],
        "spec": ["hard": ["pods": "2", "requests.memory": "20Gi"]],
      ]), resource: .resourceQuotas)
    let quota = try await run("plan", "-f", file.url.path)
    #expect(
      quota.output.contains("ResourceQuota small, pods: 0 of 2 used, 3 with up to 3 pods here: 1"),
      "\(quota.output)")
    #expect(quota.output.contains("ResourceQuota small, requests.memory: 0 of 20Gi used, 1536Mi"))

    // Somebody changes things by hand.
    try await stage.sabotage(
      deployment: ObjectKey(namespace: "default", name: "support"),
      service: ObjectKey(namespace: "default", name: "support"))
    let drift = try await run("drift", "support", "-o", "json")
    #expect(drift.status == 1)
    let steps = try JSONValue(parsing: drift.output)[0]?["steps"]?.array ?? []
    #expect(
      steps.contains {
        $0["action"] == "repair"
          && $0["paths"] == ["spec.template.spec.containers[0].image"]
      })
    #expect(steps.contains { $0["action"] == "create" && $0["object"] == "Service support" })
    await cluster.stop()
  }
}
