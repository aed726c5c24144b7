import JSON

/// `spec.models` and `spec.tools`: what an agent thinks with, and what it calls.
enum ModelFields {
  static let models: FieldSchema = .list(
    "Language models, in order: the first is the primary one, the others stand in for it. The agent "
      + "reads them from the file that MODELS_FILE names; MODEL_PROVIDER and MODEL_NAME are the first.",
    of: .object(
      "One model.",
      rules: [
        FieldRule(
          "!(self.provider in ['OpenAICompatible', 'AzureOpenAI']) || has(self.endpoint)",
          "OpenAICompatible and AzureOpenAI need an endpoint", at: "endpoint", reason: .required
        ) { model in
          !["OpenAICompatible", "AzureOpenAI"].contains(model["provider"]) || model.has("endpoint")
        },
        keyNeedsCredential,
      ],
      [
        .required(
          "name", .string("Name within the agent, unique.", length: 1...40, matching: .section)),
        .required("provider", .enumeration("Who runs it.", ModelReference.Provider.self)),
        .required(
          "model",
          .string(
            "Its name there, such as claude-sonnet-4-5.", length: 1...253,
            matching: Pattern("^[!-~]+$", "a name without spaces"))),
        .optional(
          "endpoint",
          .string(
            "Where it is asked. Default: the provider's own.", length: 8...512,
            matching: .serviceURL)),
        .optional("credential", credential),
        .optional(
          "key",
          .string(
            "Key in that Secret. Default: api-key, or value of a generated one; with modelRouting "
              + "Gateway what the gateway reads: apiKey, for Bedrock credentials, for "
              + "GoogleVertexAI service_account.json.", length: 1...253, matching: .configMapKey)),
      ]), .map(keys: ["name"]), max: 8)

  static let routing: FieldSchema = .enumeration(
    "Direct: the agent calls the models itself and fails over. Gateway: it calls the class's gateway, "
      + "which has the keys, asks the models in order, and is all that the agent is told of. "
      + "Default: Direct.", ModelRouting.self)

  static let routingNeedsModels = FieldRule(
    "!has(self.modelRouting) || (has(self.models) && size(self.models) > 0)",
    "without models there is nothing to route: remove modelRouting, or name models",
    at: "modelRouting"
  ) { spec in !spec.has("modelRouting") || !spec.items("models").isEmpty }

  static let tools: FieldSchema = .list(
    "What the agent may call: agents of this cluster, and services elsewhere. The agent reads them "
      + "from the file that TOOLS_FILE names.",
    of: .object(
      "One tool server.",
      rules: [
        FieldRule(
          "has(self.agentRef) != has(self.url)", "give exactly one of agentRef and url"
        ) { tool in tool.has("agentRef") != tool.has("url") },
        FieldRule(
          "!has(self.path) || has(self.agentRef)", "a url has its path already: remove path",
          at: "path"
        ) { tool in !tool.has("path") || tool.has("agentRef") },
        keyNeedsCredential,
      ],
      [
        .required(
          "name", .string("Name within the agent, unique.", length: 1...40, matching: .section)),
        .optional(
          "agentRef",
          .object(
            "Another agent.",
            [
              .required("name", .agentName("Name of the AgentDeployment.")),
              .optional(
                "namespace",
                .string(
                  "Its namespace; its allowedCallers have to admit this agent. Default: the agent's.",
                  length: 1...63, matching: .label)),
            ])),
        .optional(
          "path",
          .string(
            "Of the agent's Service. Default: /mcp.", length: 1...256, matching: .urlPath)),
        .optional(
          "url",
          .string("A service elsewhere.", length: 8...512, matching: .serviceURL)),
        .optional(
          "allow",
          .list(
            "The tools that may be used of it. Default: all.",
            of: .string(
              "A tool.", length: 1...128,
              matching: Pattern("^[-._/A-Za-z0-9]+$", "a tool name such as get_forecast")),
            .set, max: 100,
            rules: [
              FieldRule("size(self) > 0", "name a tool, or remove allow for all of them") {
                $0.array?.isEmpty == false
              }
            ])),
        .optional("credential", credential),
        .optional(
          "key",
          .string(
            "Key in that Secret. Default: token, or value of a generated one.", length: 1...253,
            matching: .configMapKey)),
      ]), .map(keys: ["name"]), max: 50)

  private static let keyNeedsCredential = FieldRule(
    "!has(self.key) || has(self.credential)", "a key is one of a credential", at: "key"
  ) { entry in !entry.has("key") || entry.has("credential") }

  private static let credential: FieldSchema = .string(
    "Which of spec.secrets has the key to it. Default: it needs none.", length: 1...40,
    matching: .section)

  /// Every credential is one of `spec.secrets`.
  static func credentialRule(_ list: String) -> FieldRule {
    FieldRule(
      "!has(self.\(list)) || self.\(list).all(m, !has(m.credential) "
        + "|| (has(self.secrets) && self.secrets.exists(s, s.name == m.credential)))",
      "each credential of \(list) must be the name of one of spec.secrets", at: list
    ) { spec in
      let known = spec.items("secrets").map { $0["name"] }
      return spec.items(list).allSatisfy {
        !$0.has("credential") || known.contains($0["credential"])
      }
    }
  }
}
