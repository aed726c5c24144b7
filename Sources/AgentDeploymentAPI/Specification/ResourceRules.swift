import JSON
import KubernetesAPI

/// Resource requests and limits against each other.
enum ResourceRules {
  /// A request above its limit is refused by the API server only once the Pod is made.
  static func limit(_ name: String) -> FieldRule {
    func quantity(_ list: String) -> String {
      "(type(self.\(list)['\(name)']) == string ? quantity(self.\(list)['\(name)']) "
        + ": quantity('0').add(self.\(list)['\(name)']))"
    }
    return FieldRule(
      "!has(self.requests) || !has(self.limits) || !('\(name)' in self.requests) "
        + "|| !('\(name)' in self.limits) "
        + "|| \(quantity("requests")).compareTo(\(quantity("limits"))) <= 0",
      "requests.\(name) must not be more than limits.\(name)", at: "requests"
    ) { resources in
      guard let request = resources[path: "requests", name],
        let limit = resources[path: "limits", name],
        let requested = try? Quantity(request), let limited = try? Quantity(limit)
      else { return true }
      return requested <= limited
    }
  }
}
