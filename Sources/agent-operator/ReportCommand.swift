public import AgentDeploymentAPI
import AgentOperator
public import ArgumentParser
import ControllerRuntime
import JSON
import KubernetesAPI
import ManifestAnalysis
import ManifestRendering

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "What agents have to show for GDPR, HIPAA, SOX or PCI DSS, control by control.",
    discussion: """
      For each control of a profile: the object that speaks to it, and whether it is enforced,
      advisory, missing (it could be enforced here), or not ours but the cluster's, the application's
      or people's. With files it looks at what they render to, without at what a cluster has. It is
      evidence to start from, and no claim that anybody complies.

      EXIT CODES:
        0  nothing is missing
        1  something is
        2  it could not be found out, or the command line is wrong

      EXAMPLES:
        agent-operator report --profile HIPAA -f agents/ --class production.yaml
        agent-operator report --profile PCIDSS -n agents            all agents of a cluster's namespace
        agent-operator report support -n agents -o json             its own spec.security.compliance
      """)

  @Argument(help: ArgumentHelp("Agents; all by default.", valueName: "name"))
  var names: [String] = []

  @Option(
    help: ArgumentHelp(
      "GDPR, HIPAA, SOX or PCIDSS; repeat it for several. Each agent's own spec.security.compliance "
        + "by default.", valueName: "profile"))
  var profile: [ComplianceProfile] = []

  @OptionGroup var input: InputOptions

  @OptionGroup var cluster: ClusterOptions

  @Option(name: [.short, .long], help: "The form of the output: table, json or yaml.")
  var output: ReportForm = .table

  func run() async throws {
    let reports = try await DiffCommand.failingWithTwo { try await self.reports() }
    Terminal.write(
      output.text(
        table: Self.table(reports.findings), .array(reports.findings.map(\.json))), newline: false)
    try reports.requireAll()
    if reports.findings.contains(where: \.hasGaps) { throw CommandFailure([], exitCode: 1) }
  }

  private func reports() async throws -> AgentFindings<ComplianceReport> {
    let evidence = try await input.files.isEmpty ? live() : AgentFindings(findings: rendered())
    let reports = evidence.flatMap { evidence in
      let profiles = profile.isEmpty ? evidence.agent.spec.security.compliance : profile
      return profiles.uniqued().map { ComplianceReport($0, evidence) }
    }
    guard !reports.findings.isEmpty || evidence.findings.isEmpty else {
      throw CommandFailure(
        evidence.refused + [
          "error: no profile: give --profile, or spec.security.compliance of the agents"
        ])
    }
    return reports
  }

  private func rendered() throws -> [ComplianceEvidence] {
    let now = SystemClock().wallTime
    let manifests = try input.load(now: now)
    for name in names where !manifests.agents.contains(where: { $0.name == name }) {
      throw CommandFailure("error: no AgentDeployment \(name) in these files")
    }
    return manifests.agents.filter { names.isEmpty || names.contains($0.name) }.map { agent in
      let rendering = agent.render(manifests.context(for: agent, now: now))
      return ComplianceEvidence(agent: agent, objects: rendering.objects.map(\.object))
    }
  }

  private func live() async throws -> AgentFindings<ComplianceEvidence> {
    let client = try cluster.connect()
    var place = NamespaceOptions()
    place.namespace = input.namespace
    let namespace = try place.resolved(cluster)
    let previewer = try await AgentPreviewer(client: client, namespace: namespace)
    var evidence = AgentFindings<ComplianceEvidence>()
    let agents = try place.agents(names, of: previewer, namespace)
    guard !agents.isEmpty else {
      throw CommandFailure("error: no AgentDeployment in namespace \(namespace)")
    }
    for agent in agents {
      let preview: AgentPreview
      switch try await previewer.preview(agent) {
      case .success(let planned): preview = planned
      case .failure(let errors):
        evidence.refuse(agent.key, errors)
        continue
      }
      var objects: [KubernetesObject] = []
      var absent: Set<String> = []
      for rendered in preview.rendering.objects {
        if let live = preview.observed[rendered.resource, rendered.object.key] {
          objects.append(live)
        } else {
          absent.insert("\(rendered.object.kind) \(rendered.object.name)")
        }
      }
      evidence.findings.append(
        ComplianceEvidence(agent: preview.agent, objects: objects, isLive: true, absent: absent))
    }
    return evidence
  }

  // MARK: For people

  private static let styles: [ComplianceAnswer.State: Terminal.Style] = [
    .enforced: .green, .advisory: .yellow, .missing: .red, .notOurs: .dim,
  ]

  static func table(_ reports: [ComplianceReport]) -> String {
    reports.map { report in
      let title =
        "\(report.profile.rawValue): agent \(report.namespace)/\(report.agent), "
        + (report.isLive ? "as the cluster has it" : "as rendered")
      let rows = report.rows.map { row in
        [
          row.control, row.title, row.answer.state.rawValue, row.answer.object ?? "-",
          row.answer.detail,
        ]
      }
      let table = TextTable.text(["CONTROL", "WHAT", "STATE", "OBJECT", "DETAIL"], rows)
      return Terminal.styled(title, .bold) + "\n" + coloured(table, report) + report.summary
        + "; evidence, not a claim of compliance\n"
    }.joined(separator: "\n")
  }

  /// Colours take no room in columns, so they come last.
  private static func coloured(_ table: String, _ report: ComplianceReport) -> String {
    let lines = table.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return lines.enumerated().map { i, line in
      guard i > 0, i <= report.rows.count, let style = styles[report.rows[i - 1].answer.state]
      else { return line }
      return Terminal.styled(line, style)
    }.joined(separator: "\n")
  }
}

extension ComplianceProfile: ExpressibleByArgument {
  /// However it is spelt: `pci-dss`.
  public init?(argument: String) {
    let letters = argument.uppercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
    self.init(rawValue: letters)
  }
}

extension [ComplianceProfile] {
  fileprivate func uniqued() -> [ComplianceProfile] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
