/// `models[]`
public struct ModelReference: Sendable, Hashable {
  public enum Provider: String, Sendable, CaseIterable {
    case anthropic = "Anthropic", openAI = "OpenAI", azureOpenAI = "AzureOpenAI",
      googleVertexAI = "GoogleVertexAI", bedrock = "Bedrock", openAICompatible = "OpenAICompatible"

    /// Where it is asked unless somebody says otherwise; nil where that depends on the customer.
    public var endpoint: String? {
      switch self {
      case .anthropic: "https://api.anthropic.com"
      case .openAI: "https://api.openai.com/v1"
      case .azureOpenAI, .googleVertexAI, .bedrock, .openAICompatible: nil
      }
    }

    /// What an agent has to reach for it; a wildcard where each customer has hosts of its own.
    public var host: String? {
      switch self {
      case .anthropic: "api.anthropic.com"
      case .openAI: "api.openai.com"
      case .googleVertexAI: "*.googleapis.com"
      case .bedrock: "*.amazonaws.com"
      case .azureOpenAI, .openAICompatible: nil
      }
    }
  }

  public var name: String
  public var provider: Provider
  public var model: String
  /// Nil: as the provider's own libraries find it.
  public var endpoint: String?
  public var credential: CredentialReference?

  public init(
    name: String, provider: Provider, model: String, endpoint: String?,
    credential: CredentialReference?
  ) {
    self.name = name
    self.provider = provider
    self.model = model
    self.endpoint = endpoint
    self.credential = credential
  }
}

/// `tools[]`
public struct ToolReference: Sendable, Hashable {
  public enum Target: Sendable, Hashable {
    /// - namespace: nil for the agent's own.
    case agent(name: String, namespace: String?, path: String)
    case url(String)
  }

  public var name: String
  public var target: Target
  /// Nil: all.
  public var allow: [String]?
  public var credential: CredentialReference?
}

/// A key of one of `secrets[]`.
public struct CredentialReference: Sendable, Hashable {
  /// Name within the agent.
  public var secret: String
  public var key: String
}
