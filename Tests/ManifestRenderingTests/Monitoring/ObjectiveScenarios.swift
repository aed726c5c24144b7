/// When error budgets raise an alert, and when not.
extension RuleScenario {
  static let objectives: [RuleScenario] = burning + lowTraffic + indicators

  private static func firing(_ window: String, _ name: String = "availability") -> [String: String]
  {
    ["slo": name, "window": window]
  }

  private static func requests(_ good: String, _ bad: String) -> [(String, String)] {
    [(Series.mesh("200"), good), (Series.mesh("500"), bad)]
  }

  /// The budget of 99.9 % is 0.1 %, so 14.4 times is 1.44 %, 6 times 0.6 %, 3 times 0.3 %.
  private static let burning: [RuleScenario] = [
    .alert(
      "AgentSLOBudgetBurning", "critical", "2 % for an hour",
      firing: [firing("1h"), firing("6h")], at: "1h", requests("0+980x240", "0+20x240")),
    .alert(
      "AgentSLOBudgetBurning", "critical", "1 % is too slow for the hour, and enough for six",
      firing: [firing("6h")], at: "1h", requests("0+990x240", "0+10x240")),
    .alert(
      "AgentSLOBudgetBurning", "critical", "0.4 % is no emergency", firing: [], at: "6h",
      interval: "1m", evaluation: "1m", requests("0+996x400", "0+4x400")),
    .alert(
      "AgentSLOBudgetBurning", "warning", "0.4 % for a day is worth a plan",
      firing: [firing("1d"), firing("3d")], at: "1d", interval: "2m", evaluation: "5m",
      requests("0+996x800", "0+4x800")),
    .alert(
      "AgentSLOBudgetBurning", "warning", "0.2 % for three days uses the budget up early",
      firing: [firing("3d")], at: "3d", interval: "2m", evaluation: "5m",
      requests("0+998x2200", "0+2x2200")),
    .alert(
      "AgentSLOBudgetBurning", "warning", "0.08 % is what the budget is for", firing: [],
      at: "3d", interval: "2m", evaluation: "5m", requests("0+9992x2200", "0+8x2200")),
    .alert(
      "AgentSLOBudgetBurning", "critical", "the hour's ends with five minutes without failures",
      firing: [firing("6h")], at: "50m", requests("0+80x240", "0+20x60 1200x180")),
    .alert(
      "AgentSLOBudgetBurning", "critical", "the six hours' with half an hour", firing: [],
      at: "65m", requests("0+80x240", "0+20x60 1200x180")),
    .alert(
      "AgentSLOBudgetBurning", "critical", "90 % is never missed 14.4 times over, but six times",
      on: .alone, firing: [firing("6h")], at: "1h",
      [(Series.http("200"), "0+30x240"), (Series.http("500"), "0+70x240")]),
  ]

  private static let lowTraffic: [RuleScenario] = [
    .alert(
      "AgentSLOBudgetBurning", "critical", "one failure in twenty requests of an hour pages nobody",
      firing: [], at: "1h", requests("0 0 0 1 1 1 2x10 5x40 12x20 19x40", "0x30 1x100")),
    .alert(
      "AgentSLOBudgetBurning", "critical", "six failures of six do",
      firing: [firing("1h"), firing("6h")], at: "1h",
      requests("0x240", "0x10 1x10 2x10 3x10 4x10 5x10 6x100")),
    .alert(
      "AgentSLOBudgetBurning", "critical", "when everybody has left, it is not over",
      firing: [firing("1h"), firing("6h")], at: "50m",
      requests("0x240", "0+5x60 300x180")),
    .alert(
      "AgentSLOBudgetBurning", "critical", "without any request there is nothing to say",
      firing: [], at: "1h", requests("100x240", "5x240")),
  ]

  /// Half of the requests take up to a second, a fifth of them up to 2.5 s, the rest longer.
  private static func durations(_ name: String, _ labels: [String: String], _ bounds: [String])
    -> [(String, String)]
  {
    Series.histogram(
      name, labels, steps: 240, Array(zip(bounds + ["+Inf"], [50, 80, 90, 100])))
  }

  private static func recorded(_ name: String, _ slo: String) -> String {
    Series.text(name, ["agent": "support", "namespace": "agents", "slo": slo])
  }

  private static func value(
    _ title: String, on agent: MonitoredAgent = .meshed, _ name: String, of slo: String,
    _ value: Double, at time: String = "1h", _ series: [(String, String)]
  ) -> RuleScenario {
    // Rounded, because sums of rates are not exact.
    let query = "round(\(name){slo=\"\(slo)\"}, 0.0001)"
    let labels = Series.text("", ["agent": "support", "namespace": "agents", "slo": slo])
    return RuleScenario(
      title: title, on: agent, series: series, at: time,
      expectations: [(query, [(labels, value)])])
  }

  private static let indicators: [RuleScenario] = [
    value(
      "2 s lie between Istio's buckets of 1 s and 2.5 s: two thirds of those between are fast",
      "agent:slo_error_ratio:rate1h", of: "latency", 0.3,
      durations(
        "istio_request_duration_milliseconds", ["reporter": "destination"],
        ["1000", "2500", "5000"])),
    value(
      "the agent's own bucket, as Python writes it", on: .alone, "agent:slo_error_ratio:rate1h",
      of: "latency", 0.2,
      durations("http_request_duration_seconds", ["endpoint": "/chat"], ["1.0", "2.0", "5.0"])),
    value(
      "the agent's own bucket, as Go writes it", on: .alone, "agent:slo_error_ratio:rate1h",
      of: "latency", 0.2,
      durations("http_request_duration_seconds", ["endpoint": "/chat"], ["1", "2", "5"])),
    value(
      "no failures yet: the ratio is 0, not missing", "agent:slo_error_ratio:rate1h",
      of: "availability", 0, [(Series.mesh("200"), "0+100x240")]),
    value(
      "half of the budget is left after 0.05 %", "agent:slo_error_budget_remaining:ratio",
      of: "availability", 0.5, requests("0+1999x240", "0+1x240")),
    value(
      "the budget is overdrawn", "agent:slo_error_budget_remaining:ratio", of: "availability", -9,
      requests("0+99x240", "0+1x240")),
    value(
      "an hour of much traffic weighs more than one of little", "agent:slo_error_ratio:rate6h",
      of: "availability", 0.009, at: "2h10m",
      [
        // 1000 good requests each step for an hour, then one in eleven bad of 110.
        (Series.mesh("200"), "0+1000x120 120100+100x119 132000x40"),
        (Series.mesh("500"), "0x120 10+10x119 1200x40"),
      ]),
    value(
      "requests that reached no pod are bad", "agent:slo_error_ratio:rate1h", of: "availability",
      0.25,
      [
        (Series.mesh("200"), "0+75x240"),
        (
          Series.text(
            "istio_requests_total",
            [
              "reporter": "source", "destination_service_namespace": "agents",
              "destination_service_name": "support", "response_code": "503",
              "response_flags": "UH",
            ]), "0+25x240"
        ),
      ]),
  ]
}
