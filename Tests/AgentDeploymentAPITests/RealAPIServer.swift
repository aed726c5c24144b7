import Foundation

/// etcd and kube-apiserver from KUBEBUILDER_ASSETS, on loopback, in a folder of their own.
///
/// Or the cluster of TEST_KUBECONFIG, for example the embedded one (`agent-operator demo --keep`):
/// it is given the CRD, and nothing else is changed in it.
final class RealAPIServer {
  static var assets: String? { ProcessInfo.processInfo.environment["KUBEBUILDER_ASSETS"] }
  static var given: String? { ProcessInfo.processInfo.environment["TEST_KUBECONFIG"] }
  static var isAvailable: Bool { assets != nil || given != nil }

  struct Failure: Error, CustomStringConvertible { var description: String }

  struct Output {
    var status: Int32
    var out: String
    var err: String
  }

  private let folder: URL
  private var processes: [Process] = []
  private var kubeconfig: String { Self.given ?? folder.appendingPathComponent("kubeconfig").path }

  init() throws {
    // Its own: tests of one process start servers side by side.
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("agent-operator-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    guard Self.given == nil else { return }
    do {
      guard let assets = Self.assets else { throw Failure(description: "no KUBEBUILDER_ASSETS") }
      try start(assets)
    } catch {
      stop()
      throw error
    }
  }

  private func start(_ assets: String) throws {
    let (server, client, peer) = (try Self.freePort(), try Self.freePort(), try Self.freePort())
    let key = folder.appendingPathComponent("sa.key").path
    _ = try Self.run("/usr/bin/env", ["openssl", "genrsa", "-out", key, "2048"])
    try write("tokens.csv", "token,admin,admin,system:masters\n")
    try write(
      "kubeconfig",
      """
      apiVersion: v1
      kind: Config
      clusters: [{name: c, cluster: {server: "https://127.0.0.1:\(server)", insecure-skip-tls-verify: true}}]
      users: [{name: u, user: {token: token}}]
      contexts: [{name: c, context: {cluster: c, user: u}}]
      current-context: c

      """)
    try launch(
      "\(assets)/etcd",
      [
        "--data-dir", folder.appendingPathComponent("etcd").path, "--unsafe-no-fsync",
        "--listen-client-urls", "http://127.0.0.1:\(client)",
        "--advertise-client-urls", "http://127.0.0.1:\(client)",
        "--listen-peer-urls", "http://127.0.0.1:\(peer)",
        "--initial-advertise-peer-urls", "http://127.0.0.1:\(peer)",
        "--initial-cluster", "default=http://127.0.0.1:\(peer)",
      ])
    try launch(
      "\(assets)/kube-apiserver",
      [
        "--etcd-servers=http://127.0.0.1:\(client)", "--secure-port=\(server)",
        "--bind-address=127.0.0.1", "--cert-dir=\(folder.appendingPathComponent("certs").path)",
        "--token-auth-file=\(folder.appendingPathComponent("tokens.csv").path)",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=\(key)", "--service-account-signing-key-file=\(key)",
        "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24",
      ])
    let deadline = Date(timeIntervalSinceNow: 90)
    while try kubectl(["get", "--raw", "/readyz"]).status != 0 {
      guard Date() < deadline else { throw Failure(description: "kube-apiserver is not ready") }
      Thread.sleep(forTimeInterval: 0.2)
    }
  }

  func stop() {
    for process in processes.reversed() where process.isRunning {
      process.terminate()
      process.waitUntilExit()
    }
    processes = []
    try? FileManager.default.removeItem(at: folder)
  }

  deinit { stop() }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func kubectl(_ arguments: [String]) throws -> Output {
    try Self.run("/usr/bin/env", ["kubectl", "--kubeconfig", kubeconfig] + arguments)
  }

  private func launch(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    processes.append(process)
  }

  /// Output goes through files: a full pipe would stop the program.
  static func run(_ program: String, _ arguments: [String]) throws -> Output {
    let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let (out, err) = (base.appendingPathExtension("out"), base.appendingPathExtension("err"))
    defer {
      try? FileManager.default.removeItem(at: out)
      try? FileManager.default.removeItem(at: err)
    }
    for file in [out, err] { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    try process.run()
    process.waitUntilExit()
    return Output(
      status: process.terminationStatus,
      out: String(decoding: try Data(contentsOf: out), as: UTF8.self),
      err: String(decoding: try Data(contentsOf: err), as: UTF8.self))
  }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
      }
    }
    guard result == 0 else { throw Failure(description: "no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
