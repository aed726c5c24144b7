public import ControllerRuntime
public import KubernetesAPI
public import KubernetesClient

extension AgentOperator {
  public struct Configuration: Sendable {
    /// Empty: all namespaces. Each one is there once.
    public let namespaces: [String]
    /// The AgentDeployments that are ours, asked for on the server. One that no longer matches is let
    /// go: its objects stay as they are, for the operator whose it is now.
    public var selector: LabelSelector
    /// AgentDeployments reconciled at the same time.
    public var concurrency: Int
    public var rendering: RenderingSettings
    /// This process, in events: the pod's name.
    public var instance: String
    /// Nil: it writes at once, and must be the only one.
    public var leaderElection: LeaderElection?
    /// Called once, when all caches are complete and before the first reconcile.
    public var onReady: @Sendable () -> Void

    public init(
      namespaces: [String] = [], selector: LabelSelector = LabelSelector(), concurrency: Int = 8,
      rendering: RenderingSettings = RenderingSettings(), instance: String = "agent-operator",
      leaderElection: LeaderElection? = nil, onReady: @escaping @Sendable () -> Void = {}
    ) {
      var known: Set<String> = []
      self.namespaces = namespaces.filter { known.insert($0).inserted }
      self.selector = selector
      self.concurrency = concurrency
      self.rendering = rendering
      self.instance = instance
      self.leaderElection = leaderElection
      self.onReady = onReady
    }
  }

  /// Which Lease decides who writes.
  public struct LeaderElection: Sendable {
    public var lease: ObjectKey
    /// Unique for each process, also over restarts.
    public var identity: String
    public var configuration: LeaderElectionStateMachine.Configuration
    /// With a connection of its own; nil: the operator's.
    public var client: KubernetesClient?

    public init(
      lease: ObjectKey, identity: String,
      configuration: LeaderElectionStateMachine.Configuration = .standard,
      client: KubernetesClient? = nil
    ) {
      self.lease = lease
      self.identity = identity
      self.configuration = configuration
      self.client = client
    }
  }
}
