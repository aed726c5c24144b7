public import AgentDeploymentAPI
import JSON
public import KubernetesAPI

/// The order of what is rendered: what others need comes first, also when it is applied. Waves that
/// need nothing of each other may be applied at the same time.
public enum Wave: Int, Sendable, Comparable, CaseIterable {
  case identity, config, workload, scaling, policy, traffic

  public static func < (a: Wave, b: Wave) -> Bool { a.rawValue < b.rawValue }
}

/// One object that has to exist.
public struct RenderedObject: Sendable, Hashable {
  /// Complete but for what only the cluster knows; holds nothing that we do not mean to own.
  public var object: KubernetesObject
  public var resource: ResourceType
  public var wave: Wave
  /// Kinds from CRDs, which a cluster may lack; they are skipped then, and a condition says so.
  public var isOptionalKind: Bool
  /// Random values that the operator makes once: Secret key to its length. Never rendered.
  public var generatedKeys: [String: Int]
  /// When they are replaced; nil for objects without any.
  public var rotation: SecretRotation?
  /// Pods that read a generated value are restarted when it is another.
  public var restartsReaders = false
  /// When a generated value that pods still have was lost, in seconds since 1970; nil: it was not.
  public var lostAt: Int64?
  /// The object stays when the AgentDeployment is deleted.
  public var isRetained: Bool
  /// Goes with the object as an annotation.
  public var record: AppliedRendering?

  /// The object as it is sent to a cluster.
  public var sent: KubernetesObject {
    var sent = object
    if let text = record?.text {
      sent["metadata"]?["annotations"]?[AppliedRendering.annotation] = .string(text)
    }
    return sent
  }

  /// Whether the deletion policy is about it.
  public var mayBeRetained: Bool {
    !generatedKeys.isEmpty || resource == .persistentVolumeClaims
  }
}

/// Everything that one AgentDeployment means.
public struct Rendering: Sendable, Hashable {
  /// 10 hexadecimal characters over the whole behaviour; see `Revision`.
  public var revision: String
  /// In the order of application.
  public var objects: [RenderedObject]
  /// What has to exist beside them.
  public var references: [Reference]
  /// When the rendering changes by itself (a fault injection ends), in seconds since 1970.
  public var validUntil: Int64?
  /// The store's pod is kept as it is, although the class or this version would shape it otherwise.
  public var holdsState: Bool
}

extension AgentDeployment {
  /// Renders the production bundle. Total and deterministic: no clock, no randomness, no I/O.
  ///
  /// - Parameter kept: what pods run on that are not to be restarted; the agent and the context have
  ///   to be those of a class that keeps its part. See `AppliedRendering`.
  public func render(
    _ context: RenderingContext, keeping kept: AppliedRendering? = nil
  ) -> Rendering {
    let names = ObjectNames(self, revision: Revision.hash(of: self, context), context)
    var objects: [RenderedObject] = []
    let builder = ManifestBuilder(agent: self, names: names, context: context)
    objects.append(contentsOf: builder.serviceAccount())
    objects.append(contentsOf: builder.permissions())
    objects.append(contentsOf: builder.configMaps())
    objects.append(contentsOf: builder.generatedSecrets())
    objects.append(contentsOf: builder.externalSecrets())
    objects.append(contentsOf: builder.modelRouting())
    objects.append(contentsOf: builder.stateStore())
    objects.append(builder.deployment())
    objects.append(builder.service())
    objects.append(contentsOf: builder.scaler())
    objects.append(contentsOf: builder.podDisruptionBudget())
    objects.append(builder.networkPolicy())
    objects.append(contentsOf: builder.monitoringObjects())
    if spec.traffic.provider == .gatewayAPI { objects.append(builder.httpRoute()) }
    if spec.traffic.provider == .istio {
      objects.append(builder.peerAuthentication())
      objects.append(contentsOf: builder.callerPolicy())
      objects.append(contentsOf: builder.tokenPolicies())
      objects.append(contentsOf: builder.serviceEntry())
      objects.append(builder.destinationRule())
      objects.append(builder.virtualService())
      objects.append(contentsOf: builder.rateLimit())
    }
    for i in objects.indices { Overrides.apply(spec.overrides, to: &objects[i].object) }
    keep(kept, in: &objects, names, context)
    let template = RenderHash.template(of: objects)
    for i in objects.indices {
      RenderHash.stamp(&objects[i], template: template)
      builder.setOwner(&objects[i])
    }
    return Rendering(
      revision: kept?.revision ?? names.revision, objects: objects,
      references: Reference.all(of: self), validUntil: builder.activeFault?.expiry,
      holdsState: builder.holdsState)
  }
}
