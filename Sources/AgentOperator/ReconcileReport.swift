import AgentDeploymentAPI
import KubernetesAPI
import ManifestRendering

/// What one reconcile found and did, for the status.
struct ReconcileReport: Sendable {
  var rendering: Rendering
  var missing: [Reference]
  var isPaused: Bool
  var agentClass: AgentClass = .builtIn
  /// Classes that are marked as default too, but do not hold.
  var rivals: [String] = []
  /// A newer pod template waits.
  var pending: PendingRendering.Cause? = nil
  /// Hosts that the spec names and another agent has.
  var lostHosts: [LostHost] = []
  var skipped: [RenderedObject] = []
  var conflicts: [OwnershipConflict] = []
  /// Ready pods by region; nil where nobody asks or nobody may look.
  var endpoints: [String: Int]? = nil
  var failures: [PlanExecutor.Failure] = []
  var secretAges: [SecretAge] = []
  /// Of secrets out of a store.
  var syncProblems: [SecretSyncProblem] = []
  /// What has to be gone before a scaler can be made.
  var awaited: [String] = []
  /// `ScaledObject support and HorizontalPodAutoscaler keda-hpa-support are gone`
  var awaitedText: String {
    "\(awaited.joined(separator: " and ")) \(awaited.count == 1 ? "is" : "are") gone"
  }
}
