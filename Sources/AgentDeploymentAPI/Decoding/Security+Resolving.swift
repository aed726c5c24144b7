import JSON

extension Security {
  init(resolving json: JSONValue) {
    let account = json.section("serviceAccount")
    self.init(
      podSecurity: json.choice("podSecurity") ?? .restricted,
      mtls: json.choice("mtls") ?? .strict,
      serviceAccount: account.text("name").map { .existing(name: $0) }
        ?? .managed(annotations: account.textMap("annotations")),
      allowedCallers: json["allowedCallers"]?.array?.map(Caller.init(resolving:)),
      jwt: json.items("jwt").map(TokenIssuer.init(resolving:)),
      egress: Egress(resolving: json.section("egress")),
      compliance: json.texts("compliance").compactMap(ComplianceProfile.init(rawValue:)),
      rules: json.items("rules").map(PolicyRule.init(resolving:)))
  }
}

extension Security.Caller {
  init(resolving json: JSONValue) {
    let source: Source
    if let agent = json["agentRef"] {
      source = .agent(name: agent.text("name") ?? "", namespace: agent.text("namespace"))
    } else if let account = json["serviceAccountRef"] {
      source = .serviceAccount(
        name: account.text("name") ?? "", namespace: account.text("namespace"))
    } else {
      source = .namespace(json.section("namespaceRef").text("name") ?? "")
    }
    self.init(source: source, methods: json.texts("methods"), tools: json.texts("tools"))
  }
}

extension Security.TokenIssuer {
  init(resolving json: JSONValue) {
    self.init(
      issuer: json.text("issuer") ?? "", jwksUri: json.text("jwksUri"),
      audiences: json.texts("audiences"),
      requiredClaims: json.items("requiredClaims").map {
        Claim(name: $0.text("name") ?? "", values: $0.texts("values"))
      })
  }
}

extension Security.PolicyRule {
  init(resolving json: JSONValue) {
    self.init(
      apiGroups: json.texts("apiGroups"), resources: json.texts("resources"),
      resourceNames: json.texts("resourceNames"), verbs: json.texts("verbs"))
  }
}

extension Security.Egress {
  init(resolving json: JSONValue) {
    self.init(
      mode: json.choice("mode") ?? .open, hosts: json.texts("hosts"), cidrs: json.texts("cidrs"),
      namespaces: json.texts("namespaces"))
    if !json.has("mode"), !(hosts + cidrs + namespaces).isEmpty { mode = .restricted }
  }
}
