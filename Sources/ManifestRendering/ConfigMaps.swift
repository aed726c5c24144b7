import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// The revision's configuration, the files that are no variables, and its copies of the user's
  /// ConfigMaps. Immutable and named by revision: a running pod never sees another revision's values
  /// (correctness rule 33).
  func configMaps() -> [RenderedObject] {
    let variables = EnvironmentBuilder(builder: self).configured
    var objects = [configMap(names.configMap, data: JSONValue(variables), binaryData: nil)]
    let files = ModelFiles(agent, context).files
    if !files.isEmpty {
      objects.append(configMap(names.files, data: JSONValue(files), binaryData: nil))
    }
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
}
