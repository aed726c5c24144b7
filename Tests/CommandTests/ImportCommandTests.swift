import EmbeddedCluster
import Foundation
import KubernetesAPI
import KubernetesClient
import Testing
import YAML

@Suite struct ImportCommandTests {
  private static let deployment = """
    apiVersion: v1
    kind: List
    items:
    - apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: support-mcp
        annotations: {deployment.kubernetes.io/revision: "3"}
      spec:
        replicas: 3
        selector: {matchLabels: {app: support}}
        template:
          metadata: {labels: {app: support}}
          spec:
            containers:
            - name: main
              image: registry/support-mcp:v1
              ports: [{containerPort: 9000}]
              resources: {limits: {memory: 2Gi}}
    """

  private func run(_ text: String, _ arguments: String...) async throws -> CommandLineRun {
    try await CommandLineRun.run(
      list: ["import", "-f", "-"] + arguments, input: Data(text.utf8))
  }

  @Test func whatItPrintsIsValidAndRenders() async throws {
    let run = try await run(Self.deployment, "-n", "agents")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("protocol: MCP") && run.output.contains("namespace: agents"))
    #expect(run.output.contains("port: 9000") && run.output.contains("maxReplicas: 3"))
    #expect(run.errors.contains("Deployment agents/support-mcp spec.selector"))
    #expect(run.errors.contains("adds:") && run.errors.contains("NetworkPolicy"))
    let validated = try await CommandLineRun.run(
      list: ["validate", "-f", "-"], input: Data(run.output.utf8))
    #expect(validated.status == 0, "\(validated.errors)")
    let rendered = try await CommandLineRun.run(
      list: ["render", "-f", "-"], input: Data(run.output.utf8))
    #expect(rendered.output.contains("app: support"))
  }

  @Test func aDeploymentThatCannotBeAnAgentIsNamedWhereItStands() async throws {
    let bad = Self.deployment.replacing("name: support-mcp", with: "name: 1st")
    let alone = try await run(bad, "-n", "agents")
    #expect(alone.status == 2 && alone.output.isEmpty)
    let wrong =
      "error: <stdin>:7:11: items[0].metadata.name: Deployment agents/1st cannot be an AgentDeployment: metadata.name: "
    #expect(alone.errors.hasPrefix(wrong), "\(alone.errors)")
    let both = try await run(bad + "\n---\n" + Self.deployment, "-n", "agents")
    #expect(both.status == 1 && both.output.contains("name: support-mcp"))
    #expect(both.errors.contains(wrong), "\(both.errors)")
  }

  /// By a server that validates as Kubernetes does.
  @Test func theAPIServerTakesWhatIsImported() async throws {
    let text =
      Self.deployment.replacing(
        "replicas: 3", with: "replicas: 3\n    strategy: {type: Recreate}") + """

        - apiVersion: v1
          kind: Service
          metadata: {name: support-mcp}
          spec: {selector: {app: support}, ports: [{port: 8080, targetPort: 9000}]}
        - apiVersion: policy/v1
          kind: PodDisruptionBudget
          metadata: {name: support-mcp}
          spec: {selector: {matchLabels: {app: support}}, minAvailable: 2}
        """
    let imported = try await run(text)
    #expect(imported.status == 0, "\(imported.errors)")
    let rendered = try await CommandLineRun.run(
      list: ["render", "-f", "-"], input: Data(imported.output.utf8))
    let cluster = EmbeddedCluster(
      configuration: EmbeddedClusterConfiguration(simulatesControllers: false))
    let client = KubernetesClient(transport: cluster.transport, version: "test")
    let kinds: [ResourceType] = [.deployments, .services, .podDisruptionBudgets]
    let objects = try YAML.parse(rendered.output, file: "rendered").get().map {
      KubernetesObject($0.value)
    }
    for resource in kinds {
      let object = try #require(objects.first { $0.gvk == resource.gvk })
      _ = try await client.apply(object, resource: resource, fieldManager: "test")
    }
  }

  @Test func exitCodes() async throws {
    let lost =
      Self.deployment + """

        - apiVersion: v1
          kind: Service
          metadata: {name: a}
          spec: {selector: {app: support}, ports: [{port: 80, targetPort: 9000}]}
        - apiVersion: v1
          kind: Service
          metadata: {name: b}
          spec: {selector: {app: support}, ports: [{port: 80, targetPort: 9000}]}
        """
    let run = try await run(lost)
    #expect(run.status == 1 && run.errors.contains("NOT CARRIED"))
    #expect(run.output.contains("kind: AgentDeployment"))
    #expect(try await self.run("a: 1").status == 2)
    #expect(try await self.run("a: [").status == 2)
    #expect(try await self.run(Self.deployment, "--protocol", "SOAP").status == 2)
    #expect(try await self.run(Self.deployment, "--deployment", "other").status == 2)
  }
}
