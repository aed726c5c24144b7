import AgentDeploymentAPI
import Foundation
import JSON
import KubernetesAPI
import Testing
import YAML

@testable import ManifestRendering

@Suite struct MonitoringObjectTests {
  private func endpoints(_ agent: MonitoredAgent, _ spec: JSONValue = [:]) throws -> [JSONValue] {
    try agent.render(spec)["PodMonitor"]?["spec"]?["podMetricsEndpoints"]?.array ?? []
  }

  private func names(_ endpoint: JSONValue?) -> [String] {
    [endpoint?["port"]?.string, endpoint?["path"]?.string].compactMap { $0 }
  }

  @Test func withoutThePrometheusOperatorNothingOfIt() throws {
    let kinds = try Samples.render().objects.map(\.object.kind)
    #expect(Set(kinds).isDisjoint(with: ["PodMonitor", "PrometheusRule", "GrafanaDashboard"]))
    #expect(try Samples.render()["ConfigMap", "support-dashboard"] == nil)
  }

  @Test("I15: with strict mutual TLS and one port, only the sidecar can be asked")
  func strictWithOnePort() throws {
    let all = try endpoints(.meshed)
    #expect(all.map(names) == [["http", "/stats/prometheus"]])
    #expect(
      all[0]["relabelings"]?[0] == [
        "sourceLabels": ["__address__"], "regex": "(.+):\\d+", "replacement": "$1:15020",
        "targetLabel": "__address__",
      ])
    // It brings the agent's own figures too, so it is not told what to keep.
    #expect(all[0]["metricRelabelings"]?[0]?["action"] == "drop")
    let policy = try MonitoredAgent.meshed.render()["NetworkPolicy"]?["spec"]?["ingress"]?.array?
      .last
    #expect(policy?["ports"]?.array?.contains(["protocol": "TCP", "port": 15020]) == true)
  }

  @Test("I15: a metrics port of its own is excepted, and asked directly")
  func strictWithAPortOfItsOwn() throws {
    let all = try endpoints(.meshed, ["observability": ["metrics": ["port": 9090, "path": "/m"]]])
    #expect(all.map(names) == [["metrics", "/m"], ["http", "/stats/prometheus"]])
    #expect(all[1]["metricRelabelings"]?[0]?["action"] == "keep")
  }

  @Test func withoutStrictTheAgentIsAsked() throws {
    let all = try endpoints(.meshed, ["security": ["mtls": "Permissive"]])
    #expect(all.map(names) == [["http", "/metrics"], ["http", "/stats/prometheus"]])
    #expect(try endpoints(.alone).map(names) == [["http", "/metrics"]])
    #expect(try endpoints(.ambient).map(names) == [["http", "/metrics"]])
  }

  @Test func anExtraPortIsKnownByItsName() throws {
    let all = try endpoints(
      .alone,
      [
        "extraPorts": [["name": "admin", "port": 9000]],
        "observability": ["metrics": ["port": 9000, "path": "/m?format=text&x"]],
      ])
    #expect(all.map(names) == [["admin", "/m"]])
    #expect(all[0]["params"] == ["format": ["text"], "x": [""]])
  }

  @Test func everyTargetSaysWhichAgentAndRevision() throws {
    for agent in MonitoredAgent.allCases {
      let monitor = try #require(try agent.render()["PodMonitor"])
      #expect(
        monitor["spec"]?["selector"] == ["matchLabels": ["agentdeploy.dev/agent": "support"]])
      for endpoint in monitor["spec"]?["podMetricsEndpoints"]?.array ?? [] {
        let targets = endpoint["relabelings"]?.array?.compactMap { $0["targetLabel"]?.string } ?? []
        #expect(targets.suffix(2) == ["agent", "revision"])
        let sources = endpoint["relabelings"]?.array?.suffix(2).map { $0["sourceLabels"]?[0] }
        #expect(
          sources == [
            "__meta_kubernetes_pod_label_agentdeploy_dev_agent",
            "__meta_kubernetes_pod_label_agentdeploy_dev_revision",
          ])
      }
    }
  }

  @Test func theTimeoutIsNeverLongerThanTheInterval() throws {
    let fast = try endpoints(.alone, ["observability": ["metrics": ["interval": "5s"]]])
    #expect(fast[0]["interval"] == "5s" && fast[0]["scrapeTimeout"] == "5s")
    let slow = try endpoints(.alone)
    #expect(slow[0]["interval"] == "30s" && slow[0]["scrapeTimeout"] == "10s")
  }

  @Test func labelsForWhatSelectsThem() throws {
    let rendering = try MonitoredAgent.meshed.render([
      "observability": ["labels": ["release": "prometheus"]]
    ])
    for kind in ["PodMonitor", "PrometheusRule"] {
      #expect(rendering[kind]?.labels["release"] == "prometheus")
    }
    let dashboard = try #require(rendering["ConfigMap", "support-dashboard"])
    #expect(dashboard.labels["release"] == "prometheus")
    #expect(dashboard.labels["grafana_dashboard"] == "1")
    #expect(rendering["Service"]?.labels["release"] == nil)
  }

  @Test func theDashboardIsAConfigMapOrAnObjectOfTheGrafanaOperator() throws {
    let map = try MonitoredAgent.meshed.render()
    let text = try #require(
      map["ConfigMap", "support-dashboard"]?["data"]?["agents-support.json"]?.string)
    #expect(try JSONValue(parsing: text)["refresh"] == "30s")
    #expect(map["GrafanaDashboard"] == nil)
    let operated = try MonitoredAgent.alone.render()
    #expect(operated["ConfigMap", "support-dashboard"] == nil)
    let json = try #require(operated["GrafanaDashboard"]?["spec"]?["json"]?.string)
    #expect(try JSONValue(parsing: json)["uid"] != nil)
    let none = try MonitoredAgent.alone.render(["observability": ["dashboard": "None"]])
    #expect(none["GrafanaDashboard"] == nil && none["PodMonitor"] != nil)
  }

  @Test func monitoringIsNoPartOfTheRevision() throws {
    let before = try MonitoredAgent.meshed.render().revision
    let after = try MonitoredAgent.meshed.render([
      "observability": [
        "metrics": ["interval": "15s"], "alerts": ["latency": "9s"], "dashboard": "None",
        "labels": ["a": "b"],
      ], "slos": .null,
    ]).revision
    #expect(before == after)
    #expect(
      before
        == (try Samples.render(["protocol": "MCP", "resources": ["limits": ["cpu": 1]]])).revision)
  }

  /// Each field in turn, and the kind that it is about.
  static let effects: [(field: JSONValue, kind: String)] = [
    (["observability": ["metrics": ["interval": "15s"]]], "PodMonitor"),
    (["observability": ["alerts": ["latency": "9s"]]], "PrometheusRule"),
    (["observability": ["alerts": ["labels": ["tier": "1"]]]], "PrometheusRule"),
    (["observability": ["alerts": ["runbooks": "http://wiki/x"]]], "PrometheusRule"),
    (["observability": ["alerts": ["preset": "None"]]], "PrometheusRule"),
    (["observability": ["dashboard": "None"]], "ConfigMap"),
    (["slos": .null], "PrometheusRule"),
  ]

  @Test(arguments: effects.indices) func everyFieldHasItsEffect(_ i: Int) throws {
    let (patch, kind) = Self.effects[i]
    let before = try MonitoredAgent.meshed.render().objects.map(\.object)
    let after = try MonitoredAgent.meshed.render(patch).objects.map(\.object)
    let changed = before.filter { !after.contains($0) }.map(\.kind)
    #expect(changed.contains(kind))
    // A threshold and an objective are shown too.
    #expect(Set(changed).isSubset(of: [kind, "ConfigMap"]))
  }

  // MARK: - OpenTelemetry

  private func variables(_ spec: JSONValue, _ context: RenderingContext = Samples.context) throws
    -> [String: String]
  {
    try Samples.render(spec, context).variables.filter { $0.key.hasPrefix("OTEL_") }
  }

  @Test func sdksAreToldWhereTracesGo() throws {
    let tracing: JSONValue = ["endpoint": "http://otel.monitoring:4317", "samplePercent": "5"]
    #expect(
      try variables(["observability": ["tracing": tracing]]) == [
        "OTEL_SERVICE_NAME": "support",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel.monitoring:4317",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        "OTEL_PROPAGATORS": "tracecontext,baggage",
        "OTEL_RESOURCE_ATTRIBUTES":
          "service.namespace=agents,service.version=v1,k8s.namespace.name=agents,"
          + "k8s.deployment.name=support",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.05",
      ])
  }

  @Test(arguments: [
    ("http://otel:4318/v1", "http/protobuf"), ("https://otel.example.com", nil),
    ("http://otel:443", nil), ("http://otel:4317/", "grpc"),
  ]) func theTransportFollowsTheWellKnownPort(_ endpoint: String, _ transport: String?) throws {
    let tracing: JSONValue = ["endpoint": .string(endpoint)]
    #expect(
      try variables(["observability": ["tracing": tracing]])["OTEL_EXPORTER_OTLP_PROTOCOL"]
        == transport)
  }

  @Test func withoutTracingLittleIsSaid() throws {
    #expect(
      try variables([:]) == [
        "OTEL_SERVICE_NAME": "support", "OTEL_RESOURCE_ATTRIBUTES": "service.namespace=agents",
      ])
  }

  @Test func theClasssCollectorIsUsed() throws {
    let agentClass = AgentClass(endpoints: AgentClass.Endpoints(otlp: "http://otel:4317"))
    let context = RenderingContext(now: Samples.now, agentClass: agentClass)
    #expect(try variables([:], context)["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://otel:4317")
  }

  @Test func whatTheUserSetsStands() throws {
    let all = try variables([
      "observability": ["tracing": ["endpoint": "http://otel.monitoring:4317"]],
      "env": [["name": "OTEL_PROPAGATORS", "value": "b3"]],
      "config": ["otel.exporter.otlp.endpoint": "http://mine:4317"],
    ])
    #expect(all["OTEL_PROPAGATORS"] == "b3")
    #expect(all["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://mine:4317")
  }
}
