import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI

/// What the External Secrets operator says of one of an agent's secrets that it does not bring.
struct SecretSyncProblem: Sendable, Hashable {
  var secretName: String
  /// `spec.secrets[0].externalSecret`
  var field: String
  /// In that operator's words; nil: it has said nothing yet.
  var reason: String?
  var message: String = ""
  /// The Secret of before is still there.
  var hasOldValue: Bool

  var text: String {
    guard let reason else { return "the External Secrets operator is silent" }
    return message.isEmpty ? reason : "\(reason): \(message)"
  }

  /// Tells one failure from the next, whatever numbers and times the message holds.
  var summary: String { "Secret \(secretName) (\(field)): \(reason ?? "Unknown"):" }

  /// Longer than what stores say, shorter than what fills a status.
  private static let longestMessage = 500

  /// - Parameter live: the ExternalSecret; its condition `Ready`
  ///   (https://external-secrets.io/latest/api/externalsecret/) says how the last try went.
  /// - Returns: nil when the Secret is there and the last try has not failed.
  init?(field: String, secretName: String, live: KubernetesObject, exists: Bool) {
    let ready = StatusBuilder.conditions(in: live["status"])["Ready"]
    if exists, ready?.status != .false { return nil }
    self.field = field
    self.secretName = secretName
    reason = ready?.reason
    message = String((ready?.message ?? "").prefix(Self.longestMessage))
    hasOldValue = exists
  }
}

extension AgentReconciler {
  /// Of all secrets that come out of a store, whether they are there or not.
  func secretSyncProblems(of agent: AgentDeployment) -> [SecretSyncProblem] {
    agent.spec.secrets.enumerated().compactMap { i, secret in
      guard case .external = secret.source else { return nil }
      let name = secret.secretName(agent: agent.name)
      let key = ObjectKey(namespace: agent.namespace, name: name)
      guard let live = cache.children[.externalSecrets]?.get(key) else { return nil }
      return SecretSyncProblem(
        field: "spec.secrets[\(i)].externalSecret", secretName: name, live: live,
        exists: cache.children[.secrets]?.contains(key) == true)
    }
  }
}
