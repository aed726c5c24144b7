import Logging
import Synchronization

/// What the operator logged.
final class LogCollector: Sendable {
  struct Line: Sendable {
    var level: Logger.Level
    /// With the metadata.
    var text: String
  }

  private let state = Mutex<[Line]>([])

  var lines: [Line] { state.withLock { $0 } }
  func append(_ line: Line) { state.withLock { $0.append(line) } }
  func lines(containing text: String) -> [Line] { lines.filter { $0.text.contains(text) } }

  var logger: Logger {
    Logger(label: "test") { _ in CollectingLogHandler(collector: self) }
  }
}

struct CollectingLogHandler: LogHandler {
  let collector: LogCollector
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .debug

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let text = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    collector.append(.init(level: event.level, text: "\(event.message)\(text)"))
  }
}
