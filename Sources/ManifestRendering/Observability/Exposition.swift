/// Prometheus' text exposition format 0.0.4, and as much of OpenMetrics as looks like it
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
public enum Exposition {
  public struct ParseError: Error, Hashable, CustomStringConvertible {
    /// From 1.
    public var line: Int
    public var message: String
    public var description: String { "line \(line): \(message)" }
  }

  /// What a `/metrics` endpoint answered.
  public static func parse(_ text: String) throws(ParseError) -> ObservedMetrics {
    var metrics = ObservedMetrics()
    // By bytes: to Swift, a carriage return and a line feed are one character.
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, bytes) in lines.enumerated() {
      let line = Substring(bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes)
      guard let first = line.first(where: { $0 != " " && $0 != "\t" }) else { continue }
      if index == 0, first == "{" || first == "[" {
        throw ParseError(
          line: 1,
          message: "this is JSON, which Prometheus does not read; answer in its text format, for "
            + "example with the official client library")
      }
      if index == 0, first == "<" {
        throw ParseError(line: 1, message: "this is a web page: is the path right?")
      }
      if first == "#" {
        declare(line, in: &metrics)
      } else {
        var scanner = LineScanner(line, number: index + 1)
        try scanner.series(into: &metrics)
      }
    }
    metrics.settle()
    return metrics
  }

  /// `# TYPE name kind`; other comments say nothing.
  private static func declare(_ line: Substring, in metrics: inout ObservedMetrics) {
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard words.count >= 4, words[0] == "#", words[1] == "TYPE" else { return }
    metrics.declare(String(words[2]), type: String(words[3]))
  }
}

/// Reads `name{label="value",...} value`.
private struct LineScanner {
  private let number: Int
  private let bytes: [UInt8]
  private var i = 0

  init(_ line: Substring, number: Int) {
    self.number = number
    bytes = Array(line.utf8)
  }

  mutating func series(into metrics: inout ObservedMetrics) throws(Exposition.ParseError) {
    skipBlanks()
    let name = word()
    guard !name.isEmpty else { throw error("a metric's name was expected") }
    var labels: [String: String] = [:]
    skipBlanks()
    if take("{") {
      skipBlanks()
      while !take("}") {
        let label = word()
        skipBlanks()
        guard !label.isEmpty, take("=") else { throw error("a label such as code=\"200\"") }
        skipBlanks()
        labels[label] = try quoted()
        skipBlanks()
        _ = take(",")
        skipBlanks()
      }
      skipBlanks()
    }
    let value = String(
      decoding: bytes[i...].prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") },
      as: UTF8.self)
    guard Double(value) != nil || ["+Inf", "-Inf", "NaN"].contains(value) else {
      throw error("\"\(value.prefix(40))\" is no number")
    }
    metrics.add(series: name, labels: labels)
  }

  private mutating func word() -> String {
    let start = i
    while i < bytes.count, isName(bytes[i]) { i += 1 }
    return String(decoding: bytes[start..<i], as: UTF8.self)
  }

  private func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"):
      true
    default: false
    }
  }

  private mutating func quoted() throws(Exposition.ParseError) -> String {
    guard take("\"") else { throw error("a value in double quotes was expected") }
    var text: [UInt8] = []
    while i < bytes.count {
      let byte = bytes[i]
      i += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\"), i < bytes.count else {
        text.append(byte)
        continue
      }
      text.append(bytes[i] == UInt8(ascii: "n") ? UInt8(ascii: "\n") : bytes[i])
      i += 1
    }
    throw error("a double quote is missing")
  }

  private mutating func skipBlanks() {
    while i < bytes.count, bytes[i] == UInt8(ascii: " ") || bytes[i] == UInt8(ascii: "\t") {
      i += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard i < bytes.count, bytes[i] == UInt8(ascii: character) else { return false }
    i += 1
    return true
  }

  private func error(_ message: String) -> Exposition.ParseError {
    Exposition.ParseError(line: number, message: message)
  }
}
