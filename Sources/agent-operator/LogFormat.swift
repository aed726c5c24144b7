public import ArgumentParser
import Glibc
import JSON
import KubernetesAPI
public import Logging

/// `--log-format`.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

/// One line an entry on standard error: for people, or as JSON for collectors.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level
  let format: LogFormat
  let label: String

  init(label: String, format: LogFormat, level: Logger.Level) {
    self.label = label
    self.format = format
    logLevel = level
  }

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let micros = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    let stamp = KubernetesTime(unixMicroseconds: micros).microsecondsText
    Terminal.writeError(line(of: event, at: stamp))
  }

  /// One line, whatever the values hold.
  func line(of event: LogEvent, at stamp: String) -> String {
    let merged = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let fields = merged.sorted { $0.key < $1.key }
    switch format {
    case .json:
      var line: JSONObject = [
        "ts": .string(stamp), "level": .string(event.level.rawValue), "logger": .string(label),
        "msg": .string(event.message.description),
      ]
      for (key, value) in fields where line[key] == nil {
        line[key] = .string(value.description)
      }
      return JSONValue.object(line).serialized()
    case .text:
      let level = event.level.rawValue.uppercased()
      let padded = level + String(repeating: " ", count: max(0, 7 - level.utf8.count))
      let rest = fields.map { " \($0.key)=\(Self.quoted($0.value.description))" }.joined()
      return "\(stamp) \(padded) \(Self.flat(event.message.description))\(rest)"
    }
  }

  private static func flat(_ message: String) -> String {
    message.contains { $0.isNewline } ? quoted(message) : message
  }

  /// A value with blanks in it stays one field, and a line stays one line.
  private static func quoted(_ value: String) -> String {
    let needsQuotes = value.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "\"") }
    return needsQuotes || value.isEmpty ? JSONValue.string(value).serialized() : value
  }
}
