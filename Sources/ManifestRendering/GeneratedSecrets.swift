import AgentDeploymentAPI
import JSON
public import KubernetesAPI

extension ManifestBuilder {
  /// Secrets whose value the operator makes. The value is never rendered: nothing that prints,
  /// compares or hashes a rendering can leak it.
  func generatedSecrets() -> [RenderedObject] {
    spec.secrets.compactMap { secret in
      guard let generation = secret.generation else { return nil }
      var rendered = object(
        .secrets, name: names.secret(secret), wave: .config, [("type", "Opaque")])
      rendered.generatedKeys = [SecretRotation.key: generation.length]
      rendered.rotation = SecretRotation(
        every: generation.rotateEvery, keepsPrevious: generation.keepPrevious)
      rendered.restartsReaders = secret.onChange == .restart
      rendered.isRetained = spec.deletionPolicy.state == .retain
      return rendered
    }
  }
}

/// When the value of a generated Secret is replaced, and what the Secret itself tells about it: the
/// operator remembers nothing.
public struct SecretRotation: Sendable, Hashable {
  /// Nil: never.
  public var every: KubernetesDuration?
  public var keepsPrevious: Bool

  /// When the value was replaced last; without it, it is as old as the Secret.
  public static let annotation = "agentdeploy.dev/rotated-at"
  /// `"true"` while the Secret also has the value before.
  public static let keptAnnotation = "agentdeploy.dev/keeps-previous"
  public static let key = "value"
  public static let previousKey = "previous"

  public init(every: KubernetesDuration?, keepsPrevious: Bool) {
    self.every = every
    self.keepsPrevious = keepsPrevious
  }

  /// When the value was made, in seconds since 1970; nil without a time of creation.
  ///
  /// A time that is no time, or that no clock can have written yet, is not believed: it would put off
  /// the rotation for ever.
  public func madeAt(_ secret: KubernetesObject, now: Int64) -> Int64? {
    let created = secret.metadata["creationTimestamp"]?.string.flatMap { KubernetesTime($0) }
    let rotated = secret.annotations[Self.annotation].flatMap { KubernetesTime($0) }
    if let rotated, rotated.unixSeconds <= now + (every?.seconds ?? 0) {
      return rotated.unixSeconds
    }
    return created?.unixSeconds
  }

  /// When the next rotation is due, in seconds since 1970; nil: never.
  public func due(_ secret: KubernetesObject, now: Int64) -> Int64? {
    guard let every, let made = madeAt(secret, now: now) else { return nil }
    return made + every.seconds
  }
}
