import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The tokens that callers have to bring.
extension ManifestBuilder {
  /// A RequestAuthentication only refuses wrong tokens: a request without any passes it
  /// (https://istio.io/latest/docs/reference/config/security/request_authentication/). So the
  /// policy that asks for one is always beside it. A port of its own for metrics asks for none, nor
  /// do the kubelet's probes, which go to the sidecar's own port.
  func tokenPolicies() -> [RenderedObject] {
    let issuers = spec.security.jwt
    guard !issuers.isEmpty else { return [] }
    let selector: JSONValue = ["matchLabels": names.selector]
    let authentication: JSONValue = [
      "selector": selector, "jwtRules": .array(issuers.map(jwtRule)),
    ]
    let authorization: JSONValue = [
      "selector": selector, "action": "DENY",
      "rules": .array(withoutToken + issuers.flatMap(withoutClaims)),
    ]
    return [
      object(
        .authorizationPolicies, name: names.tokenPolicy, wave: .policy, isOptionalKind: true,
        [("spec", authorization)]),
      object(
        .requestAuthentications, wave: .policy, isOptionalKind: true, [("spec", authentication)]),
    ]
  }

  private func jwtRule(_ issuer: Security.TokenIssuer) -> JSONValue {
    // The agent may want to know who called, or pass the token on to its tools.
    var rule: JSONValue = ["issuer": .string(issuer.issuer), "forwardOriginalToken": true]
    if let keys = issuer.jwksUri { rule["jwksUri"] = .string(keys) }
    if !issuer.audiences.isEmpty { rule["audiences"] = JSONValue(issuer.audiences.sorted()) }
    return rule
  }

  private var ports: JSONValue { .array(agentPorts.map { .string(String($0)) }) }

  /// Who has no token is refused. Where metrics share the agent's port, both rules together leave out
  /// one thing: monitoring that asks for them.
  private var withoutToken: [JSONValue] {
    let monitoring = context.agentClass.namespaces.monitoring
    guard agentPorts.contains(spec.observability.metricsPort), !monitoring.isEmpty else {
      return [
        [
          "from": [["source": ["notRequestPrincipals": ["*"]]]],
          "to": [["operation": ["ports": ports]]],
        ]
      ]
    }
    return [
      [
        "from": [
          [
            "source": [
              "notRequestPrincipals": ["*"], "notNamespaces": JSONValue(monitoring.sorted()),
            ]
          ]
        ],
        "to": [["operation": ["ports": ports]]],
      ],
      [
        "from": [["source": ["notRequestPrincipals": ["*"]]]],
        "to": [
          [
            "operation": [
              "ports": ports, "notPaths": [.string(spec.observability.metricsPath)],
            ]
          ]
        ],
      ],
    ]
  }

  /// A token of this issuer that lacks a claim is refused, whichever it lacks.
  private func withoutClaims(_ issuer: Security.TokenIssuer) -> [JSONValue] {
    issuer.requiredClaims.sorted { $0.name < $1.name }.map { claim in
      [
        "from": [["source": ["requestPrincipals": [.string(issuer.issuer + "/*")]]]],
        "to": [["operation": ["ports": ports]]],
        "when": [
          [
            "key": .string("request.auth.claims[\(claim.name)]"),
            "notValues": JSONValue(claim.values.sorted()),
          ]
        ],
      ]
    }
  }
}
