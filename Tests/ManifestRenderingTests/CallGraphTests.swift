import AgentDeploymentAPI
import Foundation
import JSON
import KubernetesAPI
import Simulation
import Testing

@testable import ManifestRendering

/// Who may call whom, and what a pod that was taken over could touch.
@Suite struct CallGraphTests {
  private static func agent(
    _ name: String, _ spec: JSONValue = [:], in namespace: String = "agents"
  ) throws -> AgentDeployment {
    var json = try Samples.agent(spec).object.json
    json["metadata"]?["name"] = .string(name)
    json["metadata"]?["namespace"] = .string(namespace)
    return try Samples.decode(json)
  }

  private static func tool(_ name: String, in namespace: String? = nil) -> JSONValue {
    var reference: JSONValue = ["name": .string(name)]
    if let namespace { reference["namespace"] = .string(namespace) }
    return ["name": .string(name), "agentRef": reference]
  }

  static func fleet() throws -> [AgentDeployment] {
    [
      try agent(
        "support",
        [
          "secrets": [["name": "llm", "secretRef": ["name": "llm"]]],
          "models": [
            ["name": "m", "provider": "Anthropic", "model": "claude", "credential": "llm"]
          ],
          "tools": [
            tool("weather"), tool("ledger"), tool("search", in: "tools"),
            ["name": "crm", "url": "https://crm.example.com/mcp", "allow": ["find", "add"]],
          ],
          "state": ["type": "Managed"],
          "traffic": ["hosts": ["a.example.com"], "gatewayRefs": [["name": "public"]]],
        ]),
      try agent("weather"),
      try agent("ledger", ["security": ["allowedCallers": [["agentRef": ["name": "planner"]]]]]),
      try agent("planner", ["security": ["egress": ["mode": "Restricted"]]]),
      try agent(
        "search",
        [
          "protocol": "MCP",
          "security": [
            "allowedCallers": [
              ["agentRef": ["name": "support", "namespace": "agents"], "tools": ["query"]],
              ["namespaceRef": ["name": "ops"]],
            ]
          ],
        ], in: "tools"),
    ]
  }

  private func edges(_ graph: CallGraph) -> Set<String> {
    Set(graph.edges.map { "\($0.from.name) \($0.kind.rawValue) \($0.to.name)" })
  }

  @Test func whatIsNamedAndWhatIsLetIn() throws {
    let graph = CallGraph(try Self.fleet())
    #expect(
      edges(graph) == [
        "agents/public Calls agents/support", "agents/support Calls agents/weather",
        "agents/support Denied agents/ledger", "agents/support Calls tools/search",
        "agents/support Calls crm.example.com", "agents/support Calls Anthropic claude",
        "agents/support Calls agents/support-state", "agents/planner MayCall agents/ledger",
        "namespace ops MayCall tools/search",
      ])
    let crm = graph.edges.first { $0.to.name == "crm.example.com" }
    #expect(crm?.tools == ["find", "add"])
  }

  @Test func orderOfInputDoesNotMatter() throws {
    let fleet = try Self.fleet()
    let graph = CallGraph(fleet)
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<20 {
      let other = CallGraph(fleet.shuffled(using: &generator))
      #expect(other == graph && other.mermaid == graph.mermaid && other.svg == graph.svg)
    }
  }

  /// The graph says "denied" exactly where the rendered NetworkPolicy names callers without this one.
  @Test func letsInIsWhatThePoliciesSay() throws {
    let fleet = try Self.fleet()
    for callee in fleet {
      let policy = callee.render(Samples.context)["NetworkPolicy", callee.name]
      let peers = (policy?["spec"]?["ingress"]?.array ?? []).flatMap {
        $0["from"]?.array ?? []
      }
      for caller in fleet {
        let isNamed = peers.contains { peer in
          let place =
            peer["namespaceSelector"]?["matchLabels"]?["kubernetes.io/metadata.name"]?.string
          let pods = peer["podSelector"]
          let isPlace = (place ?? callee.namespace) == caller.namespace
          let name = pods?["matchLabels"]?["agentdeploy.dev/agent"]?.string
          return isPlace && pods != nil && (name == nil || name == caller.name)
        }
        #expect(callee.letsIn(caller) == isNamed, "\(caller.name) to \(callee.name)")
      }
    }
  }

  @Test func anAgentThatIsNotThereCountsAsOpen() throws {
    let graph = CallGraph([try Self.agent("a", ["tools": [Self.tool("gone")]])])
    #expect(edges(graph) == ["agents/a Calls agents/gone"])
  }

  @Test func circlesEnd() throws {
    let graph = CallGraph([
      try Self.agent("a", ["tools": [Self.tool("b"), Self.tool("a")]]),
      try Self.agent("b", ["tools": [Self.tool("a")]]),
    ])
    #expect(graph.edges.count == 3)
    #expect(graph.svg.hasSuffix("</svg>\n"))
  }

  @Test func mermaidIsAsRecorded() throws {
    #expect(
      CallGraph(try Self.fleet()).mermaid == """
        flowchart LR
          n0(["agents/public"])
          n1(["namespace ops"])
          n2["agents/ledger"]
          n3["agents/planner"]
          n4["agents/support"]
          n5["agents/weather"]
          n6["tools/search"]
          n7{{"Anthropic claude"}}
          n8("crm.example.com")
          n9[("agents/support-state")]
          n0 --> n4
          n1 -.-> n6
          n3 -.-> n2
          n4 --x n2
          n4 --> n5
          n4 --> n6
          n4 --> n7
          n4 -->|"find, add"| n8
          n4 --> n9
          linkStyle 3 stroke:#c0392b

        """)
  }

  @Test func drawingsAreWellFormedWhateverTheNames() throws {
    let odd = try Self.agent(
      "a",
      [
        "models": [
          [
            "name": "m", "provider": "OpenAICompatible", "model": "<\"x\"&'y'>]]>",
            "endpoint": "http://a.b",
          ]
        ]
      ])
    for agents in [[], [odd], try Self.fleet()] {
      let graph = CallGraph(agents)
      let parser = XMLParserCheck(graph.svg)
      #expect(parser.problem == nil, "\(parser.problem ?? "")")
      let lines = graph.mermaid.split(separator: "\n")
      let count = graph.nodes.count + graph.edges.count + 1
      let styled = graph.edges.contains { $0.kind == .denied } ? 1 : 0
      #expect(lines.count == count + styled)
    }
    #expect(CallGraph([odd]).mermaid.contains("#lt;#quot;x#quot;"))
  }

  @Test func aPodThatWasTakenOverReachesThis() throws {
    let fleet = try Self.fleet()
    func reach(_ name: String) throws -> [String] {
      let one = try #require(fleet.first { $0.name == name })
      return Reach(of: one, among: fleet).items.map { "\($0.kind.rawValue) \($0.name)" }
    }
    #expect(
      try reach("support") == [
        "Agent agents/weather", "Agent agents/planner", "Agent tools/search",
        "Network everything", "Model Anthropic claude", "Service https://crm.example.com/mcp",
        "State support-state", "Secret llm",
      ])
    // Confined: not even those who would let it in, as long as it does not call them.
    #expect(try reach("planner") == [])
    let search = Reach(of: fleet[0], among: fleet).items.first { $0.name == "tools/search" }
    #expect(search?.detail == "one of its tools; only query")
  }
}

/// Whether a text is a balanced XML document with its entities.
private struct XMLParserCheck {
  var problem: String?

  init(_ text: String) {
    var open: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      if rest[..<start].contains(">") { problem = "a bare > before \(rest[start...].prefix(40))" }
      guard let end = rest[start...].firstIndex(of: ">") else {
        problem = "no end of \(rest[start...].prefix(40))"
        return
      }
      let tag = rest[rest.index(after: start)..<end]
      let name = tag.prefix { $0 != " " && $0 != "/" }
      if tag.contains("<") { problem = "a bare < in \(tag.prefix(40))" }
      if tag.filter({ $0 == "\"" }).count % 2 != 0 { problem = "quotes in \(tag.prefix(60))" }
      if tag.hasPrefix("/") {
        if open.popLast() != tag.dropFirst() { problem = "\(tag) closes another" }
      } else if !tag.hasSuffix("/") {
        open.append(name)
      }
      rest = rest[rest.index(after: end)...]
    }
    if !open.isEmpty { problem = "\(open) stay open" }
    for part in text.split(separator: "&").dropFirst()
    where !["amp;", "lt;", "gt;", "quot;"].contains(where: part.hasPrefix) {
      problem = "a bare & before \(part.prefix(20))"
    }
  }
}
