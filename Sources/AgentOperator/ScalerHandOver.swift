import JSON
package import KubernetesAPI
import ManifestRendering

/// How one scaler follows another: a HorizontalPodAutoscaler on KEDA's ScaledObject, or the other way;
/// and how a fixed number follows either.
///
/// There are never two. The old one is deleted, and the new one is made when the old one is gone,
/// with its finalizers and with the autoscaler that KEDA made of it. In between nobody sets the number
/// of pods, so it stays as it is: the Deployment's `replicas` are not applied with either, and
/// deleting a scaler does not touch them. A fixed number waits too: an autoscaler whose bounds it is
/// outside of would undo it for as long as KEDA leaves it there. Each run looks at the cluster alone,
/// so it does not matter after which write a process ends; and since caches may be behind, the API
/// server is asked for others before a scaler is made (`PlanExecutor.clearWay`). Only a write of a
/// leader that was replaced, on its way for that long, can make two, until its event shows it.
///
/// Why not KEDA's transfer of ownership (`scaledobject.keda.sh/transfer-hpa-ownership`): the
/// autoscaler would be ours and KEDA's at once, and there is no such way back.
package struct ScalerHandOver: Sendable, Equatable {
  /// A scaler that has to go.
  package struct OldScaler: Sendable, Equatable {
    package var resource: ResourceType
    package var key: ObjectKey
    package var uid: String
    package var resourceVersion: String

    package var title: String { "\(resource.kind) \(key.name)" }
  }

  static let kinds: Set<ResourceType> = [.horizontalPodAutoscalers, .scaledObjects]

  private(set) var steps: [PlanStep] = []
  /// What is on its way out: `ScaledObject support`.
  private(set) var awaited: [String] = []
  /// The new scaler has to wait.
  private(set) var isDue = false

  /// - Parameter object: any rendered object; only a scaler has something to take over.
  init(to object: RenderedObject, _ observed: ObservedState, ownerUID: String) {
    guard Self.kinds.contains(object.resource) else { return }
    let key = object.object.key
    let live = observed[object.resource, key]
    let others = Self.kinds.subtracting([object.resource])
    for scaler in collect(others, of: key, observed, ownerUID) {
      steps.append(.release(scaler, for: object))
    }
    if object.resource == .horizontalPodAutoscalers {
      awaitAutoscalerOfKEDA(key, observed)
      if !awaited.isEmpty, steps.isEmpty { steps.append(.releaseUnseen(for: object)) }
    }
    isDue = live == nil && !(steps.isEmpty && awaited.isEmpty)
    if live != nil { awaited = [] }
    if !isDue, live == nil, let wake = Self.wake(object, observed) { steps.append(wake) }
  }

  /// One that sleeps is woken before: nobody knows when KEDA lets go of it.
  ///
  /// - Parameter deployment: any rendered object; only a fixed number of pods takes something over.
  init?(toFixedNumberOf deployment: RenderedObject, _ observed: ObservedState, ownerUID: String) {
    let key = deployment.object.key
    guard deployment.resource == .deployments,
      deployment.object.annotation(ScalingAnnotation.name) == ScalingAnnotation.fixed,
      let live = observed[.deployments, key], live.controllerReference?.uid == ownerUID,
      live.annotation(ScalingAnnotation.name) == ScalingAnnotation.autoscaled,
      let replicas = deployment.object["spec"]?["replicas"]?.int
    else { return nil }
    // They are pruned like all that is no longer rendered: after all steps have succeeded.
    let scalers = collect(Self.kinds, of: key, observed, ownerUID)
    steps.append(scalers.isEmpty ? .releaseUnseen(for: deployment) : .ask(deployment))
    awaitAutoscalerOfKEDA(key, observed)
    isDue = !awaited.isEmpty
    if isDue, live["spec"]?["replicas"] == 0 { steps.append(.keepReplicas(key, replicas)) }
  }

  /// - Returns: the ones that nobody has deleted yet.
  private mutating func collect(
    _ kinds: Set<ResourceType>, of key: ObjectKey, _ observed: ObservedState, _ ownerUID: String
  ) -> [OldScaler] {
    var scalers: [OldScaler] = []
    for resource in kinds {
      for (oldKey, old) in observed.live[resource] ?? [:] {
        guard let owner = old.controllerReference else { continue }
        // A predecessor's: the garbage collector takes it.
        let isLeftover =
          owner.uid != ownerUID && owner.groupKind == OperatorIdentity.ownerKind
          && owner.name == key.name
        guard owner.uid == ownerUID || isLeftover else { continue }
        if isLeftover || old.deletionTimestamp != nil {
          awaited.append("\(resource.kind) \(oldKey.name)")
        } else if let uid = old.uid, let version = old.resourceVersion {
          let scaler = OldScaler(
            resource: resource, key: oldKey, uid: uid, resourceVersion: version)
          scalers.append(scaler)
          awaited.append(scaler.title)
        }
      }
    }
    return scalers
  }

  /// The garbage collector's, once the ScaledObject is gone.
  private mutating func awaitAutoscalerOfKEDA(_ agent: ObjectKey, _ observed: ObservedState) {
    let made = Self.autoscalerOfKEDA(agent)
    if observed[.horizontalPodAutoscalers, made].map(Self.isOfKEDA) == true {
      awaited.append("HorizontalPodAutoscaler \(made.name)")
    }
  }

  /// No autoscaler acts on a Deployment without pods, which is how KEDA leaves an idle one
  /// (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation).
  private static func wake(_ object: RenderedObject, _ observed: ObservedState) -> PlanStep? {
    let key = object.object.key
    guard object.resource == .horizontalPodAutoscalers,
      observed[.deployments, key]?["spec"]?["replicas"] == 0
    else { return nil }
    return .keepReplicas(key, max(1, object.object["spec"]?["minReplicas"]?.int ?? 1))
  }

  /// Scalers of before, ours and the one that KEDA made, that still set the number of pods of a
  /// Deployment whose number is fixed now: it was made anew while they were on their way out.
  static func remaining(beside object: RenderedObject, _ observed: ObservedState) -> [String] {
    guard object.resource == .deployments, object.object["spec"]?["replicas"] != nil else {
      return []
    }
    return kinds.flatMap { resource in
      (observed.live[resource] ?? [:]).values.filter { $0.controllerReference != nil }
        .map { "\(resource.kind) \($0.name)" }
    }.sorted()
  }

  /// What KEDA calls the autoscaler of the ScaledObject of an agent.
  static func autoscalerOfKEDA(_ agent: ObjectKey) -> ObjectKey {
    ObjectKey(namespace: agent.namespace, name: "keda-hpa-\(agent.name)")
  }

  static func isOfKEDA(_ autoscaler: KubernetesObject) -> Bool {
    autoscaler.controllerReference?.groupKind == ResourceType.scaledObjects.gvk.groupKind
  }
}
