import AgentDeploymentAPI
import JSON

/// How an agent reaches its store: the contract of `spec.state`, the same for both kinds of store.
struct StateConnection {
  static let directory = "/etc/agent/state"
  static let port = 6379

  /// By name. The password is no variable: variables are in crash dumps and in what children inherit.
  var variables: [String: String]
  /// Nil for a store that asks for none.
  var password: (secret: String, key: String)?

  /// Nil without a store.
  init?(_ agent: AgentDeployment, _ names: ObjectNames) {
    switch agent.spec.state {
    case .none: return nil
    case .managed:
      variables = Self.variables(names.stateHost, Self.port, tls: false, isCluster: false)
      password = (names.state, ManifestBuilder.passwordKey)
    case .external(let store):
      variables = Self.variables(
        store.host, store.port, tls: store.tls, isCluster: store.isCluster)
      password = agent.spec.secrets.first { $0.name == store.credential }.map {
        (names.secret($0), store.key)
      }
    }
    if password != nil { variables["REDIS_PASSWORD_FILE"] = "\(Self.directory)/password" }
  }

  private static func variables(
    _ host: String, _ port: Int, tls: Bool, isCluster: Bool
  ) -> [String: String] {
    [
      "REDIS_HOST": host, "REDIS_PORT": String(port), "REDIS_TLS": String(tls),
      "REDIS_CLUSTER": String(isCluster),
      "REDIS_URL": "\(tls ? "rediss" : "redis")://\(host):\(port)",
    ]
  }
}
