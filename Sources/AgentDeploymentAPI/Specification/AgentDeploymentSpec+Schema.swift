import JSON

extension AgentDeploymentSpec {
  /// Everything that `spec` may hold.
  public static let schema: FieldSchema = .object(
    "The agent as it should be. Only the image is required; every omitted section means its safe "
      + "default, and an empty one means the same.",
    rules: rules + SecretFields.reloadRules + protocolRules,
    [
      .optional(
        "className",
        .objectName(
          "The AgentClass: what the platform offers and asks. Default: the class with the "
            + "annotation agentdeploy.dev/is-default-class, else a built-in one."))
    ] + WorkloadFields.all + BehaviourFields.all + OperationFields.all + unsupported)

  private static let unsupported: [FieldSchema.Field] = [
    .unsupported("onBudgetExhausted", .string, "remove it"),
    .unsupported("budget", .object, "remove it"),
    .unsupported("playbooks", .array, "remove it"),
    .unsupported("driftPolicy", .string, "remove it; drift is always corrected"),
  ]

  /// Whether the user wants a provider of routes that is no mesh.
  private static func isWithoutMesh(_ spec: JSONValue) -> Bool {
    spec[path: "traffic", "provider"].map { $0 != "Istio" } ?? false
  }

  /// What goes by the headers of MCP needs a version that has them.
  private static let protocolRules: [FieldRule] =
    ToolRuleFields.needHeaders
    + [ToolRuleFields.callersNeedHeaders, MirrorFields.toolsNeedMCP, onlyMCPHasVersions]

  private static let onlyMCPHasVersions = FieldRule(
    "!has(self.protocolVersion) || self.protocol == 'MCP'",
    "only MCP has versions that change what is made of an agent: remove protocolVersion",
    at: "protocolVersion"
  ) { spec in spec["protocol"] == "MCP" || !spec.has("protocolVersion") }

  /// What sections say about each other. What is seldom there comes first in each rule: each look at
  /// a field of `self` makes the API server list all fields that there are
  /// (https://github.com/kubernetes/apiextensions-apiserver, schema/cel/model, Structural.Properties).
  private static let rules: [FieldRule] = [
    FieldRule(
      "!has(self.extraPorts) || self.extraPorts.all(p, p.port != self.port)",
      "no extra port may be spec.port", at: "extraPorts", reason: .duplicate
    ) { spec in spec.items("extraPorts").allSatisfy { $0["port"] != spec["port"] } },
    FieldRule(
      "!has(self.observability) || !has(self.observability.metrics) "
        + "|| !has(self.observability.metrics.port) || self.observability.metrics.port != 80 "
        + "|| self.port == 80",
      "observability.metrics.port may not be 80: that is the Service's port for the agent itself",
      at: "observability", reason: .duplicate
    ) { spec in spec[path: "observability", "metrics", "port"]?.int != 80 || spec["port"]?.int == 80
    },
    FieldRule(
      "!has(self.env) || !has(self.secrets) || self.secrets.all(s, !has(s.keys) "
        + "|| s.keys.all(k, !self.env.exists(e, e.name == s.keys[k])))",
      "a variable may come from env or from secrets[].keys, not from both", at: "env",
      reason: .duplicate
    ) { spec in
      let names = Set(spec.items("env").compactMap { $0["name"]?.string })
      return spec.items("secrets").allSatisfy { secret in
        secret.members("keys").values.allSatisfy { !names.contains($0.string ?? "") }
      }
    },
    FieldRule(
      "!has(self.secrets) || self.secrets.all(s, !has(s.keys) || s.keys.all(k, "
        + "self.secrets.filter(t, has(t.keys) && t.keys.exists(j, t.keys[j] == s.keys[k]))"
        + ".size() == 1))",
      "no two secrets may give the same variable", at: "secrets", reason: .duplicate
    ) { spec in
      var owners: [String: Int] = [:]
      for secret in spec.items("secrets") {
        for name in Set(secret.members("keys").values.compactMap(\.string)) {
          owners[name, default: 0] += 1
        }
      }
      return owners.values.allSatisfy { $0 == 1 }
    },
    ModelFields.credentialRule("models"), ModelFields.credentialRule("tools"),
    ModelFields.routingNeedsModels,
    FieldRule(
      "!has(self.availability) || !has(self.availability.regions) || !has(self.traffic) "
        + "|| !has(self.traffic.provider) || self.traffic.provider == 'Istio'",
      "availability.regions needs a mesh: remove it, or use traffic.provider Istio",
      at: "availability"
    ) { spec in
      !spec.section("availability").has("regions")
        || (spec[path: "traffic", "provider"] ?? "Istio") == "Istio"
    },
    FieldRule(
      "!has(self.availability) || !has(self.availability.regions) || !has(self.traffic) "
        + "|| !has(self.traffic.outlierDetection) "
        + "|| !has(self.traffic.outlierDetection.gatewayErrors) "
        + "|| self.traffic.outlierDetection.gatewayErrors > 0",
      "availability.regions needs outlier detection to see that a region fails: "
        + "traffic.outlierDetection.gatewayErrors may not be 0", at: "availability"
    ) { spec in
      !spec.section("availability").has("regions")
        || spec[path: "traffic", "outlierDetection", "gatewayErrors"]?.int != 0
    },
    FieldRule(
      "!has(self.availability) || !has(self.availability.drain) "
        + "|| !has(self.availability.drain.sessionMetric) || !has(self.observability) "
        + "|| !has(self.observability.alerts) || !has(self.observability.alerts.preset) "
        + "|| self.observability.alerts.preset != 'None'",
      "availability.drain.sessionMetric is for an alert: remove it, or "
        + "observability.alerts.preset None", at: "availability"
    ) { spec in
      spec[path: "observability", "alerts", "preset"] != "None"
        || !spec.section("availability").section("drain").has("sessionMetric")
    },
    FieldRule(
      "!has(self.state) || !has(self.state.external) || !has(self.state.external.credential) "
        + "|| (has(self.secrets) "
        + "&& self.secrets.exists(s, s.name == self.state.external.credential))",
      "state.external.credential must be the name of one of spec.secrets", at: "state"
    ) { spec in
      guard let credential = spec[path: "state", "external", "credential"] else { return true }
      return spec.items("secrets").contains { $0["name"] == credential }
    },
    FieldRule(
      "!has(self.state) || self.state.type != 'Managed' || !has(self.secrets) "
        + "|| !self.secrets.exists(s, s.name == 'state' && !has(s.secretRef))",
      "the managed store's password has the name state: name this secret otherwise",
      at: "secrets", reason: .forbidden
    ) { spec in
      spec[path: "state", "type"] != "Managed"
        || !spec.items("secrets").contains { $0["name"] == "state" && !$0.has("secretRef") }
    },
    FieldRule(
      "!has(self.security) || !has(self.security.mtls) || self.security.mtls == 'Disabled' "
        + "|| !has(self.traffic) || !has(self.traffic.provider) || self.traffic.provider == 'Istio'",
      "security.mtls needs a mesh: remove it, or use traffic.provider Istio", at: "security"
    ) { spec in
      guard isWithoutMesh(spec),
        let mode = spec[path: "security", "mtls"]
      else { return true }
      return mode == "Disabled"
    },
    FieldRule(
      "!has(self.security) || !has(self.security.allowedCallers) || !has(self.traffic) "
        + "|| !has(self.traffic.provider) || self.traffic.provider == 'Istio' "
        + "|| self.security.allowedCallers.all(c, !has(c.serviceAccountRef) && !has(c.methods) "
        + "&& !has(c.tools))",
      "serviceAccountRef, methods and tools of security.allowedCallers need a mesh: remove them, or "
        + "use traffic.provider Istio", at: "security"
    ) { spec in
      !isWithoutMesh(spec)
        || !SecurityFields.needsIdentity(spec.section("security"))
    },
    FieldRule(
      "!has(self.security) || !has(self.security.allowedCallers) "
        + "|| (has(self.protocol) && self.protocol == 'MCP') "
        + "|| self.security.allowedCallers.all(c, !has(c.tools))",
      "tools of security.allowedCallers are those of an MCP server: use protocol MCP, or remove them",
      at: "security"
    ) { spec in
      spec["protocol"] == "MCP"
        || !spec.section("security").items("allowedCallers").contains { $0.has("tools") }
    },
    FieldRule(
      "!has(self.security) || !has(self.security.jwt) || size(self.security.jwt) == 0 "
        + "|| !has(self.traffic) || !has(self.traffic.provider) || self.traffic.provider == 'Istio'",
      "security.jwt needs a mesh: remove it, or use traffic.provider Istio", at: "security"
    ) { spec in
      !isWithoutMesh(spec) || spec.section("security").items("jwt").isEmpty
    },
  ]
}
