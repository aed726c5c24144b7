import EmbeddedCluster
import Foundation
import FoundationNetworking
import Testing

@testable import agent_operator

/// `agent-operator cluster` as a process: it says where it is, answers, and ends when told to.
@Suite struct ClusterCommandTests {
  @Test(arguments: ["AlwaysAllow", "RBAC"]) func servesUntilItIsTerminated(_ mode: String)
    async throws
  {
    let kubeconfig = FileManager.default.temporaryDirectory
      .appending(path: "cluster-command-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: kubeconfig) }
    let process = Process()
    process.executableURL = CommandLineRun.binary
    process.arguments = [
      "cluster", "--kubeconfig", kubeconfig.path, "--authorization-mode", mode, "--no-controllers",
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    defer { process.terminate() }
    let text = try await Self.text(of: kubeconfig)
    let server = try #require(text.firstMatch(of: /server: (http\S+)/)?.1)
    let url = server.split(separator: "/as/")[0]
    let token = text.firstMatch(of: /token: "(\S+)"/)?.1
    #expect((token != nil) == (mode == "RBAC"))

    #expect(try await Self.status("\(url)/version", token: nil) == 200)
    let configMaps = "\(url)/api/v1/configmaps"
    #expect(try await Self.status(configMaps, token: nil) == (mode == "RBAC" ? 403 : 200))
    if let token { #expect(try await Self.status(configMaps, token: String(token)) == 200) }
    // As kubectl asks: without a header, as there is no TLS.
    #expect(try await Self.status("\(server)/api/v1/configmaps", token: nil) == 200)
    if mode == "RBAC" {
      #expect(try await Self.status("\(url)/as/nobody/api/v1/configmaps", token: nil) == 401)
      #expect(try await Self.status("\(server)/api/v1/configmaps", token: "nobody") == 401)
    }

    let status = await withCheckedContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      process.terminate()
    }
    #expect(status == 0)
    let shown = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(shown.contains("KUBECONFIG=\(kubeconfig.path)"))
    #expect(shown.contains("simulated"))
  }

  /// It may be the only one that somebody has. The port is taken, so that nothing is served if the
  /// file is not looked at.
  @Test func aKubeconfigOfOtherClustersIsNotOverwritten() async throws {
    let cluster = EmbeddedCluster()
    let port = try await cluster.startHTTP(port: 0)
    let own = cluster.kubeconfig(port: port)
    let other = own.replacing("agent-operator-embedded", with: "production")
    let remote = own.replacing("http://127.0.0.1", with: "https://api.example.com")
    let mapped = own.replacing("users:\n-", with: "users:\n ").replacing(
      "\n  user:", with: "\n  me:")
    for text in [other, remote, mapped, "note: to self\n", "a: ["] {
      let file = try TemporaryFile(text)
      let run = try await CommandLineRun.run(
        "cluster", "--port", "\(port)", "--kubeconfig", file.url.path)
      #expect(run.status == 2 && run.errors.contains(file.url.path), "\(run.errors)")
      #expect(run.errors.contains("name a file that does not exist"), "\(run.errors)")
      #expect(try String(contentsOf: file.url, encoding: .utf8) == text)
    }
    for text in [own, ""] {
      let file = try TemporaryFile(text)
      let run = try await CommandLineRun.run(
        "cluster", "--port", "\(port)", "--kubeconfig", file.url.path)
      #expect(run.status == 1 && !run.errors.contains("name a file"), "\(run.errors)")
    }
    await cluster.stop()
  }

  /// It holds an administrator's token.
  @Test func aKubeconfigIsForItsOwnerOnly() throws {
    let file = try TemporaryFile("")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.url.path)
    try TemporaryKubeconfig.write("a: b\n", to: file.url.path)
    let attributes = try FileManager.default.attributesOfItem(atPath: file.url.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try String(contentsOf: file.url, encoding: .utf8) == "a: b\n")
  }

  @Test(arguments: [["--port", "70000"], ["--authorization-mode", "ABAC"]])
  func wrongOptionsAreUsageErrors(_ arguments: [String]) async throws {
    let run = try await CommandLineRun.run(list: ["cluster"] + arguments)
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
  }

  private static func text(of file: URL) async throws -> String {
    while true {
      if let text = try? String(contentsOf: file, encoding: .utf8), text.contains("user:") {
        return text
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// By another client than ours.
  private static func status(_ url: String, token: String?) async throws -> Int {
    var request = URLRequest(url: try #require(URL(string: url)))
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    let configuration = URLSessionConfiguration.ephemeral
    configuration.connectionProxyDictionary = [:]
    let (_, response) = try await URLSession(configuration: configuration).data(for: request)
    return (response as? HTTPURLResponse)?.statusCode ?? 0
  }
}
