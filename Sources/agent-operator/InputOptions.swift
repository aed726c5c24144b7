import AgentDeploymentAPI
import ArgumentParser
import JSON
import KubernetesAPI
import ManifestRendering
import YAML

/// `-f`, for the commands that read manifests.
struct InputOptions: ParsableArguments {
  @Option(
    name: [.customShort("f"), .customLong("filename")], parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files, folders (their .yaml, .yml and .json files) or - for standard input.",
      valueName: "file"))
  var files: [String] = []

  @Flag(name: [.customShort("R"), .long], help: "Folders inside folders too.")
  var recursive = false

  @Option(
    name: [.customShort("n"), .long],
    help: "The namespace of manifests that name none; default by default.")
  var namespace: String?

  func validate() throws {
    if files.isEmpty { throw ValidationError("name at least one file: -f agent.yaml, or -f -") }
    if let namespace, let problem = NameFormat.dns1123Label.problem(in: namespace) {
      throw ValidationError("--namespace '\(namespace)': \(problem)")
    }
  }

  /// All agents in the input, or everything that is wrong with it.
  ///
  /// - Parameter now: seconds since 1970, for what only a clock can tell.
  func load(now: Int64) throws -> ManifestInput {
    let result = YAML.loadDocuments(paths: files, recursive: recursive)
    var input = ManifestInput(defaultNamespace: namespace, now: now)
    for document in result.documents where !document.isFaulty { input.add(document) }
    let errors = result.errors + input.errors
    guard errors.isEmpty else {
      throw CommandFailure(
        errors.map { "error: \($0)" }
          + [Self.summary(errors.count)])
    }
    if input.agents.isEmpty {
      throw CommandFailure("error: \(files.joined(separator: ", ")): no AgentDeployment in it")
    }
    return input
  }

  private static func summary(_ count: Int) -> String {
    count == 1
      ? "1 problem found; nothing was printed" : "\(count) problems found; nothing was printed"
  }
}

/// Agents as they were read, and ConfigMaps beside them whose content revisions copy.
struct ManifestInput {
  private(set) var agents: [AgentDeployment] = []
  private(set) var errors: [YAMLError] = []
  private var configMaps: [ObjectKey: RenderingContext.ConfigMapContent] = [:]
  private var positions: [ObjectKey: String] = [:]
  private let defaultNamespace: String
  private let now: Int64

  init(defaultNamespace: String?, now: Int64) {
    self.defaultNamespace = defaultNamespace ?? "default"
    self.now = now
  }

  mutating func add(_ document: YAMLDocument) {
    var json = document.value
    if json["kind"] == "List", json["apiVersion"] == "v1", let items = json["items"]?.array {
      for (i, item) in items.enumerated() { add(item, document, ["items", String(i)]) }
      return
    }
    if json.object != nil, json["metadata"]?["namespace"] == nil {
      json["metadata"]?["namespace"] = .string(defaultNamespace)
    }
    add(json, document, [])
  }

  private mutating func add(_ json: JSONValue, _ document: YAMLDocument, _ prefix: [String]) {
    if json["kind"] == "ConfigMap", json["apiVersion"] == "v1" {
      let object = KubernetesObject(json)
      configMaps[object.key] = .init(
        data: object["data"]?.object ?? [:], binaryData: object["binaryData"]?.object ?? [:])
      return
    }
    switch AgentDeployment.decode(json) {
    case .success(let agent):
      let place = "\(document.file):\(document.line)"
      if let first = positions[agent.object.key] {
        errors.append(
          document.error(
            at: JSONPointer(tokens: prefix + ["metadata", "name"]),
            message: "AgentDeployment \(agent.object.key) stands already at \(first)"))
        return
      }
      positions[agent.object.key] = place
      agents.append(agent)
      add(agent.validate(now: now), document, prefix)
    case .failure(let failure):
      add(failure.errors, document, prefix)
    }
  }

  private mutating func add(
    _ found: [FieldError], _ document: YAMLDocument, _ prefix: [String]
  ) {
    errors += found.map { error in
      document.error(
        at: JSONPointer(tokens: prefix + error.path.components.map(Self.token)),
        atKey: error.reason == .unknownField || error.reason == .unsupportedByClass,
        path: error.path.isRoot ? nil : error.path.description, message: error.message,
        hint: error.fix)
    }
  }

  private static func token(_ component: FieldPath.Component) -> String {
    switch component {
    case .key(let key): key
    case .index(let index): String(index)
    }
  }

  /// What rendering is told about the surroundings of one agent.
  func context(for agent: AgentDeployment, now: Int64) -> RenderingContext {
    var context = RenderingContext(now: now)
    for source in agent.spec.configFrom {
      let key = ObjectKey(namespace: agent.namespace, name: source.configMapName)
      if let content = configMaps[key] { context.configMaps[source.configMapName] = content }
    }
    return context
  }
}
