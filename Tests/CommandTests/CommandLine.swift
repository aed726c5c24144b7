import Foundation
import Testing

/// The built binary, run as a user runs it.
struct CommandLineRun {
  var status: Int32
  var output: String
  var errors: String

  static let checkout = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Beside the test bundle: both are products of the same build.
  static let binary: URL = {
    let bundle = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    for folder in sequence(
      first: bundle, next: { $0.path == "/" ? nil : $0.deletingLastPathComponent() })
    {
      let candidate = folder.appending(path: "agent-operator")
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder),
        !isFolder.boolValue
      {
        return candidate
      }
    }
    return bundle
  }()

  static func run(
    _ arguments: String..., input: Data? = nil, environment: [String: String] = [:]
  ) async throws -> CommandLineRun {
    try await run(list: arguments, input: input, environment: environment)
  }

  /// Waits without holding a thread: other tests run meanwhile.
  static func run(
    list arguments: [String], input: Data? = nil, environment: [String: String] = [:]
  ) async throws -> CommandLineRun {
    let process = Process()
    process.executableURL = binary
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    let (output, errors) = (try TemporaryFile(), try TemporaryFile())
    process.standardOutput = try FileHandle(forWritingTo: output.url)
    process.standardError = try FileHandle(forWritingTo: errors.url)
    let stdin = try TemporaryFile(input ?? Data())
    process.standardInput = try FileHandle(forReadingFrom: stdin.url)
    let status: Int32 = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do {
        try process.run()
      } catch {
        process.terminationHandler = nil
        continuation.resume(throwing: error)
      }
    }
    return CommandLineRun(
      status: status,
      output: String(decoding: try Data(contentsOf: output.url), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors.url), as: UTF8.self))
  }
}

/// A file that goes away with its last reference.
final class TemporaryFile {
  let url: URL

  init(_ content: Data = Data(), suffix: String = ".yaml") throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "agent-operator-test-\(UUID().uuidString)\(suffix)")
    try content.write(to: url)
  }

  convenience init(_ text: String, suffix: String = ".yaml") throws {
    try self.init(Data(text.utf8), suffix: suffix)
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
