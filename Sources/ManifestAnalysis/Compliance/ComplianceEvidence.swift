public import AgentDeploymentAPI
import JSON
public import KubernetesAPI

/// What is known of one agent: its spec, and its objects as they are rendered or as a cluster has them.
public struct ComplianceEvidence: Sendable {
  public var agent: AgentDeployment
  public var objects: [KubernetesObject]
  /// The objects are those of a cluster. ConfigMaps and Secrets come without their contents then.
  public var isLive: Bool
  /// `Kind name` of rendered objects that the cluster does not have.
  public var absent: Set<String>

  public init(
    agent: AgentDeployment, objects: [KubernetesObject], isLive: Bool = false,
    absent: Set<String> = []
  ) {
    self.agent = agent
    self.objects = objects
    self.isLive = isLive
    self.absent = absent
  }

  var spec: AgentDeploymentSpec { agent.spec }

  func objects(_ kind: String) -> [KubernetesObject] { objects.filter { $0.kind == kind } }

  func object(_ kind: String, where matches: (JSONValue) -> Bool = { _ in true })
    -> KubernetesObject?
  {
    objects.first { $0.kind == kind && matches($0.json) }
  }

  var podSpec: JSONValue? { object("Deployment")?["spec"]?["template"]?["spec"] }

  /// The agent's own container.
  var container: JSONValue? {
    podSpec?["containers"]?.array?.first { $0["name"] == "agent" }
  }

  /// That an object of this kind should be there and is not.
  func absence(_ kind: String) -> String? {
    absent.filter { $0.hasPrefix("\(kind) ") }.sorted().first.map { "\($0) is not in the cluster" }
  }
}

/// What the evidence says of one control.
public struct ComplianceAnswer: Sendable, Hashable {
  public enum State: String, Sendable, CaseIterable {
    /// The object enforces it, as far as the platform's part (mesh, network plugin) does its work.
    case enforced = "Enforced"
    /// The object helps, and does not enforce it.
    case advisory = "Advisory"
    /// It could be enforced here and is not.
    case missing = "Missing"
    /// Of the cluster, the application or the organisation.
    case notOurs = "NotOurs"
  }

  public var state: State
  /// `PeerAuthentication support`; nil when there is none.
  public var object: String?
  public var detail: String

  static func enforced(_ object: KubernetesObject?, _ detail: String) -> ComplianceAnswer {
    ComplianceAnswer(state: .enforced, object: name(object), detail: detail)
  }

  static func advisory(_ object: KubernetesObject?, _ detail: String) -> ComplianceAnswer {
    ComplianceAnswer(state: .advisory, object: name(object), detail: detail)
  }

  static func missing(_ object: KubernetesObject?, _ detail: String) -> ComplianceAnswer {
    ComplianceAnswer(state: .missing, object: name(object), detail: detail)
  }

  static func notOurs(_ detail: String) -> ComplianceAnswer {
    ComplianceAnswer(state: .notOurs, object: nil, detail: detail)
  }

  private static func name(_ object: KubernetesObject?) -> String? {
    object.map { "\($0.kind) \($0.name)" }
  }
}
