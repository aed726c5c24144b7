import Foundation
import JSON
import Testing
import YAML

/// `report`, as a user runs it.
@Suite struct ReportCommandTests {
  private static let agent = """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: support, namespace: default}
    spec:
      image: registry/support:v1
      security: {compliance: [HIPAA]}
    """

  @Test func itSaysWhatIsMissing() async throws {
    let file = try TemporaryFile(Self.agent)
    let run = try await CommandLineRun.run("report", "-f", file.url.path)
    #expect(run.status == 1, "\(run.errors)")
    #expect(run.output.hasPrefix("HIPAA: agent default/support, as rendered\nCONTROL"))
    #expect(run.output.contains("164.312(e)(2)(ii)"))
    #expect(run.output.contains("PeerAuthentication support"))
    #expect(run.output.contains("evidence, not a claim of compliance"))
    #expect(!run.output.contains("\u{1B}"))
  }

  @Test func programsGetTheSame() async throws {
    let file = try TemporaryFile(Self.agent)
    let json = try await CommandLineRun.run(
      "report", "--profile", "pci-dss", "--profile", "SOX", "-f", file.url.path, "-o", "json")
    let reports = try JSONValue(parsing: json.output)
    #expect(reports.array?.compactMap { $0["profile"]?.string } == ["PCIDSS", "SOX"])
    #expect(reports[0]?["evidence"] == "Rendered")
    let states = reports[0]?["controls"]?.array?.compactMap { $0["state"]?.string } ?? []
    #expect(Set(states).isSubset(of: ["Enforced", "Advisory", "Missing", "NotOurs"]))
    let yaml = try await CommandLineRun.run(
      "report", "--profile", "PCIDSS", "--profile", "SOX", "-f", file.url.path, "-o", "yaml")
    #expect(try YAML.parse(Array(yaml.output.utf8), file: "o").get().first?.value == reports)
  }

  @Test(arguments: [
    (["--profile", "ISO"], "ISO"), (["--profile", "SOX", "nobody"], "no AgentDeployment nobody"),
    (["-o", "xml"], "xml"),
  ]) func whatItDoesNotKnowIsRefused(_ arguments: [String], _ message: String) async throws {
    let file = try TemporaryFile(Self.agent)
    let run = try await CommandLineRun.run(
      list: ["report"] + arguments + ["-f", file.url.path])
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.contains(message), "\(run.errors)")
  }

  @Test func withoutAProfileItAsksForOne() async throws {
    let file = try TemporaryFile(Self.agent.replacing("security: {compliance: [HIPAA]}", with: ""))
    let run = try await CommandLineRun.run("report", "-f", file.url.path)
    #expect(run.status == 2 && run.errors.contains("spec.security.compliance"))
  }

  @Test func helpAndCompletionKnowIt() async throws {
    let help = try await CommandLineRun.run("help", "report")
    #expect(help.status == 0 && help.output.contains("EXIT CODES"))
    #expect(help.output.contains("GDPR, HIPAA, SOX or PCIDSS"))
    let completion = try await CommandLineRun.run("completion", "bash")
    #expect(completion.output.contains("report"))
    let profiles = try await CommandLineRun.run("completion", "fish")
    #expect(profiles.output.contains("PCIDSS"))
  }
}
