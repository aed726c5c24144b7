import AgentDeploymentAPI
import JSON
import KubernetesAPI
import YAML

/// AgentDeployments: what the schema refuses, and what it cannot see.
enum AgentRules {
  static let all = [
    invalid, unknownKind, twice, latestImage, stateAtRisk, memoryTarget, modelKeyInPods,
  ]

  private static let group = "agentdeploy.dev"
  private static let kinds = ["AgentDeployment", "AgentClass"]

  static func agents(_ set: ManifestSet) -> [ManifestObject] {
    set.all(group, "AgentDeployment")
  }

  private static let invalid = LintRule(
    "agent-invalid", [], .error, "an AgentDeployment that is refused",
    why:
      "What `validate` says: the API server's rules and the operator's. The operator changes nothing.",
    fix: "see the message"
  ) { set, found in
    // Also one of another API group, which is refused for that.
    for agent in set.objects {
      for error in agent.refusals {
        let node = error.path.components.reduce(agent.root) { node, component in
          switch component {
          case .key(let key): node[key]
          case .index(let index):
            ManifestNode(
              object: agent, components: node.components + [component], value: node.value?[index])
          }
        }
        let isKey = error.reason == .unknownField || error.reason == .unsupportedByClass
        found.add(node, atKey: isKey, error.message, fix: error.fix)
      }
    }
  }

  private static let unknownKind = LintRule(
    "agent-unknown-kind", [], .error, "a kind that agentdeploy.dev does not have",
    why: """
      The API server refuses an object of an unknown kind. Until it is applied nothing else tells: to \
      everything that reads the file it is some other object.
      """,
    fix: "write AgentDeployment or AgentClass"
  ) { set, found in
    for object in set.objects
    where object.gvk.group == group && !kinds.contains(object.kind) {
      found.add(object.root["kind"], "\(group) has no kind \(object.kind)")
    }
  }

  private static let twice = LintRule(
    "agent-twice", [], .error, "two AgentDeployments of one name",
    why: "What is applied last replaces what was applied before: one of the two never runs.",
    fix: "give one of them another name or namespace, or take it out"
  ) { set, found in
    var first: [String: ManifestObject] = [:]
    for agent in agents(set) {
      guard let other = first[agent.title] else {
        first[agent.title] = agent
        continue
      }
      found.add(
        agent.root["metadata"]["name"],
        "\(agent.title) stands already at \(other.document.file):\(other.document.line)")
    }
  }

  private static let latestImage = LintRule(
    "agent-image-latest", ["K21"], .warning, "latest cannot be rolled back",
    why: """
      A revision is an image; with latest, or no tag, the same revision is another program \
      tomorrow, and going back to it brings back nothing.
      """,
    fix: "name a version, best with its digest",
    source: "https://kubernetes.io/docs/concepts/containers/images/#image-names"
  ) { set, found in
    for agent in agents(set) {
      let image = agent.spec["image"]
      if image.string.map(WorkloadRules.tag) == "latest" {
        found.add(image, "\(image.string ?? "") is whatever was pushed last")
      }
    }
  }

  private static let stateAtRisk = LintRule(
    "agent-state-at-risk", [], .warning, "sessions that only one of several pods knows",
    why: """
      MCP before 2026 keeps a session in one server's memory. With several replicas, the next \
      request may reach another pod, which does not know it. Affinity by Mcp-Session-Id does not help \
      there: the first request has no id yet, so the id that its pod gives leads to another pod as a \
      rule; from then on it is always the same one.
      """,
    fix: "keep sessions in a shared store, or run one replica, or give an affinity by a header or "
      + "cookie that the clients send from their first request on",
    source:
      "https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management"
  ) { set, found in
    for agent in agents(set) where agent.spec["protocol"].string == "MCP" {
      let version = agent.spec["protocolVersion"]
      let affinity = agent.spec["traffic"]["affinity"]
      let isByTheSession =
        (affinity["type"].string ?? "None") == "None"
        || affinity["name"].string?.lowercased() == "mcp-session-id"
      let state = agent.spec["state"]["type"].string ?? "None"
      guard let text = version.string, text < "2026", isByTheSession, state == "None",
        (agent.spec["scaling"]["maxReplicas"].int ?? 10) > 1
      else { continue }
      found.add(version, "MCP \(text) has sessions; with several replicas requests lose theirs")
    }
  }

  private static let memoryTarget = LintRule(
    "agent-memory-target-above-limit", [], .warning, "a memory target that the limit never reaches",
    why: """
      The autoscaler's memory target is a percentage of the request. When request x target is above \
      the limit, the container is killed before the autoscaler acts.
      """,
    fix: "lower the target, or raise the limit",
    source:
      "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details"
  ) { set, found in
    for agent in agents(set) {
      let resources = agent.spec["resources"]
      guard let request = resources["requests"]["memory"].text.flatMap({ Quantity($0) }),
        let limit = resources["limits"]["memory"].text.flatMap({ Quantity($0) })
      else { continue }
      for metric in agent.spec["scaling"]["metrics"].elements
      where metric["type"].string == "Memory" {
        guard let target = metric["target"].text.flatMap(Double.init),
          Double(request.nanos) * target / 100 > Double(limit.nanos)
        else { continue }
        found.add(
          metric["target"], "\(metric["target"].text ?? "") % of the request is above the limit")
      }
    }
  }

  private static let modelKeyInPods = LintRule(
    "agent-model-key-in-pods", [], .security, "pods have a key that only the gateway needs",
    why: """
      With modelRouting Gateway the agent asks the gateway without a key. Whoever takes over a pod \
      that has it all the same can use it from anywhere, past the gateway's limits and logs.
      """,
    fix: "expose: None, unless the agent uses it for something else",
    source: "https://aigateway.envoyproxy.io/docs/capabilities/security/upstream-auth"
  ) { set, found in
    for agent in agents(set) where agent.spec["modelRouting"].string == "Gateway" {
      let forModels = Set(agent.spec["models"].elements.compactMap { $0["credential"].string })
      let forTools = Set(agent.spec["tools"].elements.compactMap { $0["credential"].string })
      for secret in agent.spec["secrets"].elements where secret["expose"].string != "None" {
        guard let name = secret["name"].string, forModels.subtracting(forTools).contains(name)
        else { continue }
        found.add(secret["name"], "\(name) is the gateway's, and every pod gets it")
      }
    }
  }
}
