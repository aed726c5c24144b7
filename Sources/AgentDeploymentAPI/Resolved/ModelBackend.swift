/// A model as Envoy AI Gateway reaches it: which API it speaks, where it is, and how the gateway shows
/// who it is (https://aigateway.envoyproxy.io/docs/capabilities/llm-integrations/supported-providers).
public struct ModelBackend: Sendable, Hashable {
  /// `AIServiceBackend.spec.schema.name`
  public enum Schema: String, Sendable {
    case openAI = "OpenAI", anthropic = "Anthropic", bedrock = "AWSBedrock",
      vertexAI = "GCPVertexAI", vertexAnthropic = "GCPAnthropic"
  }

  /// `BackendSecurityPolicy.spec`
  public enum Security: Sendable, Hashable {
    case apiKey, anthropicKey, azureKey
    case aws(region: String)
    case google(project: String, region: String)

    /// The one key of a Secret that the gateway reads.
    public var secretKey: String {
      switch self {
      case .apiKey, .anthropicKey, .azureKey: "apiKey"
      case .aws: "credentials"
      case .google: "service_account.json"
      }
    }

    /// Whether the gateway's own identity in the cloud will do.
    public var worksWithoutSecret: Bool {
      switch self {
      case .apiKey, .anthropicKey, .azureKey: false
      case .aws, .google: true
      }
    }
  }

  /// Why a model cannot be reached through the gateway.
  public struct Problem: Error, Sendable, Hashable {
    public var message: String
    public var fix: String
  }

  public var schema: Schema
  /// Nil where the schema knows its own.
  public var version: String?
  /// Of the paths; nil where the schema knows them.
  public var prefix: String?
  public var endpoint: URLParts
  public var security: Security

  /// The API that the gateway takes requests for it in, when it is asked for by itself.
  public var api: ModelGatewayAPI { schema == .anthropic ? .anthropicMessages : .openAI }

  /// Whether the gateway translates requests of an API for it.
  ///
  /// Source: `GetTranslator` of ChatCompletionsEndpointSpec and MessagesEndpointSpec in
  /// `internal/endpointspec` of envoyproxy/ai-gateway v1.1.0.
  public func understands(_ api: ModelGatewayAPI) -> Bool {
    switch api {
    case .openAI: schema != .anthropic
    case .anthropicMessages: schema != .vertexAI
    }
  }

  public init(_ model: ModelReference) throws(Problem) {
    guard let url = model.endpoint, let parts = URLParts(url) else {
      throw Problem(
        message: "a gateway has to be told where \(model.provider.rawValue) is",
        fix: Self.endpointHint(model.provider))
    }
    if parts.isTLS, IPv4.parse(parts.host) != nil {
      throw Problem(
        message: "a gateway checks the name in a certificate, and an address is none",
        fix: "name a host, or use http")
    }
    endpoint = parts
    switch model.provider {
    case .openAI, .openAICompatible:
      (schema, security) = (.openAI, .apiKey)
      // Left out it would be "v1".
      prefix = parts.path.isEmpty ? "/" : parts.path
    case .azureOpenAI:
      (schema, security) = (.openAI, .azureKey)
      prefix = parts.path.isEmpty ? "/openai/v1" : parts.path
    case .anthropic:
      (schema, security) = (.anthropic, .anthropicKey)
      prefix = parts.path.hasSuffix("/v1") ? parts.path : parts.path + "/v1"
    case .bedrock:
      guard let region = Self.region(ofBedrock: parts.host) else {
        throw Problem(
          message: "the host says no region of Bedrock", fix: Self.endpointHint(.bedrock))
      }
      (schema, security) = (.bedrock, .aws(region: region))
    case .googleVertexAI:
      guard let project = Self.member("projects", of: parts.path),
        let region = Self.member("locations", of: parts.path)
      else {
        throw Problem(
          message: "the path says no project and location",
          fix: Self.endpointHint(.googleVertexAI))
      }
      let isClaude = model.model.hasPrefix("claude")
      (schema, security) = (
        isClaude ? .vertexAnthropic : .vertexAI, .google(project: project, region: region)
      )
      if isClaude { version = Self.vertexAnthropicVersion }
    }
  }

  /// https://docs.claude.com/en/api/claude-on-vertex-ai: `anthropic_version`.
  private static let vertexAnthropicVersion = "vertex-2023-10-16"

  private static func endpointHint(_ provider: ModelReference.Provider) -> String {
    switch provider {
    case .bedrock: "give endpoint: https://bedrock-runtime.REGION.amazonaws.com"
    case .googleVertexAI:
      "give endpoint: "
        + "https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION"
    case .anthropic, .openAI, .azureOpenAI, .openAICompatible: "give its endpoint"
    }
  }

  /// `bedrock-runtime.us-east-1.amazonaws.com`, with FIPS, in China and through a VPC's own endpoint.
  private static func region(ofBedrock host: String) -> String? {
    let labels = host.split(separator: ".")
    guard let service = labels.firstIndex(where: { $0.hasPrefix("bedrock-runtime") }),
      labels.count > service + 2, labels.contains("amazonaws")
    else { return nil }
    return String(labels[service + 1])
  }

  /// What follows a name in a path.
  private static func member(_ name: String, of path: String) -> String? {
    let parts = path.split(separator: "/")
    guard let i = parts.firstIndex(of: Substring(name)), i + 1 < parts.count else { return nil }
    return String(parts[i + 1])
  }
}
