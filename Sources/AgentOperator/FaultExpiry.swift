import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import ManifestRendering

/// Takes an expired fault off a VirtualService whose agent is not rendered: it is paused, or its spec is
/// refused by now. Faults are injected for a time that somebody agreed to, and nothing prolongs it.
///
/// When it ends stands on the object itself, so neither a restart of the operator nor a change of the
/// spec moves it.
struct FaultExpiry {
  let client: KubernetesClient
  let cache: ClusterCache
  let ownWrites: OwnWrites
  let clock: any RuntimeClock
  let logger: Logger

  /// - Parameter agent: its owner.
  /// - Returns: after which time to look again; nil when no fault is left.
  /// - Throws: what the API server answers, but for an object that is gone.
  func end(of agent: KubernetesObject) async throws -> Duration? {
    let key = agent.key
    guard let live = cache.children[.virtualServices]?.get(key),
      live.controllerReference?.uid == agent.uid,
      let expiry = live.annotation(FaultAnnotation.name).flatMap({ KubernetesTime($0) })
    else { return nil }
    let rest = expiry.unixSeconds - clock.wallTime
    guard rest <= 0 else { return .seconds(rest) }
    let routes = (live["spec"]?["http"]?.array ?? []).map { route in
      var route = route
      route["fault"] = nil
      return route
    }
    var patch: JSONValue = [
      "metadata": ["annotations": [FaultAnnotation.name: nil]], "spec": ["http": .array(routes)],
    ]
    // Nobody else's change in between may be undone.
    patch["metadata"]?["resourceVersion"] = live.resourceVersion.map { .string($0) }
    do {
      try await ownWrites.during(.virtualServices, key, of: key) {
        let written = try await client.patch(
          .virtualServices, key, .merge(patch), fieldManager: OperatorIdentity.fieldManager)
        ownWrites.answered(.virtualServices, key, version: written.resourceVersion)
        _ = cache.children[.virtualServices]?.recordWrite(written)
      }
      logger.info("ended the injection of faults", metadata: ["object": .string("\(key)")])
    } catch let status as APIStatus where status.isNotFound {}
    return nil
  }
}
