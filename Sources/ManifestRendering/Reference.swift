public import AgentDeploymentAPI

/// An object of the user's that the rendered ones need.
public struct Reference: Sendable, Hashable {
  public enum Kind: String, Sendable {
    case secret = "Secret", configMap = "ConfigMap", serviceAccount = "ServiceAccount",
      agent = "AgentDeployment"
  }

  public var kind: Kind
  public var name: String
  /// Nil: the agent's.
  public var namespace: String?
  /// Where the spec names it, for messages: `spec.secrets[0].secretRef.name`.
  public var field: String
  /// Pods start without it.
  public var isOptional: Bool
  /// Its content becomes part of the revision.
  public var isCopied: Bool
  /// Its change restarts the pods.
  public var restartsOnChange: Bool

  public static func all(of agent: AgentDeployment) -> [Reference] {
    let spec = agent.spec
    var all: [Reference] = []
    func add(
      _ kind: Kind, _ name: String, _ field: String, optional: Bool = false, copied: Bool = false,
      restarts: Bool = false, in namespace: String? = nil
    ) {
      all.append(
        Reference(
          kind: kind, name: name, namespace: namespace, field: field, isOptional: optional,
          isCopied: copied,
          restartsOnChange: restarts))
    }
    for (i, name) in spec.imagePullSecrets.enumerated() {
      // A pod starts without its pull secret when the image is public or cached.
      add(.secret, name, "spec.imagePullSecrets[\(i)].name", optional: true)
    }
    for (i, variable) in spec.env.enumerated() {
      switch variable.source {
      case .secretKey(let name, _, let isOptional):
        add(.secret, name, "spec.env[\(i)].valueFrom.secretKeyRef.name", optional: isOptional)
      case .configMapKey(let name, _, let isOptional):
        add(.configMap, name, "spec.env[\(i)].valueFrom.configMapKeyRef.name", optional: isOptional)
      case .value, .field, .resource: break
      }
    }
    for (i, source) in spec.configFrom.enumerated() {
      add(
        .configMap, source.configMapName, "spec.configFrom[\(i)].configMapRef.name",
        copied: source.onChange == .rollout)
    }
    for (i, secret) in spec.secrets.enumerated() {
      let field: String
      switch secret.source {
      case .reference: field = "spec.secrets[\(i)].secretRef.name"
      case .external: field = "spec.secrets[\(i)].externalSecret"
      case .generate: continue
      }
      add(
        .secret, secret.secretName(agent: agent.name), field,
        restarts: secret.onChange == .restart)
    }
    for (i, metric) in spec.scaling.metrics.enumerated() where spec.scaling.hasScaler {
      guard case .secrets(let parameters) = metric.trigger?.authentication else { continue }
      for (j, parameter) in parameters.enumerated() {
        // The scaler needs it, the pods do not.
        add(
          .secret, parameter.secretName,
          "spec.scaling.metrics[\(i)].trigger.secretTargetRef[\(j)].name")
      }
    }
    if case .existing(let name) = spec.security.serviceAccount {
      add(.serviceAccount, name, "spec.security.serviceAccount.name")
    }
    if let mirror = spec.traffic.mirror {
      add(.agent, mirror.agent, "spec.traffic.mirror.agentRef.name")
    }
    for (i, tool) in spec.tools.enumerated() {
      guard case .agent(let name, let place, _) = tool.target else { continue }
      add(.agent, name, "spec.tools[\(i)].agentRef.name", in: place)
    }
    return all
  }
}
