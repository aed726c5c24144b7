import AgentDeploymentAPI
import KubernetesAPI

/// What was found out of each agent, and why nothing could be of some: one that is refused hides
/// nothing of the others.
struct AgentFindings<Finding> {
  var findings: [Finding] = []
  private(set) var refused: [String] = []

  /// Of an agent in the cluster.
  mutating func refuse(_ agent: ObjectKey, _ errors: FieldErrors) {
    refused += errors.errors.map { "error: AgentDeployment \(agent): \($0)" }
  }

  /// Of an agent in a file.
  mutating func refuse(_ agent: ObjectKey, _ errors: FieldErrors, in manifests: ManifestInput) {
    refused += manifests.located(errors, of: agent).map { "error: \($0)" }
  }

  func flatMap<Other>(_ transform: (Finding) -> [Other]) -> AgentFindings<Other> {
    AgentFindings<Other>(findings: findings.flatMap(transform), refused: refused)
  }

  /// To be called when what was found has been printed.
  ///
  /// - Throws: `CommandFailure` when an agent was refused; it says all that is wrong.
  func requireAll() throws {
    if !refused.isEmpty { throw CommandFailure(refused, exitCode: 2) }
  }
}
