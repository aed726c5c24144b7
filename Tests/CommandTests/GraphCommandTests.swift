import Foundation
import JSON
import Testing

/// `graph` and `reach`.
@Suite struct GraphCommandTests {
  private static let sample = CommandLineRun.checkout
    .appending(path: "manifests/samples/assistant.yaml").path

  private static let denied = """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: a}
    spec:
      image: registry.example.com/a:v1
      tools: [{name: b, agentRef: {name: b}}]
    ---
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: b}
    spec:
      image: registry.example.com/b:v1
      security: {allowedCallers: []}
    """

  @Test func drawsTheSample() async throws {
    let run = try await CommandLineRun.run("graph", "-f", Self.sample, "--check")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("flowchart LR\n"))
    #expect(run.output.contains("-->|\"find_slot, book_slot\"|"))
  }

  @Test func drawsAsSVGAndAsData() async throws {
    let svg = try await CommandLineRun.run("graph", "-f", Self.sample, "-o", "svg")
    #expect(svg.status == 0 && svg.output.hasPrefix("<svg ") && svg.output.hasSuffix("</svg>\n"))
    let run = try await CommandLineRun.run("graph", "-f", Self.sample, "-o", "json")
    let graph = try JSONValue(parsing: run.output)
    #expect(graph["nodes"]?.array?.count == 6 && graph["edges"]?.array?.count == 5)
  }

  @Test func aCallThatIsNotLetInFailsTheCheck() async throws {
    let input = Data(Self.denied.utf8)
    let run = try await CommandLineRun.run("graph", "-f", "-", "--check", input: input)
    #expect(run.status == 1 && run.output.contains("--x"))
    #expect(run.errors.hasPrefix("error: default/a calls default/b"))
    let silent = try await CommandLineRun.run("graph", "-f", "-", input: input)
    #expect(silent.status == 0)
  }

  @Test func tellsWhatAPodReaches() async throws {
    let run = try await CommandLineRun.run("reach", "assistant", "-f", Self.sample)
    #expect(run.status == 0, "\(run.errors)")
    for text in [
      "agents/calendar-mcp", "Anthropic claude-sonnet-4-5", "https://mcp.crm.example.com/mcp",
      "assistant-state", "key anthropic-api-key of secret llm", "the Internet, port 443",
    ] {
      #expect(run.output.contains(text), "\(text)")
    }
    #expect(!run.output.contains("everything  "))
    let json = try await CommandLineRun.run(
      "reach", "agents/calendar-mcp", "-f", Self.sample, "-o", "json")
    #expect(json.output == "[]\n")
  }

  @Test func anAgentThatIsNotThereIsNamed() async throws {
    let run = try await CommandLineRun.run("reach", "nobody", "-f", Self.sample)
    #expect(run.status == 1)
    #expect(run.errors.contains("agents/assistant, agents/calendar-mcp"))
  }

  @Test(arguments: ["graph", "reach"]) func nothingToReadIsWrong(_ command: String) async throws {
    let arguments = command == "reach" ? ["reach", "a"] : ["graph"]
    let run = try await CommandLineRun.run(list: arguments)
    #expect(run.status == 2 || run.status == 1)
    #expect(run.errors.contains("-f"))
  }
}
