import ControllerRuntime
import JSON
import KubernetesAPI
import ManifestRendering
import Synchronization

/// The stores that a reconcile reads: one for each resource that the operator follows.
final class ClusterCache: Sendable {
  let agents: ObjectStore
  /// Everything rendered, Secrets and ConfigMaps by metadata only.
  let children: [ResourceType: ObjectStore]
  /// Their definition may be missing; there is one class then, the built-in one.
  let classes: ObjectStore
  /// Followed once there is a class.
  let namespaces: ObjectStore
  let quotas: ObjectStore
  let limitRanges: ObjectStore
  /// Names of the installed custom resource definitions.
  let definitions: ObjectStore
  /// Stores of kinds that are always served.
  private let always: [ObjectStore]
  /// The others, with the names of their definitions.
  private let mayBeMissing: [(definition: ObjectKey, store: ObjectStore)]
  private let selector: LabelSelector
  let unkeptFields = UnkeptFields()
  private let notServed = Mutex<[ResourceType: Set<String?>]>([:])
  private let onAgentEnd = Mutex<@Sendable (ObjectStore.Change) -> Void>({ _ in })

  /// Always served.
  static let builtIn: [ResourceType] = [
    .serviceAccounts, .deployments, .services, .horizontalPodAutoscalers, .podDisruptionBudgets,
    .networkPolicies, .roles, .roleBindings,
  ]
  /// Always served; made for agents that ask for them.
  static let occasional: [ResourceType] = [.statefulSets, .persistentVolumeClaims]
  /// Followed by metadata: the users' are among them, and their content is none of our business.
  static let metadataOnly: [ResourceType] = [.configMaps, .secrets]
  /// From custom resource definitions that may be missing, and may come and go.
  static let optional: [ResourceType] =
    [
      .peerAuthentications, .authorizationPolicies, .requestAuthentications, .serviceEntries,
      .destinationRules, .virtualServices, .envoyFilters, .httpRoutes, .podMonitors,
      .prometheusRules, .grafanaDashboards, .externalSecrets, .scaledObjects,
      .triggerAuthentications,
    ] + ModelRoute.kinds

  /// Kinds that are followed while their definitions are there.
  static let mayBeMissing = optional + [.agentClasses]

  /// What classes give namespaces.
  static let governed: [ResourceType] = [.namespaces, .resourceQuotas, .limitRanges]

  /// Everything that agents are made of.
  static let everything = builtIn + occasional + metadataOnly + optional

  /// - Parameters:
  ///   - scopes: how many namespaces are followed, 1 when it is all of them at once.
  ///   - selector: which agents are ours.
  init(scopes: Int, selector: LabelSelector = LabelSelector()) {
    self.selector = selector
    agents = ObjectStore(.agentDeployments, scopes: scopes)
    classes = ObjectStore(.agentClasses)
    namespaces = ObjectStore(.namespaces, members: [], omittingAnnotations: Self.unread)
    quotas = ObjectStore(.resourceQuotas, scopes: scopes)
    limitRanges = ObjectStore(.limitRanges, scopes: scopes)
    definitions = ObjectStore(
      .customResourceDefinitions, members: [], omittingAnnotations: Self.unread)
    var children: [ResourceType: ObjectStore] = [:]
    for resource in Self.builtIn + Self.occasional + Self.optional {
      children[resource] =
        ObjectStore(resource, scopes: scopes)
    }
    for resource in Self.metadataOnly {
      // Nothing but metadata, whatever comes: an answer to a write has the whole object.
      children[resource] = ObjectStore(
        resource, scopes: scopes, members: [], omittingAnnotations: Self.unread)
    }
    self.children = children
    always = (Self.builtIn + Self.occasional + Self.metadataOnly).compactMap { children[$0] }
    mayBeMissing = (Self.optional.compactMap { children[$0] } + [classes]).map {
      (Self.definition(of: $0.resource), $0)
    }
  }

  /// The store of any kind but agents and definitions.
  func store(of resource: ResourceType) -> ObjectStore? {
    switch resource {
    case .agentClasses: classes
    case .namespaces: namespaces
    case .resourceQuotas: quotas
    case .limitRanges: limitRanges
    default: children[resource]
    }
  }

  /// Other operators have agents in the same namespaces.
  var isShared: Bool { !selector.isEmpty }

  /// Annotations that are asked for when they are needed: as big as a Deployment.
  private static let unread = [AppliedRendering.annotation]

  /// Takes in the answer to a write of an agent's status. Not that of an agent which has left the
  /// shard meanwhile: no watch would ever take it out again.
  func recordWrite(ofAgent agent: ObjectText) throws(JSONParseError) {
    if !selector.isEmpty {
      let object = try agent.object()
      guard selector.matches(object.labels) else { return }
    }
    _ = try agents.recordWrite(agent)
  }

  /// - Parameter body: called with what else than a watch told of an agent's end.
  func notify(_ body: @escaping @Sendable (ObjectStore.Change) -> Void) {
    onAgentEnd.withLock { $0 = body }
  }

  /// An answer told that this agent is gone. Its event will tell nothing new when it comes, so who
  /// depends on the agent is notified now.
  func recordDelete(ofAgent key: ObjectKey, uid: ObjectUID) {
    guard let change = agents.recordDelete(key, uid: uid) else { return }
    onAgentEnd.withLock { $0 }(change)
  }

  /// An answer told that this agent is on its way out, with these contents.
  func recordEnd(ofAgent agent: KubernetesObject) {
    guard let change = agents.recordWrite(agent) else { return }
    onAgentEnd.withLock { $0 }(change)
  }

  /// The lists that are still missing, for people.
  func missing(without failing: Set<ResourceType>) -> [ResourceType] {
    ([agents, definitions].filter { !$0.isSynced }.map(\.resource)
      + (Self.builtIn + Self.occasional + Self.metadataOnly).filter {
        children[$0]?.isSynced != true
      }
      + Self.mayBeMissing.filter {
        isInstalled($0) && !Self.isDispensable($0, failing) && store(of: $0)?.isSynced != true
      })
  }

  /// Every store that a reconcile relies on has its first list, but for optional kinds that fail.
  func isSynced(without failing: Set<ResourceType>) -> Bool {
    agents.isSynced && definitions.isSynced && always.allSatisfy(\.isSynced)
      && mayBeMissing.allSatisfy { definition, store in
        store.isSynced || Self.isDispensable(store.resource, failing)
          || !definitions.contains(definition)
      }
  }

  private static func isDispensable(
    _ resource: ResourceType, _ failing: Set<ResourceType>
  ) -> Bool { resource != .agentClasses && failing.contains(resource) }

  /// Which class an agent has is known: there are no classes, or all of them are read.
  var knowsClasses: Bool { classes.isSynced || !isInstalled(.agentClasses) }

  /// Takes in whether our version of a kind is served, which its definition may stop doing at any time.
  ///
  /// - Parameter namespace: where it was asked for; nil: everywhere.
  func isServed(_ resource: ResourceType, in namespace: String?, _ isServed: Bool) {
    notServed.withLock { notServed in
      if isServed {
        notServed[resource]?.remove(namespace)
        if notServed[resource]?.isEmpty == true { notServed[resource] = nil }
      } else {
        notServed[resource, default: []].insert(namespace)
      }
    }
  }

  /// Kinds of which objects can be written and whose cache is complete.
  private var availableOptional: Set<ResourceType> {
    let notServed = notServed.withLock { Set($0.keys) }
    return Set(
      Self.optional.filter {
        isInstalled($0) && children[$0]?.isSynced == true && !notServed.contains($0)
      })
  }

  func isInstalled(_ resource: ResourceType) -> Bool {
    definitions.contains(Self.definition(of: resource))
  }

  private static func definition(of resource: ResourceType) -> ObjectKey {
    ObjectKey(namespace: nil, name: resource.description)
  }

  /// Kinds whose own status becomes part of the agent's.
  static let reporting = Set(
    [.deployments, .statefulSets, .httpRoutes, .horizontalPodAutoscalers, .scaledObjects]
      + ModelRoute.kinds)

  /// What is there of the objects of one agent, for its status: with what those that report say, of all
  /// others just that they exist.
  func existing(_ rendering: Rendering) -> ObservedState {
    var observed = ObservedState()
    for rendered in rendering.objects {
      let key = rendered.object.key
      guard let store = children[rendered.resource] else { continue }
      if Self.reporting.contains(rendered.resource) {
        observed.live[rendered.resource, default: [:]][key] = store.get(key)
      } else if store.contains(key) {
        observed.live[rendered.resource, default: [:]][key] = rendered.object
      }
    }
    addAutoscalerOfKEDA(rendering, to: &observed)
    addRouteOfGateway(rendering, to: &observed)
    return observed
  }

  /// It carries the labels of the AIGatewayRoute, whose gateway makes it.
  private func addRouteOfGateway(_ rendering: Rendering, to observed: inout ObservedState) {
    guard let route = rendering.objects.first(where: { $0.resource == .aiGatewayRoutes }),
      let live = children[.httpRoutes]?.get(route.object.key),
      live.controllerReference?.groupKind == ResourceType.aiGatewayRoutes.gvk.groupKind
    else { return }
    observed.live[.httpRoutes, default: [:]][live.key] = live
  }

  /// It carries the labels of the ScaledObject, so it is followed like our own.
  private func addAutoscalerOfKEDA(_ rendering: Rendering, to observed: inout ObservedState) {
    guard let agent = rendering.objects.first(where: { $0.resource == .deployments })?.object.key
    else { return }
    let key = ScalerHandOver.autoscalerOfKEDA(agent)
    guard let live = children[.horizontalPodAutoscalers]?.get(key), ScalerHandOver.isOfKEDA(live)
    else { return }
    observed.live[.horizontalPodAutoscalers, default: [:]][key] = live
  }

  /// What is known of the objects of one agent.
  func observed(for rendering: Rendering, ownerUID: String) -> ObservedState {
    var observed = ObservedState()
    observed.availableOptional = availableOptional
    observed.unkeptFields = unkeptFields.paths(
      in: rendering.objects.first?.object.namespace ?? "default")
    for (resource, store) in children {
      for object in store.owned(by: ownerUID) {
        observed.live[resource, default: [:]][object.key] = object
      }
    }
    for rendered in rendering.objects {
      let key = rendered.object.key
      guard observed[rendered.resource, key] == nil,
        let live = children[rendered.resource]?.get(key)
      else { continue }
      observed.live[rendered.resource, default: [:]][key] = live
    }
    addScalers(rendering, to: &observed)
    addAutoscalerOfKEDA(rendering, to: &observed)
    addRouteOfGateway(rendering, to: &observed)
    return observed
  }

  /// Of either kind, also a predecessor's that is still there.
  private func addScalers(_ rendering: Rendering, to observed: inout ObservedState) {
    guard let agent = rendering.objects.first(where: { $0.resource == .deployments })?.object.key
    else { return }
    for resource in ScalerHandOver.kinds where observed[resource, agent] == nil {
      guard let live = children[resource]?.get(agent) else { continue }
      observed.live[resource, default: [:]][agent] = live
    }
  }
}
