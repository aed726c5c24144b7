import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import AgentOperator

/// Monitoring in a cluster: with the Prometheus operator's definitions, and with Grafana's.
@Suite struct MonitoringTests {
  private static let dashboard = "ConfigMap support-dashboard"

  private func monitoring(_ harness: OperatorHarness) async throws -> [String] {
    let kinds = ["PodMonitor", "PrometheusRule", "GrafanaDashboard"]
    return try await harness.children().filter { child in
      child == Self.dashboard || kinds.contains { child.hasPrefix($0) }
    }
  }

  @Test func itComesAndGoesWithTheDefinitions() async throws {
    try await withOperator(installs: [.agentDeployments]) { harness in
      try await harness.apply()
      try await harness.settle()
      #expect(try await monitoring(harness) == [])
      for resource in [.podMonitors, .prometheusRules] as [ResourceType] {
        try await harness.install(resource)
      }
      try await harness.settle()
      #expect(
        try await monitoring(harness) == [
          Self.dashboard, "PodMonitor support", "PrometheusRule support",
        ])
      try await harness.expectNoMoreWrites()
      // Grafana's operator takes the dashboard over from the sidecar.
      try await harness.install(.grafanaDashboards)
      try await harness.settle()
      #expect(
        try await monitoring(harness) == [
          "GrafanaDashboard support", "PodMonitor support", "PrometheusRule support",
        ])
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func whatIsTurnedOffIsRemoved() async throws {
    try await withOperator(
      installs: [.agentDeployments, .podMonitors, .prometheusRules]
    ) { harness in
      try await harness.apply()
      try await harness.settle()
      let off: JSONValue = [
        "observability": ["alerts": ["preset": "None"], "dashboard": "None"]
      ]
      try await harness.apply("support", off)
      try await harness.settle()
      #expect(try await monitoring(harness) == ["PodMonitor support"])
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func changesAreUndone() async throws {
    try await withOperator(
      installs: [.agentDeployments, .podMonitors, .prometheusRules, .grafanaDashboards]
    ) { harness in
      try await harness.apply()
      try await harness.settle()
      let before = try await harness.canonicalState()
      let changes: [(ResourceType, JSONValue)] = [
        (.podMonitors, ["spec": ["selector": ["matchLabels": ["agentdeploy.dev/agent": "x"]]]]),
        (.prometheusRules, ["spec": ["groups": []]]),
        (.grafanaDashboards, ["spec": ["json": "{}"]]),
      ]
      for (resource, change) in changes {
        try await harness.patch(resource, "support", change)
        try await harness.settle()
        let after = try await harness.canonicalState()
        #expect(Canonical.differences(before, after).isEmpty, "\(resource)")
      }
      let drifts = try await harness.events().filter { $0.hasPrefix("DriftCorrected") }
      #expect(drifts.contains { $0.contains("PrometheusRule support") })
    }
  }

  @Test func askingForItWithoutTheDefinitionsIsRefused() async throws {
    try await withOperator(installs: [.agentDeployments]) { harness in
      let objective: JSONValue = [
        "name": "availability", "objective": "99.9", "indicator": ["type": "SuccessRate"],
      ]
      try await harness.apply("support", ["slos": [objective]])
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=False UnsupportedByClass")
      #expect(try await harness.condition("Accepted")?.message.contains("spec.slos") == true)
      try await harness.install(.podMonitors)
      try await harness.install(.prometheusRules)
      try await harness.settle()
      #expect(try await harness.summary("Accepted") == "Accepted=True Valid")
      let groups = try await harness.get(.prometheusRules)["spec"]?["groups"]?.array ?? []
      #expect(groups.contains { $0["name"] == "support.slo.availability" })
    }
  }
}
