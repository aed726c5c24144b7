import JSON

/// What runs: part of the revision.
enum WorkloadFields {
  static let all: [FieldSchema.Field] = [
    .optional(
      "protocol",
      .enumeration(
        "What the agent speaks. Decides the default health checks and timeouts.",
        AgentDeploymentSpec.AgentProtocol.self, default: .http)),
    .optional(
      "protocolVersion",
      .enumeration(
        "Version of MCP that the agent speaks; those before 2026-07-28 have sessions. Default: the "
          + "newest.", MCPVersion.self)),
    .required(
      "image",
      .string(
        "Container image, best by digest: registry.example.com/support@sha256:...",
        length: 1...512,
        matching: .image)),
    .optional(
      "imagePullSecrets",
      .list(
        "Secrets of type kubernetes.io/dockerconfigjson in the agent's namespace.",
        of: .reference("One pull secret.", to: "Secret"), .map(keys: ["name"]), max: 10)),
    .optional(
      "command",
      .list(
        "Replaces the image's entrypoint. Default: the image's.",
        of: .string("One word.", length: 0...32768), max: 100)),
    .optional(
      "args",
      .list(
        "Arguments of the command. Default: the image's.",
        of: .string("One argument.", length: 0...32768), max: 200)),
    .optional(
      "port",
      .integer(
        "Where the agent listens; also in the variable PORT. The Service offers it as port 80.",
        1...65535, default: 8080)),
    .optional("extraPorts", extraPorts),
    .optional("env", env),
    .optional("resources", resources),
    .optional("health", health),
  ]

  private static let extraPorts: FieldSchema = .list(
    "Further ports of the container and the Service.",
    of: .object(
      "One port.",
      rules: [
        FieldRule(
          "!(self.name in ['http', 'metrics'])",
          "the names http and metrics are taken: choose another name", at: "name",
          reason: .forbidden
        ) { port in port["name"] != "http" && port["name"] != "metrics" },
        FieldRule(
          "self.port != 80",
          "port 80 is the Service's port for the agent itself: choose another port", at: "port",
          reason: .forbidden
        ) { port in port["port"]?.int != 80 },
      ],
      [
        .required(
          "name", .string("Port name, unique.", length: 1...15, matching: .portName)),
        .required("port", .integer("Port number, the same in the Service.", 1...65535)),
        .optional(
          "appProtocol",
          .string(
            "What it speaks, for the mesh: http, http2, grpc, https, tcp, kubernetes.io/h2c.",
            length: 1...63,
            matching: Pattern(
              "^[A-Za-z0-9]([-._A-Za-z0-9/]*[A-Za-z0-9])?$", "a protocol name such as grpc"))),
      ]),
    .map(keys: ["name"]), max: 5,
    rules: [
      FieldRule(
        "self.all(p, self.exists_one(q, q.port == p.port))", "port numbers must be unique",
        reason: .duplicate
      ) { ports in
        let numbers = (ports.array ?? []).compactMap { $0["port"]?.int }
        return Set(numbers).count == numbers.count
      }
    ])

  private static let env: FieldSchema = .list(
    "Environment variables, as in a Pod. They win over the variables that every agent is given.",
    of: .object(
      "One variable.",
      rules: [
        FieldRule(
          "!has(self.value) || !has(self.valueFrom)", "give value or valueFrom, not both"
        ) { variable in !variable.has("value") || !variable.has("valueFrom") }
      ],
      [
        .required(
          "name",
          .string(
            "Variable name, unique.", length: 1...256,
            matching: Pattern(
              "^([-_a-zA-Z]|\\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$",
              "a variable name: letters, digits, '_', '-' and '.', not starting with a digit"))),
        .optional(
          "value",
          .string(
            "The value; $(NAME) refers to another variable. Default: empty.", length: 0...65536)),
        .optional("valueFrom", valueFrom),
      ]),
    .map(keys: ["name"]), max: 100)

  private static let valueFrom: FieldSchema = .object(
    "Where the value comes from: exactly one of the members.",
    rules: [
      FieldRule(
        "(has(self.secretKeyRef) ? 1 : 0) + (has(self.configMapKeyRef) ? 1 : 0) "
          + "+ (has(self.fieldRef) ? 1 : 0) + (has(self.resourceFieldRef) ? 1 : 0) == 1",
        "give exactly one of secretKeyRef, configMapKeyRef, fieldRef and resourceFieldRef"
      ) { source in
        ["secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef"]
          .filter { source.has($0) }.count == 1
      }
    ],
    [
      .optional("secretKeyRef", keyReference("Secret")),
      .optional("configMapKeyRef", keyReference("ConfigMap")),
      .optional(
        "fieldRef",
        .object(
          "A field of the pod.",
          [
            .required(
              "fieldPath",
              .string(
                "For example metadata.name, status.podIP or metadata.labels['team'].",
                length: 1...512,
                matching: Pattern(
                  "^(metadata\\.(name|namespace|uid)|spec\\.(nodeName|serviceAccountName)"
                    + "|status\\.(hostIP|hostIPs|podIP|podIPs)"
                    + "|metadata\\.(labels|annotations)\\['[-._/A-Za-z0-9]+'\\])$",
                  "a pod field such as metadata.name, status.podIP or metadata.labels['team']")))
          ])),
      .optional(
        "resourceFieldRef",
        .object(
          "A resource of the agent's container.",
          rules: [
            // https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/validation.go
            // (validateContainerResourceDivisor)
            FieldRule(
              "!has(self.divisor) || (self.resource.endsWith('.cpu') "
                + "? self.divisor == 1 || self.divisor in ['1', '1m'] : self.divisor != '1m')",
              "cpu is divided by 1 or 1m, everything else by 1, 1k, 1Mi and the like",
              at: "divisor"
            ) { reference in
              guard let divisor = reference["divisor"], !divisor.isNull else { return true }
              let text = divisor.string ?? divisor.serialized()
              let isCPU = reference["resource"]?.string?.hasSuffix(".cpu") == true
              return isCPU ? ["1", "1m"].contains(text) : text != "1m"
            }
          ],
          [
            .required(
              "resource",
              .string(
                "For example limits.memory.", length: 1...128,
                matching: Pattern(
                  "^(limits|requests)\\.(cpu|memory|ephemeral-storage|hugepages-[A-Za-z0-9]+)$",
                  "a resource such as limits.memory"))),
            .optional(
              "divisor",
              .intOrString(
                "The unit: 1 or 1m of cpu; 1, 1k to 1E or 1Ki to 1Ei of everything else. Default: 1.",
                matching: Pattern(
                  "^1(m|[kMGTPE]|[KMGTPE]i)?$", "a unit: 1, 1m for cpu, 1k, 1Mi, 1G or the like"))),
          ])),
    ])

  private static func keyReference(_ kind: String) -> FieldSchema {
    .object(
      "A key of a \(kind) in the agent's namespace.",
      [
        .required("name", .objectName("Name of the \(kind).")),
        .required("key", .string("Key in it.", length: 1...253, matching: .configMapKey)),
        .optional("optional", .boolean("Pods start without it. Default: false.")),
      ])
  }

  private static let resources: FieldSchema = .object(
    "Compute resources of the agent's container. Default: requests cpu 250m and memory 512Mi, "
      + "limit memory 1Gi, no cpu limit. A GPU: limits {nvidia.com/gpu: 1}.",
    rules: [ResourceRules.limit("cpu"), ResourceRules.limit("memory")],
    [
      .optional(
        "requests",
        .map(
          "What is reserved, by resource name.",
          of: .intOrString("A quantity.", matching: .quantity), max: 20)),
      .optional(
        "limits",
        .map(
          "What may be used at most, by resource name.",
          of: .intOrString("A quantity.", matching: .quantity), max: 20)),
    ])

  private static let health: FieldSchema = .object(
    "How to tell that the agent works.",
    [
      .optional(
        "livePath",
        .string(
          "HTTP path of the liveness and startup checks. Default: /health for HTTP and ADK, a TCP "
            + "connection for MCP and A2A.", length: 1...256, matching: .urlPath)),
      .optional(
        "readyPath",
        .string(
          "HTTP path of the readiness check. Default: /ready for HTTP and ADK, "
            + "/.well-known/agent-card.json for A2A, a TCP connection for MCP.",
          length: 1...256, matching: .urlPath)),
      .optional(
        "startupTimeout",
        .duration("How long a start may take. Default: 120s.", "1s", "2h")),
      .optional(
        "livePeriod", .duration("Between two liveness checks. Default: 30s.", "1s", "1h")),
      .optional(
        "readyPeriod", .duration("Between two readiness checks. Default: 10s.", "1s", "1h")),
      .optional(
        "probeTimeout",
        .duration("How long one check may take. Default: 5s.", "1s", "5m")),
      .optional(
        "reloadPath",
        .string(
          "HTTP path on the agent's port where it is asked by POST to read its files again: when "
            + "those of a secret with onChange: Reload have changed, from inside the pod, repeated "
            + "until it answers with 2xx. There is no SIGHUP: a signal needs a process namespace "
            + "that containers share.", length: 1...256, matching: .urlPath)),
      .unsupported("verify", .string, "remove it"),
    ])
}
