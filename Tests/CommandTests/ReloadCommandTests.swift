import AgentDeploymentAPI
import ArgumentParser
import Foundation
import Glibc
import HTTPServer
import JSON
import Loopback
import ManifestRendering
import Synchronization
import Testing
import YAML

@testable import agent_operator

/// `reload` as a process, in front of a server and a folder that changes as the kubelet does it.
@Suite struct ReloadCommandTests {
  private static let secret = "not-for-the-logs"

  /// What the agent was asked, and what it would have read then.
  private final class Agent: Sendable {
    private let seen = Mutex<[String]>([])

    var calls: [String] { seen.withLock { $0 } }

    /// - Parameter failures: how many requests it refuses first.
    func server(_ folder: MountedFolder, failures: Int) -> HTTPServer {
      HTTPServer { [self] request in
        let count = seen.withLock { seen in
          seen.append("\(request.method) \(request.path) \(folder.value ?? "-")")
          return seen.count
        }
        return .text("", status: count <= failures ? 500 : 200)
      }
    }
  }

  private final class Running {
    let process = Process()
    private let log: TemporaryFile
    private let ended: AsyncStream<Int32>

    init(_ arguments: [String]) throws {
      log = try TemporaryFile()
      process.executableURL = CommandLineRun.binary
      process.arguments = ["reload"] + arguments
      // The agent is asked directly, whatever the environment says.
      process.environment = ["PATH": "/usr/bin:/bin", "http_proxy": "http://127.0.0.1:1"]
      process.standardError = try FileHandle(forWritingTo: log.url)
      let (ended, end) = AsyncStream<Int32>.makeStream()
      self.ended = ended
      process.terminationHandler = { end.yield($0.terminationStatus) }
      try process.run()
    }

    var lines: [JSONValue] {
      get throws {
        let text = String(decoding: try Data(contentsOf: log.url), as: UTF8.self)
        #expect(!text.contains(ReloadCommandTests.secret))
        return try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
      }
    }

    func until(_ what: String, _ condition: () throws -> Bool) async throws {
      let limit = ContinuousClock.now + .seconds(30)
      while try !condition() {
        guard ContinuousClock.now < limit else {
          Issue.record("\(what) never came: \(try lines)")
          return
        }
        try await Task.sleep(for: .milliseconds(10))
      }
    }

    func until(logged message: String) async throws {
      try await until(message) { try lines.contains { $0["msg"]?.string == message } }
    }

    func end() async -> Int32 {
      kill(process.processIdentifier, SIGTERM)
      for await status in ended { return status }
      return -1
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
  }

  @Test(arguments: [0, 1]) func itTellsOfAChangeOnce(_ failures: Int) async throws {
    let (folder, agent) = (try MountedFolder("a-\(Self.secret)"), Agent())
    let server = agent.server(folder, failures: failures)
    let port = try await server.start()
    let record = try TemporaryFile(suffix: ".json")
    try FileManager.default.removeItem(at: record.url)
    let arguments = [
      "--watch", folder.path, "--url", "http://127.0.0.1:\(port)/-/reload?key=\(Self.secret)",
      "--interval", "10ms", "--log-format", "json", "--record", record.url.path,
    ]
    let first = try Running(arguments)
    try await first.until(logged: "watching")
    try folder.swap(to: "b-\(Self.secret)")
    try await first.until(logged: "reloaded")
    #expect(await first.end() == 0)
    let call = "POST /-/reload b-\(Self.secret)"
    #expect(agent.calls == Array(repeating: call, count: failures + 1))
    let lines = try first.lines
    #expect(lines.allSatisfy { $0["ts"]?.string != nil && $0["level"]?.string != nil })
    #expect(lines.last?["msg"] == "stopped")
    #expect(lines.count { $0["level"] == "error" } == failures)
    // While nobody looked.
    try folder.swap(to: "c-\(Self.secret)")
    let second = try Running(arguments)
    try await second.until(logged: "reloaded")
    #expect(await second.end() == 0)
    #expect(agent.calls.count == failures + 2)
    #expect(agent.calls.last == "POST /-/reload c-\(Self.secret)")
    await server.stop(grace: .zero)
  }

  /// The agent starts after it.
  @Test func itGoesOnWhileNobodyListens() async throws {
    let (folder, port) = (try MountedFolder("a"), RefusedPort())
    let running = try Running([
      "--watch", folder.path, "--url", "http://127.0.0.1:\(port.number)/r", "--interval", "10ms",
      "--log-format", "json",
    ])
    try await running.until(logged: "watching")
    try folder.swap(to: "b")
    try await running.until("a second try") {
      try running.lines.contains { $0["attempt"]?.string == "2" }
    }
    #expect(await running.end() == 0)
  }

  @Test(
    arguments: [
      (["--url", "http://127.0.0.1:1/r"], 2, "--watch"),
      (["--watch", "/tmp"], 2, "--url"),
      (["--watch", "/tmp", "--url", "127.0.0.1:1/r"], 2, "--url must be http://"),
      (["--watch", "/tmp", "--url", "http://127.0.0.1:1/r", "--interval", "0s"], 2, "--interval"),
      (["--watch", "/no/where", "--url", "http://127.0.0.1:1/r"], 1, "/no/where is no folder"),
      (
        [
          "--watch", "/tmp", "--url", "http://127.0.0.1:1/r", "--record", "/no/where/versions.json",
        ],
        1, "cannot write /no/where/versions.json"
      ),
    ] as [([String], Int32, String)])
  func whatCannotWorkIsSaid(_ arguments: [String], _ status: Int32, _ message: String) async throws
  {
    let run = try await CommandLineRun.run(list: ["reload"] + arguments)
    #expect(run.status == status)
    #expect(run.errors.contains(message), "\(run.errors)")
  }

  @Test func helpHasAnExample() async throws {
    let run = try await CommandLineRun.run("reload", "--help")
    #expect(run.status == 0)
    #expect(run.output.contains("agent-operator reload --watch /etc/agent/secrets/llm --url"))
    #expect(run.output.contains("EXIT CODES:"))
  }

  /// What the operator renders is what this program understands.
  @Test func whatIsRenderedIsUnderstood() throws {
    let json: JSONValue = [
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment",
      "metadata": ["name": "support", "namespace": "agents"],
      "spec": [
        "image": "registry/support:v1", "port": 9000,
        "health": ["reloadPath": "/-/reload?secrets=all"],
        "secrets": [
          ["name": "llm", "secretRef": ["name": "a"], "onChange": "Reload"],
          ["name": "crm", "secretRef": ["name": "b"], "onChange": "Reload"],
        ],
      ],
    ]
    let rendering = try AgentDeployment.decode(json).get().render(RenderingContext(now: 0))
    let pod = rendering.template?["spec"]
    let container = try #require(pod?["initContainers"]?[0])
    let arguments = try #require(container["args"]?.array).compactMap(\.string)
    let command = try #require(
      try AgentOperatorCommand.parseAsRoot(arguments) as? ReloadCommand)
    #expect(command.watch == ["/etc/agent/secrets/llm", "/etc/agent/secrets/crm"])
    #expect(command.url == "http://127.0.0.1:9000/-/reload?secrets=all")
    #expect(command.logFormat == .json)
    #expect(command.interval.duration == .seconds(2))
    let mounts = container["volumeMounts"]?.array ?? []
    for folder in command.watch {
      #expect(mounts.contains { $0["mountPath"]?.string == folder && $0["readOnly"] == true })
    }
    // On a volume that can be written.
    let folder = try #require(command.record).split(separator: "/").dropLast().joined(
      separator: "/")
    let mount = mounts.first { $0["mountPath"]?.string == "/" + folder }
    #expect(mount?["readOnly"] == nil)
    let volume = pod?["volumes"]?.array?.first { $0["name"] == mount?["name"] }
    #expect(volume?["emptyDir"] != nil)
  }

  /// The image of this very version, as manifests/install.yaml runs it.
  @Test func theImageIsTheOperatorsOwn() throws {
    let url = CommandLineRun.checkout.appending(path: "manifests/install.yaml")
    let documents = try YAML.parse(Array(Data(contentsOf: url)), file: "install.yaml").get()
    let operators = documents.map(\.value).first { $0["kind"] == "Deployment" }
    let image = operators?["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"]?.string
    #expect(image == AgentClass.defaultReloadImage)
    #expect(AgentClass.defaultReloadImage.hasSuffix(":v\(Version.current)"))
  }
}
