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
    let json = try JSONValue(parsing: run.output)
    let lines = json.array ?? json["lines"]?.array ?? []
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
    let numbered = try await origins("Deployment.spec.template.spec.containers[0].image")
    #expect(numbered.values.map { $0 } == ["spec.image"])
    let none = try await CommandLineRun.run(
      list: ["explain", "Nothing", "-f", "-"], input: Data(Self.agent.utf8))
    #expect(none.status == 1 && none.errors.contains("Nothing"))
  }

  /// Also of fields that render nothing here.
  @Test(arguments: [
    ("spec.traffic.timeout", "VirtualService support"), ("spec.config", "data.AGENT_MAX"),
    ("spec.config[agent.max]", "data.AGENT_MAX"), ("spec.models", "Nothing that this agent"),
    ("spec.models[0].name", "Nothing that this agent"), ("spec.env", "Nothing that this agent"),
    ("spec.paused", "Nothing that this agent"), ("spec.deletionPolicy", "Nothing that this agent"),
    ("spec.rollout.type", "Nothing that this agent"), ("spec.traffic.hosts", "Nothing that this"),
    ("spec.podTemplate.spec.nodeSelector", "Nothing that this agent"),
  ]) func fieldsAreDescribed(_ field: String, _ rest: String) async throws {
    let run = try await CommandLineRun.run(
      list: ["explain", field, "-f", "-"], input: Data(Self.agent.utf8))
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n")
    #expect(lines.count > 2 && lines[0] == field && lines[1].count > 4, "\(run.output)")
    #expect(run.output.contains(rest), "\(run.output)")
  }

  @Test func aFieldThatIsNotThereIsNamed() async throws {
    let run = try await CommandLineRun.run(
      list: ["explain", "spec.traffic.nope", "-f", "-"], input: Data(Self.agent.utf8))
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(
      run.errors.hasPrefix(
        "error: spec.traffic.nope: AgentDeployments have no such field (fields of spec.traffic: "),
      "\(run.errors)")
    #expect(run.errors.contains("timeout"))
  }

  @Test(arguments: ["spec.models", "spec.traffic.timeout"])
  func programsGetDescriptionsOfFields(_ field: String) async throws {
    let run = try await CommandLineRun.run(
      list: ["explain", field, "-f", "-", "-o", "json"], input: Data(Self.agent.utf8))
    #expect(run.status == 0, "\(run.errors)")
    let json = try JSONValue(parsing: run.output)
    #expect(json["field"] == .string(field))
    #expect(json["description"]?.string?.isEmpty == false)
    #expect(json["lines"]?.array?.isEmpty == (field == "spec.models"))
    let yaml = try await CommandLineRun.run(
      list: ["explain", field, "-f", "-", "-o", "yaml"], input: Data(Self.agent.utf8))
    #expect(yaml.output.contains("description:"), "\(yaml.output)")
  }
}
