import AgentDeploymentAPI
import ArgumentParser
import ControllerRuntime
import JSON
import KubernetesAPI
import ManifestAnalysis
import ManifestRendering

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Why a line is there: which field, default or class made it. And what a field does.",
    discussion: """
      Found by experiment: each field is varied, and what renders otherwise comes from it. No cluster
      is asked. Of a field also what the schema says of it: in json and yaml an object with field,
      description and lines, of which there may be none; of anything else the list of lines.

      EXIT CODES:
        0  explained
        1  nothing of that name is rendered, or there is no such field
        2  the input cannot be used, or the command line is wrong

      EXAMPLES:
        agent-operator explain -f agent.yaml                              all of it
        agent-operator explain Deployment -f agents/ --agent support
        agent-operator explain VirtualService.spec.http -f agent.yaml
        agent-operator explain Deployment.spec.template.spec.containers[0] -f agent.yaml
        agent-operator explain spec.traffic.timeout -f agent.yaml         what the field does
      """)

  @Argument(
    help: ArgumentHelp("A field (spec. ...), a kind, or a kind with a path.", valueName: "what"))
  var query: String?

  @Option(help: ArgumentHelp("Of several agents in the input, this one.", valueName: "name"))
  var agent: String?

  @OptionGroup var input: InputOptions

  @Option(name: [.short, .long], help: "The form of the output: table, json or yaml.")
  var output: ReportForm = .table

  func run() throws {
    let now = SystemClock().wallTime
    let manifests = try inputErrorsAreTwo { try input.load(now: now) }
    let agents = manifests.agents.filter { agent == nil || $0.name == agent }
    guard let subject = agents.first, agents.count == 1 else {
      let names = manifests.agents.map(\.name).joined(separator: ", ")
      throw CommandFailure("error: name one agent with --agent: \(names)", exitCode: 2)
    }
    let context = manifests.context(for: subject, now: now)
    guard
      let provenance = Provenance(
        of: subject.object.json,
        renderWithoutClass: { Self.render($0, context, .builtIn) },
        render: { Self.render($0, context, context.agentClass) })
    else { throw CommandFailure("error: the agent does not render", exitCode: 2) }
    if let query, query == "spec" || query.hasPrefix("spec.") {
      let field = try FieldDescription(query)
      let lines = effects(of: query, provenance)
      return Terminal.write(
        output.text(
          table: Self.heading(field, hasEffects: !lines.isEmpty) + table(lines, provenance),
          [
            "field": .string(field.path), "description": .string(field.text),
            "lines": json(lines, provenance),
          ]), newline: false)
    }
    let lines = matching(provenance)
    guard !lines.isEmpty else {
      throw CommandFailure("error: nothing that is rendered matches '\(query ?? "")'", exitCode: 1)
    }
    Terminal.write(
      output.text(table: table(lines, provenance), json(lines, provenance)), newline: false)
  }

  private static func heading(_ field: FieldDescription, hasEffects: Bool) -> String {
    let effects = hasEffects ? "" : "  Nothing that this agent renders follows it.\n"
    return "\(Terminal.styled(field.path, .bold))\n  \(field.text)\n\(effects)\n"
  }

  private func inputErrorsAreTwo<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let failure as CommandFailure {
      throw CommandFailure(failure.lines, exitCode: 2)
    }
  }

  private static func render(
    _ json: JSONValue, _ context: RenderingContext, _ agentClass: AgentClass
  ) -> RenderedLines? {
    guard case .success(let agent) = AgentDeployment.decode(json, agentClass: agentClass) else {
      return nil
    }
    var context = context
    context.agentClass = agentClass
    let rendering = agent.render(context)
    return RenderedLines(rendering.objects.map(\.object), revision: rendering.revision)
  }

  /// The lines that follow a field, or the fields below it.
  private func effects(of field: String, _ provenance: Provenance) -> [RenderedLines.Line] {
    let affected = provenance.effects.filter {
      $0.field == field || $0.field.hasPrefix("\(field).") || $0.field.hasPrefix("\(field)[")
    }.reduce(into: Set<String>()) { $0.formUnion($1.lines) }
    return provenance.lines.lines.filter { affected.contains("\($0.object) \($0.path)") }
  }

  private func matching(_ provenance: Provenance) -> [RenderedLines.Line] {
    guard let query else { return provenance.lines.lines }
    let parts = query.split(separator: ".", maxSplits: 1).map(String.init)
    let kind = parts.first?.lowercased() ?? ""
    let path = parts.count > 1 ? parts[1] : ""
    return provenance.lines.lines.filter { line in
      line.object.split(separator: " ").first?.lowercased() == kind
        && (path.isEmpty
          || [line.path, line.numberedPath].contains { other in
            other == path || other.hasPrefix("\(path).") || other.hasPrefix("\(path)[")
          })
    }
  }

  private func words(_ line: RenderedLines.Line, _ provenance: Provenance) -> String {
    let origins = provenance.origins(of: line)
    let fields = origins.compactMap { if case .field(let name) = $0 { name } else { nil } }
    if !fields.isEmpty { return fields.prefix(3).joined(separator: ", ") }
    if origins.contains(.agentClass) { return "the class" }
    let defaults = origins.compactMap { if case .defaultOf(let name) = $0 { name } else { nil } }
    if !defaults.isEmpty { return "default of \(defaults.prefix(2).joined(separator: ", "))" }
    return "always so"
  }

  private func table(_ lines: [RenderedLines.Line], _ provenance: Provenance) -> String {
    var text = ""
    var object: String?
    let width = min(64, lines.map(\.path.count).max() ?? 0)
    for line in lines {
      if line.object != object {
        text += (object == nil ? "" : "\n") + Terminal.styled(line.object, .bold) + "\n"
        object = line.object
      }
      let value = line.value.count > 40 ? line.value.prefix(37) + "..." : line.value
      text +=
        "  \(line.path.padded(to: width + 1))\(value.padded(to: 24))"
        + Terminal.styled("<- \(words(line, provenance))", .dim) + "\n"
    }
    return text
  }

  private func json(_ lines: [RenderedLines.Line], _ provenance: Provenance) -> JSONValue {
    .array(
      lines.map { line in
        [
          "object": .string(line.object), "path": .string(line.path),
          "value": .string(line.value), "from": .string(words(line, provenance)),
        ]
      })
  }
}
