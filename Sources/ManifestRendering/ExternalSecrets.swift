import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// What the External Secrets operator copies out of a store: every property of the secret there is
  /// a key of the Secret (https://external-secrets.io/latest/api/externalsecret/).
  ///
  /// The Secret belongs to its ExternalSecret and goes with it: its values are in the store. One that
  /// the store no longer has stays, because running agents use it.
  func externalSecrets() -> [RenderedObject] {
    spec.secrets.compactMap { secret in
      guard case .external(let external) = secret.source else { return nil }
      let content: JSONValue = [
        "refreshInterval": .string("\(external.refreshInterval.seconds)s"),
        "secretStoreRef": [
          "kind": .string(external.storeKind.rawValue), "name": .string(external.storeName),
        ],
        "target": [
          "name": .string(names.secret(secret)), "creationPolicy": "Owner",
          "deletionPolicy": "Retain",
        ],
        "dataFrom": [["extract": ["key": .string(external.remoteKey)]]],
      ]
      return object(
        .externalSecrets, name: names.secret(secret), wave: .config, isOptionalKind: true,
        [("spec", content)])
    }
  }
}
