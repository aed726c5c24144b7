import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The names and labels that the objects of one agent share.
struct ObjectNames: Sendable {
  let agent: String
  let namespace: String
  let revision: String
  private let services: String
  let version: String?

  /// Set on everything the operator makes: its informers select by it.
  static let managedByLabel = "app.kubernetes.io/managed-by"
  static let managedByValue = "agent-operator"
  /// The one label that selectors use. Made from the agent's name alone, because a Deployment's
  /// selector can never change (correctness rule 32), and in our own domain, because a label such as
  /// app.kubernetes.io/instance is also set by others.
  static let agentLabel = "agentdeploy.dev/agent"

  init(_ agent: AgentDeployment, revision: String, _ context: RenderingContext) {
    self.agent = agent.name
    namespace = agent.namespace
    self.revision = revision
    services = "\(agent.namespace).svc.\(context.clusterDomain)"
    version = Self.version(ofImage: agent.spec.image)
  }

  /// The Service's name as the mesh and other namespaces know it.
  var serviceHost: String { serviceHost(of: agent) }
  /// Of another agent of the namespace.
  func serviceHost(of agent: String) -> String { "\(agent).\(services)" }

  var selector: JSONValue { [Self.agentLabel: .string(agent)] }

  /// Of every object. The version is not among them, or a new image would rewrite all of them.
  var labels: JSONValue {
    [
      "app.kubernetes.io/name": .string(agent),
      "app.kubernetes.io/instance": .string(agent),
      "app.kubernetes.io/component": "agent",
      Self.managedByLabel: .string(Self.managedByValue),
      Self.agentLabel: .string(agent),
    ]
  }

  /// Of what runs this version.
  var versionedLabels: JSONValue {
    var labels = labels
    if let version { labels["app.kubernetes.io/version"] = .string(version) }
    return labels
  }

  var podLabels: JSONValue {
    var labels = versionedLabels
    labels[Revision.label] = .string(revision)
    // Istio's standard metrics carry these, so they split by revision without help from the agent.
    labels["service.istio.io/canonical-name"] = .string(agent)
    labels["service.istio.io/canonical-revision"] = .string(revision)
    return labels
  }

  /// The policy that asks for a token.
  var tokenPolicy: String { agent + "-jwt" }

  /// Of everything that the managed store is made of.
  var state: String { Self.state(agent: agent) }
  static func state(agent: String) -> String { StateStore.Managed.objectName(agent: agent) }
  var stateHost: String {
    state + serviceHost.dropFirst(agent.count)
  }
  /// In place of the agent's: the agent's Service and policies must not select the store's pod.
  static let stateLabel = "agentdeploy.dev/state"
  var stateSelector: JSONValue { [Self.stateLabel: .string(agent)] }
  /// Of the store's objects. They belong to the agent, whose label tells so.
  var stateLabels: JSONValue {
    var labels = labels
    labels["app.kubernetes.io/name"] = .string(state)
    labels["app.kubernetes.io/component"] = "state"
    return labels
  }
  var statePodLabels: JSONValue {
    var labels = stateLabels
    labels[Self.agentLabel] = nil
    labels[Self.stateLabel] = .string(agent)
    return labels
  }

  var configMap: String { Self.configMap(agent: agent, revision) }
  static func configMap(agent: String, _ revision: String) -> String {
    "\(agent)-\(revision)-config"
  }
  /// What an agent reads as files only.
  var files: String { "\(agent)-files-\(revision)" }
  /// Beside the revisions' own, which end in a hash and a name.
  var dashboard: String { "\(agent)-dashboard" }
  func configCopy(_ source: ConfigSource) -> String { "\(agent)-\(revision)-\(source.name)" }
  /// The Secret that holds the credential.
  func secret(_ secret: SecretSource) -> String { secret.secretName(agent: agent) }

  /// Of the route to the models, and of what holds for all of it.
  var models: String { Self.models(agent: agent) }
  static func models(agent: String) -> String { "\(agent)-models" }
  /// Of what makes one model reachable.
  func model(_ model: ModelReference) -> String { "\(agent)-model-\(model.name)" }
  /// Within the route; one name is the gateway's own.
  func modelRule(_ model: ModelReference) -> String { "model-\(model.name)" }

  /// Of the metric at a place in `spec.scaling.metrics`.
  func triggerAuthentication(_ index: Int) -> String { "\(agent)-trigger-\(index)" }

  func serviceAccount(_ spec: AgentDeploymentSpec) -> String {
    switch spec.security.serviceAccount {
    case .managed: agent
    case .existing(let name): name
    }
  }

  /// The image's tag, or the first twelve characters of its digest, where that is a valid label value.
  static func version(ofImage image: String) -> String? {
    let version: Substring
    if let at = image.lastIndex(of: "@") {
      let digest = image[image.index(after: at)...]
      guard let colon = digest.firstIndex(of: ":") else { return nil }
      version = digest[digest.index(after: colon)...].prefix(12)
    } else {
      let lastSlash = image.lastIndex(of: "/") ?? image.startIndex
      guard let colon = image[lastSlash...].lastIndex(of: ":") else { return nil }
      version = image[image.index(after: colon)...]
    }
    let label = String(version)
    return label.isEmpty || !NameFormat.labelValue.accepts(label) ? nil : label
  }
}
