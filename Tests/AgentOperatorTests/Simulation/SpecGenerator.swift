import JSON
import KubernetesAPI

@testable import AgentOperator

/// Draws specs of agents that this cluster can serve: bits of all sections, each as likely as the
/// next, so that what one adds the next change takes away again.
struct SpecGenerator {
  /// Definitions that the cluster has.
  let installed: Set<ResourceType>
  let hasClasses: Bool
  /// The operators know what time it is: what is limited in time ends when it should.
  let isOnTime: Bool

  func draw(
    for name: String, at now: Int64, _ random: inout some RandomNumberGenerator
  ) -> JSONValue {
    var spec: JSONValue = [
      "image": .string("registry/x:v\(Int.random(in: 1...3, using: &random))")
    ]
    if Bool.random(using: &random) {
      spec["config"] = ["k": .string("\(Int.random(in: 1...3, using: &random))")]
    }
    if let scaling = Self.scaling.randomElement(using: &random) { spec["scaling"] = scaling }
    if Int.random(in: 0..<3, using: &random) == 0 {
      spec["secrets"] = [["name": "s", "generate": [:]]]
    }
    if hasClasses, Bool.random(using: &random) {
      spec["className"] = SimulatedHistory.classNames.randomElement(using: &random).map {
        .string($0)
      }
    }
    if installed.contains(.virtualServices), Int.random(in: 0..<4, using: &random) == 0 {
      spec["traffic"] = ["provider": "None"]
    } else if Int.random(in: 0..<3, using: &random) == 0 {
      spec["traffic"] = traffic(of: name, at: now, &random)
    }
    if Int.random(in: 0..<3, using: &random) == 0 {
      spec["security"] = Self.security.randomElement(using: &random)
    }
    if installed.contains(.prometheusRules), Bool.random(using: &random) {
      spec["observability"] = Self.monitoring.randomElement(using: &random)
    }
    if hasClasses, installed.contains(.aiGatewayRoutes),
      let models = Self.models.randomElement(using: &random)
    {
      spec["models"] = models
      // Refused where the class has no gateway.
      if models != nil, Int.random(in: 0..<4, using: &random) == 0 {
        spec["modelRouting"] = Bool.random(using: &random) ? "Gateway" : "Direct"
      }
    }
    return spec
  }

  private static let models: [JSONValue?] = [
    nil, [["name": "main", "provider": "OpenAI", "model": "gpt"]],
    [
      ["name": "main", "provider": "Anthropic", "model": "claude"],
      [
        "name": "spare", "provider": "OpenAICompatible", "model": "qwen",
        "endpoint": "http://vllm.models:8000/v1",
      ],
    ],
    // None that a gateway could reach.
    [["name": "main", "provider": "Bedrock", "model": "nova"]],
  ]

  private static let scaling: [JSONValue?] = [
    ["minReplicas": 3, "maxReplicas": 3], ["minReplicas": 1, "maxReplicas": 6], nil, nil,
  ]

  private static let security: [JSONValue] = [
    ["egress": ["hosts": ["api.example.com"], "cidrs": ["10.1.0.0/16"]]],
    ["egress": ["mode": "Restricted"]],
    ["rules": [["apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]]]],
    ["allowedCallers": [["agentRef": ["name": "b"]]]],
  ]

  private static let monitoring: [JSONValue] = [
    ["alerts": ["preset": "None"]], ["dashboard": "Standard"], ["labels": ["team": "x"]],
  ]

  /// With hosts of its own: which of several agents has a host depends on their age.
  private func traffic(
    of name: String, at now: Int64, _ random: inout some RandomNumberGenerator
  ) -> JSONValue? {
    let hosts: JSONValue = [
      "hosts": [.string("\(name).example.com")], "gatewayRefs": [["name": "public"]],
    ]
    guard installed.contains(.virtualServices) else {
      return installed.contains(.httpRoutes) ? hosts : nil
    }
    if !isOnTime || Bool.random(using: &random) { return hosts }
    let end = KubernetesTime(unixSeconds: now + Int64.random(in: 5...900, using: &random))
    return [
      "faultInjection": ["percent": "1", "delay": "5s", "expiresAt": .string(end.secondsText)]
    ]
  }

  /// When what a spec limits in time is over; nil without such a thing.
  static func end(of spec: JSONValue) -> Int64? {
    spec["traffic"]?["faultInjection"]?["expiresAt"]?.string.flatMap { KubernetesTime($0) }?
      .unixSeconds
  }
}
