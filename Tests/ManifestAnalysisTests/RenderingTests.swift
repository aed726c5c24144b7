import AgentDeploymentAPI
import Foundation
import JSON
import KubernetesAPI
import ManifestAnalysis
import ManifestRendering
import Testing
import YAML

/// What the operator renders has none of the faults.
@Suite struct RenderingTests {
  @Test(arguments: ["minimal", "mcp-agent", "fleet", "traffic", "queue"])
  func renderingsOfTheSamplesAreClean(_ name: String) throws {
    let findings = try Linter.lint(ManifestSet(Fixtures.rendered(name)))
    #expect(findings.isEmpty, "\(findings.map { "\($0.position) \($0.rule): \($0.message)" })")
  }

  @Test func allRenderingsTogetherAreClean() throws {
    let documents = try ["minimal", "mcp-agent", "fleet", "traffic", "queue"].flatMap(
      Fixtures.rendered)
    let findings = Linter.lint(ManifestSet(documents))
    #expect(findings.isEmpty)
  }

  @Test func samplesAreCleanWithWhatTheyRender() throws {
    let documents = try Fixtures.documents(
      in: Fixtures.checkout.appending(path: "manifests/samples"))
    let catalog = AgentClassCatalog(
      documents.map { KubernetesObject($0.value) }.filter { $0.kind == "AgentClass" })
    let set = ManifestSet(documents) { json in
      switch catalog.agentClass(named: AgentDeployment.className(in: json)) {
      case .success(let agentClass): Fixtures.interpret(json, agentClass)
      case .failure(let failure): .refused(failure.errors)
      }
    }
    #expect(set.objects.count > 60)
    let findings = Linter.lint(set)
    #expect(findings.isEmpty, "\(findings.map { "\($0.file) \($0.rule): \($0.message)" })")
  }

  @Test func faultsThatAnOverrideBringsAreFoundInTheRendering() throws {
    let text = """
      apiVersion: agentdeploy.dev/v1alpha1
      kind: AgentDeployment
      metadata: {name: support, namespace: agents}
      spec:
        image: registry/support:v1
        overrides:
        - kind: DestinationRule
          patch: {spec: {trafficPolicy: {circuitBreaker: {consecutiveErrors: 5}}}}
      """
    let set = try ManifestSet(Fixtures.documents(text), interpret: Fixtures.interpret)
    let findings = Linter.lint(set)
    #expect(Set(findings.map(\.rule)) == ["istio-circuit-breaker", "istio-consecutive-errors"])
    #expect(findings.allSatisfy { $0.message.contains("rendered DestinationRule support") })
    #expect(findings.allSatisfy { !$0.isFixable })
  }
}
