/// When the alerts on requests, workflows and tools fire, and when not.
extension RuleScenario {
  static let traffic: [RuleScenario] = errors + latency + work

  private static let stable = ["revision": Series.stable]

  private static let errors: [RuleScenario] = [
    .alert(
      "AgentErrorRateHigh", "warning", "6 % for five minutes", firing: [stable], at: "10m",
      [(Series.mesh("200"), "0+94x40"), (Series.mesh("503"), "0+6x40")]),
    .alert(
      "AgentErrorRateHigh", "critical", "6 % is no emergency", firing: [], at: "10m",
      [(Series.mesh("200"), "0+94x40"), (Series.mesh("503"), "0+6x40")]),
    .alert(
      "AgentErrorRateHigh", "critical", "11 % is one", firing: [stable], at: "10m",
      [(Series.mesh("200"), "0+89x40"), (Series.mesh("503"), "0+11x40")]),
    .alert(
      "AgentErrorRateHigh", "warning", "4 % is not enough", firing: [], at: "10m",
      [(Series.mesh("200"), "0+96x40"), (Series.mesh("503"), "0+4x40")]),
    .alert(
      "AgentErrorRateHigh", "warning", "not before five minutes", firing: [], at: "4m30s",
      [(Series.mesh("200"), "0+50x40"), (Series.mesh("503"), "0+50x40")]),
    .alert(
      "AgentErrorRateHigh", "critical", "clients' errors are not the agent's", firing: [],
      at: "10m", [(Series.mesh("200"), "0+50x40"), (Series.mesh("404"), "0+50x40")]),
    .alert(
      "AgentErrorRateHigh", "critical", "ten requests in five minutes say nothing", firing: [],
      at: "10m", [(Series.mesh("200"), "0x40"), (Series.mesh("503"), "0+1x40")]),
    .alert(
      "AgentErrorRateHigh", "critical", "a failing candidate is not lost in the sum",
      firing: [["revision": Series.candidate]], at: "10m",
      [
        (Series.mesh("200"), "0+95x40"),
        (Series.mesh("500", revision: Series.candidate), "0+5x40"),
      ]),
    .alert(
      "AgentErrorRateHigh", "critical", "a gRPC error has HTTP status 200", firing: [stable],
      at: "10m",
      [
        (Series.mesh("200", ["grpc_response_status": "0"]), "0+50x40"),
        (Series.mesh("200", ["grpc_response_status": "14"]), "0+50x40"),
      ]),
    .alert(
      "AgentErrorRateHigh", "critical", "a mesh-wide scrape of the same sidecar does not count",
      firing: [], at: "10m",
      [
        (Series.mesh("200"), "0+100x40"),
        (
          RuleScenario.Series.text(
            "istio_requests_total",
            [
              "namespace": "agents", "pod": Series.pod, "reporter": "destination",
              "response_code": "500",
            ]), "0+100x40"
        ),
      ]),
    .alert(
      "AgentErrorRateHigh", "critical", "the agent's own figures", on: .alone, firing: [stable],
      at: "10m", [(Series.http("200"), "0+80x40"), (Series.http("503"), "0+20x40")]),
    .alert(
      "AgentErrorRateHigh", "critical", "failing probes are no requests", on: .alone, firing: [],
      at: "10m",
      [(Series.http("200"), "0+80x40"), (Series.http("503", endpoint: "/ready"), "0+20x40")]),
    .alert(
      "AgentErrorRateHigh", "critical", "passing probes do not water errors down", on: .alone,
      firing: [stable], at: "10m",
      [
        (Series.http("200", endpoint: "/health"), "0+900x40"), (Series.http("200"), "0+80x40"),
        (Series.http("503"), "0+20x40"),
      ]),
    .alert(
      "AgentErrorRateHigh", "critical", "a waypoint's figures", on: .ambient, firing: [stable],
      at: "10m", ["200": 80, "503": 20].map { code, rise in (waypoint(code), "0+\(rise)x40") }),
  ]

  private static func waypoint(_ code: String) -> String {
    Series.text(
      "istio_requests_total",
      [
        "namespace": "agents", "pod": "waypoint-1", "reporter": "waypoint",
        "response_code": code, "destination_service_namespace": "agents",
        "destination_service_name": "support",
        "destination_canonical_revision": Series.stable,
      ])
  }

  private static func milliseconds(_ buckets: [(String, Int)]) -> [(String, String)] {
    Series.histogram(
      "istio_request_duration_milliseconds", ["reporter": "destination"], steps: 40, buckets)
  }

  private static func seconds(_ buckets: [(String, Int)]) -> [(String, String)] {
    Series.histogram(
      "http_request_duration_seconds", ["endpoint": "/chat"], steps: 40, buckets)
  }

  private static let latency: [RuleScenario] = [
    .alert(
      "AgentLatencyHigh", "warning", "a tenth of the requests takes more than 5 s",
      firing: [stable], at: "8m",
      milliseconds([("1000", 90), ("5000", 90), ("10000", 100), ("+Inf", 100)])),
    .alert(
      "AgentLatencyHigh", "warning", "one in a hundred may", firing: [], at: "8m",
      milliseconds([("1000", 90), ("5000", 99), ("10000", 100), ("+Inf", 100)])),
    .alert(
      "AgentLatencyHigh", "warning", "not before three minutes", firing: [], at: "2m30s",
      milliseconds([("5000", 0), ("10000", 100), ("+Inf", 100)])),
    .alert(
      "AgentLatencyHigh", "warning", "ten requests in five minutes say nothing", firing: [],
      at: "8m", milliseconds([("5000", 0), ("10000", 1), ("+Inf", 1)])),
    .alert(
      "AgentLatencyHigh", "warning", "the agent's own histogram", on: .alone, firing: [stable],
      at: "8m", seconds([("2.5", 50), ("5.0", 60), ("10.0", 100), ("+Inf", 100)])),
    .alert(
      "AgentLatencyHigh", "warning", "its highest bucket may be the threshold", on: .alone,
      firing: [stable], at: "8m", seconds([("2.5", 50), ("5.0", 60), ("+Inf", 100)])),
    .alert(
      "AgentLatencyHigh", "warning", "fast by its own histogram", on: .alone, firing: [],
      at: "8m", seconds([("2.5", 97), ("5.0", 98), ("10.0", 100), ("+Inf", 100)])),
  ]

  private static func workflows(_ status: String, _ type: String = "triage") -> String {
    Series.own("workflow_executions_total", ["workflow_type": type, "status": status])
  }

  private static let triage = ["workflow_type": "triage", "revision": Series.stable]
  private static let tool = ["server": "weather", "tool": "forecast"]

  private static func toolCalls(_ buckets: [(String, Int)], steps: Int = 40) -> [(String, String)] {
    Series.histogram("mcp_tool_duration_seconds", tool, steps: steps, buckets)
  }

  private static func workflowDurations(_ sum: String, _ count: String) -> [(String, String)] {
    [("sum", sum), ("count", count)].map { part, values in
      (Series.own("workflow_duration_seconds_\(part)", ["workflow_type": "triage"]), values)
    }
  }

  private static let work: [RuleScenario] = [
    .alert(
      "AgentWorkflowFailures", "critical", "one in five fails", firing: [triage], at: "8m",
      [(workflows("completed"), "0+8x40"), (workflows("failed"), "0+2x40")]),
    .alert(
      "AgentWorkflowFailures", "critical", "P1: one in twenty is no failure of all", firing: [],
      at: "8m", [(workflows("completed"), "0+19x40"), (workflows("failed"), "0+1x40")]),
    .alert(
      "AgentWorkflowFailures", "critical", "P1: a handful says nothing", firing: [], at: "8m",
      [(workflows("completed"), "0x40"), (workflows("failed"), "0+1x40")]),
    .alert(
      "AgentWorkflowFailures", "critical", "one type does not hide behind another",
      firing: [triage], at: "8m",
      [
        (workflows("completed"), "0+8x40"), (workflows("failed"), "0+2x40"),
        (workflows("completed", "summary"), "0+500x40"),
      ]),
    .alert(
      "AgentWorkflowFailures", "critical", "an ADK agent has workflows too", on: .alone,
      firing: [triage], at: "8m",
      [(workflows("completed"), "0+8x40"), (workflows("failed"), "0+2x40")]),
    .alert(
      "AgentWorkflowLatencyHigh", "warning", "more than five minutes each", firing: [triage],
      at: "25m", workflowDurations("0+3300x80", "0+10x80")),
    .alert(
      "AgentWorkflowLatencyHigh", "warning", "less than five minutes each", firing: [], at: "25m",
      workflowDurations("0+2700x80", "0+10x80")),
    .alert(
      "AgentWorkflowLatencyHigh", "warning", "three long ones say nothing", firing: [], at: "25m",
      workflowDurations("0x30 600x5 1200x5 1800x60", "0x30 1x5 2x5 3x60")),
    .alert(
      "AgentToolLatencyHigh", "warning", "P2: the buckets end at 10, and it fires", firing: [tool],
      at: "8m", toolCalls([("5.0", 1), ("10.0", 2), ("+Inf", 10)])),
    .alert(
      "AgentToolLatencyHigh", "warning", "with buckets above 10 too", firing: [tool], at: "8m",
      toolCalls([("5.0", 1), ("10.0", 2), ("30.0", 10), ("+Inf", 10)])),
    .alert(
      "AgentToolLatencyHigh", "warning", "8 s are slow, but not too slow", firing: [], at: "8m",
      toolCalls([("5.0", 5), ("10.0", 10), ("30.0", 10), ("+Inf", 10)])),
    .alert(
      "AgentToolLatencyHigh", "warning", "a single slow call says nothing", firing: [], at: "8m",
      [
        (
          Series.own("mcp_tool_duration_seconds_bucket", tool.merging(["le": "10.0"]) { $1 }),
          "0x40"
        ),
        (
          Series.own("mcp_tool_duration_seconds_bucket", tool.merging(["le": "+Inf"]) { $1 }),
          "0x10 1x40"
        ),
        (Series.own("mcp_tool_duration_seconds_count", tool), "0x10 1x40"),
      ]),
    .alert(
      "AgentToolLatencyHigh", "warning", "an ADK agent has no such rule", on: .alone, firing: [],
      at: "8m", toolCalls([("5.0", 1), ("10.0", 2), ("+Inf", 10)])),
  ]
}
