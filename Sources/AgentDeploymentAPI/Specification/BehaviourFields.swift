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
    .optional("secrets", secrets),
  ]

  private static let sectionName = Pattern(
    "^[a-z]([-a-z0-9]*[a-z0-9])?$",
    "a name of lower case letters, digits and '-' that starts with a letter")

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
          "!['/tmp', '/etc/agent/config', '/etc/agent/secrets'].exists(d, "
            + "self.mountPath == d || self.mountPath.startsWith(d + '/'))",
          "/tmp, /etc/agent/config and /etc/agent/secrets are taken: choose another directory",
          at: "mountPath", reason: .forbidden
        ) { source in
          let path = source["mountPath"]?.string ?? ""
          return ["/tmp", "/etc/agent/config", "/etc/agent/secrets"].allSatisfy {
            path != $0 && !path.hasPrefix($0 + "/")
          }
        },
      ],
      [
        .required(
          "name", .string("Name within the agent, unique.", length: 1...40, matching: sectionName)),
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

  private static let secrets: FieldSchema = .list(
    "Credentials of the agent, one purpose each. Their values never stand in this object.",
    of: .object(
      "One credential.",
      rules: [
        FieldRule(
          "has(self.secretRef) != has(self.generate)", "give exactly one of secretRef and generate"
        ) { secret in secret.has("secretRef") != secret.has("generate") },
        FieldRule(
          "self.expose != 'Env' || (has(self.keys) && size(self.keys) > 0)",
          "expose Env needs keys, for example keys: {api-key: LLM_API_KEY}", at: "expose"
        ) { secret in secret["expose"] != "Env" || !secret.members("keys").isEmpty },
        FieldRule(
          "self.expose == 'Env' || !has(self.keys) || size(self.keys) == 0",
          "keys needs expose: Env; with Files every key is a file in /etc/agent/secrets/<name>",
          at: "expose"
        ) { secret in secret["expose"] == "Env" || secret.members("keys").isEmpty },
        FieldRule(
          "!has(self.generate) || !has(self.keys) || self.keys.all(k, k == 'value')",
          "a generated Secret has one key, value", at: "keys"
        ) { secret in
          !secret.has("generate") || secret.members("keys").keys.allSatisfy { $0 == "value" }
        },
        FieldRule(
          "!has(self.keys) || self.keys.all(k, "
            + "self.keys.exists_one(j, self.keys[j] == self.keys[k]))",
          "each variable may stand only once", at: "keys", reason: .duplicate
        ) { secret in
          let names = secret.members("keys").values
          return Set(names).count == names.count
        },
      ],
      [
        .required(
          "name", .string("Name within the agent, unique.", length: 1...40, matching: sectionName)),
        .optional(
          "secretRef", .reference("An existing Secret in the agent's namespace.", to: "Secret")),
        .optional(
          "generate",
          .object(
            "A random value that the operator makes once and keeps, under the key value.",
            [
              .optional(
                "length", .integer("Number of random characters.", 16...1024, default: 32)),
              .unsupported("rotateEvery", .string, "remove it"),
              .unsupported("keepPrevious", .boolean, "remove it"),
            ])),
        .unsupported(
          "externalSecret", .object,
          "create the ExternalSecret yourself and name its Secret in secretRef"),
        .optional(
          "expose",
          .enumeration(
            "Files: every key is a file in /etc/agent/secrets/<name>. Env: the keys named in keys "
              + "are variables.", SecretSource.Exposure.self, default: .files)),
        .optional(
          "keys",
          .map(
            "Key of the Secret to variable name, for expose Env.",
            of: .string("Variable name.", length: 1...128, matching: .environmentVariable), max: 16)
        ),
        .optional(
          "onChange",
          .enumeration(
            "What a change of the Secret does. Default: Restart for Env, Ignore for Files, whose "
              + "content changes in place.", SecretSource.OnChange.self, unsupported: ["Reload"])),
        .unsupported("maxAge", .string, "remove it"),
      ]),
    .map(keys: ["name"]), max: 20)
}
