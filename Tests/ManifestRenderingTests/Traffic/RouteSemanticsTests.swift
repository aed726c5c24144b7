import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Simulation
import Testing

/// What happens to a request, whoever routes.
@Suite struct RouteSemanticsTests {
  private static let paths = ["/", "/mcp", "/mcp/v1", "/admin"]
  private static let tools = ["search", "export_all", "get_forecast", "reindex", "a.b/c-d_e"]

  private static func context(_ capability: Capability) -> RenderingContext {
    RenderingContext(
      now: Samples.now,
      agentClass: AgentClass(
        capabilities: Capabilities(
          declared: [.istio: capability == .istio, .gatewayAPI: capability == .gatewayAPI])))
  }

  private static func traffic(_ random: inout SeededGenerator, isMCP: Bool) -> JSONValue {
    var traffic: JSONValue = [
      "hosts": ["a.example.com"], "gatewayRefs": [["name": "g"]],
      "timeout": .string(["0s", "30s", "1h1500ms"].randomElement(using: &random) ?? "0s"),
      "paths": JSONValue(
        Array(paths.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))),
    ]
    if isMCP, Bool.random(using: &random) {
      let names = tools.shuffled(using: &random)
      traffic["tools"] = [
        ["names": JSONValue(Array(names.prefix(2))), "timeout": "10m"],
        ["names": JSONValue([names[2]]), "timeout": "0s"],
      ]
    }
    if Bool.random(using: &random) {
      traffic["mirror"] = [
        "percent": .string(["0.0001", "5", "12.34", "100"].randomElement(using: &random) ?? "5"),
        "agentRef": ["name": "next"],
      ]
      if isMCP {
        traffic["mirror"]?["readOnlyTools"] = JSONValue(
          Array(tools.shuffled(using: &random).prefix(2)))
      }
    }
    return traffic
  }

  private static func request(_ random: inout SeededGenerator) -> RoutedRequest {
    var headers: [String: String] = [:]
    let methods = ["tools/call", "tools/list", "resources/read", "tools/unknown", "tools/callx"]
    if Int.random(in: 0..<4, using: &random) > 0 {
      headers["MCP-Method"] = methods.randomElement(using: &random)
      headers["mcp-name"] = (tools + ["Search", "other"]).randomElement(using: &random)
    }
    let paths = Self.paths + ["/mcp/v1/x", "/other"]
    return RoutedRequest(path: paths.randomElement(using: &random) ?? "/", headers: headers)
  }

  /// The two providers, each read by its own rules of precedence, treat every request the same.
  @Test(arguments: 0..<60) func bothProvidersTreatARequestTheSame(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let isMCP = Int.random(in: 0..<4, using: &random) > 0
    let spec: JSONValue = [
      "protocol": isMCP ? "MCP" : "A2A", "traffic": Self.traffic(&random, isMCP: isMCP),
    ]
    let mesh = try Samples.render(spec, Self.context(.istio))["VirtualService"]?.json
    let gateway = try Samples.render(spec, Self.context(.gatewayAPI))["HTTPRoute"]?.json
    for _ in 0..<100 {
      let request = Self.request(&random)
      let expected = Self.expected(spec, request)
      #expect(RouteChoice.istio(mesh, request) == expected, "\(spec) \(request)")
      #expect(RouteChoice.gatewayAPI(gateway, request) == expected, "\(spec) \(request)")
    }
  }

  /// As the fields are described.
  private static func expected(_ spec: JSONValue, _ request: RoutedRequest) -> RouteChoice? {
    let traffic = spec["traffic"]
    let paths = traffic?["paths"]?.array?.compactMap(\.string) ?? []
    let isRouted = paths.contains {
      $0 == "/" || request.path == $0 || request.path.hasPrefix($0 + "/")
    }
    guard isRouted else { return nil }
    let method = request.headers["MCP-Method"]
    let tool = method == "tools/call" ? request.headers["mcp-name"] : nil
    let rule = tool.flatMap { tool in
      traffic?["tools"]?.array?.first { $0["names"]?.array?.contains(.string(tool)) == true }
    }
    let text = (rule ?? traffic)?["timeout"]?.string ?? ""
    let timeout = KubernetesDuration(text).map { Double($0.milliseconds) / 1000 } ?? -1
    let mirror = traffic?["mirror"]
    let isRead =
      method.map(MCPRequests.readOnlyMethods.contains) ?? false
      || tool.map { mirror?["readOnlyTools"]?.array?.contains(.string($0)) ?? false } ?? false
    let share = mirror?["percent"]?.string.flatMap { DecimalString($0) }?.tenThousandths ?? 0
    return RouteChoice(
      timeout: timeout, copied: spec["protocol"] != "MCP" || isRead ? Int(share) : 0)
  }

  @Test func aFaultIsOnEveryRouteWhileItLasts() throws {
    var spec = RoutedAgent.mesh.spec
    spec["traffic"]?["faultInjection"] = [
      "percent": "1", "abortStatus": 503, "expiresAt": "2026-11-21T01:00:00Z",
    ]
    let during = try Samples.render(spec, RoutedAgent.mesh.context)
    let routes = during["VirtualService"]?["spec"]?["http"]?.array ?? []
    #expect(routes.count > 2)
    #expect(routes.allSatisfy { $0["fault"] != nil })
  }

  @Test func theLastRouteTakesWhatIsLeft() throws {
    for agent in RoutedAgent.allCases {
      guard let last = try agent.render()["VirtualService"]?["spec"]?["http"]?.array?.last else {
        continue
      }
      #expect(last["name"] == "default")
      #expect((last["match"]?.array ?? []).allSatisfy { $0["headers"] == nil })
    }
  }

  @Test func aRateLimitIsForTheAgentsPortsAlone() throws {
    let filter = try RoutedAgent.mesh.render()["EnvoyFilter"]?["spec"]
    let ports = filter?["configPatches"]?.array?.compactMap {
      $0["match"]?["listener"]?["filterChain"]?["destinationPort"]?.int
    }
    #expect(ports == [8080, 9000])
    #expect(filter?["workloadSelector"]?["labels"]?["agentdeploy.dev/agent"] == "support")
    let value = filter?["configPatches"]?[0]?["patch"]?["value"]?["typed_config"]?["value"]
    #expect(value?["token_bucket"]?["max_tokens"] == 1000)
    #expect(value?["token_bucket"]?["fill_interval"] == "60s")
  }

  @Test func withoutALimitThereIsNoFilter() throws {
    #expect(try Samples.render()["EnvoyFilter"] == nil)
  }

  @Test func copiesNeedTheOtherAgent() throws {
    let references = try RoutedAgent.mesh.render().references.filter { $0.kind == .agent }
    #expect(references.map(\.name) == ["support-next"])
    #expect(references.map(\.field) == ["spec.traffic.mirror.agentRef.name"])
  }

  /// Neither the routes nor the version of the protocol shape pods.
  @Test func theRevisionStays() throws {
    let plain = try Samples.render(["protocol": "MCP"]).revision
    #expect(try RoutedAgent.sessions.render().revision == plain)
    #expect(try RoutedAgent.gatewayTools.render().revision == plain)
  }
}
