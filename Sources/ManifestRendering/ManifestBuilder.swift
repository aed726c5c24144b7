import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// Builds the objects of one agent; each kind has a file of its own.
struct ManifestBuilder {
  let agent: AgentDeployment
  let names: ObjectNames
  let context: RenderingContext

  var spec: AgentDeploymentSpec { agent.spec }

  /// An object with the labels that all objects of the agent carry.
  func object(
    _ resource: ResourceType, name: String? = nil, wave: Wave, isOptionalKind: Bool = false,
    annotations: [String: String] = [:], _ content: [(String, JSONValue)]
  ) -> RenderedObject {
    var object = KubernetesObject(
      resource.gvk, namespace: names.namespace, name: name ?? names.agent)
    object["metadata"]?["labels"] = names.labels
    object["metadata"]?["annotations"] = JSONValue(annotations)
    for (key, value) in content { object[key] = value }
    return RenderedObject(
      object: object, resource: resource, wave: wave, isOptionalKind: isOptionalKind,
      generatedKeys: [:], isRetained: false)
  }

  /// The owner is known only in a cluster; offline rendering leaves it out. Not part of the hash, so
  /// both render the same one.
  func setOwner(_ rendered: inout RenderedObject) {
    guard let uid = agent.object.uid, !rendered.isRetained else { return }
    let owner = OwnerReference(
      apiVersion: agent.object.apiVersion, kind: agent.object.kind, name: agent.name, uid: uid)
    rendered.object["metadata"]?["ownerReferences"] = [owner.json]
  }

  /// The fault injection, while it lasts.
  var activeFault: (fault: Traffic.FaultInjection, expiry: Int64)? {
    guard let fault = spec.traffic.faultInjection,
      let expiry = KubernetesTime(fault.expiresAt)?.unixSeconds, expiry > context.now
    else { return nil }
    return (fault, expiry)
  }

  /// Whether nodes carry the mesh, in place of sidecars. The namespace decides that, so that what they
  /// carry is also what Istio does not route.
  var isAmbient: Bool { context.agentClass.capabilities.ambient }

  /// Whether requests may arrive wrapped, on the mesh's own port.
  var isMeshed: Bool { isAmbient || spec.traffic.provider == .istio }

  /// A port of its own for metrics, or nil when they share the agent's or an extra port.
  var separateMetricsPort: Int? {
    let port = spec.observability.metricsPort
    return port == spec.port || spec.extraPorts.contains { $0.port == port } ? nil : port
  }
}
