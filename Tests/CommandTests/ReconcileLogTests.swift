import ControllerRuntime
import JSON
import KubernetesAPI
import Logging
import Synchronization
import Testing

@testable import agent_operator

private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  let (changes, change) = AsyncStream<Int>.makeStream()

  var all: [String] { lines.withLock { $0 } }

  func append(_ line: String) {
    let count = lines.withLock { lines in
      lines.append(line)
      return lines.count
    }
    change.yield(count)
  }
}

/// Collects what the command's handler would write.
private struct LineCollector: LogHandler {
  var handler: LineLogHandler
  let lines: Lines

  var metadata: Logger.Metadata {
    get { handler.metadata }
    set { handler.metadata = newValue }
  }
  var logLevel: Logger.Level {
    get { handler.logLevel }
    set { handler.logLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { handler[metadataKey: key] }
    set { handler[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) { lines.append(handler.line(of: event, at: "now")) }
}

/// `--log-format json`: what a collector needs to put the lines of one reconcile together.
@Suite struct ReconcileLogTests {
  @Test(.timeLimit(.minutes(1)))
  func linesOfAReconcileSayWhichOneItIs() async throws {
    let lines = Lines()
    let logger = Logger(label: "agent-operator") { label in
      LineCollector(
        handler: LineLogHandler(label: label, format: .json, level: .info), lines: lines)
    }
    let controller = Controller(
      name: "agentdeployment", concurrency: 1, clock: SystemClock(),
      metrics: RuntimeMetrics(controller: "agentdeployment"), logger: logger
    ) { key, logger in
      logger.info("applied", metadata: ["kind": "Deployment"])
      if key.name == "b" { throw TerminalError("it cannot be") }
      logger.info("done")
      return .done
    }
    let task = Task { await controller.run() }
    for name in ["a", "b"] { controller.enqueue(ObjectKey(namespace: "agents", name: name)) }
    for await count in lines.changes where count == 4 { break }
    task.cancel()
    await task.value
    let objects = try lines.all.map { try JSONValue(parsing: $0) }
    #expect(objects.map { $0["msg"] } == ["applied", "done", "applied", "reconcile failed"])
    #expect(objects.map { $0["object"] } == ["agents/a", "agents/a", "agents/b", "agents/b"])
    #expect(objects.allSatisfy { $0["controller"] == "agentdeployment" })
    #expect(objects[0]["kind"] == "Deployment")
    let runs = objects.map { $0["reconcileID"]?.string }
    #expect(runs.allSatisfy { $0?.isEmpty == false })
    #expect(runs[0] == runs[1])
    #expect(runs[2] == runs[3])
    #expect(runs[0] != runs[2])
  }
}
