import AgentDeploymentAPI
import Foundation
import JSON
import KubernetesAPI
import ManifestRendering
import Simulation
import Testing
import YAML

/// What the samples render to, byte for byte. After a wanted change: `UPDATE_GOLDEN=1 swift test
/// --filter GoldenTests`, then read the difference.
@Suite struct GoldenTests {
  static let folder = Samples.root.appending(path: "Tests/ManifestRenderingTests/Golden")

  @Test(arguments: Samples.names) func rendersAsRecorded(_ name: String) throws {
    let objects = try Samples.agents(name).flatMap { $0.render(Samples.context).objects }
    try expectGolden(name, objects)
  }

  /// What monitoring adds, with each kind of dashboard and each way to scrape.
  @Test(arguments: MonitoredAgent.allCases) func monitoringIsAsRecorded(_ agent: MonitoredAgent)
    throws
  {
    let kinds: [ResourceType] = [.podMonitors, .prometheusRules, .grafanaDashboards]
    let objects = try agent.render().objects.filter {
      kinds.contains($0.resource) || $0.object.name == "support-dashboard"
    }
    try expectGolden("monitoring-\(agent.rawValue)", objects)
  }

  @Test func theTunedSampleIsMonitoredAsRecorded() throws {
    let agentClass = MonitoredAgent.meshed.agentClass
    let objects = try Samples.agents("mcp-agent", agentClass).flatMap {
      $0.render(MonitoredAgent.meshed.context).objects
    }
    try expectGolden("monitoring-mcp-agent", objects.filter { $0.wave == .policy })
  }

  /// What `security` adds for an agent that is confined in every way.
  @Test func theConfinedAgentIsAsRecorded() throws {
    let kinds: [ResourceType] = [
      .networkPolicies, .authorizationPolicies, .requestAuthentications, .serviceEntries, .roles,
      .roleBindings,
    ]
    let agent = try Samples.agent([
      "security": [
        "allowedCallers": CallerTests.callers, "jwt": TokenTests.jwt, "egress": EgressTests.egress,
        "rules": PermissionTests.rules,
      ],
      "observability": ["metrics": ["port": 9090]],
    ])
    let objects = agent.render(Samples.context).objects
    try expectGolden("security", objects.filter { kinds.contains($0.resource) })
  }

  /// What each provider of routes makes of the same agent.
  @Test(arguments: RoutedAgent.allCases) func routesAreAsRecorded(_ agent: RoutedAgent) throws {
    let objects = try agent.render().objects.filter { $0.wave == .traffic }
    #expect(!objects.isEmpty)
    try expectGolden("traffic-\(agent.rawValue)", objects)
  }

  /// Out of a store.
  @Test func externalSecretsAreAsRecorded() throws {
    let kinds: [ResourceType] = [.externalSecrets]
    let objects = try ExternalSecretTests.render().objects
    try expectGolden("external-secrets", objects.filter { kinds.contains($0.resource) })
  }

  /// An agent that is told when files have changed.
  @Test func theReloadingPodIsAsRecorded() throws {
    let objects = try Samples.render(ReloadTests.spec).objects
    try expectGolden("reload", objects.filter { $0.resource == .deployments })
  }

  /// Models through a gateway.
  @Test func modelRoutesAreAsRecorded() throws {
    let kinds = ModelRoute.kinds + [.networkPolicies]
    let objects = try ModelRouteTests.sample().objects.filter {
      kinds.contains($0.resource) || $0.object.name.hasSuffix("-config")
    }
    // Envoy's own kinds, of which ../shared/schemas has no definitions, in a folder of their own.
    func isEnvoys(_ object: RenderedObject) -> Bool {
      object.object.apiVersion.contains("envoyproxy.io/")
    }
    try expectGolden("routed", objects.filter { !isEnvoys($0) })
    try expectGolden("envoy/routed", objects.filter(isEnvoys))
  }

  /// What a managed store is made of, each persistence's configuration, and what the agent is told.
  @Test func theManagedStoreIsAsRecorded() throws {
    let all = try Samples.render(["state": ["type": "Managed"]]).objects
    let bare: JSONValue = ["type": "Managed", "managed": ["persistence": "None"]]
    let memory = try Samples.render(["state": bare, "traffic": ["provider": "None"]]).objects
    try expectGolden(
      "state",
      all.filter { $0.object.name.contains("state") || $0.object.name.hasSuffix("-config") }
        + memory.filter { $0.object.name.contains("state") })
  }

  /// One agent, scaled by KEDA and by an autoscaler, and the sample that needs KEDA.
  @Test func scalersAreAsRecorded() throws {
    try expectGolden("queue", try ScalingTests.sample())
    try expectGolden("scaling-keda", try ScalingTests.scaledByKEDA())
    try expectGolden("scaling-adapter", try ScalingTests.scaledByAdapter())
  }

  static let scalingNames = ["queue", "scaling-keda", "scaling-adapter"]

  static let monitoringNames =
    MonitoredAgent.allCases.map { "monitoring-\($0.rawValue)" } + ["monitoring-mcp-agent"]

  private func expectGolden(_ name: String, _ objects: [RenderedObject]) throws {
    let text = YAML.emit(documents: objects.map(\.object.json))
    let file = Self.folder.appending(path: "\(name).yaml")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let recorded = try String(contentsOf: file, encoding: .utf8)
    #expect(text == recorded, "run with UPDATE_GOLDEN=1 and look at the difference")
  }

  /// A GPU agent and its namespace under the sample of a class.
  @Test func rendersUnderAClassAsRecorded() throws {
    let url = Samples.root.appending(path: "manifests/samples/classes/production.yaml")
    let document = try #require(try YAML.parse(Array(Data(contentsOf: url)), file: "c").get().first)
    let agentClass = try AgentClass.decode(document.value).get()
    let json = try Samples.agent([
      "image": "registry.example.com/support@sha256:0123456789abcdef",
      "resources": ["limits": ["nvidia.com/gpu": 1]],
      "traffic": ["hosts": ["support.example.com"]],
    ]).object.json
    let agent = try AgentDeployment.decode(json, agentClass: agentClass).get()
    let context = RenderingContext(now: Samples.now, agentClass: agentClass)
    let objects =
      NamespaceGovernance.objects(for: [(agent, agentClass), (agent, agentClass)])
      + agent.render(context).objects.map(\.object)
    let text = YAML.emit(documents: objects.map(\.json))
    let file = Self.folder.appending(path: "production-class.yaml")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let recorded = try String(contentsOf: file, encoding: .utf8)
    #expect(text == recorded, "run with UPDATE_GOLDEN=1 and look at the difference")
  }

  /// The strict schemas of the real API servers' kinds, where they are beside the checkout.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: Self.checker.path)))
  func passUpstreamSchemas() throws {
    let process = Process()
    process.executableURL = Self.checker
    let names =
      Samples.names + Self.monitoringNames + Self.scalingNames
      + ["production-class", "security", "external-secrets", "state", "reload", "routed"]
      + RoutedAgent.allCases.map { "traffic-\($0.rawValue)" }
    process.arguments = names.map { Self.folder.appending(path: "\($0).yaml").path }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    // A Python without PyYAML or jsonschema says so; that is no fault of the manifests.
    if text.contains("ModuleNotFoundError") { return }
    #expect(process.terminationStatus == 0, "\(text)")
  }

  static let checker = Samples.root.appending(path: "../shared/schemas/check-manifests")
    .standardizedFileURL

  @Test func orderOfInputDoesNotMatter() throws {
    for agent in try Samples.agents("mcp-agent") + Samples.agents("fleet") {
      var generator = SeededGenerator(seed: 7)
      let expected = agent.render(Samples.context).objects.map(\.object.json.description)
      for _ in 0..<20 {
        let shuffled = agent.object.json.shuffled(using: &generator)
        let again = try Samples.decode(shuffled).render(Samples.context)
        #expect(again.objects.map(\.object.json.description) == expected)
      }
    }
  }
}

extension JSONValue {
  /// The same value with the members of every object in another order.
  func shuffled(using generator: inout SeededGenerator) -> JSONValue {
    switch self {
    case .object(let object):
      var members: [(key: String, value: JSONValue)] = []
      for (key, value) in object { members.append((key, value.shuffled(using: &generator))) }
      members.shuffle(using: &generator)
      return .object(JSONObject(members))
    case .array(let array):
      var elements: [JSONValue] = []
      for element in array { elements.append(element.shuffled(using: &generator)) }
      return .array(elements)
    default: return self
    }
  }
}
