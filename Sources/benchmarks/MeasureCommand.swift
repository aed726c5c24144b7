import ArgumentParser
import JSON

struct MeasureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure", abstract: "Print one table of all figures.")

  @Option(
    help: ArgumentHelp(
      "The release binary; its processes are not measured without it.", valueName: "file"))
  var binary: String?

  @Option(help: "How often each piece of work is measured.")
  var runs: Int = 7

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func run() async throws {
    var meter = Meter(runs: runs)
    // First: a new process counts as its own peak what its parent held when it was started.
    if let binary { try ProcessBenchmarks.run(binary, &meter) }
    // Before the allocator has pieces of freed trees to reuse.
    try MemoryBenchmarks.run(&meter)
    try CodecBenchmarks.run(&meter)
    try RenderingBenchmarks.run(&meter)
    try await ClusterBenchmarks.run(&meter)
    if json {
      print(JSONValue.array(meter.results.map(\.json)).serialized(.prettyPrinted))
    } else {
      print(ResultTable.text(meter.results))
    }
  }
}
