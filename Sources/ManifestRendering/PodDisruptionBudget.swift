import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// Where there can be more than one replica. `maxUnavailable`, never `minAvailable`: it holds at
  /// any size; and pods that are not ready may always be evicted, or a broken agent blocks a node's
  /// drain forever.
  func podDisruptionBudget() -> [RenderedObject] {
    guard spec.scaling.maxReplicas > 1 else { return [] }
    let budget: JSONValue = [
      "maxUnavailable": spec.availability.maxUnavailable.json,
      "selector": ["matchLabels": names.selector],
      "unhealthyPodEvictionPolicy": "AlwaysAllow",
    ]
    return [object(.podDisruptionBudgets, wave: .scaling, [("spec", budget)])]
  }
}
