import JSON
package import KubernetesAPI
package import ManifestRendering

/// What is known of the cluster when one AgentDeployment is planned. A value: the planner does no
/// I/O.
package struct ObservedState: Sendable {
  /// Live objects by resource and key: the rendered ones that exist, and all that the agent owns.
  package var live: [ResourceType: [ObjectKey: KubernetesObject]] = [:]
  /// Optional kinds that the cluster serves and whose cache is complete.
  package var availableOptional: Set<ResourceType> = []
  /// Resources of which only metadata is known.
  package var metadataOnly: Set<ResourceType> = [.secrets, .configMaps]

  /// Where a rendered zero that is not there is no drift, in the agent's namespace.
  package var unkeptFields: [ResourceType: Set<FieldPath>] = [:]

  package init() {}

  /// Without what stands in the place of the agent's objects: it says nothing about the agent.
  package func without(_ conflicts: [OwnershipConflict]) -> ObservedState {
    var state = self
    for conflict in conflicts { state.live[conflict.resource]?[conflict.key] = nil }
    return state
  }

  package subscript(resource: ResourceType, key: ObjectKey) -> KubernetesObject? {
    live[resource]?[key]
  }
}

/// Why an object is sent.
package enum ApplyReason: Sendable, Equatable {
  case missing
  /// What is rendered is not what was applied last.
  case changed
  /// Somebody changed these rendered fields.
  case drifted([FieldPath])
}

/// One write.
package enum PlanStep: Sendable, Equatable {
  case apply(RenderedObject, ApplyReason)
  /// The Deployment's replicas get another owner before we stop applying them: a field without an
  /// owner falls back to its default of one replica (correctness rule 30).
  case keepReplicas(ObjectKey, Int)
  /// Of a generated Secret, if it still has this version.
  case changeSecret(RenderedObject, SecretChange, version: String)
  case delete(ResourceType, ObjectKey, uid: String, resourceVersion: String)
  /// One scaler goes so that the other can come, in the next run; not before the API server would
  /// take the other one.
  case release(ScalerHandOver.OldScaler, for: RenderedObject)
  /// Asks the API server whether it would take what comes when a scaler is gone; changes nothing.
  case ask(RenderedObject)
  /// Scalers that our caches do not show, as without our label: those of the agent are released, like
  /// the others.
  case releaseUnseen(for: RenderedObject)

  package var wave: Wave? {
    switch self {
    case .apply(let object, _), .changeSecret(let object, _, _), .release(_, let object),
      .ask(let object), .releaseUnseen(let object):
      object.wave
    case .keepReplicas, .delete: nil
    }
  }
}

/// An object that is not ours stands where a rendered one has to go.
package struct OwnershipConflict: Sendable, Equatable {
  package var resource: ResourceType
  package var key: ObjectKey
  /// Who controls it; nil when nobody does.
  package var owner: OwnerReference?
  /// It belonged to a deleted AgentDeployment of the same name, or belongs to an object of ours that is
  /// no longer rendered, and will be garbage-collected.
  package var isLeftover: Bool

  /// `Service support belongs to Deployment old`
  package var text: String {
    let name = "\(resource.kind) \(key.name)"
    if isLeftover {
      let before = owner.flatMap {
        $0.groupKind == OperatorIdentity.ownerKind ? nil : "\($0.kind) \($0.name)"
      }
      return "\(name) of \(before ?? "the agent before") is not gone yet"
    }
    return "\(name) belongs to \(owner.map { "\($0.kind) \($0.name)" } ?? "somebody else")"
  }
}

/// Everything that has to be done for one AgentDeployment, in order.
package struct Plan: Sendable, Equatable {
  package var steps: [PlanStep] = []
  /// Deletes, sent only after every step has succeeded (correctness rule 34).
  package var prune: [PlanStep] = []
  /// Deletes that wait until no pod uses the objects any more.
  package var later: [PlanStep] = []
  /// Rendered, but their kind is not served.
  package var skipped: [RenderedObject] = []
  package var conflicts: [OwnershipConflict] = []
  /// `ScaledObject support`: has to be gone before its successor can be made.
  package var awaited: [String] = []

  package var isEmpty: Bool { steps.isEmpty && prune.isEmpty }

  /// Of what is no longer rendered, now or later.
  package var deletes: [PlanStep] {
    steps.filter { if case .delete = $0 { true } else { false } } + prune + later
  }
}
