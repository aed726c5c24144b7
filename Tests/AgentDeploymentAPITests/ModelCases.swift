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

  static let leaves: [LeafCase] = [
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

  private static func withSecret(_ secret: String, _ key: String = "") -> String {
    #"{"secrets":[\#(secret)],"models":[{"name":"a","provider":"OpenAI","model":"m","credential":"s"\#(key)}]}"#
  }

  static let checks: [CheckCase] = [
    CheckCase(
      withSecret(
        #"{"name":"s","secretRef":{"name":"s"},"expose":"Env","keys":{"openai":"OPENAI_API_KEY"}}"#),
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
