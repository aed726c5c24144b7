import AgentDeploymentAPI
import Foundation
import JSON
import KubernetesAPI
import ManifestRendering
import Testing
import YAML

/// The files that users see, and a short way to make an agent for one test.
enum Samples {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let names = ["minimal", "mcp-agent", "fleet", "traffic", "confined", "assistant"]

  static func agents(_ name: String, _ agentClass: AgentClass = .builtIn) throws
    -> [AgentDeployment]
  {
    let url = root.appending(path: "manifests/samples/\(name).yaml")
    let documents = try YAML.parse(Array(Data(contentsOf: url)), file: url.lastPathComponent).get()
    return try documents.map { try AgentDeployment.decode($0.value, agentClass: agentClass).get() }
  }

  static func agent(
    _ spec: JSONValue = [:], uid: String? = nil, agentClass: AgentClass = .builtIn
  ) throws -> AgentDeployment {
    var json: JSONValue = [
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment",
      "metadata": ["name": "support", "namespace": "agents"], "spec": spec,
    ]
    if json["spec"]?["image"] == nil { json["spec"]?["image"] = "registry/support:v1" }
    if let uid { json["metadata"]?["uid"] = .string(uid) }
    return try decode(json, agentClass)
  }

  static func decode(_ json: JSONValue, _ agentClass: AgentClass = .builtIn) throws
    -> AgentDeployment
  {
    try AgentDeployment.decode(json, agentClass: agentClass).get()
  }

  /// 2026-11-21T00:00:00Z
  static let now: Int64 = 1_795_219_200
  static let context = RenderingContext(now: now)

  static func render(_ spec: JSONValue = [:], _ context: RenderingContext = context) throws
    -> Rendering
  {
    try agent(spec, agentClass: context.agentClass).render(context)
  }
}

extension Rendering {
  subscript(kind: String, name: String? = nil) -> KubernetesObject? {
    objects.first { $0.object.kind == kind && (name == nil || $0.object.name == name) }?.object
  }

  var podSpec: JSONValue? { self["Deployment"]?["spec"]?["template"]?["spec"] }
  var container: JSONValue? { podSpec?["containers"]?[0] }

  private func configMap(_ name: JSONValue?) -> JSONObject {
    self["ConfigMap", name?.string ?? ""]?["data"]?.object ?? [:]
  }

  /// What the kubelet tells the agent, of values that stand in the rendering: `env` wins over
  /// `envFrom`, and of each the last.
  var variables: [String: String] {
    var variables: [String: String] = [:]
    for source in container?["envFrom"]?.array ?? [] {
      for (key, value) in configMap(source["configMapRef"]?["name"]) {
        variables[key] = value.string
      }
    }
    for variable in container?["env"]?.array ?? [] {
      guard let name = variable["name"]?.string else { continue }
      let reference = variable["valueFrom"]?["configMapKeyRef"]
      variables[name] =
        variable["value"]?.string
        ?? configMap(reference?["name"])[reference?["key"]?.string ?? ""]?.string ?? ""
    }
    return variables
  }

  /// Of the volume with the configuration, by their names.
  var configFiles: [String: String] {
    let volume = podSpec?["volumes"]?.array?.first { $0["name"] == "config" }
    let sources = volume?["projected"]?["sources"]?.array ?? [volume ?? [:]]
    var files: [String: String] = [:]
    for source in sources.compactMap({ $0["configMap"] }) {
      let data = configMap(source["name"])
      if let items = source["items"]?.array {
        for item in items {
          guard let key = item["key"]?.string, let path = item["path"]?.string else { continue }
          files[path] = data[key]?.string
        }
      } else {
        for (key, value) in data { files[key] = value.string }
      }
    }
    return files
  }
}
