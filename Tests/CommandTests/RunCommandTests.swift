import Foundation
import Glibc
import JSON
import Testing

@Suite struct RunCommandTests {
  @Test(arguments: [
    (["--leader-election-lease-duration", "10s"], "must be longer than"),
    (["--leader-election-retry-period", "9s"], "1.2 times --leader-election-retry-period"),
    (["--leader-election-renew-deadline", "soon"], "--leader-election-renew-deadline"),
    (["--selector", "=a"], "--selector"),
    (["--leader-election-id", "A_B"], "--leader-election-id"),
  ])
  func aWrongCommandLineIsRefused(_ arguments: [String], _ message: String) async throws {
    let run = try await CommandLineRun.run(list: ["run"] + arguments)
    #expect(run.status == 2)
    #expect(run.errors.replacing("\n", with: " ").contains(message), "\(run.errors)")
  }

  private func kubeconfig() throws -> TemporaryFile {
    try TemporaryFile(
      """
      apiVersion: v1
      kind: Config
      current-context: c
      contexts: [{name: c, context: {cluster: c, user: u}}]
      clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
      users: [{name: u, user: {token: not-for-the-logs}}]
      """)
  }

  @Test func electionOutsideOfAPodNeedsANamespace() async throws {
    let config = try kubeconfig()
    let run = try await CommandLineRun.run(
      "run", "--leader-elect", "--kubeconfig", config.url.path)
    #expect(run.status == 2)
    #expect(run.errors.contains("needs --leader-election-namespace"))
  }

  @Test func withoutAServerItLivesTellsWhyItIsNotReadyAndEnds() async throws {
    let config = try kubeconfig()
    let (health, metrics) = (try FreePort.find(), try FreePort.find())
    let log = try TemporaryFile()
    let process = Process()
    process.executableURL = CommandLineRun.binary
    process.arguments = [
      "run", "--kubeconfig", config.url.path, "--log-format", "json",
      "--health-probe-bind-address", "127.0.0.1:\(health)",
      "--metrics-bind-address", "127.0.0.1:\(metrics)",
    ]
    process.environment = ["PATH": "/usr/bin:/bin"]
    process.standardError = try FileHandle(forWritingTo: log.url)
    let (ended, end) = AsyncStream<Int32>.makeStream()
    process.terminationHandler = { end.yield($0.terminationStatus) }
    try process.run()
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    var ready = ""
    let limit = ContinuousClock.now + .seconds(30)
    while !ready.contains("127.0.0.1"), ContinuousClock.now < limit {
      ready = FreePort.get(health, "/readyz")
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(ready.hasPrefix("HTTP/1.1 503"), "\(ready)")
    #expect(ready.contains("[-]cache-secrets failed: the first list is not complete"))
    #expect(FreePort.get(health, "/healthz?verbose").contains("[+]loops ok"))
    let figures = FreePort.get(metrics, "/metrics")
    for name in [
      "process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds ",
      "process_start_time_seconds ", "workqueue_depth{controller=\"agentdeployment\"",
      "rest_client_requests_total{code=\"<error>\",host=\"127.0.0.1:1\",method=\"GET\"}",
    ] {
      #expect(figures.contains("\n\(name)"), "\(name)")
    }
    kill(process.processIdentifier, SIGTERM)
    var status: Int32?
    for await value in ended {
      status = value
      break
    }
    #expect(status == 0)
    let text = String(decoding: try Data(contentsOf: log.url), as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines.count >= 3)
    for line in lines {
      let json = try JSONValue(parsing: String(line))
      #expect(
        json["ts"]?.string != nil && json["level"]?.string != nil && json["msg"]?.string != nil)
    }
    #expect(!text.contains("not-for-the-logs"))
    #expect(lines.last?.contains("\"msg\":\"stopped\"") == true)
  }
}

/// Loopback HTTP without a library.
enum FreePort {
  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }

  static func find() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var local = address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &local) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
      }
    }
    try #require(port)
    return UInt16(bigEndian: local.sin_port)
  }

  /// The whole answer; empty when there is none.
  static func get(_ port: UInt16, _ path: String) -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var remote = address(port)
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = withUnsafePointer(to: &remote) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, length) == 0
      }
    }
    guard isConnected else { return "" }
    let request = "GET \(path) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    _ = request.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { break }
      answer += buffer[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
  }
}
