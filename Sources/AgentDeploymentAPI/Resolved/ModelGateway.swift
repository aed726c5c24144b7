/// `spec.modelRouting`: how an agent gets to its models.
public enum ModelRouting: String, Sendable, CaseIterable {
  /// It calls the providers itself, with keys of its own.
  case direct = "Direct"
  /// It calls the class's gateway, which has the keys and fails over.
  case gateway = "Gateway"
}

/// `endpoints.aiGateway` of a class: a Gateway of Envoy AI Gateway.
public struct ModelGateway: Sendable, Hashable {
  /// Where agents reach it, without a slash at the end.
  public var url: String
  public var name: String
  public var namespace: String

  public init(url: String, name: String, namespace: String) {
    self.url = url
    self.name = name
    self.namespace = namespace
  }

  /// What an agent says for the model that it wants. Each agent has names of its own: routes of one
  /// gateway that match the same name would take each other's requests, and with them the keys
  /// (https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule: the oldest route wins).
  public static func modelName(_ model: String, of agent: String, in namespace: String) -> String {
    "\(namespace)/\(agent)/\(model)"
  }
}

/// The APIs that Envoy AI Gateway takes requests in
/// (https://aigateway.envoyproxy.io/docs/capabilities/llm-integrations/supported-endpoints).
public enum ModelGatewayAPI: Sendable, Hashable {
  case openAI, anthropicMessages

  /// As `ModelReference.provider` calls one that speaks it.
  public var provider: ModelReference.Provider {
    switch self {
    case .openAI: .openAICompatible
    case .anthropicMessages: .anthropic
    }
  }

  /// What a client library appends its own paths to: `/chat/completions`, `/v1/messages`.
  public var path: String {
    switch self {
    case .openAI: "/v1"
    case .anthropicMessages: "/anthropic"
    }
  }
}
