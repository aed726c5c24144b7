import JSON
package import KubernetesAPI
import ManifestRendering

/// How one scaler follows another: a HorizontalPodAutoscaler on KEDA's ScaledObject, or the other way.
///
/// There are never two. The old one is deleted, and the new one is made when the old one is gone,
/// with its finalizers and with the autoscaler that KEDA made of it. In between nobody sets the number
/// of pods, so it stays as it is: the Deployment's `replicas` are not applied with either, and
/// deleting a scaler does not touch them. Each run looks at the cluster alone, so it does not matter
/// after which write a process ends.
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
    for resource in Self.kinds.subtracting([object.resource]) {
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
          steps.append(.release(scaler, for: object))
          awaited.append(scaler.title)
        }
      }
    }
    if object.resource == .horizontalPodAutoscalers {
      // The garbage collector's, once the ScaledObject is gone.
      let made = Self.autoscalerOfKEDA(key)
      if observed[.horizontalPodAutoscalers, made].map(Self.isOfKEDA) == true {
        awaited.append("HorizontalPodAutoscaler \(made.name)")
      }
    }
    isDue = live == nil && !(steps.isEmpty && awaited.isEmpty)
    if live != nil { awaited = [] }
    if !isDue, live == nil, let wake = Self.wake(object, observed) { steps.append(wake) }
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

  /// What KEDA calls the autoscaler of the ScaledObject of an agent.
  static func autoscalerOfKEDA(_ agent: ObjectKey) -> ObjectKey {
    ObjectKey(namespace: agent.namespace, name: "keda-hpa-\(agent.name)")
  }

  static func isOfKEDA(_ autoscaler: KubernetesObject) -> Bool {
    autoscaler.controllerReference?.groupKind == ResourceType.scaledObjects.gvk.groupKind
  }
}
