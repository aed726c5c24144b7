import JSON

/// `spec.security.rules`.
enum PermissionFields {
  /// Verbs that lead beyond what a rule gives
  /// (https://kubernetes.io/docs/concepts/security/rbac-good-practices/).
  private static let escalating = ["escalate", "bind", "impersonate"]

  static let rules: FieldSchema = .list(
    "What the agent may do at the API server, in its own namespace: rules of its Role. The operator "
      + "gives no more than it may do itself. The agent gets a token only with rules.",
    of: .object(
      "A rule: the verbs on the resources of the groups.",
      rules: [
        FieldRule(
          "!self.verbs.exists(v, v in \(list(escalating)))",
          "escalate, bind and impersonate lead beyond every rule: remove them", at: "verbs",
          reason: .forbidden
        ) { rule in
          !rule.items("verbs").contains { escalating.contains($0.string ?? "") }
        },
        FieldRule(
          "!('rbac.authorization.k8s.io' in self.apiGroups)",
          "an agent does not give permissions: remove rbac.authorization.k8s.io", at: "apiGroups",
          reason: .forbidden
        ) { rule in !rule.items("apiGroups").contains("rbac.authorization.k8s.io") },
        FieldRule(
          "!('' in self.apiGroups) || !('secrets' in self.resources) || has(self.resourceNames)",
          "Secrets have to be named in resourceNames, in a rule of their own", at: "resources",
          reason: .forbidden
        ) { rule in
          !rule.items("apiGroups").contains("") || !rule.items("resources").contains("secrets")
            || rule.has("resourceNames")
        },
        FieldRule(
          "!has(self.resourceNames) || !('create' in self.verbs)",
          "what is to be created has no name yet: give create in a rule without resourceNames",
          at: "resourceNames"
        ) { rule in !rule.has("resourceNames") || !rule.items("verbs").contains("create") },
        FieldRule(
          "self.verbs.all(v, v in \(list(reading))) || !('' in self.apiGroups) "
            + "|| !('resourcequotas' in self.resources || 'limitranges' in self.resources)",
          "quotas and limits are the platform's: an agent may only read them", at: "verbs",
          reason: .forbidden
        ) { rule in
          let limits: [JSONValue] = ["resourcequotas", "limitranges"]
          return rule.items("verbs").allSatisfy { reading.contains($0.string ?? "") }
            || !rule.items("apiGroups").contains("")
            || !rule.items("resources").contains { limits.contains($0) }
        },
      ],
      [
        .required(
          "apiGroups",
          .list(
            "API groups; an empty name is the core group.",
            of: .string("A group.", length: 0...253, matching: orEmpty), .set, max: 10,
            rules: [notEmpty])),
        .required(
          "resources",
          .list(
            "Resources, such as pods or pods/log.",
            of: .string(
              "A resource.", length: 1...253,
              matching: Pattern(
                "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?(/[a-z0-9]([-a-z0-9]*[a-z0-9])?)?$",
                "a resource in lower case such as pods or pods/log; '*' would be everything")),
            .set, max: 20, rules: [notEmpty])),
        .optional(
          "resourceNames",
          .list(
            "Names of objects. Default: all.",
            of: .string("A name.", length: 1...253, matching: Pattern("^[!-~]+$", "a name")),
            .set, max: 20, rules: [notEmpty])),
        .required(
          "verbs",
          .list(
            "What may be done, such as get, list and watch.",
            of: .string(
              "A verb.", length: 1...63,
              matching: Pattern(
                "^[a-z]+$", "a verb in lower case such as get; '*' would be everything")), .set,
            max: 15, rules: [notEmpty])),
      ]), max: 20)

  private static let reading = ["get", "list", "watch"]

  private static let orEmpty = Pattern(
    "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$",
    "an API group such as apps, or an empty one; '*' would be everything")

  private static let notEmpty = FieldRule("size(self) > 0", "name one") {
    $0.array?.isEmpty == false
  }

  /// As a list in CEL.
  private static func list(_ words: [String]) -> String {
    "[" + words.map { "'\($0)'" }.joined(separator: ", ") + "]"
  }
}
