import AgentDeploymentAPI
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
  /// The same files, as a git revision has them; one that it lacks is left out.
  func load(at revision: String, now: Int64) throws -> ManifestInput {
    guard !files.contains("-") else {
      throw CommandFailure("error: standard input has no git revisions: name files", exitCode: 2)
    }
    let present = YAML.loadDocuments(paths: files, recursive: recursive)
    var documents: [YAMLDocument] = []
    var errors: [YAMLError] = []
    var seen: Set<String> = []
    for file in present.documents.map(\.file) where seen.insert(file).inserted {
      guard let text = try GitFile.read(file, at: revision) else { continue }
      let parsed = YAML.parse(text, file: "\(revision):\(file)")
      documents += parsed.documents
      errors += parsed.errors
    }
    let input = try surroundings(of: documents, now: now)
    guard errors.isEmpty, input.errors.isEmpty else {
      throw CommandFailure((errors + input.errors).map { "error: \($0)" }, exitCode: 2)
    }
    return input
  }
}
