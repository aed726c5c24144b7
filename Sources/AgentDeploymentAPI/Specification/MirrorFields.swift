import JSON

/// `spec.traffic.mirror`.
enum MirrorFields {
  static let section: FieldSchema = .object(
    "Sends a copy of some requests to another agent as well, whose answers are dropped. Of an MCP "
      + "server only what changes nothing is copied: its lists and reads, and calls of readOnlyTools.",
    [
      .required(
        "percent", .percentage("Part of the requests that are copied.", mayBeZero: false)),
      .optional(
        "to",
        .enumeration(
          "Where the copies go: the agent in agentRef.", values: ["Agent"], default: "Agent",
          unsupported: ["Candidate"])),
      .required(
        "agentRef",
        .object(
          "Another agent of the namespace.",
          [.required("name", .agentName("Name of the AgentDeployment."))])),
      .optional(
        "readOnlyTools",
        .list(
          "Tools whose calls change nothing, so that they may be made twice. MCP only. Default: none.",
          of: ToolRuleFields.name, .set, max: 16)),
    ])

  /// Of `spec`.
  static let toolsNeedMCP = FieldRule(
    "!has(self.traffic) || !has(self.traffic.mirror) || !has(self.traffic.mirror.readOnlyTools) "
      + "|| self.protocol == 'MCP'",
    "traffic.mirror.readOnlyTools is for MCP servers: remove it, or set protocol MCP", at: "traffic"
  ) { spec in
    spec["protocol"] == "MCP"
      || !spec.section("traffic").section("mirror").has("readOnlyTools")
  }
}
