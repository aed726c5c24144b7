import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

/// `spec.modelRouting`: who decides, and how each provider is reached through a gateway.
@Suite struct ModelRoutingTests {
  private static let gateway: JSONValue = [
    "url": "http://ai.gateways/", "gatewayRef": ["name": "ai", "namespace": "gateways"],
  ]

  private static func agentClass(
    _ defaults: JSONValue = [:], capability: Bool? = true
  ) throws -> AgentClass {
    var spec: JSONValue = ["endpoints": ["aiGateway": gateway], "defaults": defaults]
    if let capability { spec["capabilities"] = ["aiGateway": .bool(capability)] }
    var json = ClassDecodingTests.json("{}")
    json["spec"] = spec
    return try AgentClass.decode(json).get()
  }

  private static func agent(_ spec: String, _ agentClass: AgentClass) throws -> AgentDeployment {
    try AgentDeployment.decode(Manifest.agent(spec), agentClass: agentClass).get()
  }

  private static func withKey(_ key: String, expose: String = "Files") -> String {
    #"{"secrets":[{"name":"s","secretRef":{"name":"s"},"expose":"\#(expose)"}],"models":[{"name":"a","provider":"OpenAI","model":"m","credential":"s"\#(key)}]}"#
  }

  private static let hidden =
    #"{"modelRouting":"Gateway",\#(withKey("", expose: "None").dropFirst())"#

  private static let plain = #"{"models":[{"name":"a","provider":"OpenAI","model":"m"}]}"#
  private static let routed =
    #"{"modelRouting":"Gateway","models":[{"name":"a","provider":"OpenAI","model":"m"}]}"#
  private static let byDefault: JSONValue = ["modelRouting": "Gateway"]

  @Test func aGatewayThatThereIsChangesNothingByItself() throws {
    #expect(try Self.agent(Self.plain, Self.agentClass()).spec.modelGateway == nil)
    let routed = try Self.agent(Self.routed, Self.agentClass()).spec.modelGateway
    #expect(routed == ModelGateway(url: "http://ai.gateways", name: "ai", namespace: "gateways"))
    let agent = try Self.agent(Self.plain, Self.agentClass(Self.byDefault))
    #expect(agent.spec.modelGateway != nil)
    #expect(agent.classDefaults.map(\.description) == ["spec.modelRouting"])
    let direct =
      #"{"modelRouting":"Direct","models":[{"name":"a","provider":"OpenAI","model":"m"}]}"#
    #expect(try Self.agent(direct, Self.agentClass(Self.byDefault)).spec.modelGateway == nil)
  }

  @Test func aDefaultGivesWayToWhatTheAgentSays() throws {
    let byDefault = try Self.agentClass(Self.byDefault)
    func isRouted(_ spec: String) throws -> Bool {
      try Self.agent(spec, byDefault).spec.modelGateway != nil
    }
    #expect(try !isRouted("{}"))
    // A Secret made for the agent's own use has its key under another name.
    #expect(try !isRouted(Self.withKey("")))
    #expect(try !isRouted(Self.withKey(#","key":"openai""#)))
    #expect(try isRouted(Self.withKey(#","key":"apiKey""#)))
    #expect(try isRouted(Self.withKey("", expose: "None")))
    #expect(try !isRouted(#"{"models":[{"name":"a","provider":"Bedrock","model":"m"}]}"#))
  }

  @Test func withoutAGatewayOnlyWhoAsksForItIsRefused() throws {
    for agentClass in [
      try Self.agentClass(capability: false), try Self.agentClass(capability: nil), .builtIn,
    ] {
      for spec in [Self.routed, Self.hidden] {
        guard
          case .failure(let failure) = AgentDeployment.decode(
            Manifest.agent(spec), agentClass: agentClass)
        else {
          Issue.record("accepted")
          continue
        }
        #expect(failure.errors.map(\.reason) == [.unsupportedByClass])
        #expect(failure.errors.map(\.path.description) == ["spec.modelRouting"])
        #expect(failure.errors.first?.message.contains("Envoy AI Gateway") == true)
      }
    }
    // Not installed, and not declared: the default gives way until it is.
    var undiscovered = try Self.agentClass(Self.byDefault, capability: nil)
    #expect(try Self.agent(Self.plain, undiscovered).spec.modelGateway == nil)
    undiscovered.capabilities.discovered.insert(.aiGateway)
    #expect(try Self.agent(Self.plain, undiscovered).spec.modelGateway != nil)
    let nameless = AgentClass(capabilities: Capabilities(declared: [.aiGateway: true]))
    guard
      case .failure(let failure) = AgentDeployment.decode(
        Manifest.agent(Self.routed), agentClass: nameless)
    else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.first?.fix?.contains("endpoints.aiGateway") == true)
  }

  @Test func podsKeepTheGatewayThatTheyWereMadeWith() throws {
    let old = try Self.agentClass(Self.byDefault)
    let lost = try Self.agentClass(capability: false)
    let kept = lost.keeping(.init(old.podPart.json))
    #expect(kept.modelGateway == old.modelGateway)
    #expect(try Self.agent(Self.plain, kept).spec.modelGateway == old.modelGateway)
    let before = old.keeping(.init(lost.podPart.json))
    #expect(try Self.agent(Self.plain, before).spec.modelGateway == nil)
  }

  // MARK: Providers

  private static func backend(
    _ provider: ModelReference.Provider, _ endpoint: String?, _ model: String = "m"
  ) throws -> ModelBackend {
    try ModelBackend(
      ModelReference(
        name: "a", provider: provider, model: model, endpoint: endpoint ?? provider.endpoint,
        credential: nil))
  }

  @Test func everyProviderIsReachedAsItsOwnAPIIs() throws {
    let openAI = try Self.backend(.openAI, nil)
    #expect(openAI.schema == .openAI && openAI.prefix == "/v1" && openAI.security == .apiKey)
    #expect(openAI.endpoint.host == "api.openai.com" && openAI.endpoint.port == 443)
    let anthropic = try Self.backend(.anthropic, nil)
    #expect(anthropic.schema == .anthropic && anthropic.prefix == "/v1")
    #expect(anthropic.security == .anthropicKey)
    #expect(try Self.backend(.anthropic, "https://p.example.com/a/v1").prefix == "/a/v1")
    #expect(try Self.backend(.anthropic, "https://p.example.com/a").prefix == "/a/v1")
    let azure = try Self.backend(.azureOpenAI, "https://a.openai.azure.com")
    #expect(azure.prefix == "/openai/v1" && azure.security == .azureKey)
    #expect(try Self.backend(.openAICompatible, "https://api.deepseek.com").prefix == "/")
    let local = try Self.backend(.openAICompatible, "http://vllm.models:8000/v1/")
    #expect(local.prefix == "/v1" && !local.endpoint.isTLS && local.endpoint.port == 8000)
    for (host, region) in [
      ("bedrock-runtime.us-east-1.amazonaws.com", "us-east-1"),
      ("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
      ("bedrock-runtime.cn-north-1.amazonaws.com.cn", "cn-north-1"),
      ("vpce-1a-2b.bedrock-runtime.eu-west-1.vpce.amazonaws.com", "eu-west-1"),
    ] {
      let bedrock = try Self.backend(.bedrock, "https://\(host)")
      #expect(bedrock.schema == .bedrock && bedrock.security == .aws(region: region))
    }
    let vertex = "https://us-east5-aiplatform.googleapis.com/v1/projects/p1/locations/us-east5"
    let gemini = try Self.backend(.googleVertexAI, vertex, "gemini-2.5-pro")
    #expect(gemini.schema == .vertexAI && gemini.version == nil)
    #expect(gemini.security == .google(project: "p1", region: "us-east5"))
    let claude = try Self.backend(.googleVertexAI, vertex, "claude-sonnet-4-5@20250929")
    #expect(claude.schema == .vertexAnthropic && claude.version == "vertex-2023-10-16")
  }

  @Test(arguments: ModelReference.Provider.allCases)
  func theDefaultKeyIsTheOneThatTheGatewayReads(_ provider: ModelReference.Provider) throws {
    let endpoint =
      switch provider {
      case .bedrock: "https://bedrock-runtime.us-east-1.amazonaws.com"
      case .googleVertexAI: "https://a.googleapis.com/v1/projects/p/locations/l"
      default: "https://a.example.com"
      }
    #expect(try Self.backend(provider, endpoint).security.secretKey == provider.gatewayKey)
  }
}
