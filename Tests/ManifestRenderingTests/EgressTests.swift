import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// `security.egress`: where the agent may go.
@Suite struct EgressTests {
  static let egress: JSONValue = [
    "hosts": ["api.stripe.com", "*.example.com"], "cidrs": ["10.1.0.0/16"],
    "namespaces": ["tools"],
  ]

  /// Without the rule for DNS, which every agent has.
  private func rules(
    _ egress: JSONValue, _ spec: JSONValue = [:], _ agentClass: AgentClass = .builtIn
  ) throws -> [JSONValue] {
    var spec = spec
    if spec["security"] == nil { spec["security"] = [:] }
    spec["security"]?["egress"] = egress
    let policy = try ClassRenderingTests.render(spec, agentClass)["NetworkPolicy"]
    let all = policy?["spec"]?["egress"]?.array ?? []
    #expect(all.first?["ports"]?[0] == ["protocol": "UDP", "port": 53])
    return Array(all.dropFirst())
  }

  private func namespace(_ name: String) -> JSONValue {
    ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .string(name)]]]
  }

  @Test func onlyWhatIsNamedIsOpen() throws {
    let rules = try rules(Self.egress)
    #expect(rules.count == 3)
    #expect(
      rules[0] == [
        "to": [namespace("istio-system")], "ports": [["protocol": "TCP", "port": 15012]],
      ])
    #expect(rules[1] == ["to": [namespace("tools"), ["ipBlock": ["cidr": "10.1.0.0/16"]]]])
    #expect(rules[2]["ports"] == [["protocol": "TCP", "port": 443]])
    let public4 = rules[2]["to"]?[0]?["ipBlock"]
    #expect(public4?["cidr"] == "0.0.0.0/0")
    for network in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"] {
      #expect(public4?["except"]?.array?.contains(.string(network)) == true)
    }
  }

  @Test func restrictedAloneLeavesDNSAndTheMesh() throws {
    #expect(try rules(["mode": "Restricted"]).count == 1)
    #expect(try rules(["mode": "Restricted"], ["traffic": ["provider": "None"]]) == [])
    let elsewhere = try ClassRenderingTests.agentClass(["namespaces": ["mesh": ["mesh"]]])
    #expect(
      try rules(["mode": "Restricted"], [:], elsewhere).first?["to"] == [namespace("mesh")])
  }

  @Test func openIsTheDefaultAndNeverTheMetadataAddress() throws {
    let open = try rules([:])
    #expect(open == (try rules(["mode": "Open"])))
    #expect(open.count == 1)
    #expect(open[0]["to"]?[1]?["ipBlock"]?["except"] == ["169.254.169.254/32"])
  }

  @Test(arguments: [
    ("0.0.0.0/0", true), ("169.254.0.0/16", true), ("169.254.169.254/31", true),
    ("128.0.0.0/1", true), ("169.254.169.0/25", false), ("10.0.0.0/8", false),
  ]) func aNetworkWithTheMetadataAddressLeavesItOut(_ network: String, _ holds: Bool) throws {
    let block = try rules(["cidrs": [.string(network)]])[1]["to"]?[0]?["ipBlock"]
    #expect(block?["cidr"] == .string(network))
    #expect(block?["except"] == (holds ? ["169.254.169.254/32"] : nil))
  }

  @Test(arguments: [
    ("http://otel.observing:4317", "observing"), ("http://otel.observing.svc:4317", "observing"),
    ("http://otel.observing.svc.cluster.local", "observing"), ("http://otel:4317", "agents"),
  ]) func tracesOfTheClusterGetThrough(_ endpoint: String, _ place: String) throws {
    let rules = try rules(
      ["mode": "Restricted"], ["observability": ["tracing": ["endpoint": .string(endpoint)]]])
    #expect(rules.count == 2 && rules[1] == ["to": [namespace(place)]])
  }

  @Test func tracesOutsideTheClusterGetThrough() throws {
    func last(_ endpoint: String) throws -> JSONValue? {
      try rules(
        ["mode": "Restricted"], ["observability": ["tracing": ["endpoint": .string(endpoint)]]]
      ).last
    }
    #expect(
      try last("https://otlp.example.com:4318/v1")?["ports"]
        == [["protocol": "TCP", "port": 4318]])
    #expect(
      try last("https://otlp.example.com")?["ports"] == [["protocol": "TCP", "port": 443]])
    #expect(try last("http://10.2.3.4:4317") == ["to": [["ipBlock": ["cidr": "10.2.3.4/32"]]]])
  }

  /// A Service and its namespace have two parts, and so has huggingface.co.
  @Test(arguments: [
    ("https://huggingface.co/mcp", true), ("https://huggingface.co:443/mcp", true),
    ("https://huggingface.co:8443/mcp", false), ("http://weather.tools/mcp", false),
    ("https://weather.tools.svc/mcp", false),
  ]) func aHostOfTwoPartsIsOutsideOverTLS(_ url: String, _ isOutside: Bool) throws {
    let spec: JSONValue = [
      "tools": [["name": "t", "url": .string(url)]],
      "security": ["egress": ["mode": "Restricted"]],
    ]
    let rules = try rules(["mode": "Restricted"], spec)
    let rendering = try Samples.render(spec)
    #expect(rules.count == 2)
    #expect((rules[1]["ports"] == [["protocol": "TCP", "port": 443]]) == isOutside)
    #expect(
      rendering["ServiceEntry"]?["spec"]?["hosts"] == (isOutside ? ["huggingface.co"] : nil))
    if !isOutside {
      let place = url.contains("tools") ? "tools" : "co"
      #expect(rules[1] == ["to": [namespace(place)]])
    }
  }

  @Test func anAgentWithPermissionsReachesTheAPIServer() throws {
    let security: JSONValue = ["security": ["rules": PermissionTests.rules]]
    func last(_ agentClass: AgentClass = .builtIn) throws -> JSONValue? {
      try rules(["mode": "Restricted"], security, agentClass).last
    }
    #expect(
      try last() == [
        "to": [["ipBlock": ["cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]]]],
        "ports": [["protocol": "TCP", "port": 443], ["protocol": "TCP", "port": 6443]],
      ])
    let known = try ClassRenderingTests.agentClass([
      "endpoints": ["apiServer": ["cidrs": ["10.0.0.1/32"], "ports": [16443]]]
    ])
    #expect(
      try last(known) == [
        "to": [["ipBlock": ["cidr": "10.0.0.1/32"]]],
        "ports": [["protocol": "TCP", "port": 16443]],
      ])
    #expect(try rules([:], security, known) == rules([:]))
  }

  @Test func theMeshIsToldOfTheHosts() throws {
    let rendering = try Samples.render(["security": ["egress": Self.egress]])
    #expect(
      rendering["ServiceEntry"]?["spec"] == [
        "hosts": ["*.example.com", "api.stripe.com"], "exportTo": ["."],
        "location": "MESH_EXTERNAL", "resolution": "NONE",
        "ports": [["number": 443, "name": "tls", "protocol": "TLS"]],
      ])
    #expect(
      try Samples.render(["security": ["egress": ["mode": "Restricted"]]])["ServiceEntry"] == nil)
    let plain: JSONValue = [
      "traffic": ["provider": "None"], "security": ["egress": ["hosts": ["api.stripe.com"]]],
    ]
    #expect(try Samples.render(plain)["ServiceEntry"] == nil)
  }
}
