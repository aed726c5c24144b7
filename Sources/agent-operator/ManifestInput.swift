import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import YAML

/// Agents as they were read, with their classes, and ConfigMaps beside them whose content revisions
/// copy.
struct ManifestInput {
  private(set) var agents: [AgentDeployment] = []
  private(set) var errors: [YAMLError] = []
  private var configMaps: [ObjectKey: RenderingContext.ConfigMapContent] = [:]
  private var positions: [String: (document: YAMLDocument, prefix: [String])] = [:]
  /// Read, but not decoded: which class an agent is of is known when all have been read.
  private var pending: [(json: JSONValue, document: YAMLDocument, prefix: [String])] = []
  private var classObjects: [KubernetesObject] = []
  private var classes: [ObjectKey: AgentClass] = [:]
  private let defaultNamespace: String
  private let now: Int64

  init(defaultNamespace: String?, now: Int64) {
    self.defaultNamespace = defaultNamespace ?? "default"
    self.now = now
  }

  /// Of the AgentClasses that were read.
  var classNames: [String] { classObjects.map(\.name) }

  mutating func add(_ document: YAMLDocument) {
    for (json, prefix) in Self.objects(of: document) { add(json, document, prefix) }
  }

  /// From a file that has to hold nothing else.
  mutating func addClass(_ document: YAMLDocument) {
    for (json, prefix) in Self.objects(of: document) { addClass(json, document, prefix) }
  }

  private static func objects(of document: YAMLDocument) -> [(JSONValue, [String])] {
    let json = document.value
    if json["kind"] == "List", json["apiVersion"] == "v1", let items = json["items"]?.array {
      return items.enumerated().map { ($1, ["items", String($0)]) }
    }
    return [(json, [])]
  }

  private mutating func add(_ json: JSONValue, _ document: YAMLDocument, _ prefix: [String]) {
    if json["kind"] == .string(AgentClass.kind) { return addClass(json, document, prefix) }
    var json = json
    // The document itself, as kubectl would apply it; in a List each object says where it belongs.
    if prefix.isEmpty, json.object != nil, json["metadata"]?["namespace"] == nil {
      json["metadata"]?["namespace"] = .string(defaultNamespace)
    }
    if json["kind"] == "ConfigMap", json["apiVersion"] == "v1" {
      let object = KubernetesObject(json)
      configMaps[object.key] = .init(
        data: object["data"]?.object ?? [:], binaryData: object["binaryData"]?.object ?? [:])
      return
    }
    pending.append((json, document, prefix))
  }

  private mutating func addClass(_ json: JSONValue, _ document: YAMLDocument, _ prefix: [String]) {
    switch AgentClass.decode(json) {
    case .success(let agentClass):
      guard isFirst("AgentClass \(agentClass.name)", document, prefix) else { return }
      if let object = agentClass.object { classObjects.append(object) }
    case .failure(let failure):
      add(failure.errors, document, prefix)
    }
  }

  /// Call it once, after everything was added.
  mutating func resolveAgents() {
    let catalog = AgentClassCatalog(classObjects)
    for (json, document, prefix) in pending {
      let name = AgentDeployment.className(in: json)
      switch catalog.agentClass(named: name) {
      case .success(let agentClass):
        decode(json, agentClass, document, prefix)
      case .failure(var failure):
        if classObjects.isEmpty {
          for i in failure.errors.indices { failure.errors[i].fix = "name its file: --class FILE" }
        }
        add(failure.errors, document, prefix)
      }
    }
    pending = []
  }

  private mutating func decode(
    _ json: JSONValue, _ agentClass: AgentClass, _ document: YAMLDocument, _ prefix: [String]
  ) {
    switch AgentDeployment.decode(json, agentClass: agentClass) {
    case .success(let agent):
      guard isFirst(Self.title(of: agent.object.key), document, prefix) else { return }
      agents.append(agent)
      classes[agent.object.key] = agentClass
      add(agent.validate(now: now), document, prefix)
    case .failure(let failure):
      add(failure.errors, document, prefix)
    }
  }

  /// One AgentDeployment by itself, of its class.
  func interpret(_ json: JSONValue) -> Result<AgentDeployment, FieldErrors> {
    let catalog = AgentClassCatalog(classObjects)
    switch catalog.agentClass(named: AgentDeployment.className(in: json)) {
    case .success(let agentClass): return AgentDeployment.decode(json, agentClass: agentClass)
    case .failure(let failure): return .failure(failure)
    }
  }

  private mutating func isFirst(
    _ title: String, _ document: YAMLDocument, _ prefix: [String]
  ) -> Bool {
    if let first = positions[title]?.document {
      errors.append(
        document.error(
          at: JSONPointer(tokens: prefix + ["metadata", "name"]),
          message: "\(title) stands already at \(first.file):\(first.line)"))
      return false
    }
    positions[title] = (document, prefix)
    return true
  }

  private static func title(of agent: ObjectKey) -> String { "AgentDeployment \(agent)" }

  /// What somebody else, such as a class of the cluster, has against an agent that was read here.
  func located(_ found: FieldErrors, of agent: ObjectKey) -> [YAMLError] {
    guard let (document, prefix) = positions[Self.title(of: agent)] else { return [] }
    return found.errors.map { Self.located($0, document, prefix) }
  }

  private mutating func add(
    _ found: [FieldError], _ document: YAMLDocument, _ prefix: [String]
  ) {
    errors += found.map { Self.located($0, document, prefix) }
  }

  private static func located(
    _ error: FieldError, _ document: YAMLDocument, _ prefix: [String]
  ) -> YAMLError {
    document.error(
      at: JSONPointer(tokens: prefix + error.path.components.map(token)),
      atKey: error.reason == .unknownField || error.reason == .unsupportedByClass,
      path: error.path.isRoot ? nil : error.path.description, message: error.message,
      hint: error.fix)
  }

  private static func token(_ component: FieldPath.Component) -> String {
    switch component {
    case .key(let key): key
    case .index(let index): String(index)
    }
  }

  /// What the agents' classes give their namespaces.
  var governance: [KubernetesObject] {
    NamespaceGovernance.objects(
      for: agents.map { ($0, classes[$0.object.key] ?? .builtIn) })
  }

  /// What rendering is told about the surroundings of one agent.
  func context(for agent: AgentDeployment, now: Int64) -> RenderingContext {
    var context = RenderingContext(
      now: now, agentClass: classes[agent.object.key] ?? .builtIn)
    for source in agent.spec.configFrom {
      let key = ObjectKey(namespace: agent.namespace, name: source.configMapName)
      if let content = configMaps[key] { context.configMaps[source.configMapName] = content }
    }
    return context
  }
}
