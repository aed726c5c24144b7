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

  /// Runs git in a folder, quietly.
  private static func git(_ arguments: String..., in folder: URL) throws {
    let git = Process()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments =
      ["git", "-C", folder.path, "-c", "user.name=t", "-c", "user.email=t@example.com"] + arguments
    try git.run()
    git.waitUntilExit()
    try #require(git.terminationStatus == 0)
  }

  /// A folder is what the revision has in it, not what it holds now; so is a class.
  @Test func foldersAndClassesAreThoseOfTheRevision() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "agent-operator-git-\(UUID().uuidString)")
    let agents = folder.appending(path: "agents")
    try FileManager.default.createDirectory(
      at: agents.appending(path: "deep"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ text: String, _ path: String) throws {
      try text.write(to: folder.appending(path: path), atomically: true, encoding: .utf8)
    }
    func diff(_ arguments: String...) async throws -> CommandLineRun {
      try await CommandLineRun.run(
        list: ["diff", "-f", agents.path, "--against", "git:HEAD"] + arguments)
    }
    func agent(_ name: String) -> String {
      Self.agent().replacing("name: support", with: "name: \(name)")
    }
    func agentClass(_ level: String) -> String {
      """
      apiVersion: agentdeploy.dev/v1alpha1
      kind: AgentClass
      metadata: {name: c, annotations: {agentdeploy.dev/is-default-class: "true"}}
      spec: {defaults: {scaling: {maxReplicas: \(level)}}}
      """
    }
    for name in ["a", "b", "deep/c"] {
      try write(agent(String(name.suffix(1))), "agents/\(name).yaml")
    }
    try write("no: manifest", "agents/.hidden.yaml")
    try write("no manifest: [", "agents/notes.txt")
    try write(agentClass("5"), "class.yaml")
    try Self.git("init", "-q", in: folder)
    try Self.git("add", ".", in: folder)
    try Self.git("commit", "-q", "-m", "a", in: folder)
    let same = try await diff()
    #expect(same.status == 0 && same.output.isEmpty, "\(same.errors)\(same.output)")

    try Self.git("mv", "agents/a.yaml", "agents/renamed.yaml", in: folder)
    let renamed = try await diff()
    #expect(renamed.status == 0 && renamed.output.isEmpty, "\(renamed.errors)\(renamed.output)")

    try Self.git("rm", "-q", "agents/b.yaml", in: folder)
    let deleted = try await diff()
    #expect(deleted.status == 1, "\(deleted.errors)")
    #expect(deleted.output.contains("--- HEAD Deployment agents/b\n"), "\(deleted.output)")
    #expect(!deleted.output.contains("+++ now Deployment agents/a"))
    #expect(!deleted.output.contains("Deployment agents/c"))

    try Self.git("rm", "-q", "agents/deep/c.yaml", in: folder)
    #expect(try await diff("-R").output.contains("--- HEAD Deployment agents/c\n"))

    try Self.git("reset", "-q", "--hard", in: folder)
    let path = folder.appending(path: "class.yaml").path
    let sameClass = try await diff("--class", path)
    #expect(sameClass.status == 0, "\(sameClass.errors)\(sameClass.output)")
    try write(agentClass("6"), "class.yaml")
    let changed = try await diff("--class", path)
    #expect(changed.status == 1, "\(changed.errors)")
    #expect(changed.output.contains("-  maxReplicas: 5\n+  maxReplicas: 6\n"), "\(changed.output)")
    // A class that was never in the repository is the same on both sides.
    let elsewhere = try TemporaryFile(agentClass("7"))
    #expect(try await diff("--class", elsewhere.url.path).status == 0)
  }

  @Test func linksAreFollowedInTheRevision() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "agent-operator-git-\(UUID().uuidString)")
    let agents = folder.appending(path: "agents")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "shared"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(at: agents, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ text: String) throws {
      try text.write(
        to: folder.appending(path: "shared/a.yaml"), atomically: true, encoding: .utf8)
    }
    try write(Self.agent())
    for (link, target) in [
      ("shared/b.yaml", "a.yaml"), ("agents/a.yaml", "../shared/b.yaml"),
    ] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: link).path, withDestinationPath: target)
    }
    try Self.git("init", "-q", in: folder)
    try Self.git("add", ".", in: folder)
    try Self.git("commit", "-q", "-m", "a", in: folder)
    for path in [agents.path, agents.appending(path: "a.yaml").path] {
      try write(Self.agent())
      let same = try await CommandLineRun.run("diff", "-f", path, "--against", "git:HEAD")
      #expect(same.status == 0 && same.output.isEmpty, "\(same.errors)\(same.output)")
      try write(Self.agent(timeout: "90s"))
      let changed = try await CommandLineRun.run("diff", "-f", path, "--against", "git:HEAD")
      #expect(changed.status == 1, "\(changed.errors)")
      #expect(changed.output.contains("-    timeout: 60s\n+    timeout: 90s"))
    }
    // What is elsewhere has no revisions.
    try FileManager.default.createSymbolicLink(
      atPath: agents.appending(path: "out.yaml").path, withDestinationPath: "/nowhere.yaml")
    try Self.git("add", ".", in: folder)
    try Self.git("commit", "-q", "-m", "b", in: folder)
    try Self.git("rm", "-q", "agents/out.yaml", in: folder)
    let out = try await CommandLineRun.run("diff", "-f", agents.path, "--against", "git:HEAD")
    #expect(out.status == 2 && out.errors.contains("out.yaml"), "\(out.errors)")
  }

  @Test(arguments: [["help", "help"], ["help"], ["help", "diff"]])
  func helpIsACommandToo(_ arguments: [String]) async throws {
    let run = try await CommandLineRun.run(list: arguments)
    #expect(run.status == 0 && run.output.contains("USAGE"), "\(run.errors)")
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

  /// zsh asks its own function for them.
  @Test func filesAreCompleted() async throws {
    let script = try await CommandLineRun.run("completion", "zsh").output
    for option in ["filename", "class", "kubeconfig", "against", "record", "watch"] {
      let lines = script.split(separator: "\n").filter {
        $0.contains("--\(option)[") || $0.contains("--\(option)}'[")
      }
      #expect(!lines.isEmpty, "\(option)")
      #expect(lines.allSatisfy { $0.contains(":_files") }, "\(lines)")
    }
  }
}
