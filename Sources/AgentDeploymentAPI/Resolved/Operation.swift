public import KubernetesAPI

public struct Rollout: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable { case rollingUpdate = "RollingUpdate" }
  public var type: Kind
}

public struct Availability: Sendable, Hashable {
  public enum Spread: String, Sendable, CaseIterable {
    case none = "None", host = "Host", zone = "Zone"
  }
  static let defaultDrainTimeout = KubernetesDuration(seconds: 60)
  /// Of a pod's termination grace period, beyond the drain timeout: the wait before the agent is told
  /// to stop, and a little to exit in.
  public static let graceMarginSeconds: Int64 = 15

  public var maxUnavailable: IntOrString
  public var spread: Spread
  public var drainTimeout: KubernetesDuration
  /// Asked with GET when a pod has to go.
  public var drainPath: String?
  /// A metric of the pods that counts what a stop would cut off.
  public var sessionMetric: String?
  public var regions: Regions?
  public var priorityClassName: String?
}

/// `availability.regions`
public struct Regions: Sendable, Hashable {
  public enum Routing: Sendable, Hashable {
    /// Region to the one that stands in for it; empty: any other does.
    case failover([Failover])
    case distribute([Distribution])
  }
  public struct Failover: Sendable, Hashable {
    public var from: String
    public var to: String
  }
  public struct Distribution: Sendable, Hashable {
    /// A place: `region/zone/*`.
    public var from: String
    /// Place to its share, in proportion; never empty.
    public var to: [String: Int]

    /// In percent, each at least 1, together 100; by the largest remainders.
    public var percents: [String: Int] {
      let total = max(1, to.values.reduce(0, +))
      var percents = to.mapValues { max(1, $0 * 100 / total) }
      let byRemainder = to.keys.filter { (to[$0] ?? 0) * 100 >= total }.sorted { a, b in
        let (x, y) = ((to[a] ?? 0) * 100 % total, (to[b] ?? 0) * 100 % total)
        return (y, a) < (x, b)
      }
      var missing = 100 - percents.values.reduce(0, +)
      for place in byRemainder where missing > 0 {
        percents[place, default: 0] += 1
        missing -= 1
      }
      // Shares that were rounded up to 1 are taken from the biggest.
      while missing < 0, let biggest = percents.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })
      {
        percents[biggest.key] = biggest.value - 1
        missing += 1
      }
      return percents
    }
  }
  public var primary: String
  public var routing: Routing
}

/// What deleting the AgentDeployment leaves behind.
public struct DeletionPolicy: Sendable, Hashable {
  public enum Action: String, Sendable, CaseIterable { case retain = "Retain", delete = "Delete" }
  /// Generated Secrets and the state's volume claim.
  public var state: Action
}
