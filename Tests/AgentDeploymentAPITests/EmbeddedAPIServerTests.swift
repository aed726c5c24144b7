import EmbeddedCluster
import Foundation
import JSON
import KubernetesClient
import Testing
import YAML

@testable import AgentDeploymentAPI

/// The cases of `RealAPIServerTests` against the embedded API server, in this process.
@Suite struct EmbeddedAPIServerTests {
  @Test func agreesOnEveryCase() async throws {
    let cluster = EmbeddedCluster(
      configuration: EmbeddedClusterConfiguration(simulatesControllers: false))
    let transport = cluster.transport
    for name in CRDTests.names {
      let definition = try #require(
        YAML.parse(CRDTests.emitted(name), file: "crd.yaml").get().first?.value)
      let created = try await Self.create(
        definition, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", [], transport)
      try #require(created.status == 201, "\(String(decoding: created.body, as: UTF8.self))")
    }

    let cases = Agreement.cases() + Agreement.classCases()
    var accepted: [Int: JSONValue] = [:]
    for (i, item) in cases.enumerated() {
      let place =
        item.manifest["kind"] == "AgentClass"
        ? "agentclasses" : "namespaces/default/agentdeployments"
      let answer = try await Self.create(
        item.manifest, "/apis/agentdeploy.dev/v1alpha1/\(place)",
        // As kubectl sends it.
        [("dryRun", "All"), ("fieldValidation", "Strict")], transport)
      if answer.status == 201 { accepted[i] = try JSONValue(parsing: answer.body) }
    }
    #expect(cases.count > 1_900)
    Agreement.check(cases, accepted)
  }

  private static func create(
    _ object: JSONValue, _ path: String, _ query: [(name: String, value: String)],
    _ transport: any APITransport
  ) async throws -> APIResponse {
    try await transport.send(
      APIRequest(
        method: "POST", path: path, query: query,
        headers: [("Content-Type", "application/json")], body: object.serializedBytes()))
  }
}
