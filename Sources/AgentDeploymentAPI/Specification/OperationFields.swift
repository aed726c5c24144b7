import JSON

/// How the agent is run: not part of the revision.
enum OperationFields {
  static let all: [FieldSchema.Field] = [
    .optional("scaling", ScalingFields.section),
    .optional("traffic", TrafficFields.section),
    .optional("rollout", rollout),
    .optional("availability", availability),
    .optional("security", SecurityFields.section),
    .optional("observability", ObservabilityFields.section),
    .optional("slos", ObjectiveFields.section),
    .optional(
      "paused",
      .boolean("Nothing is changed while this is true; the status is still kept.", default: false)),
    .optional(
      "deletionPolicy",
      .object(
        "What deleting this object leaves behind.",
        [
          .optional(
            "state",
            .enumeration(
              "Generated Secrets and the state's volume: Retain keeps them, Delete removes them with "
                + "the agent. Default: Retain.", DeletionPolicy.Action.self))
        ])),
    .optional("podTemplate", EscapeHatchFields.podTemplate),
    .optional("overrides", EscapeHatchFields.overrides),
  ]

  private static let rollout: FieldSchema = .object(
    "How a new revision replaces the old one.",
    [
      .optional(
        "type",
        .enumeration(
          "RollingUpdate: pods are replaced step by step, none before its successor is ready. "
            + "Default: RollingUpdate.",
          Rollout.Kind.self, unsupported: ["Canary", "BlueGreen", "ABTest"])),
      .unsupported("canary", .object), .unsupported("blueGreen", .object),
      .unsupported("abTest", .object), .unsupported("analysis", .object),
      .unsupported("deadline", .string), .unsupported("onFailure", .string),
      .unsupported("keepRevisions", .integer), .unsupported("wave", .integer),
    ])

  private static let availability: FieldSchema = .object(
    "What keeps the agent up while nodes come and go.",
    [
      .optional(
        "maxUnavailable",
        .intOrString(
          "How many pods a voluntary disruption may take at once: a number or a percentage. "
            + "Default: 1.",
          matching: Pattern("^([1-9][0-9]?|100)%$", "a percentage such as \"25%\""),
          rules: [
            FieldRule(
              "type(self) == string || (self >= 1 && self <= 1000)", "must be between 1 and 1000"
            ) { value in value.string != nil || (1...1000).contains(value.int ?? 0) }
          ])),
      .optional(
        "spread",
        .enumeration(
          "Keeps the pods apart where the cluster allows it. Zone spreads over zones and hosts. "
            + "Default: Zone.", Availability.Spread.self)),
      .optional(
        "drain",
        .object(
          "What a stopping pod is given.",
          [
            .optional(
              "timeout",
              .duration("Time to finish its work. Default: 60s.", "1s", "24h")),
            .unsupported("path", .string), .unsupported("sessionMetric", .string),
            .unsupported("maxRevisions", .integer),
          ])),
      .optional("priorityClassName", .objectName("PriorityClass of the pods. Default: none.")),
      .unsupported("regions", .object),
    ])
}
