import JSON

/// Configuration and credentials.
enum BehaviourFields {
  static let all: [FieldSchema.Field] = [
    .optional(
      "config",
      .map(
        "Settings of the agent. Each key is a file in /etc/agent/config and a variable: "
          + "agent.max_tokens is AGENT_MAX_TOKENS. No credentials here: use secrets.",
        of: .string("The value.", length: 0...262144), max: 200)),
    .optional("configFrom", configFrom),
    .optional("secrets", SecretFields.secrets),
    .optional("state", StateFields.section),
    .optional("models", ModelFields.models),
    .optional("modelRouting", ModelFields.routing),
    .optional("tools", ModelFields.tools),
  ]

  /// Where the operator's own volumes are.
  private static let takenDirectories =
    ["/tmp"] + ["config", "secrets", "state", "models", "tools"].map { "/etc/agent/\($0)" }

  private static let configFrom: FieldSchema = .list(
    "ConfigMaps of yours, mounted as files.",
    of: .object(
      "One ConfigMap.",
      rules: [
        FieldRule(
          "self.name != 'config'", "the name config is taken: choose another name", at: "name",
          reason: .forbidden
        ) { source in source["name"] != "config" },
        FieldRule(
          "![" + takenDirectories.map { "'\($0)'" }.joined(separator: ", ") + "].exists(d, "
            + "self.mountPath == d || self.mountPath.startsWith(d + '/'))",
          "/tmp and config, secrets, state, models and tools in /etc/agent are taken: choose another "
            + "directory", at: "mountPath", reason: .forbidden
        ) { source in
          let path = source["mountPath"]?.string ?? ""
          return takenDirectories.allSatisfy { path != $0 && !path.hasPrefix($0 + "/") }
        },
      ],
      [
        .required(
          "name", .string("Name within the agent, unique.", length: 1...40, matching: .section)),
        .required(
          "configMapRef", .reference("The ConfigMap, in the agent's namespace.", to: "ConfigMap")),
        .required(
          "mountPath", .string("Directory of the files.", length: 2...256, matching: .directory)),
        .optional(
          "onChange",
          .enumeration(
            "Rollout: the content is copied into each revision, and a change is a new revision. "
              + "Live: mounted as it is; changes reach running pods.",
            ConfigSource.OnChange.self, default: .rollout)),
      ]),
    .map(keys: ["name"]), max: 20,
    rules: [
      FieldRule(
        "self.all(a, self.exists_one(b, b.mountPath == a.mountPath))",
        "each mountPath may stand only once", reason: .duplicate
      ) { sources in
        let paths = (sources.array ?? []).compactMap { $0["mountPath"]?.string }
        return Set(paths).count == paths.count
      }
    ])
}
