import JSON
import KubernetesAPI
import ManifestRendering
import Testing

@testable import AgentDeploymentAPI

/// Which provider of routes holds, and what the Gateway API's cannot do.
@Suite struct GatewayProviderTests {
  private func decode(_ traffic: String, _ capabilities: [Capability: Bool]) -> Result<
    AgentDeployment, FieldErrors
  > {
    AgentDeployment.decode(
      Manifest.agent(#"{"traffic":\#(traffic)}"#),
      agentClass: AgentClass(capabilities: Capabilities(declared: capabilities)))
  }

  private static let routed = #"{"hosts":["a.example.com"],"gatewayRefs":[{"name":"g"}]}"#

  @Test(arguments: [
    (routed, true, true, Traffic.Provider.istio), (routed, false, true, .gatewayAPI),
    ("{}", true, true, .istio), ("{}", false, true, .none), ("{}", false, false, .none),
  ]) func theProviderIsWhatThereIs(
    _ traffic: String, _ istio: Bool, _ gatewayAPI: Bool, _ provider: Traffic.Provider
  ) throws {
    let agent = try decode(traffic, [.istio: istio, .gatewayAPI: gatewayAPI]).get()
    #expect(agent.spec.traffic.provider == provider)
  }

  /// With all of it named by the user the schema refuses; here the provider follows from the class.
  @Test(arguments: TrafficFields.meshFields) func whatOnlyAMeshCanDoIsRefusedByName(_ field: String)
    throws
  {
    let leaf = try #require(
      LeafCase.all.first { $0.path.hasPrefix("spec.traffic.\(field)") })
    var manifest = leaf.with
    manifest["spec"]?["traffic"]?["hosts"] = ["a.example.com"]
    manifest["spec"]?["traffic"]?["gatewayRefs"] = [["name": "g"]]
    let agentClass = AgentClass(
      capabilities: Capabilities(declared: [.istio: false, .gatewayAPI: true]))
    guard case .failure(let failure) = AgentDeployment.decode(manifest, agentClass: agentClass)
    else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.map(\.path.description) == ["spec.traffic.\(field)"])
    #expect(failure.conditionReason == "UnsupportedByClass")
  }

  @Test(arguments: [
    (#"{"provider":"GatewayAPI"}"#, ["spec.traffic.gatewayRefs"]),
    (#"{"provider":"GatewayAPI","hosts":["a.example.com"]}"#, ["spec.traffic.gatewayRefs"]),
    (paths("/a//b"), ["spec.traffic.paths[0]"]), (paths("/a/../b"), ["spec.traffic.paths[0]"]),
    (paths("/a/."), ["spec.traffic.paths[0]"]), (paths("/a#b"), ["spec.traffic.paths[0]"]),
    (paths("/a%2Fb"), ["spec.traffic.paths[0]"]), (paths("/a%2"), ["spec.traffic.paths[0]"]),
    (paths("/a?b=c"), ["spec.traffic.paths[0]"]), (paths("/a[b]"), ["spec.traffic.paths[0]"]),
    (paths("/a%20b/~c"), []), (paths("/"), []),
    (hosts(17), ["spec.traffic.hosts"]), (hosts(16), []),
  ]) func whatAnHTTPRouteCannotHoldIsRefused(_ traffic: String, _ paths: [String]) throws {
    let errors: [FieldError]
    switch decode(traffic, [.gatewayAPI: true]) {
    case .success: errors = []
    case .failure(let failure): errors = failure.errors
    }
    #expect(errors.map(\.path.description) == paths, "\(errors)")
  }

  /// Paths times tools are matches.
  @Test(arguments: [(4, 16, true), (5, 16, false), (8, 8, true), (20, 1, true)])
  func tooManyMatchesAreRefused(_ paths: Int, _ tools: Int, _ fits: Bool) {
    let paths = (0..<paths).map { #""/\#($0)""# }.joined(separator: ",")
    let names = (0..<tools).map { #""t\#($0)""# }.joined(separator: ",")
    let traffic =
      #"{"provider":"GatewayAPI","hosts":["a.example.com"],"gatewayRefs":[{"name":"g"}],"paths":[\#(paths)],"tools":[{"names":[\#(names)],"timeout":"1s"}]}"#
    let errors = Manifest.errors(Manifest.agent(#"{"protocol":"MCP","traffic":\#(traffic)}"#))
    #expect(errors.map(\.path.description) == (fits ? [] : ["spec.traffic.tools"]))
  }

  /// A rule with a tool that is copied and one that is not becomes two.
  @Test(arguments: [(8, 6, true), (8, 7, false), (8, 8, false), (7, 7, true)])
  func tooManyRulesAreRefused(_ count: Int, _ mixed: Int, _ fits: Bool) throws {
    let rules = (0..<count).map { #"{"names":["a\#($0)","b\#($0)"],"timeout":"1s"}"# }
    let copied = (0..<mixed).map { #""a\#($0)""# }
    let traffic =
      #"{"provider":"GatewayAPI","hosts":["a.example.com"],"gatewayRefs":[{"name":"g"}],"tools":[\#(rules.joined(separator: ","))],"mirror":{"percent":"5","agentRef":{"name":"b"},"readOnlyTools":[\#(copied.joined(separator: ","))]}}"#
    let manifest = Manifest.agent(#"{"protocol":"MCP","traffic":\#(traffic)}"#)
    #expect(
      Manifest.errors(manifest).map(\.path.description) == (fits ? [] : ["spec.traffic.tools"]))
    guard fits else { return }
    let rendered = try Manifest.decode(manifest).get().render(RenderingContext(now: 0)).objects
      .first { $0.object.kind == "HTTPRoute" }
    #expect(rendered?.object["spec"]?["rules"]?.array?.count == count + mixed + 2)
  }

  @Test func retriesOfToolsAreRefusedByName() {
    let manifest = Manifest.agent(
      #"{"protocol":"MCP","traffic":{"hosts":["a.example.com"],"gatewayRefs":[{"name":"g"}],"tools":[{"names":["a"],"timeout":"1s"},{"names":["b"],"retries":{}}]}}"#
    )
    let agentClass = AgentClass(
      capabilities: Capabilities(declared: [.istio: false, .gatewayAPI: true]))
    guard case .failure(let failure) = AgentDeployment.decode(manifest, agentClass: agentClass)
    else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.map(\.path.description) == ["spec.traffic.tools[1].retries"])
  }

  private static func paths(_ path: String) -> String {
    #"{"provider":"GatewayAPI","hosts":["a.example.com"],"gatewayRefs":[{"name":"g"}],"paths":["\#(path)"]}"#
  }

  private static func hosts(_ count: Int) -> String {
    let names = (0..<count).map { #""h\#($0).example.com""# }.joined(separator: ",")
    return #"{"provider":"GatewayAPI","hosts":[\#(names)],"gatewayRefs":[{"name":"g"}]}"#
  }

  @Test func withoutTheGatewayAPIItIsRefused() throws {
    guard case .failure(let failure) = decode(Self.paths("/"), [.gatewayAPI: false]) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.map(\.path.description) == ["spec.traffic.provider"])
    #expect(failure.errors.first?.message.contains("the Gateway API") == true)
  }

  /// The gateways may be the class's.
  @Test func theClassMayNameProviderAndGateways() throws {
    let agentClass = try ClassDecodingTests.agentClass(
      #"{"capabilities":{"gatewayAPI":true},"defaults":{"traffic":{"provider":"GatewayAPI","gatewayRefs":[{"name":"g","namespace":"edge"}]}}}"#
    )
    let agent = try AgentDeployment.decode(
      Manifest.agent(#"{"traffic":{"hosts":["a.example.com"]}}"#), agentClass: agentClass
    ).get()
    #expect(agent.spec.traffic.provider == .gatewayAPI)
    #expect(agent.spec.traffic.gatewayRefs.map(\.namespace) == ["edge"])
  }

  @Test func aMeshsIdentitiesNeedAMesh() {
    for security in [
      #"{"mtls":"Strict"}"#, #"{"allowedCallers":[{"serviceAccountRef":{"name":"a"}}]}"#,
    ] {
      let manifest = Manifest.agent(#"{"traffic":\#(Self.routed),"security":\#(security)}"#)
      let agentClass = AgentClass(
        capabilities: Capabilities(declared: [.istio: false, .gatewayAPI: true]))
      guard case .failure(let failure) = AgentDeployment.decode(manifest, agentClass: agentClass)
      else {
        Issue.record("accepted \(security)")
        continue
      }
      #expect(failure.errors.count == 1)
      #expect(failure.errors.first?.path.description.hasPrefix("spec.security") == true)
    }
  }
}
