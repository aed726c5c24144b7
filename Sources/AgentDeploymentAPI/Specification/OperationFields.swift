import JSON

/// How the agent is run: not part of the revision.
enum OperationFields {
  static let all: [FieldSchema.Field] = [
    .optional("scaling", ScalingFields.section),
    .optional("traffic", TrafficFields.section),
    .optional("rollout", rollout),
    .optional("availability", AvailabilityFields.section),
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
}
