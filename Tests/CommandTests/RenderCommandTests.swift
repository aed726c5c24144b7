import Foundation
import JSON
import Testing
import YAML

@Suite struct RenderCommandTests {
  private func golden(_ name: String) throws -> String {
    try String(
      contentsOf: CommandLineRun.checkout.appending(
        path: "Tests/ManifestRenderingTests/Golden/\(name).yaml"), encoding: .utf8)
  }

  private func sample(_ name: String) -> String {
    CommandLineRun.checkout.appending(path: "manifests/samples/\(name).yaml").path
  }

  @Test(arguments: ["minimal", "mcp-agent", "fleet"]) func printsTheGoldenFile(_ name: String)
    async throws
  {
    let run = try await CommandLineRun.run("render", "-f", sample(name))
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(try run.output == golden(name))
  }

  @Test func readsStandardInputAndFolders() async throws {
    let text = try Data(contentsOf: URL(filePath: sample("minimal")))
    let piped = try await CommandLineRun.run("render", "-f", "-", input: text)
    #expect(try piped.output == golden("minimal"))
    let folder = CommandLineRun.checkout.appending(path: "manifests/samples").path
    let all = try await CommandLineRun.run("render", "-f", folder)
    #expect(all.status == 0)
    let documents = try YAML.parse(Array(all.output.utf8), file: "output").get()
    #expect(documents.count > 60)
  }

  @Test func jsonIsAListOfTheSame() async throws {
    let run = try await CommandLineRun.run("render", "-f", sample("minimal"), "-o", "json")
    let list = try JSONValue(parsing: run.output)
    let documents = try YAML.parse(Array(golden("minimal").utf8), file: "golden").get()
    #expect(list["kind"] == "List")
    #expect(list["items"]?.array == documents.map(\.value))
  }

  @Test func configMapsInTheInputAreCopied() async throws {
    let file = try TemporaryFile(
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: prompts, namespace: agents}
      data: {system: be kind}
      ---
      apiVersion: agentdeploy.dev/v1alpha1
      kind: AgentDeployment
      metadata: {name: support, namespace: agents}
      spec:
        image: registry/support:v1
        configFrom:
        - {name: prompts, configMapRef: {name: prompts}, mountPath: /etc/agent/prompts}
      """)
    let run = try await CommandLineRun.run("render", "-f", file.url.path)
    #expect(run.status == 0)
    #expect(run.output.contains("system: be kind"))
  }

  @Test func crdIsTheFileInTheRepository() async throws {
    let run = try await CommandLineRun.run("crd")
    let files = try ["agentclasses", "agentdeployments"].map { name in
      let file = CommandLineRun.checkout.appending(path: "crds/\(name).yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
      // The file begins with a comment that says how it is made.
      return text.split(separator: "\n", omittingEmptySubsequences: false)
        .drop { $0.hasPrefix("#") }.joined(separator: "\n")
    }
    #expect(run.output == files.joined(separator: "---\n"))
  }
}
