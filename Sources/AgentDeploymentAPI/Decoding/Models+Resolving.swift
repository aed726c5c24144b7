import JSON

extension ModelReference {
  init(resolving json: JSONValue, _ secrets: [SecretSource]) {
    let provider: Provider = json.choice("provider") ?? .openAICompatible
    self.init(
      name: json.text("name") ?? "", provider: provider, model: json.text("model") ?? "",
      endpoint: json.text("endpoint") ?? provider.endpoint,
      credential: CredentialReference(resolving: json, secrets, key: "api-key"))
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
