import JSON

extension ModelReference {
  init(resolving json: JSONValue, _ secrets: [SecretSource], _ routing: ModelRouting) {
    let provider: Provider = json.choice("provider") ?? .openAICompatible
    let key = routing == .gateway ? provider.gatewayKey : Self.directKey
    self.init(
      name: json.text("name") ?? "", provider: provider, model: json.text("model") ?? "",
      endpoint: json.text("endpoint") ?? provider.endpoint,
      credential: CredentialReference(resolving: json, secrets, key: key))
  }
}

extension ModelReference {
  static let directKey = "api-key"
}

extension ModelReference.Provider {
  /// The key of a Secret that Envoy AI Gateway reads for it, as `ModelBackend.Security` has it.
  var gatewayKey: String {
    switch self {
    case .anthropic, .openAI, .azureOpenAI, .openAICompatible: "apiKey"
    case .bedrock: "credentials"
    case .googleVertexAI: "service_account.json"
    }
  }
}

extension ToolReference {
  init(resolving json: JSONValue, _ secrets: [SecretSource]) {
    let target: Target =
      json["agentRef"].map {
        .agent(
          name: $0.text("name") ?? "", namespace: $0.text("namespace"),
          path: json.text("path") ?? "/mcp")
      } ?? .url(json.text("url") ?? "")
    self.init(
      name: json.text("name") ?? "", target: target,
      allow: json.has("allow") ? json.texts("allow") : nil,
      credential: CredentialReference(resolving: json, secrets, key: "token"))
  }
}

extension CredentialReference {
  /// Nil for an entry without one.
  init?(resolving json: JSONValue, _ secrets: [SecretSource], key standard: String) {
    guard let secret = json.text("credential") else { return nil }
    let isGenerated = secrets.first { $0.name == secret }?.isGenerated ?? false
    self.init(secret: secret, key: json.text("key") ?? (isGenerated ? "value" : standard))
  }
}
