import AgentDeploymentAPI
import JSON

/// What an agent is told about its models and tools: files beside its configuration, and the variables
/// that name them. Credentials are named by where they are, never by value.
struct ModelFiles {
  let spec: AgentDeploymentSpec
  let agent: String
  let namespace: String
  let clusterDomain: String

  static let models = "models.json"
  static let tools = "tools.json"

  init(_ agent: AgentDeployment, _ context: RenderingContext) {
    spec = agent.spec
    self.agent = agent.name
    namespace = agent.namespace
    clusterDomain = context.clusterDomain
  }

  /// Name to content.
  var files: [String: String] {
    var files: [String: String] = [:]
    if !spec.models.isEmpty {
      files[Self.models] = Self.text(["models": .array(spec.models.map(json(_:)))])
    }
    if !spec.tools.isEmpty {
      files[Self.tools] = Self.text(["tools": .array(spec.tools.map(json(_:)))])
    }
    return files
  }

  var variables: [String: String] {
    var variables: [String: String] = [:]
    if let first = spec.models.first.map(told) {
      variables["MODELS_FILE"] = "\(VolumeBuilder.configPath)/\(Self.models)"
      variables["MODEL_PROVIDER"] = first.provider.rawValue
      variables["MODEL_NAME"] = first.model
      if let endpoint = first.endpoint { variables["MODEL_ENDPOINT"] = endpoint }
    }
    if !spec.tools.isEmpty {
      variables["TOOLS_FILE"] = "\(VolumeBuilder.configPath)/\(Self.tools)"
    }
    return variables
  }

  private static func text(_ json: JSONValue) -> String {
    json.serialized(.prettyPrinted) + "\n"
  }

  /// What the agent is told of a model: through a gateway nothing but how to ask that for it. A key
  /// would be of no use, and the gateway speaks one API for several providers.
  private func told(_ model: ModelReference) -> ModelReference {
    guard let gateway = spec.modelGateway, let backend = try? ModelBackend(model) else {
      return model
    }
    return ModelReference(
      name: model.name, provider: backend.api.provider,
      model: ModelGateway.modelName(model.name, of: agent, in: namespace),
      endpoint: gateway.url + backend.api.path, credential: nil)
  }

  /// In the order of the spec: the first is the primary one.
  private func json(_ given: ModelReference) -> JSONValue {
    let model = told(given)
    var json: JSONValue = [
      "name": .string(model.name), "provider": .string(model.provider.rawValue),
      "model": .string(model.model),
    ]
    if let endpoint = model.endpoint { json["endpoint"] = .string(endpoint) }
    add(model.credential, to: &json)
    return json
  }

  private func json(_ tool: ToolReference) -> JSONValue {
    var json: JSONValue = ["name": .string(tool.name), "url": .string(url(of: tool))]
    if let allow = tool.allow { json["allow"] = JSONValue(allow.sorted()) }
    add(tool.credential, to: &json)
    return json
  }

  /// Where a tool is called: an agent by its Service.
  func url(of tool: ToolReference) -> String {
    switch tool.target {
    case .url(let url): url
    case .agent(let name, let place, let path):
      "http://\(name).\(place ?? namespace).svc.\(clusterDomain)\(path)"
    }
  }

  private func add(_ credential: CredentialReference?, to json: inout JSONValue) {
    guard let credential, let secret = spec.secrets.first(where: { $0.name == credential.secret })
    else { return }
    switch secret.expose {
    case .files:
      json["credentialFile"] = .string(
        "\(VolumeBuilder.secretsPath)/\(secret.name)/\(credential.key)")
    case .env:
      if let variable = secret.keys[credential.key] {
        json["credentialVariable"] = .string(variable)
      }
    case .nowhere: break
    }
  }
}
