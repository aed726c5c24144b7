import Foundation
import Testing

/// Whatever comes in: an error that helps, exit code 1, and nothing printed as if it were good.
@Suite struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    /// All of them stand in the message.
    var says: [String]
    var testDescription: String { name }
  }

  private static func agent(_ spec: String, name: String = "support") -> String {
    """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata:
      name: \(name)
    spec:
      image: registry/support:v1
    \(spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }.joined(separator: "\n"))
    """
  }

  static let cases: [Case] = [
    Case(name: "empty file", text: "", says: ["no AgentDeployment"]),
    Case(name: "only comments", text: "# nothing\n---\n", says: ["no AgentDeployment"]),
    Case(
      name: "wrong kind", text: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
      says: ["Deployment", "AgentDeployment"]),
    Case(
      name: "wrong version",
      text: agent("").replacing("v1alpha1", with: "v9"), says: [":1:", "agentdeploy.dev/v9"]),
    Case(
      name: "unknown field", text: agent("scalling: {}"),
      says: [":7:3", "spec.scalling", "scaling"]),
    Case(
      name: "unknown nested field", text: agent("traffic:\n  timout: 5s"),
      says: [":8:5", "spec.traffic.timout", "timeout"]),
    Case(name: "wrong type", text: agent("port: eighty"), says: [":7:9", "spec.port", "integer"]),
    Case(name: "out of bounds", text: agent("port: 70000"), says: ["spec.port", "65535"]),
    Case(
      name: "contradiction", text: agent("scaling: {minReplicas: 5, maxReplicas: 2}"),
      says: ["minReplicas", "maxReplicas"]),
    Case(
      name: "not an enum value", text: agent("protocol: SOAP"), says: ["spec.protocol", "MCP"]),
    Case(
      name: "section of a later version", text: agent("playbooks: []"),
      says: ["spec.playbooks", "not supported"]),
    Case(name: "bad name", text: agent("", name: "Support_1"), says: ["metadata.name"]),
    Case(
      name: "missing image",
      text: agent("").replacing("  image: registry/support:v1", with: "  port: 80"),
      says: ["spec.image", "required"]),
    Case(name: "duplicate key", text: agent("port: 80\nport: 81"), says: ["port", ":8:"]),
    Case(name: "broken YAML", text: agent("port: [1, 2"), says: ["error:"]),
    Case(name: "tabs", text: agent("\tport: 80"), says: [":7:"]),
    Case(name: "a list", text: "- a\n- b\n", says: ["error:"]),
    Case(name: "a scalar", text: "hello\n", says: ["error:"]),
    Case(
      name: "twice the same agent", text: agent("") + "\n---\n" + agent(""),
      says: ["support", "already"]),
    Case(
      name: "two faults at once", text: agent("port: x\nprotocol: SOAP"),
      says: ["spec.port", "spec.protocol"]),
    Case(
      name: "ambiguous YAML 1.1", text: agent("config:\n  a: yes"), says: [":8:", "quote"]),
  ]

  @Test(arguments: cases) func isRefused(_ input: Case) async throws {
    for command in ["render", "validate"] {
      let file = try TemporaryFile(input.text)
      let run = try await CommandLineRun.run(command, "-f", file.url.path)
      #expect(run.status == 1, "\(command)")
      #expect(run.output.isEmpty, "\(command)")
      for words in input.says {
        #expect(run.errors.contains(words), "\(command): \(run.errors)")
      }
      #expect(run.errors.contains(file.url.lastPathComponent), "names the file")
    }
  }

  @Test func whatCannotBeRead() async throws {
    for path in ["/nowhere/agent.yaml", "/proc/self/mem"] {
      let run = try await CommandLineRun.run("render", "-f", path)
      #expect(run.status == 1 && run.output.isEmpty && run.errors.contains(path))
    }
  }

  @Test func garbage() async throws {
    var generator = SystemRandomNumberGenerator()
    let block = Data((0..<4096).map { _ in UInt8.random(in: 0...255, using: &generator) })
    let random = Data(repeatElement(block, count: 2500).joined())
    let letters = Data(repeating: UInt8(ascii: "a"), count: 10_000_000)
    let brackets = Data(repeating: UInt8(ascii: "["), count: 10_000_000)
    for data in [
      random, letters, brackets,
      Data("a: \u{FF}".unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }),
    ] {
      let file = try TemporaryFile(data)
      let run = try await CommandLineRun.run("render", "-f", file.url.path)
      #expect(run.status == 1 && run.output.isEmpty)
      #expect(run.errors.utf8.count < 100_000)
    }
  }

  @Test func usageErrorsAreTwo() async throws {
    let wrong: [[String]] = [
      ["render"], ["render", "-f"], ["nonsense"], ["render", "-f", "x", "-o", "xml"],
      ["run", "--concurrency", "0"], ["run", "-n", ""], ["run", "-n", "ok", "-n", "Not_ok"],
      ["run", "--metrics-bind-address", "nowhere"],
      ["demo", "--port", "99999"], ["validate", "--unknown"], ["help", "nonsense"],
      ["help", "lint", "nonsense"],
    ]
    for arguments in wrong {
      let process = try await CommandLineRun.run(list: arguments)
      #expect(process.status == 2, "\(arguments): \(process.errors)")
      #expect(process.output.isEmpty)
    }
  }

  @Test func helpIsThereForCommands() async throws {
    for name in ["run", "lint", "plan", "import", "reload", "completion", "version"] {
      let run = try await CommandLineRun.run("help", name)
      #expect(run.status == 0 && run.output.contains("USAGE: agent-operator \(name)"), "\(name)")
    }
    #expect(try await CommandLineRun.run("help").output.contains("SUBCOMMANDS:"))
  }

  @Test func noColourInPipes() async throws {
    let file = CommandLineRun.checkout.appending(path: "manifests/samples").path
    let run = try await CommandLineRun.run("validate", "-f", file, environment: ["TERM": "xterm"])
    #expect(run.status == 0)
    #expect(!run.output.contains("\u{1B}"))
  }

  @Test func anAbsentClusterIsExplained() async throws {
    let run = try await CommandLineRun.run("run", "--kubeconfig", "/nowhere/config")
    #expect(run.status == 1)
    #expect(run.errors.contains("/nowhere/config"))
  }
}
