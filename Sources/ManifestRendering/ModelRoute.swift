public import AgentDeploymentAPI
import JSON
public import KubernetesAPI

/// `spec.models` through Envoy AI Gateway: what the agent asks for, and who answers.
///
/// Each model can be asked for by a name of its own. The first one's name stands for all of them: the
/// next is asked when the one before does not answer
/// (https://aigateway.envoyproxy.io/docs/capabilities/traffic/provider-fallback, version 1.1).
///
/// Everything is of the config wave: pods that are told of the gateway come after it can serve them.
extension ManifestBuilder {
  func modelRouting() -> [RenderedObject] {
    guard let gateway = spec.modelGateway else { return [] }
    var objects: [RenderedObject] = []
    for model in spec.models {
      // Those that cannot be reached are refused before.
      guard let backend = try? ModelBackend(model) else { continue }
      objects += modelObjects(model, backend)
    }
    objects.append(modelRoute(gateway))
    if spec.models.count > 1 { objects.append(modelFallback()) }
    return objects
  }

  private func modelRoute(_ gateway: ModelGateway) -> RenderedObject {
    let rules: [JSONValue] = spec.models.enumerated().map { i, model in
      let standIns = i == 0 ? spec.models : [model]
      var rule: JSONValue = [
        "name": .string(names.modelRule(model)),
        "matches": [
          [
            "headers": [
              [
                "type": "Exact", "name": "x-ai-eg-model",
                "value": .string(
                  ModelGateway.modelName(model.name, of: names.agent, in: names.namespace)),
              ]
            ]
          ]
        ],
        "backendRefs": .array(
          standIns.enumerated().map { priority, model in
            [
              "name": .string(names.model(model)), "modelNameOverride": .string(model.model),
              "priority": JSONValue(priority),
            ]
          }),
        // An answer of the agent's takes no longer; the gateway's own default is a minute.
        "timeouts": ["request": .string(spec.traffic.timeout.description)],
      ]
      let patience = spec.traffic.timeout.milliseconds / 2
      // One that says nothing for half of that is given up while there is time for the next.
      if standIns.count > 1, patience > 0 {
        rule["streamIdleTimeout"] = .string(KubernetesDuration(milliseconds: patience).description)
      }
      return rule
    }
    return object(
      .aiGatewayRoutes, name: names.models, wave: .config, isOptionalKind: true,
      [
        (
          "spec",
          [
            "parentRefs": [
              [
                "group": "gateway.networking.k8s.io", "kind": "Gateway",
                "name": .string(gateway.name), "namespace": .string(gateway.namespace),
              ]
            ],
            "rules": .array(rules),
          ]
        )
      ])
  }

  /// One attempt with each model, in order. Of the first rule alone: the others have one model. The
  /// gateway makes an HTTPRoute of the route's name, with its rules' names.
  private func modelFallback() -> RenderedObject {
    let policy: JSONValue = [
      "targetRefs": [
        [
          "group": "gateway.networking.k8s.io", "kind": "HTTPRoute",
          "name": .string(names.models),
          "sectionName": JSONValue(spec.models.first.map(names.modelRule)),
        ]
      ],
      "retry": [
        "numRetries": JSONValue(spec.models.count - 1), "numAttemptsPerPriority": 1,
        "retryOn": [
          "triggers": ["connect-failure", "refused-stream", "reset", "retriable-status-codes"],
          "httpStatusCodes": .array(Self.unavailable.map { JSONValue($0) }),
        ],
      ],
    ]
    return object(
      .backendTrafficPolicies, name: names.models, wave: .config, isOptionalKind: true,
      [("spec", policy)])
  }

  /// Too many requests, and everything that says that the provider cannot now; 529 is Anthropic's
  /// "overloaded" (https://docs.claude.com/en/api/errors).
  private static let unavailable = [429, 500, 502, 503, 504, 529]

  // MARK: One model

  private func modelObjects(_ model: ModelReference, _ backend: ModelBackend) -> [RenderedObject] {
    let name = names.model(model)
    func make(_ resource: ResourceType, _ spec: JSONValue) -> RenderedObject {
      object(resource, name: name, wave: .config, isOptionalKind: true, [("spec", spec)])
    }
    var schema: JSONValue = ["name": .string(backend.schema.rawValue)]
    if let version = backend.version { schema["version"] = .string(version) }
    if let prefix = backend.prefix { schema["prefix"] = .string(prefix) }
    let reference: JSONValue = [
      "group": "gateway.envoyproxy.io", "kind": "Backend", "name": .string(name),
    ]
    var objects = [make(.envoyBackends, ["endpoints": [endpoint(backend.endpoint)]])]
    if backend.endpoint.isTLS {
      objects.append(
        make(
          .backendTLSPolicies,
          [
            "targetRefs": [reference],
            "validation": [
              "wellKnownCACertificates": "System",
              // As the user names it, which is what an agent of its own would check.
              "hostname": .string(backend.endpoint.host.lowercased()),
            ],
          ]))
    }
    objects.append(make(.aiServiceBackends, ["schema": schema, "backendRef": reference]))
    if let security = security(model, backend.security) {
      var policy = security
      policy["targetRefs"] = [
        [
          "group": "aigateway.envoyproxy.io", "kind": "AIServiceBackend", "name": .string(name),
        ]
      ]
      objects.append(make(.backendSecurityPolicies, policy))
    }
    return objects
  }

  private func endpoint(_ url: URLParts) -> JSONValue {
    let port = JSONValue(url.port)
    return IPv4.parse(url.host) == nil
      ? ["fqdn": ["hostname": .string(gatewayHost(url)), "port": port]]
      : ["ip": ["address": .string(url.host), "port": port]]
  }

  /// As a gateway of another namespace finds it, which looks up short names elsewhere.
  private func gatewayHost(_ url: URLParts) -> String {
    let host = url.host.lowercased()
    let labels = host.split(separator: ".")
    switch EgressDestination(url, from: names.namespace) {
    case .namespace(let namespace) where labels.count <= 3:
      return "\(labels.first ?? "").\(namespace).svc.\(context.clusterDomain)"
    case .namespace, .address, .outside, .metadataAddress: return host
    }
  }

  /// The Secret is named and not copied: the gateway's controller reads it. Nil without one, where the
  /// gateway has no identity of its own that would do.
  private func security(_ model: ModelReference, _ security: ModelBackend.Security) -> JSONValue? {
    let secret = spec.secrets.first { $0.name == model.credential?.secret }
    let reference = secret.map { JSONValue.object(["name": .string(names.secret($0))]) }
    guard reference != nil || security.worksWithoutSecret else { return nil }
    func key(_ type: String, _ member: String) -> JSONValue {
      .object(["type": .string(type), member: ["secretRef": reference ?? [:]]])
    }
    func cloud(_ type: String, _ member: String, _ place: JSONValue) -> JSONValue {
      var place = place
      if let reference { place["credentialsFile"] = ["secretRef": reference] }
      return .object(["type": .string(type), member: place])
    }
    return switch security {
    case .apiKey: key("APIKey", "apiKey")
    case .anthropicKey: key("AnthropicAPIKey", "anthropicAPIKey")
    case .azureKey: key("AzureAPIKey", "azureAPIKey")
    case .aws(let region):
      cloud("AWSCredentials", "awsCredentials", ["region": .string(region)])
    case .google(let project, let region):
      cloud(
        "GCPCredentials", "gcpCredentials",
        ["projectName": .string(project), "region": .string(region)])
    }
  }
}

/// What other parts of the operator know of it.
public enum ModelRoute {
  /// In the order in which they are needed.
  public static let kinds: [ResourceType] = [
    .envoyBackends, .backendTLSPolicies, .aiServiceBackends, .backendSecurityPolicies,
    .aiGatewayRoutes, .backendTrafficPolicies,
  ]

  /// The route, and the HTTPRoute that the gateway makes of it under the same name.
  public static func key(of agent: AgentDeployment) -> ObjectKey {
    ObjectKey(namespace: agent.namespace, name: ObjectNames.models(agent: agent.name))
  }
}
