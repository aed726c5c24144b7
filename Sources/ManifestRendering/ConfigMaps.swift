import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// The revision's configuration and its copies of the user's ConfigMaps. Immutable and named by
  /// revision: a running pod never sees another revision's values (correctness rule 33).
  func configMaps() -> [RenderedObject] {
    var objects = [configMap(names.configMap, data: JSONValue(configData), binaryData: nil)]
    for source in spec.configFrom where source.onChange == .rollout {
      guard let content = context.configMaps[source.configMapName] else { continue }
      objects.append(
        configMap(
          names.configCopy(source), data: .object(content.data),
          binaryData: content.binaryData.isEmpty ? nil : .object(content.binaryData)))
    }
    return objects
  }

  private func configMap(_ name: String, data: JSONValue, binaryData: JSONValue?) -> RenderedObject
  {
    var content: [(String, JSONValue)] = [("immutable", true), ("data", data)]
    if let binaryData { content.append(("binaryData", binaryData)) }
    var rendered = object(.configMaps, name: name, wave: .config, content)
    rendered.object["metadata"]?["labels"]?[Revision.label] = .string(names.revision)
    return rendered
  }

  /// The user's keys as they are, and what every agent is told under its variable's name.
  private var configData: [String: String] {
    spec.config.merging(EnvironmentBuilder(builder: self).standard) { user, _ in user }
      .merging(ModelFiles(agent, context).files) { $1 }
  }
}
