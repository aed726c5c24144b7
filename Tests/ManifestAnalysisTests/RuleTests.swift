import AgentDeploymentAPI
import Foundation
import JSON
import ManifestAnalysis
import Testing
import YAML

@Suite struct RuleTests {
  static let cases =
    Manifests.istio + Manifests.core + Manifests.alerts + Manifests.agents
    + IgnoreTests.cases

  @Test(arguments: cases) func findsTheFaultAndNothingInItsAbsence(_ input: RuleCase) throws {
    let only = LintConfiguration(only: [input.rule])
    let bad = try Fixtures.lint(input.bad, only)
    #expect(bad.count == input.count, "\(bad.map { "\($0.position) \($0.message)" })\n\(input.bad)")
    #expect(bad.allSatisfy { $0.rule == input.rule })
    let good = try Fixtures.lint(input.good, only)
    #expect(good.isEmpty, "\(good.map { "\($0.position) \($0.message)" })\n\(input.good)")
  }

  /// Port 15020 is the sidecar's own, outside mutual TLS; where it is taken from a label nobody knows.
  @Test(arguments: [
    ("", 1), ("15020", 0), ("8080", 1), ("$1", 0),
  ]) func relabellingLeadsScrapesElsewhere(_ port: String, _ count: Int) throws {
    let relabelling =
      port.isEmpty
      ? "" : ", relabelings: [{targetLabel: __address__, replacement: \"$1:\(port)\"}]"
    let scraped = """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: a, namespace: ns}
      spec: {mtls: {mode: STRICT}}
      ---
      apiVersion: monitoring.coreos.com/v1
      kind: PodMonitor
      metadata: {name: a, namespace: ns}
      spec: {selector: {matchLabels: {app: a}}, podMetricsEndpoints: [{port: http\(relabelling)}]}
      ---
      \(Manifests.deployment(container: "ports: [{name: http, containerPort: 8080}]"))
      """
    let findings = try Fixtures.lint(
      scraped, LintConfiguration(only: ["istio-strict-metrics-port"]))
    #expect(findings.count == count, "\(findings.map(\.message))")
  }

  /// The cluster makes them, as it makes the Secrets that the agent names.
  @Test func anExternalSecretThatTheOperatorMakesIsNobodysSecret() throws {
    let agentClass = try AgentClass.decode([
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentClass", "metadata": ["name": "c"],
      "spec": ["capabilities": ["externalSecrets": true]],
    ]).get()
    let agent = """
      apiVersion: agentdeploy.dev/v1alpha1
      kind: AgentDeployment
      metadata: {name: a, namespace: ns}
      spec:
        image: r/a:v1
        secrets:
        - {name: llm, secretRef: {name: llm}, expose: Env, keys: {api-key: KEY}}
        - {name: crm, externalSecret: {storeRef: {name: vault}, remoteKey: crm}}
        - {name: session-key, generate: {length: 32}}
      """
    func findings(_ text: String) throws -> [Finding] {
      let set = ManifestSet(try Fixtures.documents(text)) { Fixtures.interpret($0, agentClass) }
      return Linter.lint(set, LintConfiguration(only: ["unresolved-secret", "agent-invalid"]))
    }
    #expect(try findings(agent).map(\.message) == [])
    let other = "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: other, namespace: ns}"
    #expect(try findings(agent + other).map(\.rule) == ["unresolved-secret"])
  }

  @Test func anAgentOfAnotherGroupIsRefused() throws {
    let findings = try Fixtures.lint(
      """
      apiVersion: agentdeploy.de/v1alpha1
      kind: AgentDeployment
      metadata: {name: a, namespace: ns}
      spec: {image: "r/a:v1"}
      """, LintConfiguration(only: ["agent-invalid"]))
    #expect(findings.map(\.path) == ["apiVersion"], "\(findings.map(\.message))")
  }

  /// Four times as many agents in a namespace take about four times as long; sixteen times would be the
  /// sign of a rule that looks at each beside every other.
  @Test func timeGrowsWithTheInput() throws {
    func documents(_ count: Int) throws -> [YAMLDocument] {
      let file = Fixtures.checkout.appending(
        path: "Tests/ManifestRenderingTests/Golden/mcp-agent.yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
      return try (0..<count).flatMap { i in
        try Fixtures.documents(text.replacing("mcp-agent", with: "mcp-agent-\(i)"))
      }
    }
    // Of this thread's processor time: others run beside it.
    func time(_ documents: [YAMLDocument]) -> Int {
      (0..<3).map { _ in
        var (start, end) = (timespec(), timespec())
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
        _ = Linter.lint(ManifestSet(documents))
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        return (end.tv_sec - start.tv_sec) * 1_000_000 + (end.tv_nsec - start.tv_nsec) / 1000
      }.min() ?? 0
    }
    let (few, many) = (time(try documents(100)), time(try documents(400)))
    #expect(many < few * 9, "100: \(few) µs, 400: \(many) µs")
  }

  @Test func everyRuleHasACase() {
    #expect(Set(LintRules.all.map(\.id)) == Set(Self.cases.map(\.rule)))
    #expect(Self.cases.count == LintRules.all.count)
  }

  @Test func idsAreUniqueAndExplained() {
    #expect(Set(LintRules.all.map(\.id)).count == LintRules.all.count)
    for rule in LintRules.all {
      #expect(rule.id.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
      #expect(rule.explanation.count > 30 && !rule.fix.isEmpty && !rule.title.isEmpty)
      #expect(rule.source.map { $0.hasPrefix("https://") } ?? true)
    }
  }

  /// Of the analysis, all but what is in no manifest: application code (P3), Terraform (P6), the
  /// exposition format (P7), playbooks (P8), and a contract between two documents (K18).
  @Test func everyNumberedFaultOfManifestsHasARule() {
    let numbers =
      (1...15).map { "I\($0)" } + (1...23).map { "K\($0)" } + (1...8).map { "P\($0)" }
    let covered = Set(LintRules.all.flatMap(\.faults))
    #expect(Set(numbers).subtracting(covered) == ["K18", "P3", "P6", "P7", "P8"])
  }

  @Test func rulesAreChosenByIdOrNumber() throws {
    #expect(LintRules.named("I1").map(\.id) == ["istio-circuit-breaker"])
    #expect(LintRules.named("k20").count == 4)
    let all = try Fixtures.lint(Manifests.deployment(spec: "replicas: 2"))
    let some = try Fixtures.lint(
      Manifests.deployment(spec: "replicas: 2"), LintConfiguration(ignored: ["K20"]))
    #expect(Set(all.map(\.rule)).subtracting(some.map(\.rule)).count == 4)
    let partial = try Fixtures.lint(
      Manifests.deployment("serviceAccountName: x"), LintConfiguration(isPartial: true))
    #expect(!partial.contains { $0.rule == "unresolved-service-account" })
    #expect(partial.contains { $0.rule == "no-security-context" })
  }

  @Test func placesAreExact() throws {
    let findings = try Fixtures.lint(
      """
      # A comment.
      apiVersion: v1
      kind: List
      items:
      - apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: a}
        spec:
          host: "*.example.com"
          trafficPolicy:
            loadBalancer: {simple: LEAST_CONN}
      """)
    let finding = try #require(findings.first { $0.rule == "istio-least-conn" })
    #expect(finding.position == YAMLPosition(line: 11, column: 30))
    #expect(finding.path == "spec.trafficPolicy.loadBalancer.simple")
    #expect(finding.object == "DestinationRule default/a")
  }

  /// As the API server answers, and `kubectl get -o yaml` of one kind of some clients.
  @Test func aListOfAKindIsAList() throws {
    let findings = try Fixtures.lint(
      """
      apiVersion: agentdeploy.dev/v1alpha1
      kind: AgentDeploymentList
      metadata: {}
      items:
      - {apiVersion: agentdeploy.dev/v1alpha1, kind: AgentDeployment, metadata: {name: a}, spec: {image: a}}
      - apiVersion: v1
        kind: List
        items:
        - {apiVersion: agentdeploy.dev/v1alpha1, kind: AgentDeployment, metadata: {name: b}, spec: {image: b}}
      """, LintConfiguration(only: ["agent-unknown-kind", "agent-image-latest"]))
    #expect(findings.map(\.rule) == ["agent-image-latest", "agent-image-latest"])
    #expect(findings.map(\.position.line) == [5, 9])
    // Without items it is none.
    let odd = try Fixtures.lint(
      "{apiVersion: agentdeploy.dev/v1alpha1, kind: AgentDeploymentList, metadata: {}}",
      LintConfiguration(only: ["agent-unknown-kind"]))
    #expect(odd.count == 1)
  }

  /// Of the selector of a NetworkPolicy, and of a PodDisruptionBudget for the pods of app: a.
  @Test(arguments: [
    ("{}", true), ("{matchLabels: {}}", true), ("{matchExpressions: []}", true),
    ("{matchLabels: {app: a}}", true), ("{matchLabels: {app: b}}", false),
    ("{matchExpressions: [{key: app, operator: In, values: [a]}]}", true),
    ("{matchExpressions: [{key: app, operator: NotIn, values: [a]}]}", false),
    ("{matchExpressions: [{key: tier, operator: DoesNotExist}]}", true),
    ("{matchLabels: {app: a}, matchExpressions: [{key: app, operator: Exists}]}", true),
    ("{matchLabels: {app: a}, matchExpressions: [{key: tier, operator: Exists}]}", false),
    ("{matchLabels: {tier: 5}}", false),
  ]) func selectorsSelectAsTheServerHasThem(_ selector: String, _ isCovered: Bool) throws {
    func findings(_ rule: String, _ version: String, _ kind: String, _ key: String) throws -> Int {
      try Fixtures.lint(
        """
        \(Manifests.deployment(spec: "replicas: 2"))
        ---
        apiVersion: \(version)
        kind: \(kind)
        metadata: {name: x, namespace: ns}
        spec: {\(key): \(selector)}
        """, LintConfiguration(only: [rule])
      ).count
    }
    let expected = isCovered ? 0 : 1
    #expect(
      try findings("no-network-policy", "networking.k8s.io/v1", "NetworkPolicy", "podSelector")
        == expected)
    #expect(
      try findings("no-disruption-budget", "policy/v1", "PodDisruptionBudget", "selector")
        == expected)
  }

  /// Before policy/v1 an empty selector of a budget was none.
  @Test func anEmptySelectorOfAnOldBudgetSelectsNothing() throws {
    for (body, version) in [("{selector: {}}", "policy/v1beta1"), ("{}", "policy/v1")] {
      let findings = try Fixtures.lint(
        """
        \(Manifests.deployment(spec: "replicas: 2"))
        ---
        {apiVersion: \(version), kind: PodDisruptionBudget, metadata: {name: x, namespace: ns}, spec: \(body)}
        """, LintConfiguration(only: ["no-disruption-budget"]))
      #expect(findings.count == 1)
    }
  }

  @Test func valuesOfSecretsAreNeverShown() throws {
    let findings = try Fixtures.lint(
      Manifests.join(
        Manifests.secret("data: {a: hunter2hunter2}"),
        Manifests.configMap("password: hunter2hunter2"),
        Manifests.deployment(container: "command: [x, --password, hunter2hunter2]")))
    #expect(findings.count > 3)
    #expect(!findings.contains { "\($0)".contains("hunter2") })
  }

  @Test func faultyDocumentsAndOddShapesDoNoHarm() throws {
    let text = """
      {apiVersion: v1, kind: Secret, metadata: 5, data: [1]}
      ---
      {apiVersion: apps/v1, kind: Deployment, metadata: {name: [x]}, spec: {template: {spec: {containers: {a: b}}}}}
      ---
      {apiVersion: networking.istio.io/v1, kind: VirtualService, spec: {http: 7, hosts: {}}}
      ---
      {groups: [{rules: [{expr: [1]}, {expr: 5}, 7]}]}
      ---
      [1, 2]
      ---
      text
      """
    _ = try Fixtures.lint(text)
  }
}
