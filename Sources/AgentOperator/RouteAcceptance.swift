import JSON
import KubernetesAPI

/// What gateways say of an HTTPRoute (`status.parents`). A route that no gateway has looked at yet is
/// no problem: its controller may be slower than we are, and none reports what it does not serve.
enum RouteAcceptance {
  /// The first refusal that is about the route as it is now: `gateway edge/public: NotAllowedByListeners:
  /// ...`; nil when there is none.
  static func problem(_ route: KubernetesObject) -> String? {
    for parent in route["status"]?["parents"]?.array ?? [] {
      for type in ["Accepted", "ResolvedRefs"] {
        let condition = parent["conditions"]?.array?.first { $0["type"]?.string == type }
        guard let condition, condition["status"] == "False",
          condition["observedGeneration"]?.int ?? route.generation == route.generation
        else { continue }
        let reference = parent["parentRef"]
        let place = reference?["namespace"]?.string ?? route.namespace ?? "default"
        let reason = condition["reason"]?.string ?? "Refused"
        let message = condition["message"]?.string ?? ""
        return "gateway \(place)/\(reference?["name"]?.string ?? ""): \(reason)"
          + (message.isEmpty ? "" : ": \(String(message.prefix(500)))")
      }
    }
    return nil
  }
}
