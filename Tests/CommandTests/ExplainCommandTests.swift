import Foundation
import JSON
import Testing

@Suite struct ExplainCommandTests {
  private static let agent = """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: support, namespace: agents}
    spec:
      image: registry/support:v1
      config: {agent.max: "5"}
      traffic: {timeout: 90s, loadBalancing: LeastRequest}
    """

  /// What made each line, by object and path.
  private func origins(_ arguments: String...) async throws -> [String: String] {
    let run = try await CommandLineRun.run(
      list: ["explain"] + arguments + ["-f", "-", "-o", "json"], input: Data(Self.agent.utf8))
    #expect(run.status == 0, "\(run.errors)")
    let lines = try JSONValue(parsing: run.output).array ?? []
    return Dictionary(
      lines.map {
        ("\($0["object"]?.string ?? "") \($0["path"]?.string ?? "")", $0["from"]?.string ?? "")
      }, uniquingKeysWith: { $1 })
  }

  @Test func linesHaveTheirFields() async throws {
    let all = try await origins()
    let container = "Deployment support spec.template.spec.containers[agent]"
    #expect(all["VirtualService support spec.http[default].timeout"] == "spec.traffic.timeout")
    #expect(all["\(container).image"] == "spec.image")
    #expect(
      all["DestinationRule support spec.trafficPolicy.loadBalancer.simple"]
        == "spec.traffic.loadBalancing")
    #expect(all["ConfigMap support-REVISION-config data.AGENT_MAX"] == "spec.config[agent.max]")
    #expect(
      all["\(container).livenessProbe.periodSeconds"] == "default of spec.health.livePeriod")
    #expect(all["\(container).terminationMessagePolicy"] == "always so")
    #expect(all["VirtualService support spec.hosts[0]"]?.hasPrefix("metadata.name") == true)
    #expect(
      all["VirtualService support spec.http[default].retries.retryOn"]
        == "default of spec.traffic.retries")
  }

  @Test func queries() async throws {
    let effects = try await origins("spec.traffic.timeout")
    #expect(effects.keys.contains("VirtualService support spec.http[default].timeout"))
    #expect(
      effects.keys.allSatisfy { $0.hasPrefix("VirtualService") || $0.hasPrefix("Destination") })
    let kind = try await origins("service")
    #expect(!kind.isEmpty && kind.keys.allSatisfy { $0.hasPrefix("Service ") })
    let path = try await origins("Deployment.spec.strategy")
    #expect(path.count == 3)
    let none = try await CommandLineRun.run(
      list: ["explain", "Nothing", "-f", "-"], input: Data(Self.agent.utf8))
    #expect(none.status == 1 && none.errors.contains("Nothing"))
  }
}
