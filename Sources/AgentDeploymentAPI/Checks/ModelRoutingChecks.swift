import KubernetesAPI

/// Whether models can be reached the way the agent wants, and whether every credential gets to
/// somebody. Checked where the class's defaults are in: they may be what chooses the gateway.
struct ModelRoutingChecks {
  let spec: AgentDeploymentSpec

  var problems: [FieldError] {
    (spec.modelGateway == nil ? [] : gatewayProblems) + withheld
  }

  // MARK: Through a gateway

  /// What Envoy AI Gateway has no words for.
  var gatewayProblems: [FieldError] {
    var errors: [FieldError] = []
    var first: ModelGatewayAPI?
    for (i, model) in spec.models.enumerated() {
      let path: FieldPath = ["spec", "models", .index(i)]
      let backend: ModelBackend
      do {
        backend = try ModelBackend(model)
      } catch {
        errors.append(
          FieldError(path.appending("endpoint"), .invalid, error.message, fix: error.fix))
        continue
      }
      if let credential = model.credential, credential.key != backend.security.secretKey {
        let key = backend.security.secretKey
        errors.append(
          FieldError(
            path.appending("key"), .invalid,
            "Envoy AI Gateway reads the key \(key) of a Secret and no other",
            fix: "put it there under \(key) and remove key, or use modelRouting: Direct"))
      }
      if i == 0 { first = backend.api }
      if let first, !backend.understands(first) {
        errors.append(
          FieldError(
            path.appending("provider"), .invalid,
            "Envoy AI Gateway does not translate \(Self.title(first)), the API of the first model, "
              + "for \(model.provider.rawValue)", fix: Self.fix(model.provider)))
      }
    }
    return errors
  }

  private static func title(_ api: ModelGatewayAPI) -> String {
    switch api {
    case .openAI: "OpenAI's chat completions"
    case .anthropicMessages: "Anthropic's messages"
    }
  }

  private static func fix(_ provider: ModelReference.Provider) -> String {
    provider == .anthropic
      ? "make it the first, or use provider OpenAICompatible with endpoint "
        + "https://api.anthropic.com/v1"
      : "make it the first, or remove it"
  }

  // MARK: Credentials that no pod has

  private var withheld: [FieldError] {
    let isRouted = spec.modelGateway != nil
    var errors: [FieldError] = []
    for (i, secret) in spec.secrets.enumerated() where secret.expose == .nowhere {
      var isUsed = false
      for (j, model) in spec.models.enumerated() where model.credential?.secret == secret.name {
        isUsed = true
        if !isRouted { errors.append(Self.unseen(secret, ["spec", "models", .index(j)])) }
      }
      for (j, tool) in spec.tools.enumerated() where tool.credential?.secret == secret.name {
        isUsed = true
        errors.append(Self.unseen(secret, ["spec", "tools", .index(j)]))
      }
      if case .external(let store) = spec.state, store.credential == secret.name { isUsed = true }
      if !isUsed {
        errors.append(
          FieldError(
            ["spec", "secrets", .index(i), "expose"], .invalid,
            "with None nobody would have it: no model that a gateway reaches names it",
            fix: "name it in spec.models, or expose it as Files"))
      }
    }
    return errors
  }

  private static func unseen(_ secret: SecretSource, _ path: FieldPath) -> FieldError {
    FieldError(
      path.appending("credential"), .invalid,
      "the agent cannot use the secret \(secret.name): its expose is None",
      fix: "expose it as Files"
        + (path.components.contains(.key("models")) ? ", or use modelRouting: Gateway" : ""))
  }
}
