import AgentDeploymentAPI
import Glibc
import KubernetesAPI
import ManifestRendering
import YAML

extension ManifestInput {
  /// What all agents become.
  func rendered(now: Int64) -> [KubernetesObject] {
    agents.flatMap { $0.render(context(for: $0, now: now)).objects.map(\.object) }
  }

  /// In the order of the input.
  var byNamespace: [(namespace: String, agents: [AgentDeployment])] {
    var groups: [(namespace: String, agents: [AgentDeployment])] = []
    for agent in agents {
      if let index = groups.firstIndex(where: { $0.namespace == agent.namespace }) {
        groups[index].agents.append(agent)
      } else {
        groups.append((agent.namespace, [agent]))
      }
    }
    return groups
  }
}

extension InputOptions {
  /// The same files and folders, as a git revision has them: a file that it lacks is left out, one
  /// that only it has counts. So do the classes of `--class`, unless the revision has no such file.
  func load(at revision: String, now: Int64) throws -> ManifestInput {
    guard !files.contains("-") else {
      throw CommandFailure("error: standard input has no git revisions: name files", exitCode: 2)
    }
    let old = try files.reduce(into: YAMLParseResult()) { result, path in
      result.add(try documents(of: path, at: revision, recursive))
    }
    var classes: YAMLParseResult?
    if let classFile, try GitFile.isKnown(revision, at: classFile) {
      let old = try documents(of: classFile, at: revision, false)
      if !old.documents.isEmpty || !old.errors.isEmpty { classes = old }
    }
    let input = try surroundings(of: old.documents, classes: classes, now: now)
    guard old.errors.isEmpty, input.errors.isEmpty else {
      throw CommandFailure((old.errors + input.errors).map { "error: \($0)" }, exitCode: 2)
    }
    return input
  }

  private func documents(
    of path: String, at revision: String, _ recursive: Bool
  ) throws -> YAMLParseResult {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      let text = try GitFile.read(path, at: revision)
      return text.map { YAML.parse($0, file: "\(revision):\(path)") } ?? YAMLParseResult()
    }
    let prefix = path.hasSuffix("/") ? path : path + "/"
    let names = try GitFile.list(path, at: revision).filter { isManifest($0, recursive) }
    return try names.reduce(into: YAMLParseResult()) { result, name in
      guard let text = try GitFile.read(name, in: path, at: revision) else { return }
      result.add(YAML.parse(text, file: "\(revision):\(prefix)\(name)"))
    }
  }

  /// As folders are read from the disk.
  private func isManifest(_ name: String, _ recursive: Bool) -> Bool {
    let steps = name.split(separator: "/")
    return (recursive || steps.count == 1) && !steps.contains { $0.hasPrefix(".") }
      && [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
  }
}

extension YAMLParseResult {
  fileprivate mutating func add(_ other: YAMLParseResult) {
    documents += other.documents
    errors += other.errors
  }
}
