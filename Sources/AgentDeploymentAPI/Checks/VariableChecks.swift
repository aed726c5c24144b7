import JSON
import KubernetesAPI

/// Each environment variable comes from one place: two would contradict each other silently.
enum VariableChecks {
  /// Told by the operator from fields of their own. `env` may still replace them.
  private static let reserved = [
    "PORT": "spec.port", "METRICS_PORT": "spec.observability.metrics.port",
    "AGENT_PROTOCOL": "spec.protocol",
  ]

  /// The contract with a store: where there is one, no second truth about it.
  static let state = [
    "REDIS_HOST", "REDIS_PORT", "REDIS_URL", "REDIS_TLS", "REDIS_CLUSTER", "REDIS_PASSWORD_FILE",
  ]

  private static func reserved(_ spec: JSONValue) -> [String: String] {
    var all = reserved
    if let type = spec.section("state")["type"], type != "None" {
      for name in state { all[name] = "spec.state" }
    }
    if !spec.items("models").isEmpty {
      for name in ["MODELS_FILE", "MODEL_PROVIDER", "MODEL_NAME", "MODEL_ENDPOINT"] {
        all[name] = "spec.models"
      }
    }
    if !spec.items("tools").isEmpty { all["TOOLS_FILE"] = "spec.tools" }
    return all
  }

  static func check(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    let reserved = reserved(spec)
    var owners: [String: FieldPath] = [:]
    for (i, variable) in spec.items("env").enumerated() {
      guard let name = variable["name"]?.string else { continue }
      owners[name] = ["spec", "env", .index(i)]
    }
    for (key, _) in spec.members("config") {
      let name = ConfigVariable.name(forKey: key)
      let path: FieldPath = ["spec", "config", .key(key)]
      if let field = reserved[name] {
        report(
          FieldError(path, .forbidden, "would be the variable \(name): use \(field) instead"))
      } else if let owner = owners[name] {
        report(
          FieldError(path, .duplicate, "would be the variable \(name), as \(owner) already is"))
      } else {
        owners[name] = path
      }
    }
    // Between env and secrets, and between secrets, the schema's own rules look.
    for (i, secret) in spec.items("secrets").enumerated() {
      for (key, value) in secret.members("keys") {
        guard let name = value.string else { continue }
        let path: FieldPath = ["spec", "secrets", .index(i), "keys", .key(key)]
        if let field = reserved[name] {
          report(
            FieldError(path, .forbidden, "the variable \(name) is taken: use \(field) instead"))
        } else if let owner = owners[name], owner.components.dropFirst().first == "config" {
          report(FieldError(path, .duplicate, "\(owner) is the variable \(name) already"))
        }
      }
    }
  }
}
