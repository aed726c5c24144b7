import Foundation
import Testing

@testable import agent_operator

@Suite struct DiffCommandTests {
  private static func agent(timeout: String = "60s") -> String {
    """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: support, namespace: agents}
    spec: {image: "registry/support:v1", traffic: {timeout: \(timeout)}}
    """
  }

  @Test func againstRenderedFiles() async throws {
    let file = try TemporaryFile(Self.agent())
    let rendered = try await CommandLineRun.run("render", "-f", file.url.path)
    let before = try TemporaryFile(rendered.output)
    let same = try await CommandLineRun.run(
      "diff", "-f", file.url.path, "--against", before.url.path)
    #expect(same.status == 0 && same.output.isEmpty, "\(same.errors)")
    let changed = try TemporaryFile(Self.agent(timeout: "90s"))
    let run = try await CommandLineRun.run(
      "diff", "-f", changed.url.path, "--against", before.url.path)
    #expect(run.status == 1)
    #expect(run.output.contains("-    timeout: 60s\n+    timeout: 90s"))
    #expect(run.output.contains("VirtualService agents/support"))
    #expect(!run.output.contains("\u{1B}"))
  }

  @Test func againstAGitRevision() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "agent-operator-git-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "agent.yaml")
    try Self.agent().write(to: file, atomically: true, encoding: .utf8)
    for arguments in [
      ["init", "-q"], ["add", "agent.yaml"],
      ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "a"],
    ] {
      let git = Process()
      git.executableURL = URL(filePath: "/usr/bin/env")
      git.arguments = ["git", "-C", folder.path] + arguments
      try git.run()
      git.waitUntilExit()
      try #require(git.terminationStatus == 0)
    }
    let same = try await CommandLineRun.run("diff", "-f", file.path, "--against", "git:HEAD")
    #expect(same.status == 0 && same.output.isEmpty, "\(same.errors)")
    try Self.agent(timeout: "90s").write(to: file, atomically: true, encoding: .utf8)
    let changed = try await CommandLineRun.run("diff", "-f", file.path, "--against", "git:HEAD")
    #expect(changed.status == 1 && changed.output.contains("+    timeout: 90s"))
    let unknown = try await CommandLineRun.run("diff", "-f", file.path, "--against", "git:nowhere")
    #expect(unknown.status == 2 && unknown.errors.contains("nowhere"))
  }

  @Test func failuresAreTwo() async throws {
    let file = try TemporaryFile(Self.agent())
    let bad = try TemporaryFile("a: [")
    let runs: [[String]] = [
      ["diff"], ["diff", "-f", bad.url.path, "--against", "/nowhere"],
      ["diff", "-f", file.url.path, "--against", "/nowhere"],
      ["diff", "-f", file.url.path, "--kubeconfig", "/nowhere/config"],
      ["plan", "-f", file.url.path, "--kubeconfig", "/nowhere/config"],
      ["drift", "--kubeconfig", "/nowhere/config"], ["get", "--kubeconfig", "/nowhere/config"],
      ["status", "a", "--kubeconfig", "/nowhere/config"], ["status"],
      ["explain", "-f", bad.url.path], ["completion", "tcsh"],
    ]
    for arguments in runs {
      let run = try await CommandLineRun.run(list: arguments)
      #expect(run.status == 2 && !run.errors.isEmpty && run.output.isEmpty, "\(arguments)")
    }
  }

  @Test func asAKubectlPluginItNamesItselfSo() {
    let usage = "Usage: agent-operator lint\n  agent-operator lint -f k8s/"
    #expect(
      CommandLineEntry.named(usage, program: "/usr/local/bin/kubectl-agents")
        == "Usage: kubectl agents lint\n  kubectl agents lint -f k8s/")
    #expect(CommandLineEntry.named(usage, program: "/usr/local/bin/agent-operator") == usage)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completion(_ shell: String) async throws {
    let run = try await CommandLineRun.run("completion", shell)
    #expect(run.status == 0 && run.output.contains("lint"))
  }
}
