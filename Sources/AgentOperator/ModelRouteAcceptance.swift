import JSON
import KubernetesAPI
import ManifestRendering

/// What Envoy AI Gateway and Envoy Gateway say of an agent's route to its models. What none of them has
/// looked at yet is no problem.
enum ModelRouteAcceptance {
  /// The first refusal that is about an object as it is now: `BackendSecurityPolicy support-model-main:
  /// ReconciliationFailed: ...`; nil when there is none.
  static func problem(_ rendering: Rendering, _ observed: ObservedState) -> String? {
    for rendered in rendering.objects where ModelRoute.kinds.contains(rendered.resource) {
      guard let live = observed[rendered.resource, rendered.object.key] else { continue }
      if let problem = problem(live) {
        return "\(live.kind) \(live.name): \(problem)"
      }
    }
    guard let route = rendering.objects.first(where: { $0.resource == .aiGatewayRoutes }),
      let made = observed[.httpRoutes, route.object.key]
    else { return nil }
    return RouteAcceptance.problem(made)
  }

  private static func problem(_ object: KubernetesObject) -> String? {
    let status = object["status"]
    let ancestors = status?["ancestors"]?.array ?? []
    let conditions =
      (status?["conditions"]?.array ?? [])
      + ancestors.flatMap { $0["conditions"]?.array ?? [] }
    for condition in conditions {
      guard isRefusal(condition),
        condition["observedGeneration"]?.int ?? object.generation == object.generation
      else { continue }
      let reason = condition["reason"]?.string ?? "Refused"
      let message = condition["message"]?.string ?? ""
      return reason + (message.isEmpty ? "" : ": \(String(message.prefix(500)))")
    }
    return nil
  }

  /// Envoy AI Gateway has a type for each answer, of which it sets one (`api/v1beta1/status.go`); Envoy
  /// Gateway and the Gateway API one with a status.
  private static func isRefusal(_ condition: JSONValue) -> Bool {
    switch condition["type"]?.string {
    case "NotAccepted": condition["status"] == "True"
    case "Accepted", "ResolvedRefs": condition["status"] == "False"
    default: false
    }
  }
}
