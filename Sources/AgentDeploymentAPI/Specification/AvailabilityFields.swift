import JSON

/// `spec.availability`.
enum AvailabilityFields {
  static let section: FieldSchema = .object(
    "What keeps the agent up while nodes and regions come and go.",
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
      .optional("drain", drain),
      .optional("priorityClassName", .objectName("PriorityClass of the pods. Default: none.")),
      .optional("regions", regions),
    ])

  private static let drain: FieldSchema = .object(
    "What a stopping pod is given. Its grace period is the timeout and 15 s more.",
    [
      .optional(
        "timeout", .duration("Time to finish its work. Default: 60s.", "1s", "24h")),
      .optional(
        "path",
        .string(
          "Asked with GET when a pod has to go. The agent takes no new session from then on and "
            + "answers when the last one has ended, at most after the timeout. Default: none; the "
            + "pod goes on for 10 s and is told to end.", length: 1...256, matching: .urlPath)),
      .optional(
        "sessionMetric",
        .string(
          "A metric of the pods that counts what a stop would cut off, such as active_workflows. An "
            + "alert tells of pods that still have some when their time is over. Needs the "
            + "Prometheus operator. Default: none.", length: 1...128,
          matching: Pattern(
            "^[a-zA-Z_:][a-zA-Z0-9_:]*$", "the name of a Prometheus metric"))),
      .unsupported("maxRevisions", .integer),
    ])

  private static let region: FieldSchema = .string(
    "A region, as in the label topology.kubernetes.io/region of nodes.", length: 1...63,
    matching: Pattern(
      "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$", "a region such as europe-west1"))

  private static let regions: FieldSchema = .object(
    "An agent that runs in several regions: requests stay in the caller's region while it has pods "
      + "that answer. Needs a mesh that spans them. Outlier detection tells when they do not.",
    rules: [
      FieldRule(
        "!has(self.failover) || !has(self.distribute)", "give failover or distribute, not both",
        at: "distribute"
      ) { regions in !regions.has("failover") || !regions.has("distribute") }
    ],
    [
      .required("primary", region), .optional("failover", failover),
      .optional("distribute", distribute),
    ])

  private static let failover: FieldSchema = .list(
    "Where requests from a region go when it has nobody left. Default: to any other.",
    of: .object(
      "Of one region.",
      rules: [
        FieldRule("self.from != self.to", "a region cannot stand in for itself", at: "to") {
          $0["from"] != $0["to"]
        }
      ], [.required("from", region), .required("to", region)]),
    .map(keys: ["from"]), max: 20)

  private static let place = Pattern(
    "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?(/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?){0,2}"
      + "(/[*])?$", "a place such as europe-west1/* or europe-west1/europe-west1-b/*")

  private static let distribute: FieldSchema = .list(
    "How requests are shared out on purpose, by where they come from.",
    of: .object(
      "Of one place.",
      [
        .required(
          "from", .string("Where requests come from.", length: 1...253, matching: place)),
        .required(
          "to",
          .map(
            "Shares of them by where they go, in proportion: {west/*: 80, east/*: 20}.",
            of: .integer("A share.", 1...100), max: 20,
            rules: [
              FieldRule("size(self) > 0", "name a place") { $0.object?.isEmpty == false },
              FieldRule(
                "self.all(k, k.matches('\(place.text)'))", "must name \(place.meaning)"
              ) { map in (map.object ?? [:]).keys.allSatisfy { place.matches($0) } },
            ])),
      ]),
    .map(keys: ["from"]), max: 20)
}
