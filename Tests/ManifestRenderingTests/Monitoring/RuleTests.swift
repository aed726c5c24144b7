import AgentDeploymentAPI
import Foundation
import JSON
import KubernetesAPI
import Testing

@testable import ManifestRendering

@Suite struct RuleTests {
  @Test(.enabled(if: Promtool.path != nil, Promtool.missing), arguments: MonitoredAgent.allCases)
  func rulesAreValid(_ agent: MonitoredAgent) throws {
    let problem = try Promtool.failure(
      ["check", "rules", "rules.yaml"], ["rules.yaml": agent.rules()])
    #expect(problem == nil, "\(problem ?? "")")
  }

  static let scenarios = RuleScenario.traffic + RuleScenario.cluster + RuleScenario.objectives

  /// Only one half of the rules at a time: the other would be evaluated for nothing.
  static let halves: [(patch: JSONValue, scenarios: [RuleScenario])] = [
    (["slos": .null], RuleScenario.traffic + RuleScenario.cluster),
    (
      ["observability": ["alerts": ["preset": "None"]], "availability": .null],
      RuleScenario.objectives
    ),
  ]

  /// One process for all scenarios of an agent that take steps of the same length.
  @Test(
    .enabled(if: Promtool.path != nil, Promtool.missing), arguments: MonitoredAgent.allCases,
    halves.indices)
  func rulesDoWhatTheyShould(_ agent: MonitoredAgent, _ half: Int) throws {
    let (patch, scenarios) = Self.halves[half]
    let mine = scenarios.filter { $0.on == agent }
    for evaluation in Set(mine.map(\.evaluation)).sorted() {
      let tests = mine.filter { $0.evaluation == evaluation }
      let problem = try Promtool.failure(
        ["test", "rules", "test.yaml"],
        [
          "rules.yaml": agent.rules(patch),
          "test.yaml": [
            "rule_files": ["rules.yaml"], "evaluation_interval": .string(evaluation),
            "tests": .array(tests.map(\.test)),
          ],
        ])
      #expect(problem == nil, "\(problem ?? "")")
    }
  }

  private func alerts(_ agent: MonitoredAgent) throws -> [AlertRule] {
    try agent.monitoring().groups.flatMap(\.rules).compactMap { rule in
      if case .alert(let alert) = rule { alert } else { nil }
    }
  }

  private func key(_ alert: AlertRule) -> String { "\(alert.name) (\(alert.severity))" }

  /// Scenarios name each alert in both directions, so that none is forgotten.
  @Test(arguments: [true, false]) func everyAlertIsMadeToFireAndNotTo(_ fires: Bool) throws {
    let known = Set(try MonitoredAgent.allCases.flatMap(alerts).map(key))
    let tested = Set(
      Self.scenarios.filter { scenario in
        scenario.expectations.contains { $0.0.hasPrefix("ALERTS{") && $0.1.isEmpty != fires }
      }.map { String($0.title.prefix { $0 != ":" }) })
    #expect(known == tested)
  }

  /// A label that the expression does not give would leave a hole in the text.
  @Test(arguments: MonitoredAgent.allCases)
  func textsUseOnlyLabelsThatFiringAlertsHave(_ agent: MonitoredAgent) throws {
    for alert in try alerts(agent) {
      for match in alert.description.matches(of: /\$labels\.([a-z_]+)/) {
        let label = String(match.1)
        let samples = Self.scenarios.filter { $0.on == agent && $0.title.hasPrefix(key(alert)) }
          .flatMap(\.expectations).flatMap(\.1)
        // A text may leave out what only some have: {{ with $labels.instance }}.
        let isOptional = alert.description.contains("with $labels.\(label)")
        #expect(
          samples.isEmpty || isOptional || samples.contains { $0.labels.contains("\(label)=") },
          "\(alert.name): \(label)")
      }
    }
  }

  @Test func everyAlertSaysWhoWhatAndWhere() throws {
    for agent in MonitoredAgent.allCases {
      for group in try agent.rules()["groups"]?.array ?? [] {
        for rule in group["rules"]?.array ?? [] where rule["alert"] != nil {
          let name = rule["alert"]?.string ?? ""
          #expect(rule["labels"]?["agent"] == "support" && rule["labels"]?["namespace"] == "agents")
          #expect(["warning", "critical"].contains(rule["labels"]?["severity"]?.string))
          let annotations = rule["annotations"]
          #expect(
            annotations?["runbook_url"]
              == .string("https://runbooks.example.com/agents/\(name)"))
          #expect((annotations?["summary"]?.string ?? "").count > 15)
          // What it means, and what to do about it.
          #expect((annotations?["description"]?.string ?? "").count > 100)
        }
      }
    }
  }

  /// One alert to the letter, as Alertmanager gets it.
  @Test(.enabled(if: Promtool.path != nil, Promtool.missing)) func textsAreFilledIn() throws {
    let test: JSONValue = [
      "interval": "30s",
      "input_series": [
        ["series": .string(RuleScenario.Series.mesh("200")), "values": "0+80x40"],
        ["series": .string(RuleScenario.Series.mesh("503")), "values": "0+20x40"],
      ],
      "alert_rule_test": [
        [
          "eval_time": "10m", "alertname": "AgentErrorRateHigh",
          "exp_alerts": .array(
            [("warning", 5), ("critical", 10)].map { severity, percent in
              [
                "exp_labels": [
                  "severity": .string(severity), "agent": "support", "namespace": "agents",
                  "team": "support", "revision": "aaaaaaaaaa",
                ],
                "exp_annotations": [
                  "summary": .string("\(percent) % of the requests to support fail"),
                  "runbook_url": "https://runbooks.example.com/agents/AgentErrorRateHigh",
                  "description": .string(
                    "20% of the requests to revision aaaaaaaaaa of agent agents/support ended in a "
                      + "server error, over five minutes. Does only the newest revision fail? Then "
                      + "go back to the image before it. Do all? Then look at what they share: the "
                      + "model's provider, the tools, the state. Logs: kubectl logs -n agents -l "
                      + "agentdeploy.dev/revision=aaaaaaaaaa"),
                ],
              ]
            }),
        ]
      ],
    ]
    let problem = try Promtool.failure(
      ["test", "rules", "test.yaml"],
      [
        "rules.yaml": MonitoredAgent.meshed.rules(),
        "test.yaml": [
          "rule_files": ["rules.yaml"], "evaluation_interval": "30s", "tests": [test],
        ],
      ])
    #expect(problem == nil, "\(problem ?? "")")
  }

  @Test func presetNoneLeavesOnlyObjectives() throws {
    let off: JSONValue = ["observability": ["alerts": ["preset": "None"]]]
    let names = try MonitoredAgent.meshed.monitoring(off).groups.map(\.name)
    #expect(names.count == 4 && names.allSatisfy { $0.contains(".slo.") })
    let nothing: JSONValue = ["observability": ["alerts": ["preset": "None"]], "slos": .null]
    #expect(try MonitoredAgent.meshed.monitoring(nothing).groups.isEmpty)
  }

  @Test func withoutAKnownBaseThereIsNoRunbook() throws {
    var context = MonitoredAgent.meshed.context
    context.agentClass.endpoints.runbooks = nil
    let rendering = try MonitoredAgent.meshed.agent().render(context)
    for group in try #require(rendering["PrometheusRule"]?["spec"]?["groups"]?.array) {
      for rule in group["rules"]?.array ?? [] {
        #expect(rule["annotations"]?["runbook_url"] == nil)
      }
    }
  }

  @Test func theAgentsOwnBaseGoesBeforeTheClasss() throws {
    let own: JSONValue = ["observability": ["alerts": ["runbooks": "http://wiki/run"]]]
    let rule = try MonitoredAgent.meshed.rules(own)["groups"]?[0]?["rules"]?[0]
    #expect(rule?["annotations"]?["runbook_url"] == "http://wiki/run/AgentDown")
  }
}
