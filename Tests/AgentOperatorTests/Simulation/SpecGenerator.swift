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
  /// All agents that there may be.
  let names: [String]
  /// Classes whose agents may limit rates; `noClass` for agents that name none.
  let limitingClasses: Set<String>
  /// A field that most edits are about; nil: none more than others.
  let focus: String?
  /// When the history began, in seconds since 1970.
  let beginning: Int64

  static let noClass = ""

  /// Fields that are changed together: one is nothing without the other.
  private static let parts = [
    ["image"], ["config"], ["scaling"], ["secrets", "health"], ["className"], ["traffic"],
    ["security"], ["observability"], ["models", "modelRouting"], ["state"],
  ]

  /// Half of all edits change one part of a spec, as people do, and the others all of it.
  ///
  /// - Parameter last: the spec before; nil for a new agent.
  func draw(
    for name: String, after last: JSONValue?, at now: Int64,
    _ random: inout some RandomNumberGenerator
  ) -> JSONValue {
    let drawn = drawAll(for: name, after: last, at: now, &random)
    guard let last, focus != nil || Bool.random(using: &random) else { return drawn }
    let differing = Self.parts.filter { part in part.contains { drawn[$0] != last[$0] } }
    let focused = differing.first { part in part.contains { $0 == focus } }
    guard let part = focused ?? differing.randomElement(using: &random) else { return drawn }
    var spec = last
    for field in part { spec[field] = drawn[field] }
    // Tokens are checked by a mesh alone.
    let isMeshless = spec["traffic"]?["provider"] == "None" && spec["security"]?["jwt"] != nil
    return isMeshless ? drawn : spec
  }

  private func drawAll(
    for name: String, after last: JSONValue?, at now: Int64,
    _ random: inout some RandomNumberGenerator
  ) -> JSONValue {
    var spec: JSONValue = [
      "image": .string("registry/x:v\(Int.random(in: 1...3, using: &random))")
    ]
    if Bool.random(using: &random) {
      spec["config"] = ["k": .string("\(Int.random(in: 1...3, using: &random))")]
    }
    spec["scaling"] = scaling(&random)
    addSecrets(to: &spec, &random)
    if hasClasses, Bool.random(using: &random) {
      spec["className"] = SimulatedHistory.classNames.randomElement(using: &random).map {
        .string($0)
      }
    }
    let isMeshed = installed.contains(.virtualServices)
    if isMeshed, Int.random(in: 0..<4, using: &random) == 0 {
      spec["traffic"] = ["provider": "None"]
    } else if focus == "traffic" || Int.random(in: 0..<5, using: &random) < 2 {
      let isLimited = [spec, last ?? spec].contains {
        limitingClasses.contains($0["className"]?.string ?? Self.noClass)
      }
      spec["traffic"] = traffic(of: name, at: now, isLimited: isLimited, &random)
    }
    if Int.random(in: 0..<3, using: &random) == 0 {
      spec["security"] = Self.security.randomElement(using: &random)
    } else if isMeshed, spec["traffic"]?["provider"] == nil,
      Int.random(in: 0..<8, using: &random) == 0
    {
      spec["security"] = Self.tokens.randomElement(using: &random)
    }
    if Int.random(in: 0..<(focus == "state" ? 2 : 6), using: &random) == 0 {
      spec["state"] = state(of: name, at: now, &random)
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

  private static let security: [JSONValue] = [
    ["egress": ["hosts": ["api.example.com"], "cidrs": ["10.1.0.0/16"]]],
    ["egress": ["mode": "Restricted"]],
    ["rules": [["apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]]]],
    ["allowedCallers": [["agentRef": ["name": "b"]]]],
  ]

  private static let tokens: [JSONValue] = [
    ["jwt": [["issuer": "https://login.example.com"]]],
    [
      "jwt": [
        [
          "issuer": "https://login.example.com", "audiences": ["agents"],
          "requiredClaims": [["name": "scope", "values": ["ask"]]],
        ]
      ]
    ],
  ]

  private static let monitoring: [JSONValue] = [
    ["alerts": ["preset": "None"]], ["dashboard": "Standard"], ["labels": ["team": "x"]],
  ]

  // MARK: Scaling

  /// Never a single pod but by an autoscaler's own bounds: `SimulatedHistory.checkReplicas` knows by
  /// that who made it so.
  private func scaling(_ random: inout some RandomNumberGenerator) -> JSONValue? {
    let least = Int.random(in: 1...3, using: &random)
    let most = least + Int.random(in: 1...3, using: &random)
    var scaling: JSONValue = ["minReplicas": JSONValue(least), "maxReplicas": JSONValue(most)]
    // Where KEDA is missing the spec is refused, until it comes.
    let isKEDAs =
      installed.contains(.scaledObjects)
      ? Bool.random(using: &random) : Int.random(in: 0..<30, using: &random) == 0
    guard isKEDAs else {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: return ["minReplicas": 3, "maxReplicas": 3]
      case 1: return scaling
      case 2: return ["minReplicas": 1, "maxReplicas": 6]
      default: return nil
      }
    }
    let kind = Int.random(in: 0..<6, using: &random)
    if kind > 0 {
      var trigger: JSONValue = ["type": "redis-streams", "metadata": ["stream": "work"]]
      if Int.random(in: 0..<3, using: &random) == 0 {
        trigger["secretTargetRef"] = [
          ["parameter": "password", "name": .string(Self.restartingSecret), "key": "api-key"]
        ]
      }
      scaling["metrics"] = [["type": "Queue", "target": "5", "trigger": trigger]]
    }
    switch kind {
    case 0, 1:
      scaling["schedule"] = [
        ["start": "0 8 * * 1-5", "end": "0 18 * * 1-5", "replicas": JSONValue(most)]
      ]
    case 2: scaling["onMetricsFailure"] = ["replicas": JSONValue(most)]
    case 3, 4:
      scaling["idle"] = ["after": "30m"]
      if kind == 4 { scaling["minReplicas"] = 0 }
    default: break
    }
    return scaling
  }

  /// Scaled by a queue, and by KEDA to nothing while that is empty.
  static func idle(_ least: Int) -> JSONValue {
    [
      "minReplicas": JSONValue(least), "maxReplicas": JSONValue(least + 2),
      "metrics": [
        [
          "type": "Queue", "target": "5",
          "trigger": ["type": "redis-streams", "metadata": ["stream": "work"]],
        ]
      ],
      "idle": ["after": "30m"],
    ]
  }

  // MARK: Secrets and state

  /// Secrets that are the users' own, for all agents.
  static let restartingSecret = "restarting"
  static let reloadedSecret = "reloaded"
  static let externalSecret = "ext"

  private func addSecrets(to spec: inout JSONValue, _ random: inout some RandomNumberGenerator) {
    var secrets: [JSONValue] = []
    if Int.random(in: 0..<3, using: &random) == 0 {
      // No draw of its own: seeds keep their histories.
      let onChange: JSONValue = spec["config"] == nil ? "Ignore" : "Restart"
      secrets.append(["name": "s", "generate": [:], "onChange": onChange])
    }
    if Int.random(in: 0..<5, using: &random) == 0 {
      secrets.append([
        "name": "restarting", "secretRef": ["name": .string(Self.restartingSecret)],
        "onChange": "Restart",
      ])
    }
    if Int.random(in: 0..<5, using: &random) == 0 {
      secrets.append([
        "name": "reloaded", "secretRef": ["name": .string(Self.reloadedSecret)],
        "onChange": "Reload",
      ])
      spec["health"] = ["reloadPath": "/-/reload"]
    }
    let hasStores = installed.contains(.externalSecrets)
    if Int.random(in: 0..<(hasStores ? 3 : 30), using: &random) == 0 {
      var secret: JSONValue = [
        "name": .string(Self.externalSecret),
        "externalSecret": [
          "storeRef": ["name": .string(SimulatedExternalSecrets.store)], "remoteKey": "prod/x",
        ],
      ]
      if Bool.random(using: &random) {
        secret["expose"] = "Env"
        secret["keys"] = ["token": "TOKEN"]
      }
      secrets.append(secret)
    }
    if !secrets.isEmpty { spec["secrets"] = .array(secrets) }
  }

  /// Volumes that grow with time, as they never shrink, and hold one kind of files for each agent.
  private func state(
    of name: String, at now: Int64, _ random: inout some RandomNumberGenerator
  ) -> JSONValue {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: return ["type": "External", "external": ["address": "redis.shared.svc:6379"]]
    case 1: return ["type": "Managed", "managed": ["persistence": "None"]]
    default:
      let size = 1 + max(0, now - beginning) / 20
      var managed: JSONValue = ["storage": .string("\(size)Gi")]
      let isNamed = Bool.random(using: &random)
      if name == names.first {
        managed["persistence"] = "Snapshot"
      } else if isNamed {
        managed["persistence"] = "AppendOnly"
      }
      if Int.random(in: 0..<3, using: &random) == 0 { managed["image"] = "registry/valkey:2" }
      return ["type": "Managed", "managed": managed]
    }
  }

  // MARK: Traffic

  /// A host that several agents name: the oldest has it.
  static let sharedHost = "shared.example.com"

  /// Where each agent that names a host has it by the same means, and so against the others.
  private var hasOneProvider: Bool {
    !hasClasses || installed.contains(.virtualServices) && !installed.contains(.httpRoutes)
  }

  private func traffic(
    of name: String, at now: Int64, isLimited: Bool,
    _ random: inout some RandomNumberGenerator
  ) -> JSONValue? {
    let isMeshed = installed.contains(.virtualServices)
    guard isMeshed || installed.contains(.httpRoutes) else { return nil }
    var hosts: [JSONValue] = [.string("\(name).example.com")]
    if names.count > 1, hasOneProvider, Int.random(in: 0..<3, using: &random) > 0 {
      let isAlone = Bool.random(using: &random)
      hosts = (isAlone ? [] : hosts) + [.string(Self.sharedHost)]
    }
    var traffic: JSONValue = [
      "hosts": .array(hosts), "gatewayRefs": [["name": "public"]],
    ]
    guard isMeshed else { return traffic }
    if isOnTime, Int.random(in: 0..<(focus == "traffic" ? 9 : 3), using: &random) == 0 {
      let end = KubernetesTime(unixSeconds: now + Int64.random(in: 5...900, using: &random))
      traffic = [
        "faultInjection": ["percent": "1", "delay": "5s", "expiresAt": .string(end.secondsText)]
      ]
    }
    let others = names.filter { $0 != name }
    if let other = others.randomElement(using: &random), Int.random(in: 0..<3, using: &random) == 0
    {
      traffic["mirror"] = ["percent": "10", "agentRef": ["name": .string(other)]]
    }
    // Refused where the class does not allow it.
    if hasClasses, installed.contains(.envoyFilters),
      Int.random(in: 0..<12, using: &random) < (isLimited ? 10 : 1)
    {
      traffic["rateLimit"] = ["requests": 10, "per": "Second"]
    }
    return traffic
  }

  /// When what a spec limits in time is over; nil without such a thing.
  static func end(of spec: JSONValue) -> Int64? {
    spec["traffic"]?["faultInjection"]?["expiresAt"]?.string.flatMap { KubernetesTime($0) }?
      .unixSeconds
  }
}
