import JSON

/// `spec.security`.
enum SecurityFields {
  static let section: FieldSchema = .object(
    "Who the agent is and how it is confined.",
    rules: [
      FieldRule(
        "!has(self.mtls) || self.mtls != 'Disabled' || !has(self.allowedCallers) "
          + "|| self.allowedCallers.all(c, !has(c.serviceAccountRef) && !has(c.methods) "
          + "&& !has(c.tools))",
        "without mutual TLS nobody knows a caller's ServiceAccount or request: remove mtls, or name "
          + "callers by agentRef and namespaceRef only", at: "allowedCallers"
      ) { security in security["mtls"] != "Disabled" || !needsIdentity(security) },
      FieldRule(
        "!has(self.rules) || size(self.rules) == 0 || !has(self.serviceAccount) "
          + "|| !has(self.serviceAccount.name)",
        "rules are for the agent's own ServiceAccount: remove serviceAccount.name, or bind a Role "
          + "to that account yourself", at: "rules"
      ) { security in
        security.items("rules").isEmpty || !security.section("serviceAccount").has("name")
      },
    ],
    [
      .optional(
        "podSecurity",
        .enumeration(
          "Pod Security Standard of the pods. Restricted also makes the root file system "
            + "read-only, with /tmp to write to. Default: Restricted.",
          Security.PodSecurity.self)),
      .optional(
        "mtls",
        .enumeration(
          "Mutual TLS towards the agent, by the mesh. Default: Strict.", Security.MutualTLS.self)),
      .optional(
        "serviceAccount",
        .object(
          "The pods' ServiceAccount. Default: one of the agent's name, without permissions.",
          rules: [
            FieldRule(
              "!has(self.name) || !has(self.annotations)",
              "annotations are for the agent's own ServiceAccount: remove name or annotations"
            ) { account in !account.has("name") || !account.has("annotations") }
          ],
          [
            .optional("name", .objectName("An existing ServiceAccount to use instead.")),
            .optional(
              "annotations",
              .map(
                "Annotations of the agent's own, for example for workload identity.",
                of: .string("The value.", length: 0...65536), max: 50)),
          ])),
      .unsupported("runtimeClassName", .string, "use podTemplate.spec.runtimeClassName"),
      .optional("jwt", TokenFields.issuers), .optional("allowedCallers", allowedCallers),
      .optional("egress", EgressFields.section),
      .optional("rules", PermissionFields.rules),
      .optional(
        "compliance",
        .list(
          "What the command report holds the agent against by default. Evidence, never a claim.",
          of: .enumeration("A profile.", ComplianceProfile.self), .set, max: 4)),
    ])

  /// Whether callers are told apart by what only a mesh can see.
  static func needsIdentity(_ security: JSONValue) -> Bool {
    security.items("allowedCallers").contains {
      $0.has("serviceAccountRef") || $0.has("methods") || $0.has("tools")
    }
  }

  private static let allowedCallers: FieldSchema = .list(
    "Who may call the agent, beside the gateways of traffic.gatewayRefs; an empty list: nobody. One "
      + "of Istio's whose pods run in the agent's namespace is named by serviceAccountRef, one of the "
      + "Gateway API's there whose pods have no label with its name by namespaceRef. "
      + "Default: the agent's own namespace and the class's gateways.",
    of: .object(
      "A caller: one of agentRef, serviceAccountRef and namespaceRef.",
      rules: [
        FieldRule(
          "[has(self.agentRef), has(self.serviceAccountRef), has(self.namespaceRef)]"
            + ".exists_one(b, b)",
          "give exactly one of agentRef, serviceAccountRef and namespaceRef"
        ) { caller in
          ["agentRef", "serviceAccountRef", "namespaceRef"].filter { caller.has($0) }.count == 1
        },
        FieldRule(
          "!has(self.tools) || !has(self.methods)",
          "tools are called by POST alone: remove methods or tools", at: "methods",
          reason: .forbidden
        ) { caller in !caller.has("tools") || !caller.has("methods") },
      ],
      [
        .optional(
          "agentRef",
          reference(
            "Another agent, which runs as the ServiceAccount of its own name; one with a "
              + "serviceAccount.name is named by serviceAccountRef.",
            .agentName("Name of the AgentDeployment."))),
        .optional(
          "serviceAccountRef",
          reference(
            "Whoever runs as a ServiceAccount. Needs a mesh; for the NetworkPolicy it is its "
              + "whole namespace.", .objectName("Name of the ServiceAccount."))),
        .optional(
          "namespaceRef",
          .object(
            "Everybody in a namespace.", [.required("name", namespace("The namespace."))])),
        .optional(
          "methods",
          .list(
            "The HTTP methods that the caller may use. Needs a mesh. Default: all.",
            of: .enumeration(
              "A method.",
              values: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]), .set, max: 7,
            rules: [
              FieldRule("size(self) > 0", "name a method, or remove methods for all of them") {
                $0.array?.isEmpty == false
              }
            ])),
        .optional("tools", tools),
      ]), max: 50)

  private static let tools: FieldSchema = .list(
    "The tools that an MCP caller may use; it may still ask for everything that is no tool's call. "
      + "Told by the headers Mcp-Method and Mcp-Name of MCP 2026-07-28: a request without them is "
      + "refused. Needs a mesh. Default: all.",
    of: .string(
      "Name of a tool.", length: 1...128,
      matching: Pattern("^[!-)+-~]+$", "printable characters without spaces and '*'")), .set,
    max: 50,
    rules: [
      FieldRule("size(self) > 0", "name a tool, or remove tools for all of them") {
        $0.array?.isEmpty == false
      }
    ])

  private static func reference(_ description: String, _ name: FieldSchema) -> FieldSchema {
    .object(
      description,
      [
        .required("name", name),
        .optional("namespace", namespace("Its namespace. Default: the agent's.")),
      ])
  }

  private static func namespace(_ description: String) -> FieldSchema {
    .string(description, length: 1...63, matching: .label)
  }
}
