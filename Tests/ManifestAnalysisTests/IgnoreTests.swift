import JSON
import ManifestAnalysis
import Testing
import YAML

/// Findings that are ignored on purpose, where they stand.
@Suite struct IgnoreTests {
  private static func rule(_ comment: String, above: String = "", annotations: String = "{}")
    -> String
  {
    """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: a, namespace: ns, annotations: \(annotations)}
    spec:
      host: a.example.com
      trafficPolicy:
        connectionPool:
          tcp: {maxConnections: 1}
        loadBalancer:
    \(above)
          simple: LEAST_CONN  \(comment)
    """
  }

  static let cases = [
    RuleCase(
      "lint-ignore-unknown", bad: rule("# lint:ignore istio-least-com old clients"),
      good: rule("# lint:ignore istio-least-conn old clients")),
    RuleCase(
      "lint-ignore-reason", bad: rule("# lint:ignore istio-least-conn"),
      good: rule("# lint:ignore istio-least-conn old clients")),
    RuleCase(
      "lint-ignore-unused",
      bad: rule("", above: "# lint:ignore istio-least-conn not the next line\n"),
      good: rule("# lint:ignore istio-least-conn old clients")),
  ]

  private static let pair = LintConfiguration(
    only: [
      "istio-least-conn", "lint-ignore-unknown", "lint-ignore-reason", "lint-ignore-unused",
    ])

  private func lint(_ text: String) throws -> (counting: [String], ignored: [IgnoredFinding]) {
    let findings = try Fixtures.lint(text, Self.pair)
    return (findings.filter { $0.ignored == nil }.map(\.rule), findings.compactMap(\.ignored))
  }

  @Test(arguments: [
    rule("# lint:ignore istio-least-conn old clients"),
    rule("#lint:ignore I3 old clients"),
    rule("#\tlint:ignore\tistio-least-conn,I3\told clients"),
    // Alone above its line, with others between.
    rule("", above: "    # lint:ignore istio-least-conn old clients"),
    rule("", above: "# lint:ignore istio-least-conn old clients\n# which are many"),
    rule("", annotations: #"{agentdeploy.dev/lint-ignore: "istio-least-conn old clients"}"#),
    rule("", annotations: #"{agentdeploy.dev/lint-ignore: "\nI3  old clients\n"}"#),
  ]) func aFindingIsIgnoredWithAReason(_ text: String) throws {
    let (counting, ignored) = try lint(text)
    #expect(counting == [], "\(text)")
    #expect(ignored.map(\.reason) == ["old clients"], "\(text)")
  }

  @Test(arguments: [
    // No such rule, no rule, no reason, elsewhere.
    (rule("# lint:ignore istio-least-com old"), ["lint-ignore-unknown"]),
    (rule("# lint:ignore"), ["lint-ignore-unknown"]),
    (rule("# lint:ignore istio-least-conn "), ["lint-ignore-reason"]),
    (
      rule("# lint:ignore istio-least-conn,nonsense"),
      ["lint-ignore-reason", "lint-ignore-unknown"]
    ),
    (rule("", above: "# lint:ignore istio-least-conn a\n"), ["lint-ignore-unused"]),
    (rule("# lint:ignore image-not-pinned why not"), ["lint-ignore-unused"]),
    (
      rule("", annotations: #"{agentdeploy.dev/lint-ignore: "I3"}"#), ["lint-ignore-reason"]
    ),
    (
      rule("", annotations: #"{agentdeploy.dev/lint-ignore: "x y"}"#), ["lint-ignore-unknown"]
    ),
    // Not what it is.
    (rule("# nolint:ignore istio-least-conn old"), []),
    (rule("# lint:ignored istio-least-conn old"), []),
    (
      rule("", annotations: ##"{note: "# lint:ignore istio-least-conn old"}"##), []
    ),
  ]) func whatIgnoresNothingIsReported(_ text: String, _ rules: [String]) throws {
    let (counting, ignored) = try lint(text)
    #expect(Set(counting) == Set(rules + ["istio-least-conn"]), "\(text)")
    #expect(counting.count == rules.count + 1)
    #expect(ignored == [])
  }

  /// A list or a mapping begins a line below its name: both are its place.
  @Test(arguments: [
    ("# lint:ignore redis-probe-proves-nothing a demo", "", ""),
    ("", "# lint:ignore redis-probe-proves-nothing a demo", ""),
    ("", "", "# lint:ignore redis-probe-proves-nothing a demo"),
  ]) func theNameOfAFieldIsItsPlaceToo(_ above: String, _ name: String, _ value: String) throws {
    let findings = try Fixtures.lint(
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: a, namespace: ns}
      spec:
        template:
          spec:
            containers:
            - name: a
              readinessProbe:
                exec:
      \(above)
                  command: \(name)
                  - redis-cli \(value)
                  - ping
      """, LintConfiguration(only: ["redis-probe-proves-nothing", "lint-ignore-unused"]))
    #expect(findings.map(\.rule) == ["redis-probe-proves-nothing"])
    #expect(findings.first?.ignored?.reason == "a demo")
  }

  /// One comment is about its own place, not about the same fault in the next object.
  @Test func othersStand() throws {
    let text = Manifests.join(
      Self.rule("# lint:ignore istio-least-conn old clients"), Self.rule(""))
    let (counting, ignored) = try lint(text)
    #expect(counting == ["istio-least-conn"] && ignored.count == 1)
    let annotated = Manifests.join(
      Self.rule("", annotations: #"{agentdeploy.dev/lint-ignore: "I3 old clients"}"#),
      Self.rule(""))
    #expect(try lint(annotated).counting == ["istio-least-conn"])
  }

  /// What did not run cannot tell whether it would find something.
  @Test func rulesThatDoNotRunAreNotMissed() throws {
    let ignoring = Self.rule("# lint:ignore unresolved-service-account made elsewhere")
    let partial = try Fixtures.lint(ignoring, LintConfiguration(isPartial: true))
    #expect(!partial.contains { $0.rule == "lint-ignore-unused" })
    let without = try Fixtures.lint(
      ignoring, LintConfiguration(ignored: ["unresolved-service-account"]))
    #expect(!without.contains { $0.rule == "lint-ignore-unused" })
    #expect(try Fixtures.lint(ignoring).contains { $0.rule == "lint-ignore-unused" })
  }

  /// An agent is checked with what it renders to; its annotation is about that too.
  @Test func anAgentsAnnotationIsAboutWhatItRendersTo() throws {
    func agent(_ annotations: String) -> String {
      """
      apiVersion: agentdeploy.dev/v1alpha1
      kind: AgentDeployment
      metadata: {name: a, namespace: ns, annotations: {\(annotations)}}
      spec: {image: "registry.example.com/a:latest"}
      """
    }
    let before = try Fixtures.lint(agent(""))
    let rules = Set(before.map(\.rule))
    #expect(!rules.isEmpty)
    let lines = rules.sorted().map { "\($0) a demo" }.joined(separator: "\\n")
    let after = try Fixtures.lint(agent("agentdeploy.dev/lint-ignore: \"\(lines)\""))
    #expect(after.count == before.count && after.allSatisfy { $0.ignored?.reason == "a demo" })
  }

  @Test func ignoredFindingsAreCountedAndNotFixed() throws {
    let findings = try Fixtures.lint(
      Self.rule("# lint:ignore istio-least-conn old clients"), Self.pair)
    let summary = FindingsSummary(findings)
    #expect(summary.description == "nothing found; 1 ignored on purpose")
    #expect(summary.json["ignored"] == 1 && summary.json["deprecated"] == 0)
    #expect(findings.allSatisfy { !$0.isFixable })
    #expect(findings.first?.json["reason"] == "old clients")
  }

  /// SARIF 2.1.0, 3.27.23 and 3.35: all results say whether they are suppressed, or none does.
  @Test func sarifHasSuppressions() throws {
    func results(_ text: String) throws -> [JSONValue] {
      let report = SARIFReport.json(
        try Fixtures.lint(text, Self.pair), rules: Self.pair.rules, version: "1")
      return report["runs"]?[0]?["results"]?.array ?? []
    }
    let both = try results(
      Manifests.join(Self.rule("# lint:ignore I3 old clients"), Self.rule("")))
    #expect(
      both.map { $0["suppressions"] } == [
        [["kind": "inSource", "status": "accepted", "justification": "old clients"]], [],
      ])
    #expect(try results(Self.rule("")).allSatisfy { $0["suppressions"] == nil })
  }
}
