import KubernetesAPI
import KubernetesClient

/// AgentDeployments are a kind that has to be installed.
enum AgentDefinition {
  static let missing = CommandFailure(
    "error: \(ResourceType.agentDeployments) is not installed: "
      + "agent-operator crd | kubectl apply --server-side -f -", exitCode: 2)

  /// For commands that need none of them in the cluster.
  static let missingNote =
    "note: \(ResourceType.agentDeployments) is not installed, so no operator acts on them: "
    + "agent-operator crd | kubectl apply --server-side -f -"

  /// For requests of AgentDeployments themselves.
  ///
  /// - Throws: what the body throws; `missing` where the server does not know the kind.
  static func required<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let status as APIStatus where status.isUnknownResource {
      throw missing
    }
  }
}
