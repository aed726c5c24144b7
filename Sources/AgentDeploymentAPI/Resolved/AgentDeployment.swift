public import KubernetesAPI

/// One agent as its owner describes it: decoded, defaulted and valid.
///
/// Every optional section is present with its defaults resolved, so what is rendered from it needs
/// no second look at what the user left out. Made by `AgentDeployment.decode`.
public struct AgentDeployment: Sendable, Hashable {
  /// The object as it was read: what status, owner references and events refer to.
  public var object: KubernetesObject
  public var spec: AgentDeploymentSpec
  /// The fields that the class filled in, in the order of the API: `spec.resources.limits.memory`.
  public var classDefaults: [FieldPath]

  public init(
    object: KubernetesObject, spec: AgentDeploymentSpec, classDefaults: [FieldPath] = []
  ) {
    self.object = object
    self.spec = spec
    self.classDefaults = classDefaults
  }

  public var name: String { object.name }
  /// `default` when the manifest names none, as kubectl would apply it.
  public var namespace: String { object.namespace ?? "default" }
}

/// The desired state (`spec`).
public struct AgentDeploymentSpec: Sendable, Hashable {
  public enum AgentProtocol: String, Sendable, CaseIterable {
    case a2a = "A2A", mcp = "MCP", adk = "ADK", http = "HTTP"
  }

  /// Nil: the cluster's default class.
  public var className: String?
  public var `protocol`: AgentProtocol
  /// Nil for another protocol than MCP.
  public var mcpVersion: MCPVersion?
  public var image: String
  /// Names of Secrets of type kubernetes.io/dockerconfigjson.
  public var imagePullSecrets: [String]
  public var command: [String]
  public var args: [String]
  public var port: Int
  public var extraPorts: [ExtraPort]
  /// corev1.EnvVar objects, in the user's order.
  public var env: [EnvironmentVariable]
  /// Resource name to quantity, canonical form; defaults filled in.
  public var resources: Resources
  public var health: Health
  public var config: [String: String]
  public var configFrom: [ConfigSource]
  public var secrets: [SecretSource]
  public var state: StateStore
  /// In order: the first is the primary one.
  public var models: [ModelReference]
  /// What its requests to models go through; nil: it calls them itself.
  public var modelGateway: ModelGateway?
  public var tools: [ToolReference]
  public var scaling: Scaling
  public var traffic: Traffic
  public var rollout: Rollout
  public var availability: Availability
  public var security: Security
  public var observability: Observability
  public var slos: [ServiceLevelObjective]
  public var paused: Bool
  public var deletionPolicy: DeletionPolicy
  public var podTemplate: PodTemplate?
  public var overrides: [Override]
}
