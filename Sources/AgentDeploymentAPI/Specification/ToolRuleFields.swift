import JSON

/// `spec.traffic.tools`: routes of their own for some of an MCP server's tools.
///
/// They go by the headers Mcp-Method and Mcp-Name, which clients have to send and servers to check
/// since MCP 2026-07-28 (https://modelcontextprotocol.io/seps/2243-http-standardization).
enum ToolRuleFields {
  /// A tool's name (https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-names);
  /// all of it may stand in a header as it is.
  static let name: FieldSchema = .string(
    "A tool's name.", length: 1...128,
    matching: Pattern("^[-A-Za-z0-9_./]+$", "a tool's name: letters, digits and -_./"))

  static let list: FieldSchema = .list(
    "What holds for calls of some tools instead. Needs MCP of 2026-07-28 or later.",
    of: .object(
      "One rule.",
      rules: [
        FieldRule(
          "has(self.timeout) || has(self.retries)",
          "a rule without timeout and retries changes nothing: give one, or remove the rule"
        ) { rule in rule.has("timeout") || rule.has("retries") }
      ],
      [
        .required(
          "names",
          .list(
            "The tools.", of: name, .set, max: 16,
            rules: [
              FieldRule("size(self) > 0", "name a tool") { $0.array?.isEmpty == false }
            ])),
        .optional("timeout", TrafficFields.timeout),
        .optional("retries", TrafficFields.retries),
      ]),
    max: 8,
    rules: [
      FieldRule(
        "self.all(a, a.names.all(n, self.exists_one(b, n in b.names)))",
        "each tool may stand in one rule only", reason: .duplicate
      ) { rules in
        let names = (rules.array ?? []).flatMap { Set($0.items("names")) }
        return Set(names).count == names.count
      }
    ])

  /// Of `spec.traffic`.
  static let withoutRetries = FieldRule(
    "!has(self.tools) || !has(self.provider) || self.provider != 'GatewayAPI' "
      + "|| self.tools.all(t, !has(t.retries))",
    "the Gateway API's standard channel has no words for retries of tools: remove them, "
      + "or use provider Istio", at: "tools"
  ) { traffic in
    traffic["provider"] != "GatewayAPI" || traffic.items("tools").allSatisfy { !$0.has("retries") }
  }

  /// Of `spec`: without the headers every request of such a caller would be turned away.
  static let callersNeedHeaders = FieldRule(
    "!has(self.protocolVersion) || !(self.protocolVersion in [\(versionsWithout)]) "
      + "|| !has(self.security) || !has(self.security.allowedCallers) "
      + "|| self.security.allowedCallers.all(c, !has(c.tools))",
    "tools of security.allowedCallers go by the headers Mcp-Method and Mcp-Name, which MCP has since "
      + "2026-07-28: remove them", at: "security"
  ) { spec in
    spec.text("protocolVersion").flatMap(MCPVersion.init)?.hasSessions != true
      || !spec.section("security").items("allowedCallers").contains { $0.has("tools") }
  }

  private static let versionsWithout = MCPVersion.allCases.filter(\.hasSessions)
    .map { "'\($0.rawValue)'" }.joined(separator: ", ")

  /// Of `spec`: what goes by the headers needs a protocol that has them.
  static let needHeaders: [FieldRule] = ["tools", "mirror"].map { field in
    let isNeeded = field == "tools"
    return FieldRule(
      isNeeded
        ? "!has(self.traffic) || !has(self.traffic.\(field)) || (self.protocol == 'MCP' "
          + "&& (!has(self.protocolVersion) || !(self.protocolVersion in [\(versionsWithout)])))"
        : "!has(self.protocolVersion) || !(self.protocolVersion in [\(versionsWithout)]) "
          + "|| self.protocol != 'MCP' || !has(self.traffic) || !has(self.traffic.\(field))",
      "traffic.\(field) goes by the headers Mcp-Method and Mcp-Name, which MCP has since 2026-07-28: "
        + "remove it" + (isNeeded ? ", or set protocol MCP of that version" : ""), at: "traffic"
    ) { spec in
      guard spec.section("traffic").has(field) else { return true }
      if spec["protocol"] != "MCP" { return !isNeeded }
      return spec.text("protocolVersion").flatMap(MCPVersion.init)?.hasSessions != true
    }
  }
}
