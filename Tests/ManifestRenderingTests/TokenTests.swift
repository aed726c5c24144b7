import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// `security.jwt`: tokens are checked, and asked for.
@Suite struct TokenTests {
  static let jwt: JSONValue = [
    [
      "issuer": "https://login.example.com", "jwksUri": "https://login.example.com/keys",
      "audiences": ["support"],
      "requiredClaims": [["name": "scope", "values": ["agents.invoke"]]],
    ],
    ["issuer": "other@example.com"],
  ]

  private func policy(_ rendering: Rendering) -> JSONValue? {
    rendering["AuthorizationPolicy", "support-jwt"]?["spec"]
  }

  @Test func aPolicyThatAsksForATokenIsAlwaysBesideTheCheck() throws {
    let rendering = try Samples.render([
      "security": ["jwt": Self.jwt], "observability": ["metrics": ["port": 9090]],
    ])
    let selector: JSONValue = ["matchLabels": ["agentdeploy.dev/agent": "support"]]
    #expect(
      rendering["RequestAuthentication"]?["spec"] == [
        "selector": selector,
        "jwtRules": [
          [
            "issuer": "https://login.example.com", "jwksUri": "https://login.example.com/keys",
            "audiences": ["support"], "forwardOriginalToken": true,
          ],
          ["issuer": "other@example.com", "forwardOriginalToken": true],
        ],
      ])
    #expect(
      policy(rendering) == [
        "selector": selector, "action": "DENY",
        "rules": [
          [
            "from": [["source": ["notRequestPrincipals": ["*"]]]],
            "to": [["operation": ["ports": ["8080"]]]],
          ],
          [
            "from": [["source": ["requestPrincipals": ["https://login.example.com/*"]]]],
            "to": [["operation": ["ports": ["8080"]]]],
            "when": [
              ["key": "request.auth.claims[scope]", "notValues": ["agents.invoke"]]
            ],
          ],
        ],
      ])
    #expect(rendering["AuthorizationPolicy", "support"] == nil)
  }

  /// Neither rule matches monitoring that asks for metrics; one matches everybody else without a
  /// token, and monitoring that asks for anything else.
  @Test func metricsOnTheAgentsPortAreOpenToMonitoringAlone() throws {
    let rendering = try Samples.render(["security": ["jwt": Self.jwt]])
    let rules = try #require(policy(rendering)?["rules"]?.array)
    #expect(
      rules[0]["from"]?[0]?["source"]
        == ["notRequestPrincipals": ["*"], "notNamespaces": ["monitoring"]])
    #expect(rules[0]["to"]?[0]?["operation"] == ["ports": ["8080"]])
    #expect(rules[1]["from"]?[0]?["source"] == ["notRequestPrincipals": ["*"]])
    #expect(
      rules[1]["to"]?[0]?["operation"] == ["ports": ["8080"], "notPaths": ["/metrics"]])
    #expect(rules.count == 3)
    let blind = try ClassRenderingTests.agentClass(["namespaces": ["monitoring": []]])
    let closed = try ClassRenderingTests.render(["security": ["jwt": Self.jwt]], blind)
    #expect(policy(closed)?["rules"]?.array?.count == 2)
  }

  @Test func withoutTheFieldNothingIsAskedFor() throws {
    for rendering in [try Samples.render(), try Samples.render(["security": ["jwt": []]])] {
      #expect(rendering["RequestAuthentication"] == nil && policy(rendering) == nil)
    }
  }

  @Test(
    arguments: [
      ["istio": false], ["istio": true, "ambient": true],
    ] as [JSONValue]) func aClassWithoutSidecarsRefusesIt(_ capabilities: JSONValue) throws
  {
    let agentClass = try ClassRenderingTests.agentClass(["capabilities": capabilities])
    let spec: JSONValue = [
      "security": [
        "jwt": Self.jwt,
        "allowedCallers": [["agentRef": ["name": "planner"], "methods": ["POST"]]],
      ]
    ]
    let json = try Samples.agent(spec).object.json
    guard case .failure(let failure) = AgentDeployment.decode(json, agentClass: agentClass) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.allSatisfy { $0.reason == .unsupportedByClass })
    #expect(
      failure.errors.map(\.path.description) == [
        "spec.security.allowedCallers[0].methods", "spec.security.jwt",
      ])
  }
}
