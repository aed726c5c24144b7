import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// An identity of the agent's own, without a token: pods of agents that have rules ask for one.
  func serviceAccount() -> [RenderedObject] {
    guard case .managed(let annotations) = spec.security.serviceAccount else { return [] }
    return [
      object(
        .serviceAccounts, wave: .identity, annotations: annotations,
        [("automountServiceAccountToken", false)])
    ]
  }
}
