@testable import AgentDeploymentAPI

/// `spec.models` and `spec.tools`: values, rules and checks.
enum ModelCases {
  private static let secret = #""secrets":[{"name":"llm","secretRef":{"name":"l"}}]"#
  static let model =
    #"{\#(secret),"models":[{"name":"main","provider":"Anthropic","model":"m","credential":"llm"}]}"#
  static let bare = #"{\#(secret),"models":[{"name":"main","provider":"OpenAI","model":"m"}]}"#
  static let agentTool =
    #"{\#(secret),"tools":[{"name":"weather","agentRef":{"name":"w"},"credential":"llm"}]}"#
  static let outside = #"{\#(secret),"tools":[{"name":"crm","url":"https://crm.example.com/mcp"}]}"#

  private static let routed = #""modelRouting":"Gateway""#

  static let leaves: [LeafCase] = [
    LeafCase("spec.modelRouting", #""Gateway""#, in: model),
    LeafCase("spec.models[0].name", #""spare""#, in: model),
    LeafCase("spec.models[0].provider", #""Bedrock""#, in: model),
    LeafCase("spec.models[0].model", #""claude-sonnet-4-5""#, in: model),
    LeafCase("spec.models[0].endpoint", #""https://llm.example.com/v1""#, in: model),
    LeafCase("spec.models[0].credential", #""llm""#, in: bare),
    LeafCase("spec.models[0].key", #""anthropic-api-key""#, in: model),
    LeafCase("spec.tools[0].name", #""other""#, in: agentTool),
    LeafCase("spec.tools[0].agentRef.name", #""other""#, in: agentTool),
    LeafCase("spec.tools[0].agentRef.namespace", #""tools""#, in: agentTool),
    LeafCase("spec.tools[0].path", #""/""#, in: agentTool),
    LeafCase("spec.tools[0].url", #""https://other.example.com""#, in: outside),
    LeafCase("spec.tools[0].allow[0]", #""get_forecast""#, in: agentTool),
    LeafCase("spec.tools[0].credential", #""llm""#, in: outside),
    LeafCase("spec.tools[0].key", #""crm-token""#, in: agentTool),
  ]

  static let rules: [RuleCases] = [
    RuleCases(
      "spec", "without models there is nothing to route", at: "spec.modelRouting",
      good: [
        #"{\#(routed),"models":[{"name":"a","provider":"OpenAI","model":"m"}]}"#,
        #"{"modelRouting":"Direct","models":[{"name":"a","provider":"OpenAI","model":"m"}]}"#,
      ], bad: [#"{\#(routed)}"#, #"{"modelRouting":"Direct","models":[]}"#]),
    RuleCases(
      "spec.secrets[]", "with expose None no pod has it", at: "spec.secrets[0].onChange",
      good: [hidden(#","maxAge":"24h""#)], bad: [hidden(#","onChange":"Restart""#)]),
    RuleCases(
      "spec", "each credential of models must be", at: "spec.models", good: [model],
      bad: [#"{"models":[{"name":"a","provider":"OpenAI","model":"m","credential":"llm"}]}"#]),
    RuleCases(
      "spec", "each credential of tools must be", at: "spec.tools", good: [agentTool],
      bad: [#"{"tools":[{"name":"a","agentRef":{"name":"b"},"credential":"llm"}]}"#]),
    RuleCases(
      "spec.models[]", "OpenAICompatible and AzureOpenAI need", at: "spec.models[0].endpoint",
      good: [
        model,
        #"{"models":[{"name":"a","provider":"OpenAICompatible","model":"m","endpoint":"http://vllm.models:8000/v1"}]}"#,
      ],
      bad: [
        #"{"models":[{"name":"a","provider":"OpenAICompatible","model":"m"}]}"#,
        #"{"models":[{"name":"a","provider":"AzureOpenAI","model":"m"}]}"#,
      ]),
    RuleCases(
      "spec.models[]", "a key is one of a credential", at: "spec.models[0].key", good: [model],
      bad: [#"{"models":[{"name":"a","provider":"OpenAI","model":"m","key":"k"}]}"#]),
    RuleCases(
      "spec.tools[]", "give exactly one of agentRef and url", at: "spec.tools[0]",
      good: [agentTool, outside],
      bad: [
        #"{"tools":[{"name":"a"}]}"#,
        #"{"tools":[{"name":"a","agentRef":{"name":"b"},"url":"https://a.example.com"}]}"#,
      ]),
    RuleCases(
      "spec.tools[]", "a url has its path already", at: "spec.tools[0].path",
      good: [#"{"tools":[{"name":"a","agentRef":{"name":"b"},"path":"/"}]}"#],
      bad: [#"{"tools":[{"name":"a","url":"https://a.example.com","path":"/"}]}"#]),
    RuleCases(
      "spec.tools[]", "a key is one of a credential", at: "spec.tools[0].key", good: [agentTool],
      bad: [#"{"tools":[{"name":"a","agentRef":{"name":"b"},"key":"k"}]}"#]),
    RuleCases(
      "spec.tools[].allow", "name a tool", at: "spec.tools[0].allow",
      good: [#"{"tools":[{"name":"a","agentRef":{"name":"b"},"allow":["t"]}]}"#],
      bad: [#"{"tools":[{"name":"a","agentRef":{"name":"b"},"allow":[]}]}"#]),
  ]

  /// A key that only the gateway gets.
  private static func hidden(_ more: String = "", key: String = "") -> String {
    #"{\#(routed),"secrets":[{"name":"s","secretRef":{"name":"s"},"expose":"None"\#(more)}],"models":[{"name":"a","provider":"OpenAI","model":"m","credential":"s"\#(key)}]}"#
  }

  private static func chain(_ models: String...) -> String {
    let list = models.enumerated().map { #"{"name":"m\#($0)","model":"m",\#($1)}"# }
    return #"{\#(routed),"models":[\#(list.joined(separator: ","))]}"#
  }

  private static let anthropic = #""provider":"Anthropic""#
  private static let openAI = #""provider":"OpenAI""#
  private static let azure =
    #""provider":"AzureOpenAI","endpoint":"https://a.openai.azure.com""#
  private static let bedrock =
    #""provider":"Bedrock","endpoint":"https://bedrock-runtime.eu-central-1.amazonaws.com""#
  private static let vertex =
    #""provider":"GoogleVertexAI","endpoint":"https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5""#

  /// What a gateway can do, and what not.
  static let routing: [CheckCase] = [
    CheckCase(chain(anthropic, openAI, azure, bedrock)),
    CheckCase(chain(openAI, azure, bedrock, vertex)),
    CheckCase(chain(openAI, anthropic), "spec.models[1].provider", .invalid),
    CheckCase(chain(anthropic, openAI, vertex), "spec.models[2].provider", .invalid),
    CheckCase(chain(#""provider":"Bedrock""#), "spec.models[0].endpoint", .invalid),
    CheckCase(
      chain(#""provider":"Bedrock","endpoint":"https://bedrock.example.com""#),
      "spec.models[0].endpoint", .invalid),
    CheckCase(chain(#""provider":"GoogleVertexAI""#), "spec.models[0].endpoint", .invalid),
    CheckCase(
      chain(#""provider":"GoogleVertexAI","endpoint":"https://aiplatform.googleapis.com/v1""#),
      "spec.models[0].endpoint", .invalid),
    CheckCase(
      chain(#""provider":"OpenAICompatible","endpoint":"https://10.0.0.7/v1""#),
      "spec.models[0].endpoint", .invalid),
    CheckCase(chain(#""provider":"OpenAICompatible","endpoint":"http://10.0.0.7:8000/v1""#)),
    CheckCase(hidden()),
    CheckCase(hidden(key: #","key":"apiKey""#)),
    CheckCase(hidden(key: #","key":"api-key""#), "spec.models[0].key", .invalid),
    CheckCase(
      #"{"secrets":[{"name":"s","secretRef":{"name":"s"},"expose":"None"}]}"#,
      "spec.secrets[0].expose", .invalid),
    CheckCase(
      #"{"secrets":[{"name":"s","secretRef":{"name":"s"},"expose":"None"}],"models":[{"name":"a","provider":"OpenAI","model":"m","credential":"s"}]}"#,
      "spec.models[0].credential", .invalid),
    CheckCase(
      #"{"secrets":[{"name":"s","secretRef":{"name":"s"},"expose":"None"}],"tools":[{"name":"a","url":"https://a.example.com","credential":"s"}]}"#,
      "spec.tools[0].credential", .invalid),
    CheckCase(
      #"{"secrets":[{"name":"s","secretRef":{"name":"s"},"expose":"None"}],"state":{"type":"External","external":{"address":"redis:6379","credential":"s"}}}"#
    ),
  ]

  private static func withSecret(_ secret: String, _ key: String = "") -> String {
    #"{"secrets":[\#(secret)],"models":[{"name":"a","provider":"OpenAI","model":"m","credential":"s"\#(key)}]}"#
  }

  static let checks: [CheckCase] =
    routing + [
      CheckCase(
        withSecret(
          #"{"name":"s","secretRef":{"name":"s"},"expose":"Env","keys":{"openai":"OPENAI_API_KEY"}}"#
        ),
        "spec.models[0].key", .invalid),
      CheckCase(
        withSecret(
          #"{"name":"s","secretRef":{"name":"s"},"expose":"Env","keys":{"openai":"OPENAI_API_KEY"}}"#,
          #","key":"openai""#)),
      CheckCase(withSecret(#"{"name":"s","generate":{}}"#)),
      CheckCase(
        withSecret(#"{"name":"s","generate":{}}"#, #","key":"k""#), "spec.models[0].key", .invalid),
      CheckCase(
        #"{"config":{"model.name":"x"},"models":[{"name":"a","provider":"OpenAI","model":"m"}]}"#,
        "spec.config[model.name]", .forbidden),
      CheckCase(
        #"{"config":{"models.json":"x"},"models":[{"name":"a","provider":"OpenAI","model":"m"}]}"#,
        "spec.config[models.json]", .forbidden),
      CheckCase(#"{"config":{"models.json":"x","model.name":"y","tools.file":"z"}}"#),
    ]
}
