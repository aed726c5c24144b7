import JSON
import KubernetesAPI

/// `spec.state`: where an agent keeps what has to outlive its pods.
enum StateFields {
  static let section: FieldSchema = .object(
    "A Redis-compatible store. The agent finds it by the variables REDIS_HOST, REDIS_PORT, "
      + "REDIS_URL, REDIS_TLS and REDIS_CLUSTER, and its password in the file that "
      + "REDIS_PASSWORD_FILE names.",
    rules: [
      FieldRule(
        "(self.type == 'External') == has(self.external)",
        "External needs external, for example external: {address: redis.shared.svc:6379}; other "
          + "types have none", at: "external"
      ) { state in (state["type"] == "External") == state.has("external") },
      FieldRule(
        "self.type == 'Managed' || !has(self.managed)", "only Managed has managed", at: "managed"
      ) { state in state["type"] == "Managed" || !state.has("managed") },
    ],
    transitions: [
      // A server reads the files of its own kind only, and would start with nothing. Here, and not at
      // the field, so that it also holds where the field comes or goes in a state that is Managed before
      // and after. What it cannot see: a state that was none, or another type, between the two, and a
      // persistence that the class's defaults give.
      .init(
        "\(isInMemory("self")) || \(isInMemory("oldSelf")) "
          + "|| (\(isSnapshot("self"))) == (\(isSnapshot("oldSelf")))",
        "a store does not read the files of another persistence: make another agent, or move the "
          + "data yourself")
    ],
    [
      .required(
        "type",
        .enumeration(
          "Managed: a store of the agent's own. External: one that exists. None: no store.",
          values: ["None", "Managed", "External"])),
      .optional("managed", managed), .optional("external", external),
    ])

  /// In CEL, of a state without files as well as of none.
  private static func isInMemory(_ state: String) -> String {
    "\(state).type != 'Managed' || (has(\(state).managed) && has(\(state).managed.persistence) "
      + "&& \(state).managed.persistence == 'None')"
  }

  private static func isSnapshot(_ state: String) -> String {
    "has(\(state).managed) && has(\(state).managed.persistence) "
      + "&& \(state).managed.persistence == 'Snapshot'"
  }

  private static let managed: FieldSchema = .object(
    "The agent's own store: one pod with a password that is made for it, reachable by the agent's "
      + "pods alone. Its data and its password outlive the agent: see deletionPolicy.",
    rules: [
      FieldRule(
        "!has(self.persistence) || self.persistence != 'None' "
          + "|| (!has(self.storage) && !has(self.storageClassName))",
        "persistence None has no volume: remove storage and storageClassName", at: "persistence"
      ) { managed in
        managed["persistence"] != "None"
          || (!managed.has("storage") && !managed.has("storageClassName"))
      }
    ],
    [
      .optional(
        "image",
        .string(
          "A Valkey or Redis image. Default: the class's state.image, else "
            + "\(StateStore.Managed.defaultImage).", length: 1...512, matching: .image)),
      .optional(
        "storage",
        .string(
          "Size of the volume. It can grow where the storage class allows it. Default: 1Gi.",
          length: 1...28, matching: .quantity,
          rules: [
            FieldRule(
              "quantity(self).compareTo(quantity('16Mi')) >= 0", "must be at least 16Mi"
            ) { value in
              value.string.flatMap { Quantity($0) }.map {
                $0 >= Quantity(16 << 20, format: .binarySI)
              } ?? false
            }
          ],
          transitions: [
            .init(
              "quantity(self).compareTo(quantity(oldSelf)) >= 0",
              "a volume cannot shrink: make another agent, or move the data yourself")
          ])),
      .optional(
        "storageClassName",
        .string(
          "StorageClass of the volume. Default: the cluster's.", length: 1...253,
          matching: .subdomain,
          transitions: [
            .init("self == oldSelf", "a volume keeps its class: make another agent")
          ])),
      .optional("resources", resources),
      .optional(
        "persistence",
        .enumeration(
          "AppendOnly: every write, at most a second of them is lost. Snapshot: every few minutes. "
            + "None: in memory only. Neither of the first two reads the other's files: one is not "
            + "changed into the other, and where the state was away or of another type in between, "
            + "or the class's default changes it, the store starts empty. Default: AppendOnly.",
          StateStore.Persistence.self)),
    ])

  private static let resources: FieldSchema = .object(
    "Compute resources of the store. Default: requests cpu 100m and memory 256Mi, limit memory "
      + "512Mi. It takes writes up to half of the memory limit, without persistence three quarters.",
    rules: [ResourceRules.limit("cpu"), ResourceRules.limit("memory")],
    ["requests", "limits"].map { list in
      .optional(
        list,
        .map(
          list == "requests" ? "What is reserved." : "What may be used at most.",
          of: .intOrString("A quantity.", matching: .quantity), max: 10,
          rules: [
            FieldRule(
              "self.all(k, k in ['cpu', 'memory', 'ephemeral-storage'])",
              "a store has cpu, memory and ephemeral-storage"
            ) { map in
              (map.object ?? [:]).keys.allSatisfy {
                ["cpu", "memory", "ephemeral-storage"].contains($0)
              }
            }
          ]))
    })

  private static let external: FieldSchema = .object(
    "A store that exists.",
    rules: [
      FieldRule(
        "!has(self.key) || has(self.credential)", "a key is one of a credential", at: "key"
      ) { external in !external.has("key") || external.has("credential") }
    ],
    [
      .required(
        "address",
        .string(
          "Host and port.", length: 3...261,
          matching: Pattern(
            "^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?:\(Pattern.port)$",
            "a host and a port of at most 65535 such as redis.shared.svc:6379"))),
      .optional("tls", .boolean("It speaks TLS. Default: false.", default: false)),
      .optional(
        "credential",
        .string(
          "Which of spec.secrets has the password. Default: it needs none.", length: 1...40,
          matching: .section)),
      .optional(
        "key",
        .string(
          "Key of the password in that Secret. Default: password, or value of a generated one.",
          length: 1...253, matching: .configMapKey)),
      .optional("cluster", .boolean("It is a cluster of several. Default: false.", default: false)),
    ])
}
