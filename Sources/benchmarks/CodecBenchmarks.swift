import JSON
import KubernetesAPI
import KubernetesClient
import YAML

/// What comes from the API server, and what people read and write.
enum CodecBenchmarks {
  struct Unreadable: Error, CustomStringConvertible {
    var description: String
  }

  static func run(_ meter: inout Meter) throws {
    let list = SampleObjects.list(10_000)
    let megabytes = Double(list.count) / 1e6
    let size = "10,000 Deployments, \(Int(megabytes.rounded())) MB"
    try meter.rate("JSON decode", size, units: megabytes, unit: "MB/s", goal: ">= 150") {
      keep(try JSONValue(parsing: list))
    }
    let tree = try JSONValue(parsing: list)
    meter.rate("JSON encode", size, units: megabytes, unit: "MB/s") {
      keep(tree.serializedBytes())
    }
    meter.rate("JSON canonical", size, units: megabytes, unit: "MB/s") {
      keep(tree.serializedBytes(.canonical))
    }
    let items = tree["items"]?.array?.prefix(1000).map { $0 } ?? []
    try yaml(items, &meter)
    try watch(&meter)
  }

  private static func yaml(_ items: [JSONValue], _ meter: inout Meter) throws {
    let text = YAML.emitBytes(documents: items)
    let megabytes = Double(text.count) / 1e6
    let size = "\(items.count) Deployments"
    meter.rate("YAML emit", size, units: megabytes, unit: "MB/s") {
      keep(YAML.emitBytes(documents: items))
    }
    let problem = YAML.parse(text, file: "list.yaml").errors.first
    if let problem { throw Unreadable(description: "made YAML does not parse: \(problem)") }
    meter.rate("YAML parse", size, units: megabytes, unit: "MB/s") {
      keep(YAML.parse(text, file: "list.yaml"))
    }
  }

  private static func watch(_ meter: inout Meter) throws {
    let count = 5000
    let stream = SampleObjects.watchStream(count)
    let chunks = stride(from: 0, to: stream.count, by: 16 << 10).map { start in
      Array(stream[start..<min(start + 16 << 10, stream.count)])
    }
    try meter.rate(
      "watch decode", "\(count) events in chunks of 16 KiB", units: Double(count), unit: "events/s"
    ) {
      var decoder = WatchEventDecoder(resource: .deployments)
      var decoded = 0
      for chunk in chunks {
        decoder.append(chunk)
        while let event = try decoder.next() {
          keep(event)
          decoded += 1
        }
      }
      guard decoded == count else {
        throw Unreadable(description: "\(decoded) of \(count) events decoded")
      }
    }
  }
}
