public import ControllerRuntime
import KubernetesAPI
import Synchronization

extension AgentOperator {
  /// A reconcile is cancelled after two minutes; one that goes on after that does not listen.
  private static let longestReconcile: Duration = .seconds(300)

  /// Whether a restart would help: a loop that stands still. Neither an API server that is away nor
  /// another leader is a reason (correctness rule 44).
  public var liveness: [HealthCheck] {
    let longest = controller.queue.statistics.longestRun
    let stuck = heartbeats.stuck.map { "\($0.name): no progress for \(Self.seconds($0.silence))" }
    return [
      HealthCheck("ping"),
      HealthCheck(
        "reconciles",
        problem: longest > Self.longestReconcile
          ? "one has run for \(Self.seconds(longest))" : nil),
      HealthCheck(
        "loops", problem: stuck.isEmpty ? nil : stuck.joined(separator: ", ")),
    ]
  }

  /// Whether it can do its work, as leader or as standby: one check for each cache, and none passes
  /// at shutdown.
  public var readiness: [HealthCheck] {
    let failing = availability.failing
    let missing = Set(cache.missing(without: failing))
    let caches =
      [.agentDeployments, .agentClasses, .customResourceDefinitions] + ClusterCache.everything
    var checks = caches.compactMap { resource -> HealthCheck? in
      if ClusterCache.mayBeMissing.contains(resource), !cache.isInstalled(resource) { return nil }
      guard missing.contains(resource) else { return HealthCheck("cache-\(resource)") }
      let reason = availability.error(of: resource).map { ": \($0)" } ?? ""
      return HealthCheck("cache-\(resource)", problem: "the first list is not complete\(reason)")
    }
    checks.append(
      HealthCheck("shutdown", problem: isStopping.withLock { $0 } ? "it is stopping" : nil))
    return checks
  }

  private static func seconds(_ duration: Duration) -> String { "\(duration.components.seconds) s" }
}
