import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// Secrets whose value the operator makes once. The value is never rendered: nothing that prints,
  /// compares or hashes a rendering can leak it.
  func generatedSecrets() -> [RenderedObject] {
    spec.secrets.compactMap { secret in
      guard case .generate(let length) = secret.source else { return nil }
      var rendered = object(
        .secrets, name: names.generatedSecret(secret), wave: .config, [("type", "Opaque")])
      rendered.generatedKeys = [Self.generatedKey: length]
      rendered.isRetained = spec.deletionPolicy.state == .retain
      return rendered
    }
  }

  static let generatedKey = "value"
}
