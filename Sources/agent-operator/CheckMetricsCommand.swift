import AgentDeploymentAPI
import ArgumentParser
import ControllerRuntime
import KubernetesAPI
import ManifestRendering

struct CheckMetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-metrics",
    abstract: "Check an agent's /metrics against what its alerts, dashboard and scaler read.",
    discussion: """
      An alert whose series is missing never fires and says nothing about it. Let the agent do some
      work first: many libraries make a series with its first event. No cluster is asked.

      EXIT CODES:
        0  everything that is needed is there
        1  something is missing or of another form, or the input is wrong
        2  the command line is wrong

      EXAMPLES:
        curl -s localhost:9090/metrics | agent-operator check-metrics - -f agent.yaml --class c.yaml
        agent-operator check-metrics metrics.txt -f agent.yaml --class production.yaml
      """)

  @Argument(
    help: ArgumentHelp(
      "What /metrics answered, in Prometheus' text format; - for standard input.",
      valueName: "metrics"), completion: .file())
  var metrics: String

  @OptionGroup var input: InputOptions

  func validate() throws {
    if metrics == "-", input.files.contains("-") {
      throw ValidationError("the metrics and the agent cannot both come from standard input")
    }
  }

  func run() throws {
    let now = SystemClock().wallTime
    let input = try input.load(now: now)
    let name = metrics == "-" ? "<stdin>" : metrics
    let text = try FileText.read(metrics == "-" ? "/dev/stdin" : metrics)
    let observed: ObservedMetrics
    do {
      observed = try Exposition.parse(text)
    } catch {
      throw CommandFailure("error: \(name): \(error)")
    }
    var fails = false
    for agent in input.agents {
      let contract = agent.metricContract(input.context(for: agent, now: now))
      let count = contract.requirements.count { $0.metric.source == .agent }
      let findings = contract.findings(observed)
      fails = fails || findings.contains { $0.severity == .error }
      for finding in findings {
        Terminal.write("\(finding.severity.rawValue): \(agent.object.key): \(finding)")
      }
      if contract.requirements.isEmpty {
        Terminal.write(
          "\(agent.object.key): nothing reads its metrics: its class has no Prometheus operator")
      } else if findings.isEmpty {
        Terminal.write(
          "\(Terminal.styled("✓", .green)) \(agent.object.key): "
            + "\(count) of \(count) metrics are as they should be")
      }
    }
    if fails { throw ExitCode(1) }
  }
}
