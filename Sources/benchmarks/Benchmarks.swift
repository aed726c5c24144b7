import ArgumentParser

/// Measures agent-operator. Nothing here is installed, and no test asserts a time.
@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract: "Measure agent-operator: codecs, rendering, planning, memory and whole processes.",
    discussion: """
      Figures of code are in processor time of one thread, those of processes in wall time too. The
      best is the sturdier figure on a busy machine.

      EXAMPLES:
        make bench
        benchmarks --binary .build/release/agent-operator --json
        benchmarks raw-load --kubeconfig cp/kubeconfig --namespace bench --count 1000
      """,
    subcommands: [MeasureCommand.self, RawLoadCommand.self], defaultSubcommand: MeasureCommand.self)
}
