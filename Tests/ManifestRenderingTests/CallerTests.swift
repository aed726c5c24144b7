import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// `security.allowedCallers`: the AuthorizationPolicy and the NetworkPolicy say the same.
@Suite struct CallerTests {
  static let callers: JSONValue = [
    ["agentRef": ["name": "planner"]],
    ["serviceAccountRef": ["name": "web", "namespace": "shop"], "methods": ["POST", "GET"]],
    ["namespaceRef": ["name": "tools"]],
  ]

  private func ingress(_ rendering: Rendering) -> [JSONValue] {
    rendering["NetworkPolicy"]?["spec"]?["ingress"]?.array ?? []
  }

  private func namespace(_ name: String) -> JSONValue {
    ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .string(name)]]]
  }

  @Test func nobodyElseIsLetIn() throws {
    let rendering = try Samples.render(["security": ["allowedCallers": Self.callers]])
    let policy = try #require(rendering["AuthorizationPolicy"]?["spec"])
    #expect(policy["action"] == "ALLOW")
    #expect(policy["selector"]?["matchLabels"] == ["agentdeploy.dev/agent": "support"])
    let port: JSONValue = ["ports": ["8080"]]
    #expect(
      policy["rules"] == [
        [
          "from": [["source": ["principals": ["cluster.local/ns/agents/sa/planner"]]]],
          "to": [["operation": port]],
        ],
        [
          "from": [["source": ["principals": ["cluster.local/ns/shop/sa/web"]]]],
          "to": [["operation": ["ports": ["8080"], "methods": ["GET", "POST"]]]],
        ],
        ["from": [["source": ["namespaces": ["tools"]]]], "to": [["operation": port]]],
        [
          "from": [["source": ["namespaces": ["monitoring"]]]],
          "to": [
            ["operation": ["methods": ["GET"], "paths": ["/metrics"], "ports": ["8080"]]]
          ],
        ],
      ])
    var planner = namespace("agents")
    planner["podSelector"] = ["matchLabels": ["agentdeploy.dev/agent": "planner"]]
    let rules = ingress(rendering)
    #expect(rules.count == 2)
    #expect(
      rules.first == [
        "from": [planner, namespace("shop"), namespace("tools")],
        "ports": [["protocol": "TCP", "port": 8080], ["protocol": "TCP", "port": 15008]],
      ])
    #expect(rules.last?["from"] == [namespace("monitoring")])
  }

  /// A request without the headers matches neither rule: it could call anything.
  @Test func aCallersToolsAreToldByTheirHeaders() throws {
    let rendering = try Samples.render([
      "protocol": "MCP", "observability": ["metrics": ["port": 9090]],
      "extraPorts": [["name": "admin", "port": 8081]],
      "security": [
        "allowedCallers": [["agentRef": ["name": "planner"], "tools": ["weather", "forecast"]]]
      ],
    ])
    let from: JSONValue = [
      ["source": ["principals": ["cluster.local/ns/agents/sa/planner"]]]
    ]
    let to: JSONValue = [["operation": ["ports": ["8080"], "methods": ["POST"]]]]
    let method = "request.headers[mcp-method]"
    let rules = try #require(rendering["AuthorizationPolicy"]?["spec"]?["rules"]?.array)
    #expect(
      Array(rules.prefix(2)) == [
        [
          "from": from, "to": to,
          "when": [
            ["key": .string(method), "values": ["tools/call"]],
            ["key": "request.headers[mcp-name]", "values": ["forecast", "weather"]],
          ],
        ],
        [
          "from": from, "to": to,
          "when": [["key": .string(method), "values": ["*"], "notValues": ["tools/call"]]],
        ],
      ])
    #expect(rules.count == 3)
  }

  @Test func withoutTheFieldTheNamespaceMayCallAndNoPolicyOfTheMeshStandsInTheWay() throws {
    let rendering = try Samples.render()
    #expect(rendering["AuthorizationPolicy"] == nil)
    #expect(ingress(rendering).first?["from"] == [["podSelector": [:]]])
  }

  @Test func anEmptyListIsNobody() throws {
    let blind = try ClassRenderingTests.agentClass(["namespaces": ["monitoring": []]])
    let rendering = try ClassRenderingTests.render(["security": ["allowedCallers": []]], blind)
    #expect(ingress(rendering) == [])
    let policy = try #require(rendering["AuthorizationPolicy"]?["spec"])
    #expect(policy["action"] == "ALLOW" && policy["rules"] == nil)
  }

  @Test func aGatewayIsLetInWhereTheAgentHasOne() throws {
    let rendering = try Samples.render([
      "security": ["allowedCallers": []],
      "traffic": [
        "hosts": ["a.example.com"], "gatewayRefs": [["name": "public", "namespace": "edge"]],
      ],
    ])
    let gateways: JSONValue = ["edge", "istio-ingress", "istio-system"]
    let source = rendering["AuthorizationPolicy"]?["spec"]?["rules"]?[0]?["from"]?[0]?["source"]
    #expect(source == ["namespaces": gateways])
    #expect(
      ingress(rendering).first?["from"]
        == .array(
          ["edge", "istio-ingress", "istio-system"].map(namespace)))
  }

  /// Only its pods: the namespace's others are callers like any.
  @Test(arguments: [nil, "agents"] as [JSONValue?])
  func aGatewayOfTheAgentsOwnNamespaceIsLetIn(_ place: JSONValue?) throws {
    let agentClass = try ClassRenderingTests.agentClass([
      "capabilities": ["istio": false, "gatewayAPI": true]
    ])
    var gateway: JSONValue = ["name": "gw"]
    gateway["namespace"] = place
    var spec: JSONValue = [
      "security": ["allowedCallers": []],
      "traffic": ["hosts": ["a.example.com"], "gatewayRefs": [gateway]],
    ]
    func gateways() throws -> JSONValue? {
      ingress(try ClassRenderingTests.render(spec, agentClass)).first?["from"]
    }
    let named: [JSONValue] = [
      "gateway.networking.k8s.io/gateway-name", "gateway.envoyproxy.io/owning-gateway-name",
    ].map { ["podSelector": ["matchLabels": [$0: "gw"]]] }
    let usual = ["istio-ingress", "istio-system"].map(namespace)
    #expect(try gateways() == .array(usual + named))
    spec["traffic"]?["gatewayRefs"] = [["name": .string(String(repeating: "g", count: 64))]]
    #expect(try gateways() == .array(usual))
  }

  @Test func aMetricsPortOfItsOwnIsScrapedInPlainText() throws {
    let rendering = try Samples.render([
      "security": ["allowedCallers": []], "observability": ["metrics": ["port": 9090]],
      "extraPorts": [["name": "admin", "port": 8081]],
    ])
    #expect(
      rendering["AuthorizationPolicy"]?["spec"]?["rules"]
        == [["to": [["operation": ["ports": ["9090"]]]]]])
    #expect(ingress(rendering).count == 1)
  }

  @Test(
    arguments: [
      ["traffic": ["provider": "None"]], ["security": ["mtls": "Disabled"]],
    ] as [JSONValue]) func withoutIdentitiesTheNetworkPolicyStandsAlone(_ spec: JSONValue) throws
  {
    var spec = spec
    if spec["security"] == nil { spec["security"] = [:] }
    spec["security"]?["allowedCallers"] = [
      ["agentRef": ["name": "planner"]], ["agentRef": ["name": "planner"]],
    ]
    let rendering = try Samples.render(spec)
    #expect(rendering["AuthorizationPolicy"] == nil)
    let rules = ingress(rendering)
    #expect(rules.count == 2)
    // Named twice, rendered once.
    #expect(rules.first?["from"]?.array?.count == 1)
  }

  private static let ambient: JSONValue = ["capabilities": ["istio": true, "ambient": true]]

  /// Or no pod would ever be ready.
  @Test func theKubeletReachesAnAgentOfAnAmbientMesh() throws {
    let probes: JSONValue = [
      ["ipBlock": ["cidr": "169.254.7.127/32"]],
      ["ipBlock": ["cidr": "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128"]],
    ]
    let agentClass = try ClassRenderingTests.agentClass(Self.ambient)
    for spec in [[:], ["security": ["allowedCallers": []]]] as [JSONValue] {
      let rules = ingress(try ClassRenderingTests.render(spec, agentClass))
      #expect(rules.contains(["from": probes]))
      #expect(!ingress(try Samples.render(spec)).contains(["from": probes]))
    }
  }

  /// The namespace decides what nodes carry, not who routes the agent's requests.
  @Test(arguments: ["None", "GatewayAPI"]) func nodesCarryAlsoWhatIstioDoesNotRoute(
    _ provider: JSONValue
  ) throws {
    var traffic: JSONValue = ["provider": provider]
    if provider == "GatewayAPI" {
      traffic["hosts"] = ["a.example.com"]
      traffic["gatewayRefs"] = [["name": "g", "namespace": "edge"]]
    }
    let spec: JSONValue = [
      "traffic": traffic, "security": ["allowedCallers": [["agentRef": ["name": "planner"]]]],
      "observability": ["metrics": ["port": 9090]],
    ]
    let ambient = try ClassRenderingTests.agentClass([
      "capabilities": ["istio": true, "gatewayAPI": true, "ambient": true]
    ])
    func render(_ agentClass: AgentClass) throws -> Rendering {
      try Samples.render(spec, RenderingContext(now: Samples.now, agentClass: agentClass))
    }
    let rendering = try render(ambient)
    let rules = ingress(rendering)
    #expect(rules.first?["from"]?[0] == ["ipBlock": ["cidr": "169.254.7.127/32"]])
    for rule in rules.dropFirst() {
      let ports = rule["ports"]?.array?.compactMap { $0["port"]?.int } ?? []
      #expect(ports.contains(15008) && !ports.contains(15020) && !ports.contains(15090))
    }
    #expect(rules.count > 2 && rendering["AuthorizationPolicy"] == nil)
    let other = try ClassRenderingTests.agentClass([
      "capabilities": ["istio": true, "gatewayAPI": true]
    ])
    #expect(!ingress(try render(other)).description.contains("15008"))
  }

  @Test func monitoringIsKnownByItsNamespaceInAnAmbientMesh() throws {
    let rendering = try ClassRenderingTests.render(
      ["security": ["allowedCallers": []]], ClassRenderingTests.agentClass(Self.ambient))
    #expect(
      rendering["AuthorizationPolicy"]?["spec"]?["rules"] == [
        [
          "from": [["source": ["namespaces": ["monitoring"]]]],
          "to": [["operation": ["ports": ["8080"]]]],
        ]
      ])
  }

  @Test func aClassWithoutAMeshRefusesWhatOnlyOneCanTell() throws {
    let agentClass = try ClassRenderingTests.agentClass(["capabilities": ["istio": false]])
    let json = try Samples.agent(["security": ["allowedCallers": Self.callers]]).object.json
    guard case .failure(let failure) = AgentDeployment.decode(json, agentClass: agentClass) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.allSatisfy { $0.reason == .unsupportedByClass })
    #expect(
      failure.errors.map(\.path.description) == [
        "spec.security.allowedCallers[1].serviceAccountRef",
        "spec.security.allowedCallers[1].methods",
      ])
    let plain: JSONValue = ["security": ["allowedCallers": [["agentRef": ["name": "planner"]]]]]
    let rendering = try ClassRenderingTests.render(plain, agentClass)
    #expect(rendering["AuthorizationPolicy"] == nil)
  }
}
