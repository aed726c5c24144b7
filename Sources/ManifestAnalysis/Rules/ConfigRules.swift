import JSON

/// Configuration that promises, contradicts or gives away.
enum ConfigRules {
  static let all = [redisMismatch, emptyPromise, credential, debug]

  private static let redisMismatch = LintRule(
    "redis-client-mismatch", ["K11"], .error, "clients are told of a Redis that is another",
    why: """
      A client that is told to speak TLS or the cluster protocol fails to connect to a single \
      server without them.
      """,
    fix: "turn the setting off, or run the server that way (--tls-port, cluster-enabled yes)",
    source: "https://redis.io/docs/latest/operate/oss_and_stack/management/security/encryption/",
    needsEverything: true
  ) { set, found in
    let servers = set.workloads.flatMap { $0.containers }.filter { container in
      let image = container["image"].string?.split(separator: "/").last ?? ""
      return image.hasPrefix("redis") || image.hasPrefix("valkey")
    }
    guard !servers.isEmpty else { return }
    func anyServer(says words: [String]) -> Bool {
      servers.contains { server in
        (server["command"].elements + server["args"].elements).contains { word in
          words.contains { word.string?.contains($0) == true }
        }
      }
    }
    for config in set.configMaps {
      for setting in config.root["data"].members where setting.string == "true" {
        let key = setting.key?.lowercased() ?? ""
        guard key.hasPrefix("redis") else { continue }
        if key.contains("ssl") || key.contains("tls"), !anyServer(says: ["tls-port", ".conf"]) {
          found.add(setting, "the Redis of the input speaks no TLS")
        }
        if key.contains("cluster"), !anyServer(says: ["cluster-enabled", ".conf"]) {
          found.add(setting, "the Redis of the input is a single server, no cluster")
        }
      }
    }
  }

  /// Settings by key prefix that no application can honour, and who can.
  private static let promises: [(prefix: String, who: String)] = [
    ("encryption.at_rest", "the API server's EncryptionConfiguration and the StorageClass"),
    ("encryption.at-rest", "the API server's EncryptionConfiguration and the StorageClass"),
    ("scaling.min_replicas", "an autoscaler"), ("scaling.max_replicas", "an autoscaler"),
    ("scaling.target_cpu", "an autoscaler"), ("scaling.target_memory", "an autoscaler"),
  ]

  /// ConfigMaps' data and AgentDeployments' `config`.
  private static func settings(_ set: ManifestSet) -> [ManifestNode] {
    set.configMaps.filter { !$0.isRendered }.flatMap { $0.root["data"].members }
      + AgentRules.agents(set).flatMap { $0.spec["config"].members }
  }

  private static let emptyPromise = LintRule(
    "promise-in-config", ["K22"], .warning, "a setting cannot keep this promise",
    why: """
      Values in a ConfigMap reach the application and nothing else. Secrets in etcd are encrypted \
      only by an EncryptionConfiguration, volumes only by their StorageClass, and only an autoscaler \
      scales.
      """,
    fix: "configure it where it is done, and remove the setting",
    source: "https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/"
  ) { set, found in
    for setting in settings(set) {
      guard let key = setting.key?.lowercased(), setting.text != "false",
        let promise = promises.first(where: { key.hasPrefix($0.prefix) })
      else { continue }
      found.add(setting, atKey: true, "a ConfigMap cannot do this; \(promise.who) can")
    }
  }

  private static let credential = LintRule(
    "credential-in-config", [], .security, "a credential in plain sight",
    why: """
      ConfigMaps and literal variables are readable for everybody who may look at the namespace, \
      and stay in Git for ever.
      """,
    fix: "move it into a Secret and name that; then change the credential, it is known",
    source: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/"
  ) { set, found in
    for setting in settings(set) {
      report(setting.key ?? "", setting, &found)
    }
    let variables =
      set.workloads.filter { !$0.object.isRendered }.flatMap(\.allContainers)
      .flatMap { $0["env"].elements } + AgentRules.agents(set).flatMap { $0.spec["env"].elements }
    for variable in variables {
      report(variable["name"].string ?? "", variable["value"], &found)
    }
  }

  private static func report(
    _ name: String, _ node: ManifestNode, _ found: inout RuleFindings
  ) {
    guard let text = node.string, CredentialShape.isCredential(text, named: name) else { return }
    // The value is never shown.
    found.add(node, "\(name) looks like a credential")
  }

  private static let debug = LintRule(
    "debug-enabled", [], .warning, "debugging in production",
    why: "Debug logs show prompts, answers and credentials, and cost throughput.",
    fix: "turn it off; an AgentDeployment's observability.logLevel is Info by default"
  ) { set, found in
    for setting in settings(set) { reportDebug(setting.key ?? "", setting, &found) }
    let variables =
      set.workloads.filter { !$0.object.isRendered }.flatMap(\.allContainers)
      .flatMap { $0["env"].elements } + AgentRules.agents(set).flatMap { $0.spec["env"].elements }
    for variable in variables {
      reportDebug(variable["name"].string ?? "", variable["value"], &found)
    }
    for agent in AgentRules.agents(set) {
      let level = agent.spec["observability"]["logLevel"]
      if level.string == "Debug" { found.add(level, "prompts and answers go into the logs") }
    }
  }

  private static func reportDebug(
    _ name: String, _ node: ManifestNode, _ found: inout RuleFindings
  ) {
    let words = name.lowercased().split { $0 == "." || $0 == "_" || $0 == "-" }
    let value = node.text?.lowercased() ?? ""
    if words.last == "debug", ["true", "1", "yes", "on"].contains(value) {
      found.add(node, "\(name) is on")
    } else if words.suffix(2) == ["log", "level"], value == "debug" || value == "trace" {
      found.add(node, "\(name) is \(value)")
    }
  }
}

/// Texts that are credentials, by their own form or by the name they have.
enum CredentialShape {
  static func isCredential(_ text: String, named name: String) -> Bool {
    if hasKnownForm(text) { return true }
    guard text.utf8.count >= 6, !isReference(text) else { return false }
    let words = name.lowercased().split { $0 == "." || $0 == "_" || $0 == "-" }.map(String.init)
    guard let last = words.last else { return false }
    if ["password", "passwd", "secret", "credential", "credentials", "apikey"].contains(last) {
      return true
    }
    if last == "token" { return text.utf8.count >= 16 }
    guard last == "key", words.count > 1 else { return false }
    return ["api", "access", "private", "secret", "signing"].contains(words[words.count - 2])
  }

  /// https://github.com/github/docs, secret scanning's published prefixes; RFC 7468; RFC 7519.
  private static func hasKnownForm(_ text: String) -> Bool {
    let prefixes = [
      ("sk-ant-", 20), ("sk-proj-", 20), ("sk-", 32), ("AKIA", 20), ("ASIA", 20), ("ghp_", 36),
      ("gho_", 36), ("github_pat_", 40), ("glpat-", 20), ("xoxb-", 20), ("xoxp-", 20),
      ("AIza", 35), ("hf_", 30), ("-----BEGIN ", 30), ("SG.", 40),
    ]
    if prefixes.contains(where: {
      text.hasPrefix($0.0) && text.utf8.count >= $0.1
        && (!text.contains(" ") || $0.0.hasPrefix("-----BEGIN"))
    }) {
      return !text.hasPrefix("-----BEGIN ") || text.contains("PRIVATE KEY")
    }
    if text.hasPrefix("eyJ"), text.split(separator: ".").count == 3 { return true }
    // A password inside a URL: postgres://user:password@host.
    guard let scheme = text.firstRange(of: "://") else { return false }
    let authority = text[scheme.upperBound...].prefix { $0 != "/" }
    guard let at = authority.lastIndex(of: "@") else { return false }
    let user = authority[..<at]
    guard let colon = user.firstIndex(of: ":") else { return false }
    let password = user[user.index(after: colon)...]
    return !password.isEmpty && !isReference(String(password))
  }

  /// `$(VAR)`, `${VAR}`, `<placeholder>`, a path or an address: the value itself is elsewhere.
  private static func isReference(_ text: String) -> Bool {
    text.hasPrefix("$") || text.hasPrefix("<") || text.hasPrefix("/") || text.hasPrefix("{{")
      || text.contains("://")
  }
}
