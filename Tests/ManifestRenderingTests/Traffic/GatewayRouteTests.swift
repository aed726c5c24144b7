import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// The second provider of routes: an HTTPRoute of the Gateway API's standard channel.
@Suite struct GatewayRouteTests {
  private func render(_ traffic: JSONValue) throws -> Rendering {
    var whole: JSONValue = ["hosts": ["a.example.com"], "gatewayRefs": [["name": "g"]]]
    for (key, value) in traffic.object ?? [:] { whole[key] = value }
    let agentClass = AgentClass(
      capabilities: Capabilities(declared: [.istio: false, .gatewayAPI: true]))
    return try Samples.render(
      ["traffic": whole], RenderingContext(now: Samples.now, agentClass: agentClass))
  }

  private func rule(_ traffic: JSONValue) throws -> JSONValue? {
    try render(traffic)["HTTPRoute"]?["spec"]?["rules"]?[0]
  }

  @Test func itTakesThePlaceOfTheMeshsObjects() throws {
    let kinds = try render([:]).objects.map(\.object.kind)
    #expect(kinds.contains("HTTPRoute"))
    for kind in ["VirtualService", "DestinationRule", "PeerAuthentication"] {
      #expect(!kinds.contains(kind))
    }
  }

  @Test func theGatewaysAreOfTheAgentsNamespaceUnlessNamed() throws {
    let parents = try render(["gatewayRefs": [["name": "a"], ["name": "b", "namespace": "edge"]]])[
      "HTTPRoute"]?["spec"]?["parentRefs"]?.array
    #expect(parents?.map { $0["namespace"]?.string } == ["agents", "edge"])
  }

  /// The NetworkPolicy lets the gateways' namespaces in, and no sidecar's ports.
  @Test func theGatewaysReachTheAgent() throws {
    let policy = try render(["gatewayRefs": [["name": "b", "namespace": "edge"]]])["NetworkPolicy"]
    let rules = policy?["spec"]?["ingress"]?.array ?? []
    let names = rules.flatMap { $0["from"]?.array ?? [] }.compactMap {
      $0["namespaceSelector"]?["matchLabels"]?["kubernetes.io/metadata.name"]?.string
    }
    #expect(names.contains("edge"))
    let ports = rules.flatMap { $0["ports"]?.array ?? [] }.compactMap { $0["port"]?.int }
    #expect(!ports.contains(15008) && !ports.contains(15020))
  }

  @Test func timeoutsAreTheGatewaysWords() throws {
    #expect(try rule(["timeout": "90m"])?["timeouts"]?["request"] == "1h30m")
    #expect(try rule(["timeout": "1500ms"])?["timeouts"]?["request"] == "1s500ms")
    // None at all, not the implementation's own.
    #expect(try rule(["timeout": "0s"])?["timeouts"]?["request"] == "0s")
  }

  @Test func eachPathIsAMatch() throws {
    let matches = try rule(["paths": ["/a", "/b"]])?["matches"]?.array
    #expect(matches?.map { $0["path"]?["value"]?.string } == ["/a", "/b"])
  }

  @Test func theRevisionDoesNotDependOnTheProvider() throws {
    let mesh = try Samples.render(["traffic": ["hosts": ["a.example.com"]]])
    #expect(try render([:]).revision == mesh.revision)
  }
}
