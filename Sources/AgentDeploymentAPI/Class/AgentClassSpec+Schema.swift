import JSON

/// Everything that an AgentClass' `spec` may hold.
enum AgentClassSpec {
  static let schema: FieldSchema = .object(
    "What the platform offers its agents and asks of them. Every section may be left out.",
    rules: [
      FieldRule(
        "!has(self.defaults) || !has(self.defaults.modelRouting) "
          + "|| self.defaults.modelRouting != 'Gateway' "
          + "|| (has(self.endpoints) && has(self.endpoints.aiGateway))",
        "defaults.modelRouting Gateway needs a gateway: set endpoints.aiGateway", at: "defaults"
      ) { spec in
        spec[path: "defaults", "modelRouting"] != "Gateway"
          || spec.section("endpoints").has("aiGateway")
      }
    ],
    [
      .optional("capabilities", capabilities), .optional("defaults", defaults),
      .optional("guardRails", guardRails), .optional("namespaces", namespaces),
      .optional("endpoints", endpoints), .optional("accelerators", accelerators),
      .optional("state", state), .optional("reload", reload), .optional("quota", quota),
      .unsupported("prices", .array, "remove it; budgets, which they are for, are not built"),
    ])

  private static let capabilities: FieldSchema = .object(
    "What agents may use. One that is left out is there when its definitions are installed. An "
      + "agent that asks for what is not there is refused.",
    Capability.allCases.map { .optional($0.rawValue, .boolean("Whether there is \($0.title).")) })

  private static let guardRails: FieldSchema = .object(
    "What no agent of the class may exceed. One that does is refused; defaults give way.",
    [
      .optional("maxReplicas", .integer("The most replicas.", 1...1000)),
      .optional(
        "maxGrace",
        .duration(
          "The longest grace period of a pod: its drain timeout and 15 s.", "16s", "25h")),
      .optional("requireDigest", .boolean("Images must be named by digest. Default: false.")),
      .optional(
        "allowedRegistries",
        .list(
          "Where images may come from: registries, or paths in them. Default: anywhere.",
          of: .string(
            "For example registry.example.com or ghcr.io/example.", length: 1...253,
            matching: Pattern(
              "^[a-z0-9]([-._a-z0-9]*[a-z0-9])?(:\(Pattern.port))?"
                + "(/[a-z0-9]([-._a-z0-9]*[a-z0-9])?)*$",
              "a registry such as registry.example.com or ghcr.io/example")),
          .set, max: 50)),
      .optional(
        "podSecurity",
        .enumeration(
          "The weakest Pod Security Standard that is allowed. Default: Baseline.",
          Security.PodSecurity.self)),
    ])

  private static let namespace: FieldSchema = .string(
    "A namespace.", length: 1...63, matching: .label)

  private static let namespaces: FieldSchema = .object(
    "Where the platform's own parts are, for network policies.",
    [
      .optional(
        "monitoring",
        .list(
          "Namespaces whose pods read metrics. Default: monitoring.", of: namespace, .set, max: 20)),
      .optional(
        "gateway",
        .list(
          "Namespaces of gateways. Default: istio-system and istio-ingress.", of: namespace, .set,
          max: 20)),
      .optional(
        "mesh",
        .list(
          "Namespaces of the mesh's control plane. Default: istio-system.", of: namespace, .set,
          max: 20)),
      .optional(
        "dns",
        .object(
          "The pods that resolve names.",
          [
            .optional(
              "peers",
              .list(
                "Where they are. Default: kube-dns in kube-system, and openshift-dns.",
                of: .object(
                  "Pods of one namespace.",
                  [
                    .required("namespace", namespace),
                    .optional(
                      "labels",
                      .map(
                        "Labels of the pods. Default: all pods.",
                        of: .string("The value.", length: 0...63), max: 10)),
                  ]), max: 10)),
            .optional(
              "ports",
              .list(
                "Ports of the pods. Default: 53 and 8053.",
                of: .integer("A port.", 1...65535), .set, max: 10)),
          ])),
    ])

  private static let endpoints: FieldSchema = .object(
    "URLs of the platform's services.",
    [
      .optional(
        "prometheus",
        .string(
          "Where metrics are asked for: http://prometheus.monitoring:9090.", length: 8...512,
          matching: .serviceURL)),
      .optional(
        "otlp",
        .string(
          "Where traces of agents go that name no endpoint of their own: "
            + "http://otel-collector.monitoring:4317.", length: 8...512, matching: .serviceURL)),
      .optional(
        "runbooks",
        .string(
          "Base of the alerts' runbook_url; the alert's name is appended: "
            + "https://runbooks.example.com/agents.", length: 8...512, matching: .runbooks)),
      .optional("apiServer", apiServer), .optional("aiGateway", aiGateway),
    ])

  private static let aiGateway: FieldSchema = .object(
    "A Gateway of Envoy AI Gateway, for agents with modelRouting Gateway. It has to admit routes of "
      + "their namespaces.",
    [
      .required(
        "url",
        .string(
          "Where agents reach it, without a path of an API: "
            + "http://ai-gateway.envoy-gateway-system.", length: 8...512, matching: .serviceURL)),
      .required(
        "gatewayRef",
        .object(
          "The Gateway.",
          [
            .required("name", .objectName("Its name.")), .required("namespace", namespace),
          ])),
    ])

  private static let apiServer: FieldSchema = .object(
    "Where network policies see the API server, for restricted agents that have security.rules: at "
      + "its own addresses, not at its Service's.",
    [
      .optional(
        "cidrs",
        .list("IPv4 networks. Default: anywhere.", of: EgressFields.network, .set, max: 20)),
      .optional(
        "ports",
        .list(
          "Its ports. Default: 443 and 6443.", of: .integer("A port.", 1...65535), .set, max: 10,
          rules: [
            FieldRule("size(self) > 0", "name a port, or remove ports for the default ones") {
              $0.array?.isEmpty == false
            }
          ])),
    ])

  private static let accelerators: FieldSchema = .map(
    "By resource name, such as nvidia.com/gpu: where the pods run that ask for it.",
    of: .object(
      "The nodes.",
      [
        .optional(
          "nodeSelector",
          .map("Labels of the nodes.", of: .string("The value.", length: 0...63), max: 20)),
        .optional(
          "tolerations",
          .list(
            "Taints of the nodes. Default: the resource's name, effect NoSchedule.",
            of: .object(
              "One toleration.",
              rules: [
                FieldRule(
                  "!has(self.operator) || self.operator != 'Exists' || !has(self.value)",
                  "Exists takes no value", at: "value", reason: .forbidden
                ) { $0["operator"] != "Exists" || !$0.has("value") },
                FieldRule(
                  "has(self.key) || (has(self.operator) && self.operator == 'Exists')",
                  "without a key the operator must be Exists", at: "operator"
                ) { $0.has("key") || $0["operator"] == "Exists" },
              ],
              [
                .optional("key", .string("Of the taint. Default: any.", length: 1...317)),
                .optional(
                  "operator",
                  .enumeration("Default: Equal.", values: ["Equal", "Exists"])),
                .optional("value", .string("Of the taint.", length: 0...63)),
                .optional(
                  "effect",
                  .enumeration(
                    "Default: all.", values: ["NoSchedule", "PreferNoSchedule", "NoExecute"])),
              ]), max: 20)),
      ]), max: 20)

  private static let state: FieldSchema = .object(
    "The stores of agents with state.type Managed.",
    [
      .optional(
        "image",
        .string(
          "A Valkey or Redis image. Default: \(StateStore.Managed.defaultImage).", length: 1...512,
          matching: .image))
    ])

  private static let reload: FieldSchema = .object(
    "The containers beside agents that have secrets with onChange: Reload.",
    [
      .optional(
        "image",
        .string(
          "This operator's image, where nodes can pull it. Default: "
            + "\(AgentClass.defaultReloadImage).", length: 1...512, matching: .image))
    ])

  private static let quota: FieldSchema = .object(
    "What each namespace with agents of the class gets.",
    [
      .optional(
        "hard",
        .map(
          "A ResourceQuota: the most of each resource in the namespace. Extended resources need "
            + "the prefix requests., as in requests.nvidia.com/gpu.",
          of: .intOrString("A quantity.", matching: .quantity), max: 50)),
      .optional(
        "limitRange",
        .boolean(
          "A LimitRange that gives containers without resources the class's default ones. "
            + "Default: false.")),
      .optional(
        "podSecurity",
        .enumeration(
          "The Pod Security Standard that the namespace enforces. Default: as it is.",
          Security.PodSecurity.self)),
    ])
}

extension AgentClassSpec {
  /// Sections of an AgentDeployment's spec that a class may fill in: what belongs to the platform,
  /// not what an agent is.
  static let defaultedSections = [
    "imagePullSecrets", "resources", "health", "scaling", "traffic", "rollout", "availability",
    "security", "observability", "deletionPolicy", "modelRouting",
  ]
  /// What is of one agent alone.
  private static let ownFields: Set<String> = [
    "hosts", "tools", "mirror", "faultInjection", "reloadPath",
  ]

  private static let defaults: FieldSchema = .object(
    "Parts of an AgentDeployment's spec that hold where an agent says nothing else.",
    AgentDeploymentSpec.schema.fields.filter { defaultedSections.contains($0.name) }.map { field in
      var schema = field.schema.partial
      if case .object(let fields) = schema.shape {
        schema.shape = .object(fields.filter { !ownFields.contains($0.name) })
      }
      return FieldSchema.Field(name: field.name, isRequired: false, schema: schema)
    })
}

extension FieldSchema {
  /// For a part of the value: nothing is required or filled in, and what members say about each other
  /// is left to the whole. Elements of lists and maps stay whole.
  fileprivate var partial: FieldSchema {
    var copy = self
    copy.defaultValue = nil
    guard case .object(let fields) = shape else { return copy }
    copy.rules = []
    copy.shape = .object(
      fields.map { Field(name: $0.name, isRequired: false, schema: $0.schema.partial) })
    return copy
  }
}
