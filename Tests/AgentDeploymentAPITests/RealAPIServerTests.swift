import Foundation
import JSON
import Testing

@testable import AgentDeploymentAPI

/// The same cases against a real API server: it has to agree with the Swift validator.
@Suite(.enabled(if: RealAPIServer.isAvailable, "needs KUBEBUILDER_ASSETS or TEST_KUBECONFIG"))
struct RealAPIServerTests {
  @Test func agreesOnEveryCase() throws {
    let server = try RealAPIServer()
    defer { server.stop() }
    try server.write(
      "crd.yaml", CRDTests.names.map(CRDTests.emitted).joined(separator: "---\n"))
    let created = try server.kubectl(["apply", "-f", server.path("crd.yaml")])
    try #require(created.status == 0, "\(created.err)")
    func wait() throws -> RealAPIServer.Output {
      try server.kubectl([
        "wait", "--for=condition=Established", "--timeout=60s",
        "crd/agentdeployments.agentdeploy.dev", "crd/agentclasses.agentdeploy.dev",
      ])
    }
    var established = try wait()
    // kubectl fails at once on a definition that has no conditions yet.
    for _ in 0..<20 where established.status != 0 {
      Thread.sleep(forTimeInterval: 0.5)
      established = try wait()
    }
    try #require(established.status == 0, "\(established.err)")

    let cases = Agreement.cases() + Agreement.classCases()
    var text = ""
    for (i, item) in cases.enumerated() {
      var manifest = item.manifest
      manifest["metadata"]?["labels"] = ["case": .string("c\(i)")]
      text += manifest.serialized() + "\n"
    }
    try server.write("cases.json", text)
    let output = try server.kubectl([
      "create", "--dry-run=server", "-o", "json", "-f", server.path("cases.json"),
    ])
    var accepted: [Int: JSONValue] = [:]
    for (object, _) in try JSONValue.parseSequence(Array(output.out.utf8)) {
      let label = object[path: "metadata", "labels", "case"]?.string ?? ""
      if let number = Int(label.dropFirst()) { accepted[number] = object }
    }
    Agreement.check(cases, accepted)
  }
}
