import AgentDeploymentAPI
public import ArgumentParser
import ControllerRuntime
import JSON
import KubernetesAPI
public import ManifestAnalysis
import ManifestRendering
import PromQL
import YAML

struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Find what is accepted and yet wrong: in manifests of any kind, and in agents.",
    discussion: """
      Reads Kubernetes manifests, Prometheus rule files and AgentDeployments together, so that names
      are followed across files. An AgentDeployment is checked with everything that it renders to.
      No cluster is asked. What is right as it is can be ignored where it stands, with a reason:
        image: a:v1  # lint:ignore image-not-pinned CI writes the digest
      A comment alone in a line is about the next line; the annotation agentdeploy.dev/lint-ignore of
      an object, a line for each "RULE reason", is about all of it and what it renders to.

      EXIT CODES:
        0  nothing at or above --fail-on
        1  findings
        2  the input cannot be read, or the command line is wrong

      EXAMPLES:
        agent-operator lint -f k8s/ -R
        agent-operator lint -f k8s/ --fix                       what is safe, in place
        agent-operator lint -f k8s/ -o sarif > findings.sarif
        agent-operator lint -f one-file.yaml --partial          the rest is elsewhere
        agent-operator lint -f k8s/ --ignore image-not-pinned --fail-on error
        agent-operator lint -f alerts.yaml --buckets mcp_tool_duration_seconds=120
        agent-operator lint --list
        agent-operator lint --explain promql-ratio-of-itself
      """)

  enum Form: String, ExpressibleByArgument, CaseIterable {
    case table, json, yaml, sarif
  }

  @OptionGroup var input: InputOptions

  @Option(name: [.short, .long], help: "The form of the output: table, json, yaml or sarif.")
  var output: Form = .table

  @Option(
    help: ArgumentHelp("Only this rule, by id or number; repeat it for several.", valueName: "rule")
  )
  var rule: [String] = []

  @Option(help: ArgumentHelp("Not this rule; repeat it for several.", valueName: "rule"))
  var ignore: [String] = []

  @Option(
    help: ArgumentHelp(
      "The mildest finding that fails: deprecated, warning, security or error.",
      valueName: "severity"))
  var failOn: Severity = .warning

  @Flag(help: "The files are a part of their namespaces: names may lead out of them.")
  var partial = false

  @Option(
    help: ArgumentHelp(
      "The highest finite bucket of a histogram; repeat it for several.", valueName: "name=top"))
  var buckets: [BucketTop] = []

  @Flag(help: "Put right what is safe, in the files; comments and order stay.")
  var fix = false

  @Flag(help: "List all rules.")
  var list = false

  @Option(help: ArgumentHelp("Explain a rule, by id or number.", valueName: "rule"))
  var explain: String?

  func validate() throws {
    for name in rule + ignore + [explain].compactMap(\.self) where LintRules.named(name).isEmpty {
      throw ValidationError("there is no rule '\(name)'; lint --list shows them all")
    }
    if fix, input.files.contains("-") {
      throw ValidationError("--fix changes files; standard input is none")
    }
  }

  func run() throws {
    if let explain {
      let texts = LintRules.named(explain).map(LintOutput.explanation)
      return Terminal.write(texts.joined(separator: "\n"), newline: false)
    }
    if list { return Terminal.write(LintOutput.list(LintRules.all, output), newline: false) }
    try input.requireFiles()
    let configuration = LintConfiguration(
      only: Set(rule), ignored: Set(ignore), isPartial: partial,
      buckets: HistogramBuckets(
        tops: Dictionary(buckets.map { ($0.name, $0.top) }, uniquingKeysWith: { $1 })))
    var findings = try lint(configuration)
    if fix { findings = try repair(findings, configuration) }
    let text = LintOutput.text(findings, configuration.rules, output)
    Terminal.write(text, newline: false)
    if findings.contains(where: { $0.ignored == nil && $0.severity >= failOn }) {
      throw CommandFailure([], exitCode: 1)
    }
  }

  private func lint(_ configuration: LintConfiguration) throws -> [Finding] {
    let result = YAML.loadDocuments(
      paths: input.files, recursive: input.recursive, keepingComments: true)
    guard result.errors.isEmpty else {
      throw CommandFailure(result.errors.map { "error: \($0)" }, exitCode: 2)
    }
    let now = SystemClock().wallTime
    let surroundings = try input.surroundings(of: result.documents, now: now)
    let set = ManifestSet(
      result.documents, comments: result.comments, defaultNamespace: input.namespace ?? "default"
    ) {
      switch surroundings.interpret($0) {
      case .success(let agent):
        let context = surroundings.context(for: agent, now: now)
        return .accepted(agent.render(context).objects.map(\.object))
      case .failure(let failure): return .refused(failure.errors)
      }
    }
    return Linter.lint(set, configuration)
  }

  /// Until nothing is left that can be put right: one repair may make another possible.
  private func repair(
    _ findings: [Finding], _ configuration: LintConfiguration
  ) throws -> [Finding] {
    var findings = findings
    for _ in 0..<10 {
      var isChanged = false
      for file in Set(findings.filter(\.isFixable).map(\.file)).sorted() {
        let result = TextFixer.fix(try FileText.read(file), file: file, findings)
        guard !result.fixed.isEmpty else { continue }
        try FileText.replace(file, with: result.text)
        isChanged = true
        for finding in result.fixed {
          Terminal.writeError(
            "\(Terminal.styled("fixed", .green)) \(file):\(finding.position): \(finding.rule): "
              + finding.message)
        }
      }
      guard isChanged else { break }
      findings = try lint(configuration)
    }
    return findings
  }
}

/// `--buckets NAME=TOP`.
struct BucketTop: ExpressibleByArgument {
  var name: String
  var top: Double

  init?(argument: String) {
    let parts = argument.split(separator: "=")
    guard parts.count == 2, let top = Double(parts[1]) else { return nil }
    name = String(parts[0])
    self.top = top
  }
}

extension Severity: ExpressibleByArgument {}
