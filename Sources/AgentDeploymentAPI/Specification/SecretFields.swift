import JSON

/// `spec.secrets`.
enum SecretFields {
  static let secrets: FieldSchema = .list(
    "Credentials of the agent, one purpose each. Their values never stand in this object.",
    of: .object(
      "One credential.",
      rules: [
        FieldRule(
          "[has(self.secretRef), has(self.externalSecret), has(self.generate)].exists_one(b, b)",
          "give exactly one of secretRef, externalSecret and generate"
        ) { secret in
          ["secretRef", "externalSecret", "generate"].filter { secret.has($0) }.count == 1
        },
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
          "self.expose != 'None' || !has(self.onChange)",
          "with expose None no pod has it: remove onChange", at: "onChange"
        ) { secret in secret["expose"] != "None" || !secret.has("onChange") },
        FieldRule(
          "!has(self.generate) || !has(self.keys) || self.keys.all(k, k == 'value' || (k == 'previous' "
            + "&& has(self.generate.keepPrevious) && self.generate.keepPrevious))",
          "a generated Secret has the key value, and with keepPrevious the key previous", at: "keys"
        ) { secret in
          guard let generate = secret["generate"], secret.has("generate") else { return true }
          let keys = generate["keepPrevious"] == true ? ["value", "previous"] : ["value"]
          return secret.members("keys").keys.allSatisfy(keys.contains)
        },
        FieldRule(
          "!has(self.maxAge) || !has(self.generate) || !has(self.generate.rotateEvery) "
            + "|| duration(self.maxAge) > duration(self.generate.rotateEvery)",
          "maxAge must be longer than generate.rotateEvery, or each rotation would come too late",
          at: "maxAge"
        ) { secret in
          guard let most = secret.duration("maxAge"),
            let interval = secret["generate"]?.duration("rotateEvery")
          else { return true }
          return most > interval
        },
        FieldRule(
          "self.expose != 'Env' || !has(self.onChange) || self.onChange != 'Reload'",
          "variables of a running process never change, so there is nothing to reload: use Restart, "
            + "or expose: Files", at: "onChange"
        ) { secret in secret["expose"] != "Env" || secret["onChange"] != "Reload" },
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
          "name",
          .string(
            "Name within the agent, unique.", length: 1...40, matching: .section)
        ),
        .optional(
          "secretRef", .reference("An existing Secret in the agent's namespace.", to: "Secret")),
        .optional(
          "generate",
          .object(
            "A random value that the operator makes and keeps, under the key value.",
            rules: [
              FieldRule(
                "!has(self.keepPrevious) || !self.keepPrevious || has(self.rotateEvery)",
                "without rotateEvery there is no previous value: add it, or remove keepPrevious",
                at: "keepPrevious"
              ) { generate in generate["keepPrevious"] != true || generate.has("rotateEvery") }
            ],
            [
              .optional(
                "length", .integer("Number of random characters.", 16...1024, default: 32)),
              .optional(
                "rotateEvery",
                .duration("The age at which it is replaced. Default: never.", "1h", "87600h")),
              .optional(
                "keepPrevious",
                .boolean(
                  "Keeps the value before under the key previous until the next rotation, so that "
                    + "both hold meanwhile. Default: false.")),
            ])),
        .optional("externalSecret", externalSecret),
        .optional(
          "expose",
          .enumeration(
            "Files: every key is a file in /etc/agent/secrets/<name>. Env: the keys named in keys "
              + "are variables. None: no pod gets it; a gateway does, for a model.",
            SecretSource.Exposure.self, default: .files)),
        .optional(
          "keys",
          .map(
            "Key of the Secret to variable name, for expose Env.",
            of: .string("Variable name.", length: 1...128, matching: .environmentVariable), max: 16)
        ),
        .optional(
          "onChange",
          .enumeration(
            "What a change of the Secret does. Restart: all pods are replaced. Reload: once the files "
              + "of a pod have changed, its agent is asked by POST to health.reloadPath to read them "
              + "again; for Files only. Default: Restart for Env, Ignore for Files, whose content "
              + "changes in place.", SecretSource.OnChange.self)),
        .optional(
          "maxAge",
          .duration(
            "When the content is older, the condition SecretRotationDue says so, and an alert. "
              + "Default: none.", "1h", "87600h")),
      ]),
    .map(keys: ["name"]), max: 20)

  private static func reloads(_ spec: JSONValue) -> Bool {
    spec.items("secrets").contains { $0["onChange"] == "Reload" }
  }

  /// Who is to be asked to reload, and what for.
  static let reloadRules: [FieldRule] = [
    FieldRule(
      "!has(self.secrets) || self.secrets.all(s, !has(s.onChange) || s.onChange != 'Reload') "
        + "|| (has(self.health) && has(self.health.reloadPath))",
      "onChange: Reload needs health.reloadPath, where the agent is told to read its files again: "
        + "set it, for example to /-/reload, or use onChange: Restart", at: "secrets"
    ) { spec in !reloads(spec) || spec.section("health").has("reloadPath") },
    FieldRule(
      "!has(self.health) || !has(self.health.reloadPath) || (has(self.secrets) "
        + "&& self.secrets.exists(s, has(s.onChange) && s.onChange == 'Reload'))",
      "health.reloadPath is called for secrets with onChange: Reload, and there is none: remove it, "
        + "or set onChange: Reload", at: "health"
    ) { spec in !spec.section("health").has("reloadPath") || reloads(spec) },
  ]

  private static let externalSecret: FieldSchema = .object(
    "A secret of an external store, which the External Secrets operator copies into a Secret.",
    [
      .required(
        "storeRef",
        .object(
          "The store.",
          [
            .required("name", .objectName("Name of the store.")),
            .optional(
              "kind",
              .enumeration(
                "SecretStore: one of the agent's namespace.", SecretSource.StoreKind.self,
                default: .namespaced)),
          ])),
      .required(
        "remoteKey",
        .string(
          "What the store calls it: prod/crm. Each of its properties is a key of the Secret.",
          length: 1...1024)),
      .optional(
        "refreshInterval",
        .duration(
          "How often the store is asked. Default: 1h. 0s: once.", "10s", "8760h",
          orZero: "to ask once")),
    ])
}
