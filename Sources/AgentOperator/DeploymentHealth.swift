import JSON
import KubernetesAPI
import ManifestRendering

/// How a Deployment does, read as `kubectl rollout status` reads it (correctness rule 42).
struct DeploymentHealth: Sendable, Equatable {
  /// Of the pods that are being rolled out.
  var revision: String
  var desired: Int
  var replicas: Int
  var updated: Int
  var ready: Int
  var available: Int
  /// The status speaks of the newest spec.
  var isObserved: Bool
  var progressDeadlineExceeded: Bool
  /// What the Deployment's own controller says about a failure to make pods.
  var failureMessage: String?
  /// Pods that are on their way out, whatever they were of; 0 where the cluster does not count them
  /// (KEP-3973, on by default since Kubernetes 1.35).
  var terminating: Int
  /// `MinimumReplicasAvailable`, by the Deployment's own condition.
  var isAvailable: Bool

  init(_ object: KubernetesObject) {
    let spec = object["spec"]
    let status = object["status"]
    revision = spec?["template"]?["metadata"]?["labels"]?[Revision.label]?.string ?? ""
    desired = spec?["replicas"]?.int ?? 1
    replicas = status?["replicas"]?.int ?? 0
    updated = status?["updatedReplicas"]?.int ?? 0
    ready = status?["readyReplicas"]?.int ?? 0
    available = status?["availableReplicas"]?.int ?? 0
    terminating = status?["terminatingReplicas"]?.int ?? 0
    isObserved = (status?["observedGeneration"]?.int ?? 0) >= (object.generation ?? 0)
    let conditions = status?["conditions"]?.array ?? []
    func condition(_ type: String) -> JSONValue? { conditions.first { $0["type"]?.string == type } }
    progressDeadlineExceeded =
      condition("Progressing")?["reason"]?.string == "ProgressDeadlineExceeded"
    isAvailable = condition("Available")?["status"]?.string == "True"
    let failure = condition("ReplicaFailure")
    failureMessage =
      failure?["status"]?.string == "True" ? failure?["message"]?.string : nil
  }

  /// `1 of 2 replicas updated, 2 available`
  var rolloutText: String { "\(updated) of \(desired) replicas updated, \(available) available" }

  /// All pods are of the newest template and available, and no others are left.
  var isComplete: Bool {
    isObserved && updated == desired && replicas == desired && available == desired
  }
}
