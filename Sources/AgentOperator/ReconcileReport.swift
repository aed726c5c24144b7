import KubernetesAPI
import ManifestRendering

/// What one reconcile found and did, for the status.
struct ReconcileReport: Sendable {
  var rendering: Rendering
  var missing: [Reference]
  var isPaused: Bool
  var skipped: [RenderedObject] = []
  var conflicts: [OwnershipConflict] = []
  var failures: [PlanExecutor.Failure] = []
}
