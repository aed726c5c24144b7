import Foundation
import Testing

/// `--class`, and classes among the manifests.
@Suite struct ClassCommandTests {
  private static let sample =
    CommandLineRun.checkout.appending(path: "manifests/samples/classes/production.yaml").path

  private static func agent(_ spec: String) -> String {
    """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: support}
    spec:
      \(spec.replacing("\n", with: "\n  "))
    """
  }
  private static let good =
    agent("image: registry.example.com/support@sha256:0123456789abcdef\nclassName: production")

  @Test func theSampleIsValidAndShapesWhatIsRendered() async throws {
    #expect(try await CommandLineRun.run("validate", "-f", Self.sample).status == 0)
    let file = try TemporaryFile(Self.good)
    let run = try await CommandLineRun.run("render", "-f", file.url.path, "--class", Self.sample)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("memory: 2Gi"))
    #expect(run.output.contains("OTEL_EXPORTER_OTLP_ENDPOINT: http://otel-collector"))
    #expect(run.output.contains("LOG_LEVEL: warn"))
  }

  @Test func aClassAmongTheManifestsHoldsWhateverTheOrder() async throws {
    let sample = try String(contentsOfFile: Self.sample, encoding: .utf8)
    for text in [Self.good + "\n---\n" + sample, sample + "\n---\n" + Self.good] {
      let file = try TemporaryFile(text)
      let run = try await CommandLineRun.run("render", "-f", file.url.path)
      #expect(run.status == 0 && run.output.contains("memory: 2Gi"), "\(run.errors)")
    }
  }

  @Test func aClassThatIsNotGivenIsAskedFor() async throws {
    let file = try TemporaryFile(Self.good)
    let run = try await CommandLineRun.run("validate", "-f", file.url.path)
    #expect(run.status == 1)
    #expect(run.errors.contains(":6:14: spec.className: there is no AgentClass \"production\""))
    #expect(run.errors.contains("--class FILE"))
  }

  @Test func everythingThatTheClassForbidsIsNamedAtItsLine() async throws {
    let file = try TemporaryFile(
      Self.agent(
        """
        image: docker.io/support:v1
        scaling: {maxReplicas: 90}
        availability: {drain: {timeout: 2h}}
        security: {podSecurity: Baseline}
        """))
    let run = try await CommandLineRun.run("validate", "-f", file.url.path, "--class", Self.sample)
    #expect(run.status == 1)
    for text in [
      ":5:10: spec.image: class production asks for images by digest",
      ":5:10: spec.image: class production allows images from registry.example.com only",
      ":6:26: spec.scaling.maxReplicas: class production allows at most 50 replicas, not 90",
      ":7:35: spec.availability.drain.timeout: class production allows a grace period of at most",
      ":8:27: spec.security.podSecurity: class production asks for Restricted", "5 problems found",
    ] {
      #expect(run.errors.contains(text), "\(text) in \(run.errors)")
    }
  }

  @Test func aBrokenClassIsNamedWithFileLineAndField() async throws {
    let file = try TemporaryFile(Self.good)
    let broken = try TemporaryFile(
      """
      apiVersion: agentdeploy.dev/v1alpha1
      kind: AgentClass
      metadata: {name: production}
      spec:
        guardRails: {maxReplica: 3}
      """)
    let run = try await CommandLineRun.run(
      "render", "-f", file.url.path, "--class", broken.url.path)
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.errors.contains(":5:16: spec.guardRails.maxReplica: unknown field"))
    #expect(run.errors.contains("did you mean maxReplicas?"))
  }

  @Test func otherKindsInAClassFileAreRefused() async throws {
    let file = try TemporaryFile(Self.good)
    let run = try await CommandLineRun.run(
      "render", "-f", file.url.path, "--class", file.url.path)
    #expect(run.status == 1 && run.errors.contains("must be AgentClass"))
  }
}
