import Foundation
import JSON
import Testing

/// Prometheus' own tool, which checks rules and tests them on made-up series. `make test` unpacks it
/// from Debian's package `prometheus`; without it these tests are skipped, and say so.
enum Promtool {
  static let path: String? = {
    let environment = ProcessInfo.processInfo.environment
    let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let candidates =
      [environment["PROMTOOL"]].compactMap { $0 }
      + [Samples.root.appending(path: ".build/tools/promtool").path]
      + folders.map { "\($0)/promtool" }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  static let missing: Comment = "promtool is missing: install it, or name it in PROMTOOL"

  /// Runs a command on files that are written for it, in a directory of their own.
  ///
  /// - Returns: what it printed; nil when it succeeded.
  static func failure(_ arguments: [String], _ files: [String: JSONValue]) throws -> String? {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "promtool-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, content) in files {
      // JSON is YAML.
      try content.serialized().write(
        to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    let process = Process()
    process.executableURL = URL(filePath: try #require(path))
    process.currentDirectoryURL = folder
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : text
  }
}
