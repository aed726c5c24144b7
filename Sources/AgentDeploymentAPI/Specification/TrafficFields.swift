import JSON
import KubernetesAPI

/// `spec.traffic`.
enum TrafficFields {
  /// What every provider of routes can do.
  static let routeFields = ["hosts", "gatewayRefs", "paths", "timeout", "tools", "mirror"]
  /// What only a mesh can do: the Gateway API's standard channel has no words for it.
  static let meshFields = [
    "streamIdleTimeout", "retries", "loadBalancing", "affinity", "connections",
    "outlierDetection", "rateLimit", "faultInjection",
  ]
  /// What has no effect without any.
  static let providerFields = routeFields + meshFields

  static let maxConnectionsPerPod = 100_000

  static let section: FieldSchema = .object(
    "How requests reach the agent.",
    rules: meshRules + [
      ToolRuleFields.withoutRetries,
      FieldRule(
        "!has(self.provider) || self.provider != 'None' || !("
          + providerFields.map { "has(self.\($0))" }.joined(separator: " || ") + ")",
        "without a mesh (provider None) the rest of traffic has no effect: remove it, "
          + "or use provider Istio", at: "provider"
      ) { traffic in
        traffic["provider"] != "None" || !providerFields.contains { traffic.has($0) }
      },
      FieldRule(
        "!has(self.gatewayRefs) || size(self.gatewayRefs) == 0 "
          + "|| (has(self.hosts) && size(self.hosts) > 0)",
        "a gateway needs hosts: name the hosts that it serves", at: "gatewayRefs"
      ) { traffic in
        traffic.items("gatewayRefs").isEmpty || !traffic.items("hosts").isEmpty
      },
      FieldRule(
        "!has(self.loadBalancing) || !has(self.affinity) || self.affinity.type == 'None'",
        "affinity decides which pod answers: remove loadBalancing or affinity",
        at: "loadBalancing"
      ) { traffic in
        !traffic.has("loadBalancing") || !traffic.has("affinity")
          || traffic[path: "affinity", "type"] == "None"
      },
    ],
    [
      .optional(
        "provider",
        .enumeration(
          "Istio; GatewayAPI: an HTTPRoute of its standard channel; None: a plain Service. Default: "
            + "Istio where it is, else GatewayAPI where that is and gatewayRefs are given, else None.",
          Traffic.Provider.self)),
      .optional(
        "hosts",
        .list(
          "Names besides the Service's own. Default: none, callers in the cluster only.",
          of: .string(
            "A host name; *. may stand in front.", length: 3...253,
            matching: .fullHost,
            rules: [
              FieldRule(
                "!self.endsWith('.svc') && !self.contains('.svc.')",
                "this is the name of a Service: the agent's own is always served, and another one's "
                  + "is not this agent's to answer for"
              ) { host in
                let name = host.string ?? ""
                return !name.hasSuffix(".svc") && !name.contains(".svc.")
              }
            ]),
          .set, max: 20)),
      .optional("gatewayRefs", gatewayRefs),
      .optional(
        "paths",
        .list(
          "Prefixes that gateways let in; GatewayAPI matches whole segments. Default: /.",
          of: .string("A path prefix.", length: 1...256, matching: .urlPath), .set, max: 20)),
      .optional("timeout", timeout),
      .optional(
        "streamIdleTimeout",
        .duration(
          "How long a connection to a pod is kept without an active request; 0s: an hour, as Istio has "
            + "it. Default: the timeout.", "1ms", "24h",
          orZero: "for Istio's own hour")),
      .optional("retries", retries),
      .optional(
        "loadBalancing",
        .enumeration(
          "How a pod is chosen. Default: LeastRequest.", Traffic.LoadBalancing.self)),
      .optional("affinity", affinity),
      .optional(
        "connections",
        .object(
          "How much one pod takes.",
          [
            .optional(
              "perPod",
              .integer(
                "Requests at a time. Default: twice the ActiveWork target, or 100.",
                1...maxConnectionsPerPod))
          ])),
      .optional("outlierDetection", outlierDetection),
      .optional("tools", ToolRuleFields.list), .optional("rateLimit", rateLimit),
      .optional("mirror", MirrorFields.section), .optional("faultInjection", faultInjection),
    ])

  static let retries: FieldSchema = .object(
    "Retries by the mesh. The default never repeats a request that the agent has seen.",
    [
      .optional("attempts", .integer("0 for none. Default: 2.", 0...10)),
      .optional(
        "on",
        .list(
          "What is retried. Default: ConnectFailure and RefusedStream.",
          of: .enumeration("A failure.", Traffic.Retries.Condition.self), .set, max: 7)),
    ])

  static let timeout: FieldSchema = .duration(
    "For a whole request; 0s for none. Default: 120s for HTTP, 300s otherwise.", "1ms", "24h",
    orZero: "for none")

  private static let rateLimit: FieldSchema = .object(
    "How many requests the sidecar of each pod lets through to the agent; it answers the others 429. "
      + "Needs the capability envoyFilters of the class. Default: all.",
    [
      .required("requests", .integer("In each period, for each pod.", 1...1_000_000)),
      .required("per", .enumeration("The period.", Traffic.RateLimit.Period.self)),
    ])

  /// One for each field, so that the error names it.
  private static let meshRules: [FieldRule] = meshFields.map { field in
    FieldRule(
      "!has(self.\(field)) || !has(self.provider) || self.provider != 'GatewayAPI'",
      "the Gateway API's standard channel has no words for \(field): remove it, "
        + "or use provider Istio", at: field
    ) { traffic in traffic["provider"] != "GatewayAPI" || !traffic.has(field) }
  }

  private static let gatewayRefs: FieldSchema = .list(
    "Gateways that let requests for the hosts in. Beside security.allowedCallers, pods of one of the "
      + "Gateway API in the agent's namespace are known by the label "
      + "gateway.networking.k8s.io/gateway-name, or Envoy Gateway's own; where they have neither, or "
      + "the name has more than 63 characters, name them by namespaceRef. Default: none.",
    of: .object(
      "A Gateway: Istio's or the Gateway API's, as the provider is.",
      [
        .required("name", .objectName("Name of the Gateway.")),
        .optional(
          "namespace",
          .string("Default: the agent's.", length: 1...63, matching: .label)),
      ]),
    max: 8,
    rules: [
      FieldRule(
        "self.all(a, self.exists_one(b, b.name == a.name && has(b.__namespace__) == has(a.__namespace__) "
          + "&& (!has(b.__namespace__) || b.__namespace__ == a.__namespace__)))",
        "each gateway may stand only once", reason: .duplicate
      ) { gateways in
        let names = (gateways.array ?? []).map { [$0["name"], $0["namespace"]] }
        return Set(names).count == names.count
      }
    ])

  private static let affinity: FieldSchema = .object(
    "Sends requests with the same header or cookie to the same pod, while the pods stay the same. "
      + "Default: None; the header Mcp-Session-Id for a protocolVersion with sessions.",
    rules: [
      FieldRule(
        "(self.type == 'None') != has(self.name)",
        "Header and Cookie need a name, None has none", at: "name"
      ) { affinity in (affinity["type"] == "None") != affinity.has("name") },
      FieldRule(
        "self.type == 'Cookie' || !has(self.ttl)", "only a Cookie has a ttl", at: "ttl"
      ) { affinity in affinity["type"] == "Cookie" || !affinity.has("ttl") },
    ],
    [
      .required(
        "type",
        .enumeration("What tells sessions apart.", values: ["None", "Header", "Cookie"])),
      .optional(
        "name",
        .string(
          "Of the header or cookie.", length: 1...128,
          matching: Pattern("^[-!#$%&'*+.^_`|~A-Za-z0-9]+$", "a header or cookie name"))),
      .optional(
        "ttl",
        .duration(
          "How long the mesh's cookie lives. Default: 0s, as long as the client's session.", "1s",
          "8760h", orZero: "for the client's session")),
    ])

  private static let outlierDetection: FieldSchema = .object(
    "Takes a pod out for a while that fails as a server: connection errors and 502, 503, 504.",
    [
      .optional(
        "gatewayErrors", .integer("Failures in a row; 0 turns it off. Default: 5.", 0...1000)),
      .optional("interval", .duration("Between two checks. Default: 30s.", "1s", "1h")),
      .optional(
        "ejection", .duration("How long a pod is out, the first time. Default: 30s.", "1s", "24h")
      ),
      .optional(
        "maxEjectedPercent",
        .integer("At most this part of the pods is out. Default: 50.", 1...100)),
    ])

  private static let faultInjection: FieldSchema = .object(
    "Faults on purpose, for a test. While they last, the mesh applies neither timeout nor retries.",
    rules: [
      FieldRule(
        "has(self.delay) != has(self.abortStatus)", "give exactly one of delay and abortStatus"
      ) { fault in fault.has("delay") != fault.has("abortStatus") }
    ],
    [
      .required(
        "percent",
        .percentage("Part of the requests; \"0.1\" is one in a thousand.", mayBeZero: false)),
      .optional("delay", .duration("Wait before the request.", "1ms", "1h")),
      .optional("abortStatus", .integer("HTTP status to answer with instead.", 200...599)),
      .required(
        "expiresAt",
        // Not format date-time: with it the API server would take a list for the time.
        .string(
          "When it ends by itself, at most 24 hours ahead: 2026-12-01T12:00:00Z.",
          length: 20...40, matching: .time,
          rules: [
            FieldRule("timestamp(self).getFullYear() >= 2000", "must be a day of the calendar") {
              time in time.string.flatMap { KubernetesTime($0) } != nil
            }
          ])),
    ])
}
