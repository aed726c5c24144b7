import Foundation
import Glibc
import JSON
import KubernetesAPI
import ManifestRendering
import Synchronization
import Testing

/// A rendered store's container as processes: each mount is a directory of its own below a temporary
/// one, and every text of the container that names one is rewritten to it.
final class RedisServer: Sendable {
  /// `make test` unpacks Debian's package `redis-server`; without it these tests are skipped.
  static let path: String? = {
    let environment = ProcessInfo.processInfo.environment
    let folders =
      [Samples.root.appending(path: ".build/tools/redis/usr/bin").path]
      + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return folders.first { FileManager.default.isExecutableFile(atPath: "\($0)/redis-server") }
  }()
  static let missing: Comment =
    "skipped: redis-server is missing: make redis, or install the package redis-server"

  private let root: URL
  private let container: JSONValue
  private let replacements: [(String, String)]
  private let running = Mutex<Child?>(nil)

  /// - Parameter password: written as the Secret's file.
  init(persistence: String, password: String) throws {
    root = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString)")
    let rendering = try Samples.render([
      "state": ["type": "Managed", "managed": ["persistence": .string(persistence)]]
    ])
    container = try #require(
      rendering["StatefulSet"]?["spec"]?["template"]?["spec"]?["containers"]?[0])
    var replacements = [("6379", String(try Self.freePort()))]
    for mount in container["volumeMounts"]?.array ?? [] {
      let path = try #require(mount["mountPath"]?.string)
      let directory = root.appending(path: try #require(mount["name"]?.string))
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      replacements.append((path, directory.path))
    }
    self.replacements = replacements
    try write(password: password)
  }

  func write(password: String) throws {
    try password.write(
      to: root.appending(path: "auth/password"), atomically: true, encoding: .utf8)
  }

  private func rewritten(_ text: String) -> String {
    replacements.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
  }

  /// Free a moment ago: what takes it meanwhile makes the server fail to start, and the test with it.
  private static func freePort() throws -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> in_port_t? in
        guard bind(socket, generic, length) == 0, getsockname(socket, generic, &length) == 0 else {
          return nil
        }
        return pointer.pointee.sin_port
      }
    }
    return Int(UInt16(bigEndian: try #require(port)))
  }

  // MARK: Running

  private func child(_ words: [String], output: URL? = nil, password: String? = nil) throws
    -> Child
  {
    let folder = try #require(Self.path)
    var environment = ["PATH": "\(folder):/usr/bin:/bin"]
    // Where the unpacked package has its libraries; nothing where it is installed.
    let libraries = URL(filePath: folder).deletingLastPathComponent().appending(path: "lib")
    let places = (try? FileManager.default.contentsOfDirectory(atPath: libraries.path)) ?? []
    environment["LD_LIBRARY_PATH"] = places.filter { $0.hasSuffix("-linux-gnu") }
      .map { libraries.appending(path: $0).path }.joined(separator: ":")
    if let password { environment["REDISCLI_AUTH"] = password }
    return try Child(words, environment: environment, output: output)
  }

  /// Runs the container's command, and waits until it listens or has ended.
  func start() async throws {
    let words = try #require(container["command"]?.array).compactMap(\.string).map(rewritten)
    let child = try child(words)
    running.withLock { $0 = child }
    while child.isRunning, try ask("ping", password: nil).contains("Connection refused") {
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  var processIdentifier: Int32? { running.withLock { $0?.identifier } }

  /// Asks it to end as a kubelet does, and waits for that.
  ///
  /// - Returns: its exit code; nil where none runs.
  @discardableResult
  func stop() -> Int32? {
    let child = running.withLock { running in
      defer { running = nil }
      return running
    }
    child?.terminate()
    return child?.end()
  }

  func remove() {
    stop()
    try? FileManager.default.removeItem(at: root)
  }

  // MARK: Asking

  /// Runs a probe's command as a kubelet does.
  func probe(_ name: String) throws -> Bool {
    let words = try #require(container[name]?["exec"]?["command"]?.array)
    return try child(words.compactMap(\.string).map(rewritten)).end() == 0
  }

  /// Whether the probe says so within ten seconds.
  func becomes(_ wanted: Bool, _ name: String) async throws -> Bool {
    for _ in 0..<200 {
      if try probe(name) == wanted { return true }
      try await Task.sleep(for: .milliseconds(50))
    }
    return false
  }

  /// What the server answers to the password of the file.
  func ask(_ words: String...) throws -> String {
    let password = try String(
      contentsOf: root.appending(path: "auth/password"), encoding: .utf8)
    return try ask(words, password)
  }

  /// - Parameter password: nil for none.
  func ask(_ word: String, password: String?) throws -> String { try ask([word], password) }

  private func ask(_ words: [String], _ password: String?) throws -> String {
    let output = root.appending(path: "answer-\(UUID().uuidString)")
    _ = try child(client + words, output: output, password: password).end()
    let text = try String(contentsOf: output, encoding: .utf8)
    try FileManager.default.removeItem(at: output)
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func askInBackground(_ words: String...) throws -> Child {
    let password = try String(
      contentsOf: root.appending(path: "auth/password"), encoding: .utf8)
    return try child(client + words, password: password)
  }

  private var client: [String] { ["redis-cli", "-h", "127.0.0.1", "-p", rewritten("6379")] }
}
