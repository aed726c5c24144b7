import JSON

extension Security {
  init(resolving json: JSONValue) {
    let account = json.section("serviceAccount")
    self.init(
      podSecurity: json.choice("podSecurity") ?? .restricted,
      mtls: json.choice("mtls") ?? .strict,
      serviceAccount: account.text("name").map { .existing(name: $0) }
        ?? .managed(annotations: account.textMap("annotations")),
      allowedCallers: json["allowedCallers"]?.array?.map(Caller.init(resolving:)))
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
    self.init(source: source, methods: json.texts("methods"))
  }
}
