import Glibc
import YAML

/// The release binary as users run it: start-up, the work, and the exit.
enum ProcessBenchmarks {
  static func run(_ binary: String, _ meter: inout Meter) throws {
    guard access(binary, X_OK) == 0 else {
      throw ChildProcess.Failure(description: "\(binary) is not a program: make release builds it")
    }
    var information = stat()
    guard stat(binary, &information) == 0 else {
      throw ChildProcess.Failure(description: "\(binary): \(String(cString: strerror(errno)))")
    }
    meter.add(
      "binary size", "as it is (make release strips it)", [Double(information.st_size) / 1_048_576],
      unit: "MiB", goal: "< 30")

    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let one = try folder.write("one.yaml", YAML.emitBytes(documents: [SampleObjects.smallAgent(0)]))
    let many = try folder.write(
      "thousand.yaml", YAML.emitBytes(documents: (0..<1000).map(SampleObjects.smallAgent)))
    try measure("version", "process", binary, ["version"], &meter)
    try measure(
      "render 8 lines", "process", binary, ["render", "-f", one], &meter, wallGoal: "< 20",
      peakGoal: "< 25 MB")
    try measure(
      "render 1,000", "process, one file", binary, ["render", "-f", many], &meter,
      wallGoal: "< 1,500")
  }

  private static func measure(
    _ name: String, _ what: String, _ binary: String, _ arguments: [String], _ meter: inout Meter,
    wallGoal: String? = nil, peakGoal: String? = nil
  ) throws {
    _ = try ChildProcess.run(binary, arguments)
    let usages = try (0..<max(5, meter.runs)).map { _ in try ChildProcess.run(binary, arguments) }
    meter.add(name, "\(what), wall", usages.map(\.wallMilliseconds), unit: "ms", goal: wallGoal)
    meter.add(name, "\(what), CPU", usages.map(\.cpuMilliseconds), unit: "ms")
    meter.add(name, "\(what), peak memory", usages.map(\.peakMiB), unit: "MiB", goal: peakGoal)
  }
}

/// A folder that is removed with its files.
struct TemporaryFolder {
  let path: String

  init() throws {
    let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(directory)/agent-operator-bench-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw ChildProcess.Failure(
        description: "no temporary folder in \(directory): \(String(cString: strerror(errno)))")
    }
    path = String(cString: made)
  }

  /// - Returns: the file's path.
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = "\(path)/\(name)"
    guard let handle = fopen(file, "w") else {
      throw ChildProcess.Failure(description: "\(file): \(String(cString: strerror(errno)))")
    }
    defer { fclose(handle) }
    guard fwrite(bytes, 1, bytes.count, handle) == bytes.count else {
      throw ChildProcess.Failure(description: "\(file) cannot be written")
    }
    return file
  }

  func remove() {
    for name in ["one.yaml", "thousand.yaml"] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
