import AgentOperator
public import ArgumentParser
import ControllerRuntime
public import KubernetesAPI
import KubernetesClient

/// Who writes when several operators run: `--leader-elect` and what belongs to it.
struct LeaderElectionOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Write only while holding a Lease. On by default in a pod, off by default elsewhere.")
  var leaderElect: Bool?

  @Option(
    help: ArgumentHelp(
      "The namespace of the Lease; the pod's own by default.", valueName: "namespace"))
  var leaderElectionNamespace: String?

  @Option(
    help: ArgumentHelp(
      """
      The name of the Lease; agent-operator by default, with a hash of --namespace and --selector \
      when they are given, because each shard has its own leader.
      """, valueName: "name"))
  var leaderElectionID: String?

  @Option(help: "How long others wait for a leader that is silent.")
  var leaderElectionLeaseDuration: DurationArgument = .init(seconds: 15)

  @Option(help: "How long a leader goes on without a renewal; then it exits.")
  var leaderElectionRenewDeadline: DurationArgument = .init(seconds: 10)

  @Option(help: "How long to wait between tries.")
  var leaderElectionRetryPeriod: DurationArgument = .init(seconds: 2)

  func validate() throws {
    guard timing != nil else {
      throw ValidationError(
        """
        --leader-election-lease-duration (\(leaderElectionLeaseDuration)) must be longer than \
        --leader-election-renew-deadline (\(leaderElectionRenewDeadline)), and that longer than 1.2 \
        times --leader-election-retry-period (\(leaderElectionRetryPeriod))
        """)
    }
    guard leaderElectionLeaseDuration.duration >= .seconds(1) else {
      throw ValidationError("--leader-election-lease-duration must be at least 1s")
    }
    if let name = leaderElectionID, let problem = NameFormat.dns1123Subdomain.problem(in: name) {
      throw ValidationError("--leader-election-id '\(name)': \(problem)")
    }
    if let name = leaderElectionNamespace, let problem = NameFormat.dns1123Label.problem(in: name) {
      throw ValidationError("--leader-election-namespace '\(name)': \(problem)")
    }
  }

  private var timing: LeaderElectionStateMachine.Configuration? {
    LeaderElectionStateMachine.Configuration(
      leaseDuration: leaderElectionLeaseDuration.duration,
      renewDeadline: leaderElectionRenewDeadline.duration,
      retryPeriod: leaderElectionRetryPeriod.duration)
  }

  /// - Parameters:
  ///   - shard: what makes this operator's part of the cluster; empty when it is all of it.
  ///   - client: a new one, with a connection of its own.
  /// - Returns: nil when it is off.
  func election(
    in cluster: ClientConfiguration, shard: String, identity: String,
    client: () throws -> KubernetesClient
  ) throws -> AgentOperator.LeaderElection? {
    guard leaderElect ?? cluster.isInCluster, let timing else { return nil }
    guard
      let namespace = leaderElectionNamespace ?? (cluster.isInCluster ? cluster.namespace : nil)
    else {
      throw CommandFailure(
        "error: --leader-elect outside of a pod needs --leader-election-namespace", exitCode: 2)
    }
    let name = leaderElectionID ?? Self.name(ofShard: shard)
    return AgentOperator.LeaderElection(
      lease: ObjectKey(namespace: namespace, name: name), identity: identity,
      configuration: timing, client: try client())
  }

  static func name(ofShard shard: String) -> String {
    if shard.isEmpty { return "agent-operator" }
    // FNV-1a.
    let hash = shard.utf8.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    return "agent-operator-" + String(UInt64(hash) + (1 << 32), radix: 16).dropFirst()
  }
}

/// `15s`, `1m30s`, `500ms`.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
  var duration: Duration
  var description: String

  init(seconds: Int) {
    duration = .seconds(seconds)
    description = "\(seconds)s"
  }

  init?(argument: String) {
    guard let parsed = KubernetesDuration(argument), parsed.milliseconds > 0 else { return nil }
    duration = .milliseconds(parsed.milliseconds)
    description = argument
  }

  var defaultValueDescription: String { description }
}

extension LabelSelector: ExpressibleByArgument {
  public init?(argument: String) {
    guard let selector = try? LabelSelector(parsing: argument) else { return nil }
    self = selector
  }

  public var defaultValueDescription: String { isEmpty ? "all" : description }
}
