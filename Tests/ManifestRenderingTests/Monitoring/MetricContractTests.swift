import JSON
import Testing

@testable import ManifestRendering

@Suite struct MetricContractTests {
  /// What a client library in Python exports, complete for an ADK agent without a mesh.
  private static let complete = """
    # HELP http_requests_total Requests
    # TYPE http_requests_total counter
    http_requests_total{method="GET",endpoint="/chat",status_code="200"} 10.0
    # TYPE http_request_duration_seconds histogram
    http_request_duration_seconds_bucket{endpoint="/chat",le="2.0"} 9.0
    http_request_duration_seconds_bucket{endpoint="/chat",le="10.0"} 10.0
    http_request_duration_seconds_bucket{endpoint="/chat",le="+Inf"} 10.0
    http_request_duration_seconds_count{endpoint="/chat"} 10.0
    http_request_duration_seconds_sum{endpoint="/chat"} 1.5e+01
    # TYPE workflow_executions_total counter
    workflow_executions_total{workflow_type="a",status="completed"} 3
    # TYPE workflow_duration_seconds histogram
    workflow_duration_seconds_bucket{workflow_type="a",le="600.0"} 3
    workflow_duration_seconds_bucket{workflow_type="a",le="+Inf"} 3
    workflow_duration_seconds_count{workflow_type="a"} 3
    workflow_duration_seconds_sum{workflow_type="a"} 30 1700000000000
    """

  private func findings(
    _ text: String, on agent: MonitoredAgent = .alone, _ more: JSONValue = [:]
  ) throws -> [MetricContract.Finding] {
    let contract = MetricContract(try agent.monitoring(more))
    return contract.findings(try Exposition.parse(text))
  }

  @Test func nothingToSayAboutWhatIsComplete() throws {
    #expect(try findings(Self.complete).isEmpty)
  }

  /// What is wrong, and the words that say so.
  @Test(arguments: [
    (["http_requests_total": "http_requests"], "http_requests_total", "is missing", "there is"),
    (["status_code": "code"], "http_requests_total", "lacks the label status_code", "code"),
    (
      ["TYPE http_requests_total counter": "TYPE http_requests_total gauge"],
      "http_requests_total", "is a gauge", "counter"
    ),
    (["\"2.0\"": "\"2.5\""], "http_request_duration_seconds", "no bucket of 2", "2.5, 10"),
    (
      ["\"10.0\"": "\"4.0\""], "http_request_duration_seconds", "no bucket above 4", "up to 5"
    ),
    (["workflow_type": "kind"], "workflow_executions_total", "lacks the label workflow_type", ""),
  ])
  func saysWhatIsWrong(
    _ replacements: [String: String], _ metric: String, _ message: String, _ fix: String
  ) throws {
    var text = Self.complete
    for (old, new) in replacements { text = text.replacing(old, with: new) }
    let finding = try #require(try findings(text).first { $0.metric == metric })
    #expect(finding.severity == .error)
    #expect(finding.message.contains(message), "\(finding.message)")
    #expect(finding.fix.contains(fix), "\(finding.fix)")
  }

  @Test func whatOnlyPanelsNeedIsAWarning() throws {
    let off: JSONValue = ["observability": ["alerts": ["preset": "None"]], "slos": .null]
    let found = try findings("", off)
    #expect(found.contains { $0.metric == "http_requests_total" && $0.severity == .warning })
    #expect(found.allSatisfy { $0.severity == .warning })
  }

  @Test func declaredWithoutSeriesIsAWarning() throws {
    let text = Self.complete.split(separator: "\n")
      .filter { !$0.hasPrefix("workflow_executions_total") }.joined(separator: "\n")
    let found = try findings(text)
    #expect(found.map(\.metric) == ["workflow_executions_total"])
    #expect(found.first?.severity == .warning)
  }

  @Test func theScalersMetricIsNeeded() throws {
    let scaling: JSONValue = [
      "scaling": [
        "metrics": [["type": "ActiveWork", "target": "10", "metric": "active_workflows"]]
      ]
    ]
    let found = try findings(Self.complete, scaling)
    #expect(found.map(\.metric) == ["active_workflows"])
    #expect(found.first?.message.contains("spec.scaling") == true)
  }

  @Test func behindASidecarTheAgentNeedNotCountRequests() throws {
    let contract = MetricContract(try MonitoredAgent.meshed.monitoring())
    let own = contract.requirements.filter { $0.metric.source == .agent }.map(\.metric.name)
    #expect(!own.contains("http_requests_total") && own.contains("mcp_tool_duration_seconds"))
    let mesh = try #require(
      contract.requirements.first { $0.metric.name == "istio_request_duration_milliseconds" })
    #expect(mesh.exactBounds == [1000, 2500])
    #expect(mesh.leastTopBound == 5000)
    #expect(
      mesh.selector
        == #"istio_request_duration_milliseconds_bucket{namespace="agents",agent="support",reporter="destination"}"#
    )
  }

  @Test("seeds.md P7: JSON is no exposition") func jsonIsRefused() {
    #expect(throws: Exposition.ParseError.self) { try Exposition.parse("{\"requests\": 3}") }
    let error = #expect(throws: Exposition.ParseError.self) {
      try Exposition.parse("<html></html>")
    }
    #expect(error?.message.contains("path") == true)
  }

  @Test(arguments: [
    ("a{b=\"c\"} x", "no number"), ("a{b=\"c", "double quote"), ("a{b} 1", "label"),
    ("a{=\"c\"} 1", "label"), ("= 1", "name"), ("a", "no number"),
  ])
  func badLinesAreNamed(_ line: String, _ message: String) {
    let error = #expect(throws: Exposition.ParseError.self) {
      try Exposition.parse("ok 1\n\(line)\n")
    }
    #expect(error?.line == 2)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func readsEscapesTimestampsAndOpenMetrics() throws {
    let metrics = try Exposition.parse(
      """
      # TYPE a counter
      # HELP a A counter, declared as OpenMetrics does.
      a_total{path="C:\\\\\\"x\\"\\n", } 1 1700000000 # {trace_id="1"} 0.5
      # TYPE b histogram
      b_bucket { le = "+Inf" } NaN
      b_count 1\r
      # EOF
      """)
    #expect(Set(metrics.families.keys) == ["a_total", "b"])
    #expect(metrics.families["a_total"]?.type == "counter")
    #expect(metrics.families["b"]?.seriesCount == 2)
    #expect(metrics.families["b"]?.bounds == [])
  }

  @Test func readsPrometheusAnswer() throws {
    let metrics = try #require(
      ObservedMetrics(seriesResponse: [
        "status": "success",
        "data": [
          ["__name__": "t_count", "tool": "x"], ["__name__": "t_bucket", "tool": "x", "le": "10"],
          ["__name__": "up", "pod": "p"],
        ],
      ]))
    #expect(metrics.families["t"]?.bounds == [10] && metrics.families["t"]?.seriesCount == 2)
    #expect(metrics.families["up"]?.labels == ["pod"])
    #expect(ObservedMetrics(seriesResponse: ["status": "error"]) == nil)
  }
}
