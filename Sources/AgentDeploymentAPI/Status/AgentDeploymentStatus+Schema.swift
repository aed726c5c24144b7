import JSON

extension AgentDeploymentStatus {
  public static let schema: FieldSchema = .object(
    "The agent as the operator sees it.",
    [
      .optional(
        "observedGeneration",
        .integer("Generation of the spec that this status is about.", 0...Int.max)),
      .optional("className", .string("The class that holds.", length: 0...253)),
      .optional(
        "classDefaults",
        .list(
          "Fields of the spec that the class filled in.",
          of: .string("A path such as spec.resources.limits.memory.", length: 0...512), .set,
          max: maxClassDefaults)),
      .optional("url", .string("Where the agent is reached from outside.", length: 0...512)),
      .optional(
        "internalUrl", .string("Where the agent is reached in the cluster.", length: 0...512)),
      .optional("selector", .string("Label selector of the pods.", length: 0...512)),
      .optional("replicas", .integer("Number of pods.", 0...1_000_000)),
      .optional("readyReplicas", .integer("Number of ready pods.", 0...1_000_000)),
      .optional("currentRevision", .string("The revision that serves.", length: 0...63)),
      .optional(
        "updateRevision",
        .string("The revision that is wanted; the current one when settled.", length: 0...63)),
      .optional("secrets", secrets),
      .optional("resources", resources),
      .optional("regions", regions),
      .optional("conditions", conditions),
    ])

  private static let secrets: FieldSchema = .list(
    "Credentials with a maxAge or a rotateEvery.",
    of: .object(
      "One credential.",
      [
        .required("name", .string("As the spec calls it.", length: 1...63)),
        .optional("secretName", .string("Its Secret.", length: 0...253)),
        .optional(
          "changedAt",
          .string("When its content changed last.", length: 1...40, format: "date-time")),
        .optional(
          "rotatesAt",
          .string("When the operator replaces it.", length: 1...40, format: "date-time")),
        .optional("rotationDue", .boolean("It is older than its maxAge.")),
      ]),
    .map(keys: ["name"]), max: 20)

  private static let regions: FieldSchema = .list(
    "Where the agent runs, of availability.regions, as far as this cluster can see.",
    of: .object(
      "One region.",
      [
        .required("name", .string("The region; empty: a node without one.", length: 0...63)),
        .required("endpoints", .integer("Ready pods there.", 0...1_000_000)),
        .required("active", .boolean("It serves callers of the primary region.")),
      ]),
    .map(keys: ["name"]), max: maxRegions)

  private static let resources: FieldSchema = .list(
    "The generated objects.",
    of: .object(
      "One object, in the agent's namespace.",
      [
        .required("apiVersion", .string("API version.", length: 1...253)),
        .required("kind", .string("Kind.", length: 1...63)),
        .required("name", .string("Name.", length: 1...253)),
        .optional(
          "state",
          .enumeration(
            "Current: as rendered and settled. InProgress: its controller is still at work. "
              + "Skipped: its kind is not installed.", Resource.State.self)),
      ]),
    // All of it is the operator's: to own each entry by its keys makes each write of the object, a
    // user's too, a seventh dearer for the API server.
    max: maxResources)

  /// https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go, Condition.
  private static let conditions: FieldSchema = .list(
    "Ready sums up the others: Accepted, ResolvedRefs, Available, Programmed, Progressing, "
      + "Reconciling and Stalled.",
    of: .object(
      "One observation.",
      [
        .required(
          "type",
          .string(
            "What was observed.", length: 1...316,
            matching: Pattern("^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$", "a condition type"))),
        .required(
          "status", .enumeration("Whether it holds.", values: ["True", "False", "Unknown"])),
        .optional(
          "observedGeneration", .integer("Generation of the spec it is about.", 0...Int.max)),
        .required(
          "lastTransitionTime",
          .string("When the status changed last.", length: 1...40, format: "date-time")),
        .required(
          "reason",
          .string(
            "Why, in CamelCase.", length: 1...1024,
            matching: Pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$", "a CamelCase reason"))),
        .required("message", .string("Why, for people.", length: 0...32768)),
      ]),
    .map(keys: ["type"]), max: 16)
}
